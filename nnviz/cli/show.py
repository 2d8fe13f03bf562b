"""`nnviz summary`, `order` and `curves`: what is said of a network without running it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from nnviz import nn
from nnviz.data import source_of
from nnviz.network import BYTES, Graph, LayerTrace, Network, fixes, job_of, plan_of, shape_text, trace
from nnviz.nn.lesson import LESSON_SLOPE, REFERENCE

Json = dict[str, object]

MOST_COLUMNS = 40
"""The most columns of data that a summary lists."""


def summary(network: Network) -> Json:
    """Layers, shapes, parameters and multiply-adds of one batch; `fault` if it cannot run.

    Multiply-adds are counted as torchinfo counts them: each parameter once a sample, those of a convolution once for
    each place of the output.
    """
    found = trace(network)
    rows = [_layer(row) for row in found.rows]
    result: Json = {
        "layers": rows,
        "parameters": found.parameters,
        "multiply_adds": sum(_multiply_adds(row) for row in found.rows),
        "bytes": found.parameters * BYTES,
    }
    columns_ = _columns(network)
    if columns_:
        result["data"] = {"name": job_of(network).schema.name, "columns": columns_}
    diagnostic, at = found.diagnostic, found.faulty
    if diagnostic is not None and at is not None:
        result["fault"] = {
            "layer": at + 1 if at < len(found.rows) else None,
            "message": diagnostic.message,
            "repairs": [fix.text for fix in fixes(network)],
        }
    return result


def _columns(network: Network) -> list[Json]:
    """What was made of each column of a file of data; empty if the data are no file."""
    source = source_of(network.settings.data)
    if source is None:
        return []
    from nnviz.data.own import load

    return [{"column": one.name, "kind": one.kind, "made": one.made} for one in load(source).columns]


def _layer(row: LayerTrace) -> Json:
    return {
        "number": row.position + 1,
        "layer": nn.layers.label(row.spec),
        "input": None if row.input is None else list(row.input),
        "output": None if row.output is None else list(row.output),
        "parameters": row.parameters,
        "multiply_adds": _multiply_adds(row) if row.output is not None else None,
    }


def _multiply_adds(row: LayerTrace) -> int:
    if row.output is None:
        return 0
    places = math.prod(row.output[2:]) if any(len(shape) == 4 for _, shape in row.weights) else 1
    return row.output[0] * row.parameters * places


def summary_text(network: Network) -> str:
    """The summary as a table."""
    found = summary(network)
    heads = ("#", "layer", "input", "output", "parameters", "multiply-adds")
    rows = trace(network).rows
    table: list[Sequence[str]] = [heads]
    for row in rows:
        shapes = ["-" if shape is None else shape_text(shape) for shape in (row.input, row.output)]
        counts = (f"{row.parameters:,}", f"{_multiply_adds(row):,}")
        table.append((str(row.position + 1), nn.layers.label(row.spec), *shapes, *counts))
    lines = columns(table, right=(0, 4, 5))
    sums = f"{found['parameters']:,} parameters, {found['bytes']:,} bytes"
    total = f"{sums}, {found['multiply_adds']:,} multiply-adds a batch"
    data = [[str(value) for value in row.values()] for row in _columns(network)]
    if data:
        hidden = len(data) - MOST_COLUMNS
        data = data[:MOST_COLUMNS] + ([[f"… {hidden:,} more", "", ""]] if hidden > 0 else [])
        lines = [*columns([("column", "kind", "what is made of it"), *data]), "", *lines]
    return "\n".join([*lines, total])


def columns(table: Sequence[Sequence[str]], right: tuple[int, ...] = ()) -> list[str]:
    """The lines of a table; the columns in `right` are aligned there."""
    widths = [max(len(row[at]) for row in table) for at in range(len(table[0]))]
    return [
        "  ".join(
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]


def order(network: Network, backward: bool) -> list[Json]:
    """The operations in topological order; with `backward`, those of the backward pass after them.

    A layer's number counts from 1, and is None for an operation of the loss; an operation in `waits_for` is its number
    and name.
    """
    found = trace(network)
    graph = found.graph
    rows = [_operation(graph, at, len(found.rows)) for at, node in enumerate(graph.nodes) if node.number]
    if backward:
        rows += _backward(graph, len(found.rows))
    return rows


def _operation(graph: Graph, at: int, layers: int) -> Json:
    node = graph.nodes[at]
    return {
        "number": node.number,
        "operation": node.name,
        "waits_for": [graph.nodes[i].label for i in node.inputs],
        "output": list(node.shape),
        "layer": _layer_number(node.layer, layers),
    }


def _layer_number(layer: int, layers: int) -> int | None:
    """The number of a layer from 1; None for the loss, which comes after the last."""
    return layer + 1 if layer < layers else None


def _backward(graph: Graph, layers: int) -> list[Json]:
    """The backward pass: each operation waits for those that read its result."""
    readers: dict[int, list[int]] = {}
    moving = set(graph.gradients)
    for at in graph.gradients:
        for i in graph.nodes[at].inputs:
            readers.setdefault(i, []).append(at)
    rows = []
    for number, at in enumerate(graph.gradients, len(graph.operations) + 1):
        node = graph.nodes[at]
        waits = [f"d {graph.nodes[i].label}" for i in readers.get(at, []) if i in moving]
        shape = list(node.shape)
        layer = _layer_number(node.layer, layers)
        row: Json = {"number": number, "operation": f"d {node.name}", "of": node.number, "waits_for": waits}
        rows.append({**row, "output": shape, "layer": layer})
    return rows


def planned(network: Network) -> list[Json]:
    """The instructions of the static plan; empty if there is none."""
    plan = plan_of(network)
    return [
        {
            "number": row.number,
            "operation": f"{'d ' if row.direction == 'backward' else ''}{row.name}",
            "waits_for": row.reads.split(", ") if row.reads else [],
            "output": list(row.shape),
            "covers": list(row.covers),
            "block": row.block,
            "needed_until": row.needed_until,
        }
        for row in (plan.rows if plan else ())
    ]


def order_text(rows: list[Json]) -> str:
    """The order as a table."""
    last_head = "layer" if not rows or "layer" in rows[0] else "of tape"
    table = [("#", "operation", "waits for", "output", last_head)]
    for row in rows:
        waits, output = row["waits_for"], row["output"]
        last = row.get("layer", row.get("covers"))
        words = ", ".join(map(str, last)) if isinstance(last, list) else "loss" if last is None else str(last)
        assert isinstance(waits, list)  # noqa: S101 (made above)
        assert isinstance(output, list)  # noqa: S101
        names = (str(row["number"]), str(row["operation"]), ", ".join(map(str, waits)))
        table.append((*names, shape_text(tuple(output)), words))
    return "\n".join(columns(table, right=(0,)))


def curves(names: Sequence[str], low: float, high: float, width: int, height: int, slope: float = LESSON_SLOPE) -> str:
    """Activation functions over a range, drawn with characters.

    Raises:
        ArgumentError: a name is none of an activation function of single numbers.
    """
    import numpy as np

    from nnviz.views.activation_facts import activation
    from nnviz.views.chart import draw
    from nnviz.views.curves import evaluated
    from nnviz.views.series import Frame, Series

    z = np.linspace(low, high, 401)
    series = []
    for number, name in enumerate(_known(names, elementwise(), "of one number")):
        f = evaluated(activation(name, slope), z)[0]
        series.append(Series(name, z, f, ("line", "dashes", "dots")[number % 3]))
    lines = draw(series, width, height, Frame(x_range=(low, high)))
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)


def curves_table(names: Sequence[str], slope: float, sort: str, timed: bool) -> str:
    """What holds of activation functions, a line each.

    Args:
        names: which; all if empty.
        slope: a of LeakyReLU.
        sort: the heading of the column they are sorted by; empty for the order of the registry.
        timed: whether the time of a million numbers is measured.

    Raises:
        ArgumentError: a name is none of an activation function, or `sort` none of a column.
    """
    from nnviz.errors import ArgumentError
    from nnviz.run.activation_times import activation_times
    from nnviz.views.activation_columns import COLUMNS, READ
    from nnviz.views.activation_facts import activation, all_activations
    from nnviz.views.activation_words import Known

    shown = [one for one in COLUMNS if one.head not in READ and (timed or one.head != "time")]
    order = next((one for one in shown if one.head == sort), None)
    if sort and order is None:
        raise ArgumentError(
            f"{sort[:40]!r} is no column of the table", f"there are: {', '.join(one.head for one in shown)}"
        )
    chosen = _known(names, all_activations(), "that can be built without arguments") or list(all_activations())
    specs = {name: activation(name, slope) for name in chosen}
    seconds: Mapping[str, float] = {}
    if timed:
        for times in activation_times({REFERENCE: activation(REFERENCE, slope), **specs}):
            seconds = times.seconds
    unknown = math.nan
    rows = [
        Known(name, spec, 0, unknown, unknown, seconds.get(name, unknown), seconds.get(REFERENCE, unknown))
        for name, spec in specs.items()
    ]
    if order is not None:
        rows.sort(key=order.key)
    table = [[one.head for one in shown], *([one.cell(row) for one in shown] for row in rows)]
    return "\n".join(columns(table, right=tuple(at for at, one in enumerate(shown) if one.right)))


def _known(names: Sequence[str], known: Sequence[str], which: str) -> list[str]:
    """The names as they are written."""
    from nnviz.errors import ArgumentError
    from nnviz.names import nearest

    found = []
    for word in names:
        name = next((one for one in known if one.lower() == word.lower()), None)
        if name is None:
            close = nearest(word, known)
            raise ArgumentError(
                f"{word[:40]!r} is no activation function {which}",
                f"did you mean {close}?" if close else f"there are: {', '.join(known)}",
            )
        found.append(name)
    return found


def elementwise() -> list[str]:
    """The names of the activation functions of one number."""
    kinds = ((entry.name, entry.factory) for entry in nn.layers)
    return [name for name, one in kinds if isinstance(one, type) and issubclass(one, nn.Activation) and one.elementwise]
