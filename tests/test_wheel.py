"""The wheel holds all it needs: built, installed elsewhere, opened."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.terminal import Terminal

ROOT = Path(__file__).parents[1]


@pytest.mark.long
def test_the_wheel_opens_elsewhere(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("nnviz_tui-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "data/optdigits.npz",
        "data/optdigits.md",
        "data/iris.csv",
        "data/iris.md",
        "tui/app.tcss",
        "tui/opening.tcss",
        "py.typed",
    ):
        assert f"nnviz/{name}" in names
    assert not any(name.startswith("tests") for name in names)
    place = tmp_path / "place"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    # The dependencies come from this environment; nnviz itself from the wheel alone.
    code = f"import sys; sys.path.insert(0, {str(place)!r}); import nnviz.cli; print(nnviz.__file__); nnviz.cli.main()"
    with Terminal(command=(sys.executable, "-P", "-c", code)) as terminal:
        terminal.until("ready: press space")
        assert str(place).encode() in terminal.bytes
        terminal.choose_data("digits")
        terminal.until("(10, 1, 8, 8)")
        terminal.press("S")
        terminal.until("epoch 1.0")
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0
