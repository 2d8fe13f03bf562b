"""The network as its user edits it: description, shape trace, graph, lint and fixes."""

from nnviz.network.build import Stack, build_layer, build_loss, build_model, build_optimizer
from nnviz.network.description import Network, Settings
from nnviz.network.fixes import Fix, fit_to_data, repair_all, repairs
from nnviz.network.graph import INPUT, Graph, GraphNode, folded
from nnviz.network.job import Job, job_of
from nnviz.network.lint import Hint, fixes_of_hints, hints, linear_stretches
from nnviz.network.order import Order, Stop
from nnviz.network.outline import Outline, outline
from nnviz.network.plans import Plan, plan_of
from nnviz.network.presets import PRESETS, Preset, empty, opening
from nnviz.network.preview import fitted, in_words, outlook, shape_text
from nnviz.network.trace import BYTES, Diagnostic, Row, Trace, prediction, trace

__all__ = [
    "BYTES", "INPUT", "PRESETS", "Diagnostic", "Fix", "Graph", "GraphNode", "Hint", "Job", "Network", "Order",
    "Outline", "Plan", "Preset", "Row", "Settings", "Stack", "Stop", "Trace", "build_layer", "build_loss",
    "build_model", "build_optimizer", "empty", "fit_to_data", "fitted", "fixes_of_hints", "folded", "hints",
    "in_words", "job_of", "linear_stretches", "opening", "outline", "outlook", "plan_of", "prediction",
    "repair_all", "repairs", "shape_text", "trace",
]  # fmt: skip
