"""Exports: a network in evaluation mode as an ONNX model."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from nnviz import __version__, nn
from nnviz.autograd.operation import Array, Shape
from nnviz.data import schema_of
from nnviz.errors import ArgumentError, NotSupportedError
from nnviz.files.export import inputs_text, keeps_samples
from nnviz.files.opened import Opened
from nnviz.files.units import units_of
from nnviz.network import job_of, trace

OPSET = 20
"""The version of ONNX's operators: the first with GELU."""

IR_VERSION = 9
"""The version of ONNX's files that goes with it."""


def onnx_model(opened: Opened) -> bytes:
    """The network in evaluation mode as an ONNX model, from `input` to `output`, for batches of any size.

    Its metadata have, each as JSON, the names and scales of what goes in and comes out, see `Units`: `inputs`, `mean`,
    `std`, and `classes`, or `targets`, `target_mean` and `target_std`.

    Raises:
        ArgumentError: the package onnx is not installed.
        DataError: the network has an error, so that it cannot run.
        NotSupportedError: a layer has no counterpart in ONNX; the message names it.
    """
    try:
        import onnx
    except ImportError:
        raise ArgumentError(
            "this needs the package onnx, which is not installed", "pip install 'nnviz-tui[onnx]'"
        ) from None
    model, network = opened.module().eval(), opened.network
    batch = job_of(network).batch
    sample = schema_of(network.settings.data).sample_shape
    shapes: list[Shape] = [(batch, *sample)]
    graph = _Graph(onnx.helper, onnx.numpy_helper)
    rows = ["input"]
    for row, layer in zip(trace(network).rows, model, strict=True):
        assert row.output is not None  # noqa: S101 (the network has no error)
        earlier = rows[layer.row] if isinstance(layer, nn.Join) else None
        rows.append(graph.layer(row.position, layer, rows[-1], shapes[-1], earlier))
        shapes.append(row.output)
    graph.node(nn.Identity.__name__, [rows[-1]], output="output")
    # Where samples were joined, or their order changed, the first size is another one.
    plain = all(keeps_samples(layer) for layer in model)
    first = "batch" if plain else None
    made = onnx.helper.make_model(
        onnx.helper.make_graph(
            graph.nodes,
            "nnviz",
            [onnx.helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, ["batch", *sample])],
            [onnx.helper.make_tensor_value_info("output", onnx.TensorProto.FLOAT, [first, *shapes[-1][1:]])],
            graph.constants,
        ),
        producer_name="nnviz",
        producer_version=__version__,
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        doc_string=f"A network on {schema_of(network.settings.data).name}, in evaluation mode.{inputs_text(opened)}",
    )
    constants = {name.lower(): json.dumps(value) for name, value in units_of(opened).constants.items()}
    onnx.helper.set_model_props(made, constants)
    onnx.checker.check_model(made, full_check=True)
    data: bytes = made.SerializeToString(deterministic=True)
    return data


class _Graph:
    """The nodes and constants of a graph, in order.

    Args:
        helper: onnx.helper.
        numpy_helper: onnx.numpy_helper.
    """

    def __init__(self, helper: Any, numpy_helper: Any) -> None:
        self._helper, self._numpy_helper = helper, numpy_helper
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._name = ""
        self._position = 0

    def layer(self, position: int, layer: nn.Module, x: str, shape: Shape, earlier: str | None) -> str:
        """Write a layer.

        Args:
            position: its place, from 0.
            layer: the layer.
            x: the name of its input.
            shape: the shape of that.
            earlier: the name of the output that it joins, if it does.

        Returns:
            The name of its output.
        """
        name = type(layer).__name__
        self._position, self._name = position, f"layer{position + 1}_{name}"
        if earlier is not None:
            return self._join(layer, x, earlier)
        write = LAYERS.get(type(layer))
        if write is None:
            raise self.refused(layer)
        return write(self, layer, x, shape)

    def _join(self, layer: nn.Module, x: str, earlier: str) -> str:
        if isinstance(layer, nn.Add):
            return self.node("Add", [x, earlier])
        if isinstance(layer, nn.Concat):
            return self.node(type(layer).__name__, [x, earlier], axis=layer.dim)
        raise self.refused(layer)

    def refused(self, layer: nn.Module, what: str = "") -> NotSupportedError:
        """The error for a layer that cannot be written."""
        place = f"layer {self._position + 1}, {type(layer).__name__}{what}"
        return NotSupportedError(f"{place}, cannot be written in ONNX", "export --to torch instead, or replace it")

    def node(self, kind: str, inputs: list[str], output: str = "", **attributes: Any) -> str:
        """Append a node; the name of its output."""
        output = output or f"{self._name}_{len(self.nodes)}"
        name = f"{self._name}/{kind}_{len(self.nodes)}" if output != "output" else "output"
        self.nodes.append(self._helper.make_node(kind, inputs, [output], name, **attributes))
        return output

    def constant(self, array: Array | float | list[int], name: str = "") -> str:
        """Append a constant; its name."""
        name = f"{self._position}.{name}" if name else f"{self._name}_constant{len(self.constants)}"
        kind = np.int64 if isinstance(array, list) else np.float32
        self.constants.append(self._numpy_helper.from_array(np.array(array, kind), name))
        return name


def _simple(kind: str = "", **attributes: str) -> Writer:
    """A layer that is one node.

    Args:
        kind: the node's name in ONNX; the layer's own if left out.
        attributes: the layer's attribute for each of the node's.
    """

    def write(graph: _Graph, layer: nn.Module, x: str, _: Shape) -> str:
        given: dict[str, Any] = {theirs: float(getattr(layer, ours)) for theirs, ours in attributes.items()}
        return graph.node(kind or type(layer).__name__, [x], **given)

    return write


Writer = Callable[[_Graph, Any, str, Shape], str]


def _same(_graph: _Graph, _layer: nn.Module, x: str, _shape: Shape) -> str:
    return x


def _silu(graph: _Graph, _layer: nn.Module, x: str, _shape: Shape) -> str:
    return graph.node("Mul", [x, graph.node(nn.Sigmoid.__name__, [x])])


def _gelu(graph: _Graph, layer: nn.GELU, x: str, _shape: Shape) -> str:
    return graph.node("Gelu", [x], approximate=layer.approximate)


def _softplus(graph: _Graph, layer: nn.Softplus, x: str, _shape: Shape) -> str:
    scaled = graph.node("Mul", [x, graph.constant(layer.beta)])
    bent = graph.node("Div", [graph.node(type(layer).__name__, [scaled]), graph.constant(layer.beta)])
    straight = graph.node("Greater", [scaled, graph.constant(layer.threshold)])
    return graph.node("Where", [straight, x, bent])


def _hardtanh(graph: _Graph, layer: nn.Hardtanh, x: str, _shape: Shape) -> str:
    return graph.node("Clip", [x, graph.constant(layer.min_val), graph.constant(layer.max_val)])


def _prelu(graph: _Graph, layer: nn.PReLU, x: str, shape: Shape) -> str:
    weight = layer.weight.array
    return graph.node("PRelu", [x, graph.constant(weight.reshape(-1, *(1,) * max(len(shape) - 2, 0)), "weight")])


def _along(graph: _Graph, layer: nn.Softmax | nn.LogSoftmax, x: str, shape: Shape) -> str:
    # PyTorch's legacy default.
    dim = (0 if len(shape) in (1, 3) else 1) if layer.dim is None else layer.dim
    return graph.node(type(layer).__name__, [x], axis=dim)


def _linear(graph: _Graph, layer: nn.Linear, x: str, shape: Shape) -> str:
    bias = [] if layer.bias is None else [graph.constant(layer.bias.array, "bias")]
    if len(shape) == 2:
        return graph.node("Gemm", [x, graph.constant(layer.weight.array, "weight"), *bias], transB=1)
    out = graph.node("MatMul", [x, graph.constant(layer.weight.array.T, "weight")])
    return graph.node("Add", [out, *bias]) if bias else out


def _flatten(graph: _Graph, layer: nn.Flatten, x: str, shape: Shape) -> str:
    start, end = (dim % len(shape) for dim in (layer.start_dim, layer.end_dim))
    # 0 keeps a size, −1 is what is left.
    return graph.node("Reshape", [x, graph.constant([0] * start + [-1] + list(shape[end + 1 :]))])


def _pair(value: Any) -> list[int]:
    return [int(value)] * 2 if isinstance(value, int) else [int(one) for one in value]


def _conv(graph: _Graph, layer: nn.Conv2d, x: str, _shape: Shape) -> str:
    if layer.padding_mode != "zeros" or isinstance(layer.padding, str):
        raise graph.refused(layer, f" with padding {layer.padding!r}, {layer.padding_mode}")
    bias = [] if layer.bias is None else [graph.constant(layer.bias.array, "bias")]
    return graph.node(
        "Conv",
        [x, graph.constant(layer.weight.array, "weight"), *bias],
        kernel_shape=list(layer.weight.shape[2:]),
        strides=_pair(layer.stride),
        pads=_pair(layer.padding) * 2,
        dilations=_pair(layer.dilation),
        group=layer.groups,
    )


def _max_pool(graph: _Graph, layer: nn.MaxPool2d, x: str, _shape: Shape) -> str:
    if layer.return_indices:
        raise graph.refused(layer, " with return_indices")
    return _pool(graph, layer, "MaxPool", x, dilations=_pair(layer.dilation))


def _average_pool(graph: _Graph, layer: nn.AvgPool2d, x: str, _shape: Shape) -> str:
    if layer.divisor_override is not None:
        raise graph.refused(layer, " with divisor_override")
    return _pool(graph, layer, "AveragePool", x, count_include_pad=int(layer.count_include_pad))


def _pool(graph: _Graph, layer: nn.MaxPool2d | nn.AvgPool2d, kind: str, x: str, **more: Any) -> str:
    stride = layer.kernel_size if layer.stride is None else layer.stride
    kernel, pads = _pair(layer.kernel_size), _pair(layer.padding) * 2
    return graph.node(kind, [x], kernel_shape=kernel, strides=_pair(stride), pads=pads, **more)


def _batch_norm(graph: _Graph, layer: nn.BatchNorm1d, x: str, shape: Shape) -> str:
    count = layer.num_features
    weight = np.ones(count) if layer.weight is None else layer.weight.array
    bias = np.zeros(count) if layer.bias is None else layer.bias.array
    if layer.track_running_stats:
        running = [layer.running_mean.array, layer.running_var.array]
        names = ("weight", "bias", "running_mean", "running_var")
        given = [graph.constant(a, name) for a, name in zip([weight, bias, *running], names, strict=True)]
        return graph.node("BatchNormalization", [x, *given], epsilon=layer.eps)
    # Without running averages, mean and variance are those of the batch.
    axes = graph.constant([dim for dim in range(len(shape)) if dim != 1])
    wide = (count, *(1,) * (len(shape) - 2))
    centered = graph.node("Sub", [x, graph.node("ReduceMean", [x, axes])])
    variance = graph.node("ReduceMean", [graph.node("Mul", [centered, centered]), axes])
    spread = graph.node("Sqrt", [graph.node("Add", [variance, graph.constant(layer.eps)])])
    scaled = graph.node("Mul", [graph.node("Div", [centered, spread]), graph.constant(weight.reshape(wide), "weight")])
    return graph.node("Add", [scaled, graph.constant(bias.reshape(wide), "bias")])


def _layer_norm(graph: _Graph, layer: nn.LayerNorm, x: str, shape: Shape) -> str:
    given = layer.normalized_shape
    count = 1 if isinstance(given, int) else len(given)
    weight = np.ones(shape[len(shape) - count :]) if layer.weight is None else layer.weight.array
    bias = [] if layer.bias is None else [graph.constant(layer.bias.array, "bias")]
    return graph.node(
        "LayerNormalization", [x, graph.constant(weight, "weight"), *bias], axis=-count, epsilon=layer.eps
    )


LAYERS: dict[type[nn.Module], Writer] = {
    nn.Sigmoid: _simple(),
    nn.Tanh: _simple(),
    nn.ReLU: _simple("Relu"),
    nn.LeakyReLU: _simple("LeakyRelu", alpha="negative_slope"),
    nn.PReLU: _prelu,
    nn.ELU: _simple("Elu", alpha="alpha"),
    nn.SELU: _simple("Selu"),
    nn.GELU: _gelu,
    nn.SiLU: _silu,
    nn.Mish: _simple(),
    nn.Softplus: _softplus,
    nn.Softsign: _simple(),
    nn.Hardtanh: _hardtanh,
    nn.Linear: _linear,
    nn.Flatten: _flatten,
    nn.Identity: _same,
    nn.Dropout: _same,
    nn.Softmax: _along,
    nn.LogSoftmax: _along,
    nn.Conv2d: _conv,
    nn.MaxPool2d: _max_pool,
    nn.AvgPool2d: _average_pool,
    nn.BatchNorm1d: _batch_norm,
    nn.BatchNorm2d: _batch_norm,
    nn.LayerNorm: _layer_norm,
}
"""How each layer is written; joins are written by the graph."""
