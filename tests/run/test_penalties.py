"""The L1 and L2 penalties of a run: by their formulas, on the tape and by the plan, and changed while it trains."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from nnviz import nn, optim
from nnviz.files.line import line_of, network_of_line
from nnviz.files.model_file import ModelFileError, model_text, parse_model
from nnviz.files.plain import network_of, plain
from nnviz.network import Network, build_model, build_optimizer, opening
from nnviz.registry import Spec
from nnviz.run import Run, Trainer, begins_anew
from nnviz.views.changes import changes_of


def penalized(l1: float = 0.0, optimizer: Spec | None = None) -> Network:
    network = opening()
    settings = replace(network.settings, l1=l1)
    if optimizer is not None:
        settings = replace(settings, optimizer=optim.optimizers.check(optimizer))
    return network.configure(settings)


@pytest.mark.parametrize("name", [entry.name for entry in optim.optimizers])
def test_its_gradient_is_that_of_the_penalty_in_the_loss(name: str) -> None:
    """As PyTorch's users write it: loss + l1 · Σ|p|."""
    network = penalized(0.05, Spec.of(name, lr=0.01))
    one, other = build_model(network), build_model(network)
    settled, written = build_optimizer(network, one), build_optimizer(penalized(0.0, Spec.of(name, lr=0.01)), other)
    assert settled is not None
    assert written is not None
    x = nn.init.normal_(nn.Parameter(np.zeros((10, 2), np.float32))).detach()
    for _ in range(5):
        settled.zero_grad()
        one(x).square().mean().backward()
        settled.step()
        written.zero_grad()
        loss = other(x).square().mean()
        for parameter in other.parameters():
            loss = loss + 0.05 * parameter.abs().sum()
        loss.backward()
        written.step()
    for p, q in zip(one.parameters(), other.parameters(), strict=True):
        np.testing.assert_allclose(p.array, q.array, rtol=1e-5, atol=1e-6)


def test_plan_and_tape_agree_and_weights_become_small() -> None:
    runs = [Trainer(Run(penalized(0.01), planned=planned)) for planned in (True, False)]
    losses = [[step.loss for step in islice(trainer.steps(), 60)] for trainer in runs]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)
    free = Trainer(Run(penalized()))
    for _ in islice(free.steps(), 60):
        pass
    size = [sum(float(np.abs(p.array).sum()) for p in trainer.model.parameters()) for trainer in (runs[0], free)]
    assert size[0] < 0.8 * size[1]


def test_it_changes_while_it_trains_and_has_a_mark() -> None:
    run = Run(penalized())
    changed = run.changed(40, penalized(0.01))
    assert not begins_anew(run.network, changed.present)
    assert [mark.words for mark in changes_of(changed)] == ["L1 0 → 0.01"]
    trainer = Trainer(changed)
    for _ in islice(trainer.steps(), 50):
        pass
    assert trainer.optimizer is not None
    assert [group["l1"] for group in trainer.optimizer.param_groups] == [0.01]


@pytest.mark.parametrize("l1", [0.0, 1e-3, 2.5])
def test_it_is_kept_in_every_kind_of_file(l1: float) -> None:
    network = penalized(l1)
    text = model_text(network)
    assert ("l1" in text) is bool(l1)
    assert parse_model(text.encode(), "model.toml", Path()) == network
    assert network_of(plain(network)) == network
    line = line_of(network)
    assert line is not None
    assert network_of_line(line) == network
    # Taken back, it leaves the file.
    assert "l1" not in model_text(penalized(), text)


@pytest.mark.parametrize("written", ["-1", "nan", "inf", "true", '"much"'])
def test_a_penalty_that_is_none_is_refused_with_its_line(written: str) -> None:
    text = model_text(penalized(0.5)).replace("l1 = 0.5", f"l1 = {written}")
    with pytest.raises(ModelFileError, match=r"line \d+: l1: expected a number of at least 0"):
        parse_model(text.encode(), "model.toml", Path())
