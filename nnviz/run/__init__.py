"""A run: a network on its way as a value, the trainer that takes its steps, and the questions one may ask of it."""

from nnviz.run.checkpoints import Checkpoints
from nnviz.run.compare import compare
from nnviz.run.merge import Merge, merge
from nnviz.run.queries import Observation, Query, Refused
from nnviz.run.record import Costs, Curves, Evaluation, LossHistory
from nnviz.run.replay import Replay
from nnviz.run.run import Change, Run
from nnviz.run.state import State, Weights
from nnviz.run.trainer import DivergedError, Step, Trainer
from nnviz.run.walk import Stop, Walk

__all__ = [
    "Change", "Checkpoints", "Costs", "Curves", "DivergedError", "Evaluation", "LossHistory", "Merge", "Observation",
    "Query", "Refused", "Replay", "Run", "State", "Step", "Stop", "Trainer", "Walk", "Weights", "compare", "merge",
]  # fmt: skip
