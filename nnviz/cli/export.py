"""`nnviz export`: a model in another form."""

from __future__ import annotations

import click

from nnviz.errors import DataError
from nnviz.files.opened import STATE, Opened, open_model


def exported(model: str, target: str) -> bytes:
    """A model in the form `target`.

    Raises:
        NnvizError: the model cannot be opened, or cannot have that form.
    """
    if target == "history":
        return _history(model)
    opened = open_model(model)
    data = {"torch": _torch, "numpy": _numpy}[target](opened)
    for warning in opened.warnings:
        click.echo(f"nnviz: warning: {warning}", err=True)
    return data


def _torch(opened: Opened) -> bytes:
    from nnviz.files.export import torch_script

    return torch_script(opened).encode()


def _numpy(opened: Opened) -> bytes:
    from nnviz.files.numpy_script import numpy_script

    return numpy_script(opened).encode()


def _history(model: str) -> bytes:
    from nnviz.files.export import history_csv
    from nnviz.files.weights import read_checkpoint

    folder = open_model(model, weights=False).folder
    if folder is None or not (folder / STATE).exists():
        raise DataError("there is no history", "pass a folder that train -o wrote")
    return history_csv(read_checkpoint(folder / STATE)[1].history).encode()
