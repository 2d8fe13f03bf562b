"""Training: the trainer, its history, and the process it runs in."""

from nnviz.training.history import Curves, Evaluation, LossHistory
from nnviz.training.messages import Command, Died, Event, Failed, Load, Moment, Pause, Train
from nnviz.training.process import TrainingProcess
from nnviz.training.trainer import DivergedError, State, Step, Trainer

__all__ = [
    "Command", "Curves", "Died", "DivergedError", "Evaluation", "Event", "Failed", "Load", "LossHistory", "Moment",
    "Pause", "State", "Step", "Train", "Trainer", "TrainingProcess",
]  # fmt: skip
