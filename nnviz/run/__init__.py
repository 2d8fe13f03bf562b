"""A run: a network on its way as a value, the trainer that takes its steps, and the questions one may ask of it."""

from nnviz.run.queries import Observation, Query, Refused
from nnviz.run.record import Costs, Curves, Evaluation, LossHistory
from nnviz.run.run import Change, Run
from nnviz.run.state import State, Weights

__all__ = [
    "Change", "Costs", "Curves", "Evaluation", "LossHistory", "Observation", "Query", "Refused", "Run",
    "State", "Weights",
]  # fmt: skip
