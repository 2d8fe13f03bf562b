"""Training: the trainer, its history, and the process it runs in."""

from nnviz.training.collapse import Collapse, collapse
from nnviz.training.history import Curves, Evaluation, LossHistory
from nnviz.training.messages import Command, Compared, Died, Event, Failed, Load, Moment, Pause, Train, Use
from nnviz.training.process import TrainingProcess
from nnviz.training.run import Run
from nnviz.training.trainer import Costs, DivergedError, State, Step, Trainer, Weights
from nnviz.training.walk import Stop, Walk

__all__ = [
    "Collapse", "Command", "Compared", "Costs", "Curves", "Died", "DivergedError", "Evaluation", "Event", "Failed",
    "Load", "LossHistory", "Moment", "Pause", "Run", "State", "Step", "Stop", "Train", "Trainer", "TrainingProcess",
    "Use", "Walk", "Weights", "collapse",
]  # fmt: skip
