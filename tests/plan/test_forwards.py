"""Whatever a forward does, the plan does what the tape does or refuses by name: random forwards, never other numbers."""

from __future__ import annotations

import copy
import functools
import os
import random
import time
import types
from array import array
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnviz
from nnviz import nn, optim
from nnviz.autograd import Function, Tensor
from nnviz.errors import GraphError
from tests.examples import examples

WIDTH = 4
factor = 1.5
"""A global that the forwards read, and that changes between steps."""


class Model(nn.Module):
    """A forward made of blocks, each of which may read whatever stands here."""

    def __init__(self, blocks: list[str]) -> None:
        self.blocks = blocks
        self.first = nn.Linear(WIDTH, WIDTH)
        self.shared = nn.Linear(WIDTH, WIDTH)
        self.table = nn.Parameter(np.arange(16.0).reshape(4, WIDTH) / 10)
        self.idle = nn.Parameter(np.ones(2))
        self.mask = nn.Buffer(np.array([True, False, True, False]))
        self.places = nn.Buffer(np.array([2, 0, 1]))
        self.drop = nn.Dropout(0.3)
        self.hidden = [nn.Dropout(0.5)]
        self.rate = 0.5
        self.weights = [1.0, 2.0]
        self.scale = np.array([1.0, 0.5, 2.0, 1.5])
        self.count = 0
        self.norm = nn.BatchNorm1d(WIDTH, eps=0.1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.first(x)
        for block in self.blocks:
            h = BLOCKS[block](self, h)
        return h


def _set_rows(m: Model, h: Tensor) -> Tensor:
    h = h * 1.0
    h[m.places] = h[0] * 0.5
    return h


def _set_by_mask(m: Model, h: Tensor) -> Tensor:
    h = h.clone()
    h[h > 0.5] = 0.1
    h[:, m.mask] = 0.2
    return h


def _in_place(m: Model, h: Tensor) -> Tensor:
    h = h.tanh()
    part = h[:, 1:3]
    part.mul_(2)
    part += h[:, :2].detach() * 0.1
    h[0].zero_()
    return h + part.sum()


def _built(m: Model, h: Tensor) -> Tensor:
    made = nnviz.zeros(*h.shape, dtype=np.float64)
    made[0] = h[1]
    made[1:, 2] = 3.0
    return made + h * 0.5


def _by_shape(m: Model, h: Tensor) -> Tensor:
    return h * 2 if h.shape[0] > 3 else h.sigmoid()


def _counted(m: Model, h: Tensor) -> Tensor:
    m.count += 1
    return h * m.count


def _moved(m: Model, h: Tensor) -> Tensor:
    with nnviz.no_grad():
        m.norm.running_mean.add_(h.mean(0))
    return h - m.norm.running_mean


def _noted(m: Model, h: Tensor) -> Tensor:
    m.weights.append(1.0)
    return h


def _global(m: Model, h: Tensor) -> Tensor:
    return h * factor


def _dead_drop(m: Model, h: Tensor) -> Tensor:
    m.drop(h)
    return m.drop(h)


BLOCKS: dict[str, Callable[[Model, Tensor], Tensor]] = {
    "shared": lambda m, h: m.shared(h).tanh(),
    "table": lambda m, h: h + m.table[h.argmax(1)] + m.table[h.argmax(1)[0]],
    "rows": lambda m, h: h + m.table[m.places][0] * h[h.argmax(0)][1],
    "pairs": lambda m, h: h + h[nnviz.arange(h.shape[0]), h.argmax(1)].unsqueeze(1),
    "where": lambda m, h: nnviz.where(h > m.rate, h, h * 0.1),
    "masked": lambda m, h: h * m.mask,
    "set rows": _set_rows,
    "set by mask": _set_by_mask,
    "in place": _in_place,
    "built": _built,
    "by shape": _by_shape,
    "scaled": lambda m, h: h * m.weights[0] + h * m.scale,
    "detached": lambda m, h: h + m.idle.detach().sum() + h.detach() * h,
    "global": _global,
    "drop": lambda m, h: m.drop(h),
    "hidden drop": lambda m, h: m.hidden[0](h),
    "dead drop": _dead_drop,
    "norm": lambda m, h: m.norm(h),
    "noise": lambda m, h: h + nnviz.randn(*h.shape).double() * 0.1,
    "random mask": lambda m, h: h * (nnviz.rand(*h.shape) > 0.5),
    "counted": _counted,
    "moved": _moved,
    "noted": _noted,
    "by mask": lambda m, h: h + h[h > 0].sum(),
    "by number": lambda m, h: h if float(h.sum()) > 0 else -h,
}
REFUSED = {"counted", "moved", "noted", "by mask", "by number"}


def _nothing(m: Model) -> None: ...


def _set_global(m: Model) -> None:
    global factor
    factor = factor + 0.25


CHANGES: dict[str, Callable[[Model], object]] = {
    "nothing": _nothing,
    "mask": lambda m: m.mask.copy_(~m.mask),
    "places": lambda m: m.places.copy_(nnviz.tensor([1, 1, 0])),
    "rate": lambda m: setattr(m, "rate", m.rate - 0.3),
    "list": lambda m: m.weights.__setitem__(0, m.weights[0] + 1),
    "array": lambda m: m.scale.__imul__(1.5),
    "global": _set_global,
    "evaluation": lambda m: m.eval(),
    "training": lambda m: m.train(),
    "hidden evaluation": lambda m: m.hidden[0].eval(),
    "frozen": lambda m: m.shared.weight.requires_grad_(False),
    "blocks": lambda m: m.blocks.reverse(),
}


def steps(model: Model, changes: list[str], planned: bool) -> list[float]:
    """The losses of a few steps, with a change after each."""
    global factor
    factor = 1.5
    optimizer = optim.SGD(model.parameters(), lr=0.001, momentum=0.5, weight_decay=0.1)
    loss_fn = nn.MSELoss()
    step = nnviz.compile_step(model, loss_fn, optimizer)
    drawn = np.random.default_rng(3)
    losses = []
    for number, change in enumerate(["nothing", *changes]):
        CHANGES[change](model)
        x, y = drawn.normal(size=(4 + number % 2, WIDTH)), drawn.normal(size=(4 + number % 2, WIDTH))
        if planned:
            losses.append(float(step(x, y)))
        else:
            optimizer.zero_grad()
            loss = loss_fn(model(Tensor(x)), Tensor(y))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@given(
    st.lists(st.sampled_from(sorted(BLOCKS)), min_size=1, max_size=4),
    st.lists(st.sampled_from(sorted(CHANGES)), max_size=4),
)
@examples(50, 200)
def test_random_forwards_are_followed_or_refused(blocks: list[str], changes: list[str]) -> None:
    nnviz.manual_seed(1)
    one = Model(blocks).double()
    other = copy.deepcopy(one)
    refused = bool(REFUSED & set(blocks))
    nnviz.manual_seed(2)
    wanted = steps(one, changes, planned=False)
    nnviz.manual_seed(2)
    if refused:
        before = (other.count, list(other.weights), other.norm.running_mean.tolist())
        with pytest.raises(GraphError):
            steps(other, changes, planned=True)
        # A run that is refused leaves nothing behind.
        assert (other.count, other.weights, other.norm.running_mean.tolist()) == before
        return
    assert steps(other, changes, planned=True) == pytest.approx(wanted, rel=1e-9, abs=1e-9, nan_ok=True)
    for (name, left), right in zip(one.state_dict().items(), other.state_dict().values(), strict=True):
        np.testing.assert_allclose(right.numpy(), left.numpy(), rtol=1e-9, atol=1e-9, err_msg=name)
    for left, right in zip(one.parameters(), other.parameters(), strict=True):
        assert (left.grad is None) == (right.grad is None)


class Double(Function):
    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: object, g: Tensor) -> Tensor:
        return g * 2


made_before = nn.Parameter(np.ones(2)) * 2
turns = iter([1.0, 2.0, 3.0])


def _with_hook(x: Tensor) -> Tensor:
    h = x * nn.Parameter(np.ones(2))
    h.register_hook(lambda g: g * 2)
    return h


def _state() -> Callable[[Tensor], Tensor]:
    count = 0

    def forward(x: Tensor) -> Tensor:
        nonlocal count
        count += 1
        return x * count

    return forward


def _seen() -> Callable[[Tensor], Tensor]:
    seen: dict[str, Tensor] = {}

    def forward(x: Tensor) -> Tensor:
        seen["last"] = x * 2
        return seen["last"]

    return forward


@pytest.mark.parametrize(
    ("forward", "words"),
    [
        (lambda x: x * time.perf_counter(), r"reads the clock by perf_counter\(\).*\(line \d+ of test_forwards.py: "),
        (lambda x: x * random.random(), "samples from a generator"),  # noqa: S311
        (lambda x: x + np.random.rand(), "samples from a generator"),
        (lambda x: x * float(os.environ.get("NNVIZ_NONE", "1")), "reads the environment"),
        (lambda x: x * float(Path(__file__).read_text()[:0] or 1), "reads a file"),
        (lambda x: x * globals()["factor"], r"looks up names by globals\(\)"),
        (lambda x: x * len(repr(made_before)), "the text of a tensor depends on the numbers"),
        (lambda x: x * next(turns), "turns, an iterator"),
        (lambda x: x * made_before, "computed before"),
        (lambda x: Double.apply(x), "cannot follow Double"),
        (lambda x: (x, x), "gave tuple"),
        (lambda x: x.add_(1), "in place, which existed before"),
        (lambda x: x.reshape(2, 1).T.reshape(-1).add_(1) + x, "only the numbers tell|was there before"),
        (lambda x: x * float(x.sum()), r"item\(\) depends on the numbers"),
        (lambda x: Tensor(np.tanh(x.array)), "what numpy computes depends on the numbers"),
        (_with_hook, "register_hook"),
        (_state(), r"changes count each time it runs \(line \d+ of test_forwards.py: count \+= 1\)"),
        (_seen(), "changes seen each time it runs"),
    ],
)
def test_what_a_plan_could_not_repeat_is_refused_by_name(forward: Callable[[Tensor], Tensor], words: str) -> None:
    with pytest.raises(GraphError, match=words):
        nnviz.compile_forward(forward)(np.ones(2))


class Called:
    training = True
    k = 1.0

    def __call__(self, x: Tensor) -> Tensor:
        return x * (2 if self.training else 3) * getattr(self, "j", self.k)


def _doubled(x: Tensor) -> Tensor:
    return x * 2


def _fivefold(x: Tensor) -> Tensor:
    return x * 5


def _by_attribute(x: Tensor) -> Tensor:
    return x * _by_attribute.n  # type: ignore[attr-defined]


def followed() -> dict[str, tuple[Callable[[Tensor], Tensor], Callable[[], object]]]:
    """Forwards that read something in Python, each with a change of it."""
    relu, called, held = nn.ReLU(), Called(), types.SimpleNamespace(k=1.0)
    relu.k = [1.0]
    other = type("Other", (Called,), {})
    numbers, given, flagged = array("d", [1.0]), {"a": 1.0}, nnviz.ones(2)
    get, values, proxy = given.get, given.values(), types.MappingProxyType(given)
    cell = [2.0]
    cached = functools.lru_cache(lambda: cell[0])
    _by_attribute.n = 1.0  # type: ignore[attr-defined]
    local = types.FunctionType(_doubled.__code__, globals(), "local")

    def emptied() -> None:
        cell[0] = 6.0
        cached.cache_clear()

    return {
        "a list on a layer": (lambda x: relu(x) * relu.k[0], lambda: relu.k.__setitem__(0, 5.0)),
        "an attribute called training": (called, lambda: setattr(called, "training", False)),
        "a class attribute that is new": (other(), lambda: setattr(other, "j", 7.0)),
        "a namespace": (lambda x: x * held.k, lambda: setattr(held, "k", 4.0)),
        "an array of Python's": (lambda x: x * numbers[0], lambda: numbers.__setitem__(0, 4.0)),
        "a bound method": (lambda x: x * get("a"), lambda: given.__setitem__("a", 3.0)),
        "a view of a dict": (lambda x: x * sum(values), lambda: given.__setitem__("a", 5.0)),
        "a proxy": (lambda x: x * proxy["a"], lambda: given.__setitem__("a", 6.0)),
        "an attribute of a function": (_by_attribute, lambda: setattr(_by_attribute, "n", 3.0)),
        "the code of a function": (lambda x: local(x), lambda: setattr(local, "__code__", _fivefold.__code__)),
        "a cached function": (lambda x: x * cached(), emptied),
        "a flag": (lambda x: x * (2 if flagged.requires_grad else 3), flagged.requires_grad_),
        "a constant made wide": (lambda x: x * flagged.detach()[:1].expand(2), lambda: None),
    }


@pytest.mark.parametrize("name", list(followed()))
def test_what_changes_between_two_calls_is_followed(name: str) -> None:
    forward, change = followed()[name]
    predict, x = nnviz.compile_forward(forward), np.array([1.0, 2.0])
    assert predict(x).tolist() == forward(Tensor(x)).detach().tolist()
    change()
    assert predict(x).tolist() == forward(Tensor(x)).detach().tolist()


def _swallowed(x: Tensor) -> Tensor:
    try:
        if x.sum().item() > 0:
            return x * 1
    except RuntimeError:
        pass
    return x * 100


def _set_on_a_layer(layer: nn.Linear) -> Callable[[Tensor], Tensor]:
    def forward(x: Tensor) -> Tensor:
        layer.n = getattr(layer, "n", 0) + 1
        return x * layer.n

    return forward


def test_a_refusal_stands_even_where_the_computation_catches_it() -> None:
    with pytest.raises(GraphError, match=r"item\(\) depends on the numbers.*\(line \d+ of test_forwards.py"):
        nnviz.compile_forward(_swallowed)(np.ones(2))


def test_what_was_set_on_a_layer_is_taken_back() -> None:
    layer = nn.Linear(2, 2)
    with pytest.raises(GraphError, match=r"changes Linear\.n each time it runs"):
        nnviz.compile_forward(_set_on_a_layer(layer))(np.ones(2))
    assert not hasattr(layer, "n")


def test_running_averages_move_also_where_nothing_reads_the_result() -> None:
    norm, w = nn.BatchNorm1d(2), nn.Parameter(nnviz.ones(2))
    x = np.full((2, 2), 3, np.float32)
    step = nnviz.compile_step(
        lambda x: (norm(x), x * w + norm.running_mean)[1], lambda out, y: out.sum(), optim.SGD([w], lr=0.0)
    )
    assert step(x, x) == pytest.approx(13.2)
    assert norm.num_batches_tracked.item() == 1


def test_a_parameter_with_hooks_is_refused() -> None:
    model, x = nn.Linear(2, 2), np.ones((2, 2), np.float32)
    step = nnviz.compile_step(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1))
    step(x, x)
    handle = model.weight.register_hook(lambda g: g * 2)
    with pytest.raises(GraphError, match="a parameter has hooks"):
        step(x, x)
    handle.remove()
    assert np.isfinite(step(x, x))


def test_a_loss_that_is_no_single_number_is_refused() -> None:
    model = nn.Linear(2, 2)
    step = nnviz.compile_step(model, nn.MSELoss(reduction="none"), optim.SGD(model.parameters(), lr=0.1))
    with pytest.raises(GraphError, match="grad can be implicitly created only for scalar outputs"):
        step(np.ones((3, 2), np.float32), np.ones((3, 2), np.float32))


def test_noise_is_drawn_anew_as_the_tape_draws_it() -> None:
    def forward(x: Tensor) -> Tensor:
        return x + nnviz.randn(*x.shape)

    x = np.zeros(3, np.float32)
    nnviz.manual_seed(5)
    wanted = [forward(Tensor(x)).tolist() for _ in range(3)]
    nnviz.manual_seed(5)
    predict = nnviz.compile_forward(forward)
    assert [predict(x).tolist() for _ in range(3)] == wanted


def test_parameters_that_no_gradient_reaches_stay() -> None:
    v, w = nn.Parameter(np.ones(1)), nn.Parameter(np.ones(1))
    optimizer = optim.SGD([v, w], lr=0.1, weight_decay=0.5)
    step = nnviz.compile_step(lambda x: x * v + w.detach(), lambda out, y: (out - y).square().sum(), optimizer)
    step(np.ones(1), np.ones(1))
    assert w.tolist() == [1.0]
    assert w.grad is None
    # 2 (1 · 1 + 1 − 1) = 2 and half of v itself.
    assert v.tolist() == [1 - 0.1 * 2.5]
