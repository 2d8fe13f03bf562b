"""What was changed in a run while it was trained, as it is told: where, and in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Changed:
    """A change of a run.

    Attributes:
        step: how many steps were taken before it.
        epoch: how many times the training set was seen before it, counting parts.
        within: whether it is within an epoch; otherwise the losses of its step were still measured before it.
        words: what was changed: "Adam → SGD, rate 0.01 → 0.1".
        loss: whether it is another loss from there on, so that its values go on with nothing.
    """

    step: int
    epoch: float
    within: bool
    words: str
    loss: bool
