"""A run as a value, the trainer that takes its steps, and the queries that it answers."""

from nnviz.run.checkpoint import Checkpoint, Weights
from nnviz.run.checkpoints import Checkpoints
from nnviz.run.compare import compare
from nnviz.run.earlier import Changed
from nnviz.run.health import Check, Finding, Health, LayerCheck, Trend, judge
from nnviz.run.merge import Merge, merge
from nnviz.run.norm_history import NormHistory
from nnviz.run.queries import Observation, Query, Refused
from nnviz.run.race import Race
from nnviz.run.record import Costs, Curves, Evaluation, LossHistory
from nnviz.run.replay import Replay
from nnviz.run.run import Change, Run, begins_anew, other_samples
from nnviz.run.shuffle import place_in
from nnviz.run.standing import Finished, Lane, Standing, winner
from nnviz.run.trainer import DivergedError, Step, Trainer
from nnviz.run.update import Update
from nnviz.run.walk import Walk, alone

__all__ = [
    "Change", "Changed", "Check", "Checkpoint", "Checkpoints", "Costs", "Curves", "DivergedError", "Evaluation",
    "Finding", "Finished", "Health", "Lane", "LayerCheck", "LossHistory", "Merge", "NormHistory", "Observation",
    "Query", "Race", "Refused", "Replay", "Run", "Standing", "Step", "Trainer", "Trend", "Update", "Walk", "Weights",
    "alone", "begins_anew", "compare", "judge", "merge", "other_samples", "place_in", "winner",
]  # fmt: skip
