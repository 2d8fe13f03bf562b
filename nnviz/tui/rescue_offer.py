"""Offers to open the network that was saved when the program was ended by an error."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from nnviz.errors import FileError
from nnviz.lab import Lab, Result
from nnviz.lab.edits import open_run
from nnviz.lab.effects import Choice, Choose, Open, Read, Severity, Toast
from nnviz.paths import is_file
from nnviz.run import Run
from nnviz.tui.rescue import read_rescued, refusal, rescued_path
from nnviz.tui.text import clean


def offer(lab: Lab) -> Result:
    """Ask whether to open the saved network, if there is one."""
    path = rescued_path()
    if path is None or not is_file(path):
        return lab, ()
    choices = (
        Choice("Open the saved network", "Its layers, settings and learned weights. Undo returns to the current one."),
        Choice("Keep the current network", f"The file stays as {clean(_aside(path), 300)}, and is not offered again."),
    )
    return lab, (Open(Choose("The program was ended by an error", choices), partial(_answered, path=path)),)


def _answered(lab: Lab, number: int, path: Path) -> Result:
    aside = _aside(path)
    try:
        # Renamed before it is opened: if that fails fatally, it is not tried again at every start.
        path.replace(aside)
    except OSError as error:
        return _not_opened(lab, refusal(error), "", name=path.name)
    if number:
        return lab, ()
    return lab, (
        Read("Opening the saved network", partial(_read, aside), _opened, partial(_not_opened, name=path.name)),
    )


def _read(path: Path) -> tuple[Run, str]:
    try:
        return read_rescued(path)
    except OSError as error:
        raise FileError(refusal(error)) from None


def _opened(lab: Lab, found: tuple[Run, str]) -> Result:
    run, changed = found
    lab, effects = open_run(lab, run, 1)
    words = f"Opened the saved network. {changed}." if changed else "Opened the saved network."
    severity: Severity = "warning" if changed else "information"
    return lab, (*effects, Toast(words, "{undo} returns to the other one.", severity))


def _not_opened(lab: Lab, message: str, _hint: str, name: str) -> Result:
    return lab, (Toast(f"{clean(name)} was not opened: {clean(message, 300)}.", severity="error"),)


def _aside(path: Path) -> Path:
    """The path that the file is moved to once it was offered."""
    return path.with_name("rescued-before.safetensors")
