"""The house is as it says: rooms import only what stands before them, and the heavy libraries stay in theirs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import nnviz
from nnviz import nn

HOME = Path(nnviz.__file__).parent
STREET = [
    "errors",
    "arguments",
    "names",
    "text",
    "paths",
    "seeds",
    "registry",
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
    "run",
    "engine",
    "files",
    "lab",
    "views",
    "tui",
    "cli",
]
"""From left to right; a room imports itself and rooms to its left."""

CIRCLES = {
    "a tensor and its methods": (
        "apply arithmetic aside backward comparison convert create from_data functions hooks indexing inplace linalg methods "
        "modes node operators pointwise random reductions sampling selecting shapes tensor types views"
    ),
}
"""Files of autograd that still import each other. None may be added; what is mended is struck out.

exp(x) and x.exp() are one function, typed as such: it needs the class, and the class needs it.
"""


def module_of(path: Path, home: Path = HOME) -> str:
    parts = ["nnviz", *path.relative_to(home).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@pytest.fixture(scope="module", autouse=True)
def trees_of_syntax_end_with_these_tests() -> Iterator[None]:
    """All of the house at once is a hundred thousand objects, through which the garbage collector would go."""
    yield
    tree_of.cache_clear()


@cache
def imports_of(path: Path) -> frozenset[str]:
    """Everything it imports, for types alone and inside functions too."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def graph_of(home: Path = HOME) -> dict[str, set[str]]:
    """Which file of the house imports which, by module."""
    files = {module_of(path, home): path for path in sorted(home.rglob("*.py"))}
    graph = {}
    for module, path in files.items():
        named = {name if name in files else name.rpartition(".")[0] for name in imports_of(path)}
        graph[module] = (named & files.keys()) - {module}
    return graph


def reached(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """What a module imports, and what that imports, and so on."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def circles(graph: Mapping[str, set[str]]) -> set[frozenset[str]]:
    """The sets of modules that all reach each other."""
    ahead = {module: reached(graph, module) for module in graph}
    return {
        frozenset(other for other in ahead[module] if module in ahead[other])
        for module in graph
        if module in ahead[module]
    }


def room_of(path: Path) -> str:
    return path.relative_to(HOME).parts[0].removesuffix(".py")


def modules_by_room() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in sorted(HOME.rglob("*.py")):
        if room_of(path) not in ("__init__", "__main__"):
            found.setdefault(room_of(path), []).append(path)
    return found


ROOMS = modules_by_room()


def test_every_room_stands_on_the_street() -> None:
    assert ROOMS.keys() <= set(STREET)


@pytest.mark.parametrize("room", ROOMS)
def test_the_street_is_one_way(room: str) -> None:
    for path, name in [(file, name) for file in ROOMS[room] for name in imports_of(file)]:
        parts = name.split(".")
        if parts[0] != "nnviz" or len(parts) < 2 or parts[1] == "__version__":
            continue
        assert STREET.index(parts[1]) <= STREET.index(room), f"{path} imports {name}"
        if room == "data":
            assert parts[1] in ("errors", "seeds", "registry", "data"), f"{path} imports {name}"


def test_no_two_files_import_each_other() -> None:
    """Directly or by others between them; imports for types alone, and those inside functions, count."""
    known = {
        name: frozenset(f"nnviz.autograd.{module}" for module in modules.split()) for name, modules in CIRCLES.items()
    }
    found = circles(graph_of())
    for circle in found:
        assert any(circle <= one for one in known.values()), f"these import each other: {sorted(circle)}"
    for name, modules in known.items():
        assert modules in found, f"{name}: no longer a circle as it stands in CIRCLES, strike out what is mended"


def test_a_circle_of_imports_is_found_whatever_its_form(tmp_path: Path) -> None:
    files = {
        "a.py": "import nnviz.b",
        "b.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from nnviz import c",
        "c.py": "def late():\n    from nnviz.d import thing",
        "d/__init__.py": "from nnviz.a import Name",
        "d/e.py": "from nnviz.b import Name\nimport numpy",
        "f.py": "import nnviz.d.e",
    }
    (tmp_path / "d").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert circles(graph_of(tmp_path)) == {frozenset({"nnviz.a", "nnviz.b", "nnviz.c", "nnviz.d"})}


def test_an_operations_table_knows_no_tape() -> None:
    graph = graph_of()
    known = {name.removeprefix("nnviz.") for name in reached(graph, "nnviz.autograd.ops")}
    plain = {"formula", "kernel", "operation", "sample_inputs", "sums"}
    assert {name for name in known if not name.startswith("autograd.ops")} == {
        "errors",
        *[f"autograd.{one}" for one in plain],
    }


def test_formulas_in_docstrings_keep_their_case() -> None:
    """A formatter that capitalises first words makes Z of z and Input + other of input + other."""
    for path in sorted(HOME.rglob("*.py")):
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.FunctionDef):
                continue
            text = ast.get_docstring(node) or ""
            first, _, rest = text.partition(" ")
            names = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
            formula = first[:1].isascii() and first[:1].isupper() and rest[:1] and rest[0] in "·+−/@=<>≤%"
            assert not formula or first in names, f"{path}: {text}"
            assert first.rstrip(".,") not in {"X", "Z", "E", "Eᶻ"}, f"{path}: {text}"


@pytest.mark.parametrize("room", sorted(ROOMS.keys() - {"tui"}))
def test_screens_stay_in_their_room(room: str) -> None:
    for path in ROOMS[room]:
        assert not {name.split(".")[0] for name in imports_of(path)} & {"textual", "rich"}, path


@pytest.mark.parametrize(
    ("module", "absent"),
    [("nnviz.engine.server", "textual"), ("nnviz.cli", "textual"), ("nnviz.cli", "numpy"), ("nnviz.tui.app", "nnviz.plan"), ("nnviz.tui.app", "nnviz.tui.dialogs.dialog")],
)  # fmt: skip
def test_what_is_not_needed_is_not_imported(module: str, absent: str) -> None:
    code = f"import sys, {module}; sys.exit({absent!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Of PyTorch's names that are absent, `names` says which to use in their place.
@pytest.mark.parametrize("room", sorted(ROOMS.keys() - {"nn", "names"}))
def test_layers_and_losses_are_named_in_their_room_and_in_presets_alone(room: str) -> None:
    """What holds of a layer is asked of the layer: see `nnviz.nn.facts`."""
    # Add is a word of the palette, too.
    names = {*[entry.name for entry in (*nn.layers, *nn.losses)], *nn.__all__} - {"Add"}
    for path in ROOMS[room]:
        if path.relative_to(HOME) == Path("network", "presets.py"):
            continue
        plain = {node.value for node in ast.walk(tree_of(path)) if isinstance(node, ast.Constant)}
        assert not {word for word in plain if isinstance(word, str) and word in names and word[0].isupper()}, path


LONGEST_CLASS = 250
"""Lines of a class together with its bases in the house; a base outside, such as one of Textual's, is not counted."""


def classes_of(home: Path = HOME) -> dict[str, tuple[ast.ClassDef, tuple[str, ...]]]:
    """Every class on the top level of a module by its full name, with the full names of its bases in the house."""
    found: dict[str, tuple[ast.ClassDef, tuple[str, ...]]] = {}
    for path in sorted(home.rglob("*.py")):
        module, tree = module_of(path, home), tree_of(path)
        known = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        known |= {node.name: f"{module}.{node.name}" for node in tree.body if isinstance(node, ast.ClassDef)}
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                # Of `Base[T]` and `module.Base` the first name and the last count.
                plain = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
                dotted = [ast.unparse(base).partition(".") for base in plain]
                bases = [known.get(first, first) + (f".{rest}" if rest else "") for first, _, rest in dotted]
                found[f"{module}.{node.name}"] = (node, tuple(bases))
    return found


def lines_of_class(name: str, classes: Mapping[str, tuple[ast.ClassDef, tuple[str, ...]]]) -> int:
    """The lines of a class and of all its bases in the house, each once."""
    waiting, counted = [name], set[str]()
    while waiting:
        if (one := waiting.pop()) in classes and one not in counted:
            counted.add(one)
            waiting += classes[one][1]
    return sum((node.end_lineno or 0) - node.lineno + 1 for node, _ in (classes[one] for one in counted))


def test_no_class_is_long_even_with_its_bases() -> None:
    classes = classes_of()
    rooms = tuple(f"nnviz.{room}." for room in ("run", "engine", "lab", "views", "tui"))
    long = {
        name: lines
        for name in classes
        if name.startswith(rooms) and (lines := lines_of_class(name, classes)) > LONGEST_CLASS
    }
    assert long == {}


def test_the_lines_of_bases_count_wherever_these_are(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("class A:\n    x = 1\n\n\nclass B(A):\n    y = 1\n    z = 1\n")
    (tmp_path / "b.py").write_text(
        "from enum import Enum\nfrom nnviz import a\nfrom nnviz.a import A, B as Other\n\n\n"
        "class C(Other[int], A, Enum):\n    w = 1\n\n\nclass D(a.B):\n    v = 1\n"
    )
    classes = classes_of(tmp_path)
    lines = {name: lines_of_class(name, classes) for name in classes}
    assert lines == {"nnviz.a.A": 2, "nnviz.a.B": 5, "nnviz.b.C": 7, "nnviz.b.D": 7}
