"""The network as its user edits it: description, shape trace, graph, faults and repairs."""

from nnviz.network.build import Stack, build_layer, build_loss, build_model, build_optimizer
from nnviz.network.description import History, Network, Settings
from nnviz.network.graph import INPUT, Graph, GraphNode, folded
from nnviz.network.hints import Hint, hints, linear_runs
from nnviz.network.job import Job, job_of
from nnviz.network.plans import Plan, plan_of
from nnviz.network.presets import PRESETS, Preset, empty, opening
from nnviz.network.repairs import Repair, fit_to_data, repair_all, repairs
from nnviz.network.trace import BYTES, Fault, Row, Trace, prediction, trace

__all__ = [
    "BYTES", "INPUT", "PRESETS", "Fault", "Graph", "GraphNode", "Hint", "History", "Job", "Network", "Plan", "Preset",
    "Repair", "Row", "Settings", "Stack", "Trace", "build_layer", "build_loss", "build_model", "build_optimizer",
    "empty", "fit_to_data", "folded", "hints", "job_of", "linear_runs", "opening", "plan_of", "prediction",
    "repair_all", "repairs", "trace",
]  # fmt: skip
