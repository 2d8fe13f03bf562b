"""A run as a value, the trainer that takes its steps, and the queries that it answers."""

from nnviz.run.checkpoint import Checkpoint, Weights
from nnviz.run.checkpoints import Checkpoints
from nnviz.run.compare import compare
from nnviz.run.health import Check, Finding, Health, LayerCheck, Trend, judge
from nnviz.run.merge import Merge, merge
from nnviz.run.queries import Observation, Query, Refused
from nnviz.run.record import Costs, Curves, Evaluation, LossHistory
from nnviz.run.replay import Replay
from nnviz.run.run import Change, Run, begins_anew
from nnviz.run.trainer import DivergedError, Step, Trainer
from nnviz.run.walk import Walk

__all__ = [
    "Change", "Check", "Checkpoint", "Checkpoints", "Costs", "Curves", "DivergedError", "Evaluation", "Finding",
    "Health", "LayerCheck", "LossHistory", "Merge", "Observation", "Query", "Refused", "Replay", "Run", "Step",
    "Trainer", "Trend", "Walk", "Weights", "begins_anew", "compare", "judge", "merge",
]  # fmt: skip
