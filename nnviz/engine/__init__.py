"""What trains a run and answers questions about it: in the same thread, or in a process of its own."""

from nnviz.engine.inline import InlineEngine
from nnviz.engine.messages import (
    Answered,
    Ask,
    BeginRace,
    Cancel,
    Command,
    Compared,
    Died,
    EndRace,
    Event,
    Failed,
    Look,
    Moment,
    Pause,
    PauseRace,
    RaceCommand,
    Raced,
    Start,
    Train,
)
from nnviz.engine.pace import FULL, Pace
from nnviz.engine.process import ProcessEngine, TrainingProcess
from nnviz.engine.protocol import Engine

__all__ = [
    "FULL", "Answered", "Ask", "BeginRace", "Cancel", "Command", "Compared", "Died", "EndRace", "Engine", "Event",
    "Failed", "InlineEngine", "Look", "Moment", "Pace", "Pause", "PauseRace", "ProcessEngine", "RaceCommand", "Raced",
    "Start", "Train", "TrainingProcess",
]  # fmt: skip
