"""`nnviz export`: a model in another form."""

from __future__ import annotations

import click

from nnviz.cli.own import DataChoice
from nnviz.errors import DataError
from nnviz.files.opened import STATE, open_model
from nnviz.paths import exists

GOES_ON = ("numpy", "svg", "asciicast")
"""The forms in which a saved run goes on, or is shown with all that was kept of it."""


def exported(model: str, data: DataChoice, target: str, size: tuple[int, int], epochs: int) -> bytes:
    """A model in the form `target`.

    Args:
        model: a model file, a folder or a line.
        data: the data to use instead of the model's.
        target: one of `nnviz.cli.commands.TARGETS`.
        size: columns and rows of a screen.
        epochs: how many epochs are shown.

    Raises:
        NnvizError: the model cannot be opened, or cannot have that form.
    """
    if target == "history":
        return _history(model)
    opened = data.open(model)
    if target in GOES_ON:
        from nnviz.files.saved import with_state

        opened = with_state(opened)
    text: str | bytes
    if target == "torch":
        from nnviz.files.export import torch_script

        text = torch_script(opened)
    elif target == "numpy":
        from nnviz.files.numpy_script import numpy_script

        text = numpy_script(opened)
    elif target == "onnx":
        from nnviz.files.onnx_model import onnx_model

        text = onnx_model(opened)
    else:
        from nnviz.tui.headless import asciicast, svg

        text = svg(opened, size) if target == "svg" else asciicast(opened, size, epochs)
    for warning in opened.warnings:
        click.echo(f"nnviz: warning: {warning}", err=True)
    return text.encode() if isinstance(text, str) else text


def _history(model: str) -> bytes:
    from nnviz.files.export import history_csv
    from nnviz.files.place import files_beside
    from nnviz.files.state import OtherNetworkError, read_state

    opened = open_model(model, weights=False)
    path = None if opened.place is None else files_beside(opened.place.model)[STATE]
    if path is None or not exists(path):
        raise DataError("there is no history", "pass a folder that train -o wrote")
    try:
        state = read_state(path, opened.network)
    except OtherNetworkError:
        raise DataError(f"the history in {path} is of another network", "train the model again with -o") from None
    if state.checkpoint is None:
        raise DataError(f"{path} contains no history", "train the model again with -o")
    return history_csv(state.checkpoint.history).encode()
