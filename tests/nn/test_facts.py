"""What a layer says of itself holds, whatever comes in."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz import nn
from nnviz.autograd import Tensor, ops
from nnviz.registry import Spec

ARGUMENTS = {
    "LeakyReLU": [{"negative_slope": slope} for slope in (0.2, 0.0, -0.5)],
    "ELU": [{"alpha": alpha} for alpha in (0.3, 2.0, 0.0, -1.5)],
    "CELU": [{"alpha": alpha} for alpha in (0.3, 2.0, -1.5)],
    "GELU": [{"approximate": "none"}, {"approximate": "tanh"}],
    "Hardtanh": [{"min_val": 0.0, "max_val": 1.0}, {"min_val": -3.0, "max_val": 0.5}],
    "Softplus": [{"beta": 0.5}, {"beta": 3.0}],
    "Softmax": [{"dim": 1}, {"dim": 0}], "LogSoftmax": [{"dim": 1}, {"dim": 0}], "Softmin": [{"dim": 1}],
}  # fmt: skip
MORE = [nn.CELU, nn.Hardsigmoid, nn.Hardswish, nn.LogSigmoid, nn.ReLU6, nn.Softmin]
ACTIVATIONS: list[type[nn.Activation]] = [
    *[layer for entry in nn.layers if (layer := nn.layer_class(Spec(entry.name))) and issubclass(layer, nn.Activation)],
    *MORE,
]
CASES = [(kind, given) for kind in ACTIVATIONS for given in ({}, *ARGUMENTS.get(kind.__name__, []))]


@pytest.mark.parametrize(("kind", "arguments"), CASES, ids=lambda one: getattr(one, "__name__", str(one)))
@settings(deadline=None, max_examples=25)
@given(spread=st.sampled_from([0.1, 1.0, 10.0, 1e3]), seed=st.integers(0, 10**6))
def test_an_activation_stays_in_its_range(
    kind: type[nn.Activation], arguments: dict[str, object], spread: float, seed: int
) -> None:
    z = np.random.default_rng(seed).normal(scale=spread, size=(6, 5))
    x = Tensor(z, True)
    out = kind(**arguments).double()(x)
    bounds = kind.facts(arguments).outputs
    tiny = 1e-12 * max(spread, 1)
    assert out.array.min() >= bounds.low - tiny
    assert out.array.max() <= bounds.high + tiny
    if bounds.clips:
        out.sum().backward()
        assert x.grad is not None
        clipped = (out.array == bounds.low) | (out.array == bounds.high)
        assert not x.grad.array[clipped].any()


@pytest.mark.parametrize(("kind", "arguments"), CASES, ids=lambda one: getattr(one, "__name__", str(one)))
def test_a_range_is_no_wider_than_it_must_be(kind: type[nn.Activation], arguments: dict[str, object]) -> None:
    z = np.linspace(-60, 60, 24001)
    x = z if kind.elementwise else np.stack([z, np.zeros_like(z)], axis=1)
    with np.errstate(all="ignore"):
        out = kind(**{**arguments, **({} if kind.elementwise else {"dim": 1})}).double()(Tensor(x)).array
    bounds = kind.facts(arguments).outputs
    assert out.min() < (bounds.low + 0.05 if bounds.low > -math.inf else -0.5)
    assert out.max() > (bounds.high - 0.05 if bounds.high < math.inf else 5)
    assert (
        not bounds.reached
        or bounds.low in (-math.inf, pytest.approx(out.min()))
        or bounds.high == pytest.approx(out.max())
    )


@pytest.mark.parametrize("kind", [kind for kind in ACTIVATIONS if kind.traits.share], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("shape", [(4, 3), (2, 4, 3), (5,)])
def test_what_shares_1_shares_it_along_the_axis_it_names(kind: type[nn.Activation], shape: tuple[int, ...]) -> None:
    for arguments in ({}, {"dim": 0}, {"dim": -1}):
        share = kind.facts(arguments).share
        assert share is not None
        out = kind(**arguments)(Tensor(np.random.default_rng(0).normal(size=shape))).array
        parts = np.exp(out) if share.log else out
        assert parts.sum(axis=share.axis(len(shape))) == pytest.approx(1.0)


X = np.random.default_rng(1).normal(size=(4, 3, 2))


@pytest.mark.parametrize("layer", [nn.Identity(), nn.Dropout(0.0), nn.Flatten(), nn.Unflatten(1, (3, 1))])
def test_what_changes_no_number_changes_none(layer: nn.Module) -> None:
    facts = type(layer).facts({"p": 0.0})
    assert facts.changes in ("nothing", "shape")
    out = layer(Tensor(X)).array
    assert out.ravel().tolist() == X.ravel().tolist()
    assert facts.changes == "shape" or out.shape == X.shape


def test_a_dropout_that_drops_says_so() -> None:
    assert nn.facts_of(Spec.of("Dropout", p=0.5)).changes == "numbers"
    assert nn.facts_of(Spec.of("Dropout", p=0.0)).changes == "nothing"
    assert nn.facts_of(nn.layers.check(Spec("Dropout"))).changes == "numbers"


@pytest.mark.parametrize("bias", [True, False])
def test_what_is_linear_is_its_matrix(bias: bool) -> None:
    assert nn.facts_of(Spec.of("Linear", in_features=2, out_features=5)).linear
    layer = nn.Linear(2, 5, bias).double()
    shift = 0 if layer.bias is None else layer.bias.array
    assert layer(Tensor(X)).array == pytest.approx(X @ layer.weight.array.T + shift)


def test_celu_with_alpha_below_0_bends_where_pytorch_bends_it() -> None:
    """Numbers from PyTorch 2.13."""
    z = Tensor(np.array([-2.0, -0.5, 0.0, 0.5, 2.0]), True)
    out = nn.functional.celu(z, alpha=-1.5)
    out.sum().backward()
    assert out.tolist() == pytest.approx([-4.1905, -0.5934, 0, 0.5, 2], abs=5e-5)
    assert z.grad is not None
    assert z.grad.tolist() == pytest.approx([3.7937, 1.3956, 1, 1, 1], abs=5e-5)


def test_of_an_unknown_layer_nothing_is_known() -> None:
    assert nn.facts_of(Spec("Nothing")) == nn.Facts()
    assert nn.layer_class(Spec("Nothing")) is None
    assert nn.loss_class(Spec("Nothing")) is None


@pytest.mark.parametrize(
    ("bounds", "words"),
    [(nn.Range(), "any number"), (nn.Range(low=0), "more than 0"), (nn.Range(low=-2, reached=True), "−2 or more"), (nn.Range(high=0), "less than 0"), (nn.Range(high=0.5, reached=True), "0.5 or less"), (nn.Range(-1, 1), "between −1 and 1"), (nn.Range(0, 1, besides="each row sums to 1"), "between 0 and 1, and each row sums to 1")],
)  # fmt: skip
def test_a_range_in_words(bounds: nn.Range, words: str) -> None:
    assert str(bounds) == words


@pytest.mark.parametrize("kind", ACTIVATIONS, ids=lambda kind: kind.__name__)
def test_a_formula_is_written_once(kind: type[nn.Activation]) -> None:
    assert kind.__doc__ is not None
    assert "{" not in kind.__doc__
    assert "{" not in (kind.forward.__doc__ or "")
    operation = kind.formula.partition(" = ")[2]
    if kind not in (nn.PReLU, nn.SELU):
        assert kind.__doc__.startswith(operation)


def test_formulas_of_functions_are_those_of_the_operations() -> None:
    assert (nn.functional.leaky_relu.__doc__ or "").startswith(ops.leaky_relu.formula)
    assert (nn.functional.huber_loss.__doc__ or "").startswith(ops.huber.formula)
    assert ops.bce.formula in nn.losses["BCELoss"].summary
    assert "{formula}" not in "".join(getattr(one, "__doc__", None) or "" for one in vars(nn.functional).values())


@pytest.mark.parametrize("entry", list(nn.losses), ids=lambda entry: entry.name)
def test_a_loss_says_what_it_wants(entry) -> None:  # type: ignore[no-untyped-def]
    kind = nn.loss_class(Spec(entry.name))
    assert kind is not None
    assert (kind.applies is not None) == (kind.wants == "logits")
    assert (kind.made_by is not None) == (kind.wants in ("probabilities", "log-probabilities"))
    assert (kind.target == "values") == (kind.wants == "values")
    if kind.made_by is not None:
        facts = kind.made_by.facts({})
        assert facts.probabilities if kind.wants == "probabilities" else facts.log_probabilities
