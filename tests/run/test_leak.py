"""How many test samples were trained on before: counted by drawing the very splits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz.network import Network, job_of, opening
from nnviz.run import Run
from nnviz.run.leak import trained_before


def shared(share: float) -> Network:
    """The opening network with this share of test samples."""
    network = opening()
    arguments = {**dict(network.settings.data.arguments), "test_share": share}
    data = replace(network.settings.data, arguments=tuple(arguments.items()))
    return network.configure(replace(network.settings, data=data))


def samples(network: Network, side: str) -> np.ndarray:
    """Points and classes, (N, 3): the arms of the spiral begin at the same point."""
    data = job_of(network).data()
    x, y = (data.train_x, data.train_y) if side == "train" else (data.test_x, data.test_y)
    return np.column_stack([data.inputs.undo(x), y])


@pytest.mark.parametrize(
    ("way", "step"),
    [
        ([(0, 0.5)], 100),
        ([(0, 0.5), (50, 0.8)], 100),
        ([(0, 0.5), (50, 0.2)], 100),
        ([(0, 0.5), (50, 0.2), (80, 0.5)], 100),
        ([(0, 0.5), (50, 0.2), (80, 0.9)], 80),
        ([(0, 0.2), (50, 0.5)], 0),
        ([(0, 0.3), (50, 0.5), (60, 0.4), (70, 0.8)], 70),
    ],
)
def test_as_many_as_the_splits_have_in_common(way: list[tuple[int, float]], step: int) -> None:
    run = Run(shared(way[0][1]))
    for at, share in way[1:]:
        run = run.changed(at, shared(share))
    trained = [shared(share) for at, share in way if at < step]
    seen = np.concatenate([np.empty((0, 3)), *(samples(network, "train") for network in trained)])
    # Up to what it takes to standardize them and to take that back.
    alike = np.abs(samples(run.present, "test")[:, None] - seen).max(axis=2) < 1e-5
    expected = int(alike.any(axis=1).sum())
    assert trained_before(run, step, job_of(run.present).schema) == expected
