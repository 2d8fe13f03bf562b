"""The network as its user edits it: description, shape trace, graph, lint and fixes."""

from nnviz.network.build import Stack, build_layer, build_loss, build_model, build_optimizer, optimizer_of
from nnviz.network.description import Network, Settings, with_rate
from nnviz.network.diagnostic import Diagnostic, Fix
from nnviz.network.fixes import fit_to_data, fix_all, fixes, next_error
from nnviz.network.graph import INPUT, Graph, GraphNode, folded
from nnviz.network.job import Job, job_of
from nnviz.network.lint import linear_chains, lint, suggested_fixes
from nnviz.network.outline import Outline, outline
from nnviz.network.plans import Plan, plan_of
from nnviz.network.presets import PRESETS, Preset, empty, for_function, on_data, opening, slug
from nnviz.network.preview import (
    arriving,
    inferred_arguments,
    layer_summary,
    network_changes,
    network_steps,
    network_summary,
    network_verdict,
    shape_text,
)
from nnviz.network.toposort import UPDATE, Stop, Toposort
from nnviz.network.trace import BYTES, LayerTrace, Trace, prediction, trace

__all__ = [
    "BYTES",
    "INPUT",
    "PRESETS",
    "UPDATE",
    "Diagnostic",
    "Fix",
    "Graph",
    "GraphNode",
    "Job",
    "LayerTrace",
    "Network",
    "Outline",
    "Plan",
    "Preset",
    "Settings",
    "Stack",
    "Stop",
    "Toposort",
    "Trace",
    "arriving",
    "build_layer",
    "build_loss",
    "build_model",
    "build_optimizer",
    "empty",
    "fit_to_data",
    "fix_all",
    "fixes",
    "folded",
    "for_function",
    "inferred_arguments",
    "job_of",
    "layer_summary",
    "linear_chains",
    "lint",
    "network_changes",
    "network_steps",
    "network_summary",
    "network_verdict",
    "next_error",
    "on_data",
    "opening",
    "optimizer_of",
    "outline",
    "plan_of",
    "prediction",
    "shape_text",
    "slug",
    "suggested_fixes",
    "trace",
    "with_rate",
]  # fmt: skip
