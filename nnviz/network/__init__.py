"""The network as its user edits it: description, shape trace, graph, faults and repairs."""

from nnviz.network.build import Stack, build_layer, build_loss, build_model, build_optimizer
from nnviz.network.description import Network, Settings
from nnviz.network.graph import INPUT, Graph, GraphNode, folded
from nnviz.network.hints import Hint, fixes_of_hints, hints, linear_runs
from nnviz.network.order import Order, Stop
from nnviz.network.outline import Outline, outline
from nnviz.network.plans import Plan, plan_of
from nnviz.network.presets import PRESETS, Preset, empty, opening
from nnviz.network.preview import fitted, in_words, outlook, shape_text
from nnviz.network.repairs import Repair, fit_to_data, repair_all, repairs
from nnviz.network.targets import outputs_for, targets_for
from nnviz.network.trace import BYTES, Fault, Row, Trace, prediction, prepared, trace

__all__ = [
    "BYTES", "INPUT", "PRESETS", "Fault", "Graph", "GraphNode", "Hint", "Network", "Plan", "Preset",
    "Repair", "Row", "Settings", "Stack", "Trace", "build_layer", "build_loss", "build_model", "build_optimizer",
    "empty", "fit_to_data", "folded", "hints", "linear_runs", "opening", "outputs_for", "plan_of", "prediction",
    "prepared", "repair_all", "repairs", "targets_for", "trace", "Order", "Outline", "Stop", "fitted", "fixes_of_hints",
    "in_words", "outline", "outlook", "shape_text",
]  # fmt: skip
