"""The network as its user edits it: description, shape trace, graph, faults and repairs."""

from nnviz.network.build import Stack, build_loss, build_model, build_optimizer
from nnviz.network.description import History, Network, Settings
from nnviz.network.graph import Graph, GraphNode
from nnviz.network.plans import Plan, plan_of
from nnviz.network.presets import empty, opening
from nnviz.network.repairs import Repair, fit_to_data, repair_all, repairs
from nnviz.network.targets import outputs_for, targets_for
from nnviz.network.trace import BYTES, Fault, Row, Trace, prepared, trace

__all__ = [
    "BYTES", "Fault", "Graph", "GraphNode", "History", "Network", "Plan", "Repair", "Row", "Settings", "Stack", "Trace",
    "build_loss", "build_model", "build_optimizer", "empty", "fit_to_data", "opening", "outputs_for", "plan_of",
    "prepared", "repair_all", "repairs", "targets_for", "trace",
]  # fmt: skip
