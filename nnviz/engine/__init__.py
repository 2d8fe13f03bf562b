"""What trains a run and answers questions about it: in the same thread, or in a process of its own."""

from nnviz.engine.inline import InlineEngine
from nnviz.engine.messages import (
    Answered,
    Ask,
    Cancel,
    Command,
    Compared,
    Died,
    Event,
    Failed,
    Look,
    Moment,
    Pause,
    Start,
    Train,
)
from nnviz.engine.pace import FULL, Pace
from nnviz.engine.process import ProcessEngine, TrainingProcess
from nnviz.engine.protocol import Engine

__all__ = [
    "FULL", "Answered", "Ask", "Cancel", "Command", "Compared", "Died", "Engine", "Event", "Failed", "InlineEngine",
    "Look", "Moment", "Pace", "Pause", "ProcessEngine", "Start", "Train", "TrainingProcess",
]  # fmt: skip
