"""The house is as it says: rooms import only what stands before them, and the heavy libraries stay in theirs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import nnviz
from nnviz import nn

HOME = Path(nnviz.__file__).parent
STREET = [
    "errors",
    "names",
    "seeds",
    "catalogue",
    "data",
    "autograd",
    "cuda",
    "accelerator",
    "backends",
    "utils",
    "nn",
    "optim",
    "serialization",
    "plan",
    "network",
    "training",
    "views",
    "tui",
    "cli",
]
"""From left to right; a room imports itself and rooms to its left."""


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room_of(path: Path) -> str:
    return path.relative_to(HOME).parts[0].removesuffix(".py")


MODULES = [path for path in sorted(HOME.rglob("*.py")) if room_of(path) not in ("__init__", "__main__")]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOME)))
def test_the_street_is_one_way(path: Path) -> None:
    room = room_of(path)
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] != "nnviz" or len(parts) < 2 or parts[1] == "__version__":
            continue
        assert STREET.index(parts[1]) <= STREET.index(room), f"{room} imports {name}"
        if room == "data":
            assert parts[1] in ("errors", "seeds", "catalogue", "data"), f"data imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOME)))
def test_screens_and_plots_stay_in_their_room(path: Path) -> None:
    names = {name.split(".")[0] for name in imports_of(path)}
    if room_of(path) != "tui":
        assert not names & {"textual", "rich", "plotext"}
    if path.name != "plots.py":
        assert "plotext" not in names


@pytest.mark.parametrize(
    ("module", "absent"),
    [("nnviz.training.server", "textual"), ("nnviz.training.server", "plotext"), ("nnviz.tui.app", "plotext"), ("nnviz.cli", "textual"), ("nnviz.cli", "numpy"), ("nnviz.tui.app", "nnviz.plan"), ("nnviz.tui.app", "nnviz.tui.screens.dialog")],
)  # fmt: skip
def test_what_is_not_needed_is_not_imported(module: str, absent: str) -> None:
    code = f"import sys, {module}; sys.exit({absent!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOME)))
def test_layers_and_losses_are_named_in_their_room_and_in_presets_alone(path: Path) -> None:
    """What holds of a layer is asked of the layer: see `nnviz.nn.facts`."""
    if room_of(path) == "nn" or path.relative_to(HOME) == Path("network", "presets.py"):
        return
    # Add is a word of the palette, too.
    names = {*[entry.name for entry in (*nn.layers, *nn.losses)], *nn.__all__} - {"Add"}
    plain = {node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)}
    assert not {word for word in plain if isinstance(word, str) and word in names and word[0].isupper()}
