"""A plan as data: its order, what it fuses, which gradients it leaves out, and its memory, known before it runs."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import HealthCheck, given, settings

import nnviz
from nnviz import nn, optim
from nnviz.autograd.operation import Shape
from nnviz.data import datasets
from nnviz.network import opening, plan_of, trace
from nnviz.plan import Program, Row
from nnviz.registry import Spec
from tests.plan.test_agreement import stacks

F32 = np.dtype(np.float32)


def program(model: nn.Module, shape: Shape, *, training: bool = True) -> Program:
    loss = nn.CrossEntropyLoss()
    given_ = ((shape, F32), (shape[:1], np.dtype(np.int64)))
    into = {id(p): np.zeros(p.shape, p.dtype) for p in model.parameters() if p.requires_grad}
    model.train(training)
    return Program(lambda x, y: loss(model(x), y), *given_, into=into)


def mlp(*widths: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for n, m in pairwise(widths):
        layers += [nn.Linear(n, m), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def named(rows: list[Row], direction: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(row.name, row.covers) for row in rows if row.direction == direction]


def test_linear_and_cross_entropy_are_fused_and_the_gradient_of_the_input_is_left_out() -> None:
    rows = program(mlp(4, 5, 3), (6, 4)).rows()
    assert named(rows, "forward") == [("linear", (1, 2, 3)), ("relu", (4,)), ("linear", (5, 6, 7)), ("cross_entropy", (8, 9, 10))]  # fmt: skip
    assert named(rows, "backward") == [("cross_entropy", (8, 9, 10)), ("linear", (5, 6, 7)), ("relu", (4,)), ("linear", (1, 2, 3))]  # fmt: skip
    # The last of them gives gradients of weight and bias alone, and they lie where the optimizer has them.
    assert (rows[-1].shape, rows[-1].block, rows[-1].bytes) == ((5, 4), None, 0)
    assert all(row.native for row in rows)


def test_frozen_layers_are_not_gone_through() -> None:
    model = mlp(4, 5, 5, 3)
    for parameter in [*model[0].parameters(), *model[2].parameters()]:
        parameter.requires_grad_(False)
    rows = program(model, (6, 4)).rows()
    assert [name for name, _ in named(rows, "backward")] == ["cross_entropy", "linear"]


def test_the_largest_is_taken_before_the_bend() -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3))
    names = [row.name for row in program(model, (5, 1, 6, 6)).rows()]
    assert names[:4] == ["conv2d", "max_pool2d", "relu", "linear"]


def test_a_value_that_somebody_else_reads_is_not_fused_away() -> None:
    class Skip(nn.Module):
        def __init__(self) -> None:
            self.weight = nn.Parameter(np.ones((3, 3), np.float32))

        def forward(self, x: nnviz.Tensor) -> nnviz.Tensor:
            turned = self.weight.T
            return x @ turned + (x @ turned).relu() + turned.sum()

    names = [row.name for row in program(Skip(), (4, 3)).rows()]
    assert "linear" not in names
    assert names.count("matmul") > 1


def test_operations_without_a_kernel_are_run_by_the_tape_and_say_so() -> None:
    rows = program(nn.Sequential(nn.Linear(4, 5), nn.GELU(), nn.Linear(5, 3)), (6, 4)).rows()
    assert {row.name for row in rows if not row.native} == {"gelu"}


@given(stacks())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_everything_is_there_before_it_is_read_and_as_long_as_it_is_read(case: tuple[nn.Sequential, Shape]) -> None:
    model, shape = case
    rows = program(model, shape).rows()
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert [row.direction for row in rows] == sorted((row.direction for row in rows), reverse=True)
    for row in rows:
        waits_for = [int(word) for word in row.reads.split(", ") if word.isdigit()]
        for number in waits_for:
            assert number < row.number
            assert rows[number - 1].needed_until >= row.number
        assert row.needed_until >= row.number


def test_memory_is_reused_and_known_before_it_is_there() -> None:
    deep = mlp(*[64] * 20, 10)
    planned = program(deep, (32, 64))
    # Every activation is kept for backward; of all gradients at most two live at a time.
    activations = 19 * 32 * 64 * 4
    assert activations <= sum(planned.blocks) <= activations + 4 * 32 * 64 * 4 + 10_000
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        planned.bind()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The inputs were there before; calls and alignment take some more.
    assert sum(planned.blocks) <= after - before <= planned.bytes + 200_000


def test_a_replay_takes_no_memory() -> None:
    model = mlp(64, 128, 64, 10)
    step = nnviz.compile_step(model, nn.CrossEntropyLoss(), optim.Adam(model.parameters()))
    drawn = np.random.default_rng(0)
    x, y = drawn.normal(size=(4096, 64)).astype(np.float32), drawn.integers(0, 10, 4096)
    step(x, y)
    tracemalloc.start()
    try:
        step(x, y)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The smallest activation alone is 164 kB; numpy itself casts masks to floats in a buffer of 33 kB.
    assert peak < 80_000


def test_prediction_has_neither_loss_nor_backward() -> None:
    model = mlp(4, 5, 3)
    rows = Program(model, ((6, 4), F32)).rows()
    assert [(row.direction, row.name) for row in rows] == [("forward", "linear"), ("forward", "relu"), ("forward", "linear")]  # fmt: skip


def test_the_plan_of_a_network_is_that_which_trains_it() -> None:
    for data in ("spiral", "digits", "plane"):
        network = opening().configure(replace(opening().settings, data=datasets.check(Spec(data))))
        network = network if trace(network).diagnostic is None else nnviz.network.fit_to_data(network)[0]
        plan, graph = plan_of(network), trace(network).graph
        assert plan is not None
        covered = [number for row in plan.rows if row.direction == "forward" for number in row.covers]
        names = {node.number: node.name for node in graph.operations}
        # What is no row of its own only looks at memory in another shape.
        assert {names[number] for number in names.keys() - set(covered)} <= {"reshape"}
        assert len(covered) == len(set(covered))
        assert plan.bytes < plan.unshared
    assert plan_of(nnviz.network.empty()) is None
