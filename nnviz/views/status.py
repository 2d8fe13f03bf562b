"""The status line: what is trained on what, where the run stands, and how well it does, in parts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

from nnviz.engine import Moment
from nnviz.lab import Lab
from nnviz.network import job_of, trace
from nnviz.views.text_grid import display_width

Standing = Literal["starting", "invalid", "ready", "running", "paused", "stopped"]

SIGNS: dict[Standing, str] = {
    "starting": "…", "invalid": "✗", "ready": "□", "running": "▶", "paused": "■", "stopped": "✗",
}  # fmt: skip

LONGEST_NAME = 24
"""Characters of a name, which may come from a file."""

BEHIND = 0.8
"""Below this share of the pace, it is said how fast training is instead."""

Groups = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Part:
    """A few words of the status line.

    Attributes:
        text: the words; empty where there is nothing to say.
        priority: 0 for what is left out last; the higher, the sooner it is left out.
    """

    text: str = ""
    priority: int = 0


@dataclass(frozen=True)
class StatusView:
    """The parts of the status line, in the order in which they are read.

    Attributes:
        standing: whether it trains, and if not, why.
        data: the data set: "spiral".
        sizes: of its training and its test set: "250+250".
        batch: "batch 10".
        optimizer: name and learning rate: "Adam 0.01".
        state: the sign of `standing`.
        epoch, step: where the run stands: "epoch 12.5", "step 3,000".
        rate: how fast it trains: its pace, "20 epochs/s", or what it reaches, "1,230 steps/s".
        train, test: the losses: "train 0.0290".
        train_accuracy, test_accuracy: "99.6 %".
    """

    standing: Standing
    data: Part
    sizes: Part
    batch: Part
    optimizer: Part
    state: Part
    epoch: Part
    step: Part
    rate: Part
    train: Part
    train_accuracy: Part
    test: Part
    test_accuracy: Part

    def fitted(self, width: int, gap: int = 3, between: int = 3) -> Groups:
        """What is trained, where the run stands, and the scores: the words that fit into a line.

        The least important parts are left out until the rest fits.

        Args:
            width: the columns of the line.
            gap: columns between two groups.
            between: columns between two phrases of a group.

        Returns:
            Three groups of phrases: (("spiral 250+250", ...), ("▶ epoch 120.0", ...), ("train 0.0290 99.6 %", ...)).
        """
        kept = {f.name: part for f in fields(self) if isinstance(part := getattr(self, f.name), Part) and part.text}
        while True:
            groups = tuple(tuple(filter(None, (_phrase(kept, names) for names in group))) for group in _GROUPS)
            present = [group for group in groups if group]
            needed = sum(sum(map(display_width, group)) + between * (len(group) - 1) for group in present)
            if needed + gap * (len(present) - 1) <= width or not kept:
                return groups[0], groups[1], groups[2]
            del kept[max(kept, key=lambda name: kept[name].priority)]


_GROUPS = (
    (("data", "sizes"), ("batch",), ("optimizer",)),
    (("state", "epoch"), ("step",), ("rate",)),
    (("train", "train_accuracy"), ("test", "test_accuracy")),
)
"""The parts that are said in one breath, in groups."""


def _phrase(kept: Mapping[str, Part], names: tuple[str, ...]) -> str:
    return " ".join(kept[name].text for name in names if name in kept)


def status(lab: Lab, moment: Moment | None) -> StatusView:
    """The status of the present run.

    Args:
        lab: the lab.
        moment: the newest moment of its run; None before the first.
    """
    settings, schema = lab.network.settings, job_of(lab.network).schema
    now = moment.now if moment else None
    return StatusView(
        standing=(standing := _standing(lab, moment)),
        data=Part(short(schema.name), 6),
        sizes=Part(f"{schema.train:,}+{schema.test:,}", 10),
        batch=Part(f"batch {settings.batch:,}", 11),
        # The rate is said first while its keys are pressed.
        optimizer=Part(
            f"{short(settings.optimizer.name)} {settings.optimizer.get('lr'):g}", 7 if lab.stepping is None else 0
        ),
        state=Part(SIGNS[standing], 0),
        epoch=Part(f"epoch {epoch_text(moment.epoch)}" if moment else "", 3),
        step=Part(f"step {moment.step:,}" if moment else "", 8),
        rate=Part(_rate(lab, moment), 4),
        train=Part(f"train {loss_text(now.train_loss)}" if now else "", 1),
        train_accuracy=Part(share_text(now.train_accuracy) if now else "", 9),
        test=Part(f"test {loss_text(now.test_loss)}" if now else "", 2),
        test_accuracy=Part(share_text(now.test_accuracy) if now else "", 5),
    )


def _rate(lab: Lab, moment: Moment | None) -> str:
    """The pace; while it trains at full speed, or cannot keep the pace, what it reaches."""
    pace, rate = lab.pace, moment.rate if moment and lab.running else 0.0
    if not rate:
        return str(pace)
    job = job_of(lab.network)
    each = math.ceil(job.schema.train / job.batch) if pace.unit == "epoch" else 1
    return rate_text(rate) if rate < BEHIND * pace.rate * each else str(pace)


def _standing(lab: Lab, moment: Moment | None) -> Standing:
    found = trace(lab.network)
    if found.diagnostic is not None or found.parameters == 0:
        return "invalid"
    if lab.status.failure is not None:
        return "stopped"
    if moment is None:
        return "starting"
    if lab.running:
        return "running"
    return "paused" if moment.step else "ready"


def short(name: str) -> str:
    """A name, cut at `LONGEST_NAME`."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def epoch_text(epoch: float) -> str:
    """A number of epochs, with a decimal only within the first thousand."""
    # Rounded down: an epoch is over when it is. What a float lacks for a decimal is none.
    return f"{math.floor(10 * epoch + 1e-6) / 10:,.1f}" if epoch < 1000 else f"{math.floor(epoch + 1e-6):,}"


def rate_text(rate: float) -> str:
    """Steps per second, with a decimal where they are few; nothing where the rate is not known yet."""
    if not rate:
        return ""
    return f"{rate:,.0f} steps/s" if rate >= 10 else f"{rate:.1f} steps/s"


def loss_text(value: float) -> str:
    """A loss: four decimals, and powers of ten where these would say nothing."""
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e4 or value == 0 else f"{value:.1e}"


def share_text(share: float) -> str:
    """A share in per cent; nothing for NaN.

    What is not quite all is never rounded up to it, nor what is not quite nothing down.
    """
    if math.isnan(share):
        return ""
    if not 0 < share < 1:
        return "100 %" if share else "0.0 %"
    return f"{min(max(100 * share, 0.1), 99.9):.1f} %"
