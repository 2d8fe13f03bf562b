"""A run that stopped by a fault: the same fault again, and no work; a step that fails keeps what was learned."""

from __future__ import annotations

import os
import queue
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from nnviz import nn, optim
from nnviz.data import datasets
from nnviz.engine import Event, Failed, Moment, Start, Train, TrainingProcess
from nnviz.network import Network, opening
from nnviz.registry import Spec
from nnviz.run import Run

PATIENCE = 20.0


def linear(n: int, m: int) -> Spec:
    return Spec.of("Linear", in_features=n, out_features=m, bias=True)


def out_of_bounds() -> Network:
    """A network whose last layer leaves the range that its loss takes, a few steps after the start."""
    settings = replace(opening().settings, loss=nn.losses.check(Spec("BCELoss")))
    bound = nn.layers.check(Spec.of("Hardtanh", min_val=0.0, max_val=1.2))
    return Network((linear(2, 16), Spec("Tanh"), linear(16, 1), bound), settings)


def diverging() -> Network:
    """A regression at a rate of 1e6."""
    settings = replace(
        opening().settings,
        data=datasets.check(Spec("plane")),
        loss=nn.losses.check(Spec("MSELoss")),
        optimizer=optim.optimizers.check(Spec.of("SGD", lr=1e6)),
    )
    return Network((linear(2, 1),), settings)


class Heard:
    def __init__(self) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self.process = TrainingProcess(self.events.put)

    def failed(self) -> tuple[Failed, list[Moment]]:
        """The next fault, and the snapshots before it."""
        moments = []
        while not isinstance(event := self.events.get(timeout=PATIENCE), Failed):
            if isinstance(event, Moment):
                moments.append(event)
        return event, moments

    def cpu(self) -> float:
        """Seconds of processor that the process has taken."""
        fields = (Path("/proc") / str(self.process.pid) / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture
def heard() -> Iterator[Heard]:
    listener = Heard()
    listener.process.start()
    yield listener
    listener.process.stop()


@pytest.mark.parametrize("network", [out_of_bounds(), diverging()], ids=["exception in a step", "loss not finite"])
@pytest.mark.parametrize("order", [Train(), Train(steps=1), Train(to_epoch=True)], ids=["on", "step", "epoch"])
def test_after_a_fault_the_same_fault_is_told_again_and_no_step_is_taken(
    heard: Heard, network: Network, order: Train
) -> None:
    heard.process.send(Start(1, Run(network)))
    heard.process.send(Train())
    first, before = heard.failed()
    last = before[-1]
    assert not last.running
    assert last.checkpoint is not None
    assert last.checkpoint.step == last.step
    for _ in range(3):
        heard.process.send(order)
        again, between = heard.failed()
        assert again == first
        assert between == []
    # Nothing goes on behind: it waits for the next command, and takes no processor meanwhile.
    begin, used = monotonic(), heard.cpu()
    with pytest.raises(queue.Empty):
        heard.events.get(timeout=0.5)
    assert heard.cpu() - used < 0.5 * (monotonic() - begin)


@pytest.mark.long
def test_another_network_and_another_way_of_training_end_a_fault(heard: Heard) -> None:
    heard.process.send(Start(1, Run(out_of_bounds())))
    heard.process.send(Train())
    fault, _ = heard.failed()
    # On the tape it meets the same error, and says so.
    heard.process.send(Start(1, Run(out_of_bounds(), planned=False), train=Train()))
    again, _ = heard.failed()
    assert again.message == fault.message
    heard.process.send(Start(2, Run(opening())))
    heard.process.send(Train(steps=3))
    while not (
        isinstance(event := heard.events.get(timeout=PATIENCE), Moment) and event.number == 2 and event.step == 3
    ):
        assert not (isinstance(event, Failed) and event.number == 2)
    assert not event.running
