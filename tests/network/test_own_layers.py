"""A layer or loss of one's own, in one class: hints, fixes, curve and training follow from what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

import numpy as np
import pytest

from nnviz import nn
from nnviz.autograd import Tensor, is_abstract, ops
from nnviz.data import datasets
from nnviz.network import Network, build_model, fixes, linear_chains, lint, opening, trace
from nnviz.nn.init import normal_
from nnviz.registry import Bounds, Size, Spec, Value
from nnviz.run import Run, Trainer, merge
from nnviz.views.curves import activation_curve


class Squash(nn.Activation):
    """{formula}: z between 0 and its height"""

    formula = "f(z) = height · (1 + z / (1 + |z|)) / 2"
    derivative = "f′(z) = height / 2 / (1 + |z|)²"
    remark = "it never quite gets there."

    def __init__(self, height: Annotated[float, Bounds(0, 100, open_low=True), "how high"] = 1.0) -> None:
        self.height = height

    @classmethod
    def facts(cls, arguments: Mapping[str, Value]) -> nn.Facts:
        height = arguments.get("height", 1.0)
        assert isinstance(height, float)
        return nn.Facts(nn.Range(0, height))

    def forward(self, z: Tensor) -> Tensor:
        return (nn.functional.softsign(z) + 1) * (self.height / 2)


class Clip(nn.Activation):
    """{formula}"""

    formula, derivative, remark = "f(z) = max(z, −2)", "f′(z) = 1 for z > −2, else 0", "flat below −2."
    traits = nn.Facts(nn.Range(low=-2, reached=True, clips=True))

    def forward(self, z: Tensor) -> Tensor:
        return z.clamp(min=-2.0)


class Squares(nn.Activation):
    """{formula}: shares by squares"""

    formula, derivative, remark = "f(z)ᵢ = zᵢ² / Σⱼ zⱼ²", "f′", "the sign is lost."
    elementwise = False

    traits = nn.Facts(nn.Range(0, 1, reached=True), share=nn.Share("squares", 1))

    def forward(self, z: Tensor) -> Tensor:
        squared = z * z + 1e-9
        return squared / squared.sum(1, keepdim=True)


class Whiten(nn.Module):
    """a matrix product without a bias, under other names of its arguments"""

    def __init__(self, width: Annotated[Size, "numbers in and out"]) -> None:
        self.width = width
        self.weight = nn.Parameter(nn.init.empty((width, width)))
        self.register_parameter("bias", None)
        normal_(self.weight)

    traits = nn.Facts(linear=True)

    @classmethod
    def fitted(cls, shape: tuple[int, ...]) -> dict[str, Value]:
        return {"width": shape[-1]}

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.linear(x, self.weight)


class Pause(nn.Module):
    """x itself"""

    traits = nn.Facts(changes="nothing")

    def forward(self, x: Tensor) -> Tensor:
        return x


class Ravel(nn.Module):
    """rows of features"""

    traits = nn.Facts(changes="shape")

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)


class Halves(nn.Random):
    """half of the numbers, drawn anew at every step"""

    def forward(self, x: Tensor) -> Tensor:
        if is_abstract() or not self.training:
            return x
        return ops.dropout(x, mask=_mask(self.generator))


def _mask(generator: np.random.Generator) -> Any:
    from nnviz.autograd.ops.dropout import Mask

    return Mask(0.5, generator)


class Focal(nn.Loss):
    """mean of −(1 − p)² ln p at the true class, with p = softmax(z)"""

    target, wants, applies = "classes", "logits", nn.LogSoftmax

    def forward(self, z: Tensor, target: Tensor) -> Tensor:
        logs = nn.functional.log_softmax(z, 1)
        chosen = logs.gather(1, target.unsqueeze(1))
        return -((1 - chosen.exp()) ** 2 * chosen).mean()

    @classmethod
    def probabilities(cls, out: Any) -> Any:
        return nn.CrossEntropyLoss.probabilities(out)


class Brier(nn.Loss):
    """mean of (p − t)², for a network that ends in Sigmoid"""

    target, wants, made_by = "probabilities", "probabilities", nn.Sigmoid

    def forward(self, z: Tensor, target: Tensor) -> Tensor:
        return ((z - target) ** 2).mean()


OWN = {
    Squash: "activation", Clip: "activation", Squares: "activation", Whiten: "linear", Pause: "shape", Ravel: "shape",
    Halves: "regularization",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    """All of them in the tables; gone after the test."""
    for layer, category in OWN.items():
        nn.layers.register(category)(layer)
    for loss in (Focal, Brier):
        nn.losses.register("classification")(loss)
    yield
    for layer in OWN:
        del nn.layers._entries[layer.__name__]
    for loss in (Focal, Brier):
        del nn.losses._entries[loss.__name__]
    trace.cache_clear()


def stack(*specs: Spec, data: str = "spiral", loss: str = "CrossEntropyLoss") -> Network:
    settings = replace(opening().settings, data=datasets.check(Spec(data)), loss=nn.losses.check(Spec(loss)))
    return Network(tuple(nn.layers.check(spec) for spec in specs), settings)


def linear(n: int, m: int) -> Spec:
    return Spec.of("Linear", in_features=n, out_features=m)


def said(network: Network) -> str:
    assert trace(network).diagnostic is None
    return "\n".join(f"{hint.message} → {hint.fix.text if hint.fix else ''}" for hint in lint(network))


def test_a_range_that_depends_on_an_argument_is_known_before_each_loss() -> None:
    low, high = Spec("Squash"), Spec.of("Squash", height=50.0)
    assert "Squash before CrossEntropyLoss, whose scores may be any numbers: it keeps them between 0 and 1" in said(
        stack(linear(2, 2), low)
    )
    assert said(stack(linear(2, 2), high)) == ""
    assert said(stack(linear(2, 1), low, loss="BCELoss")) == ""
    assert "BCELoss expects probabilities" in said(stack(linear(2, 1), high, loss="BCELoss"))
    assert "of 50% or more" in said(stack(linear(2, 1), high, loss="BCEWithLogitsLoss"))
    assert "Squash gives only numbers between 0 and 1, and the targets" in said(
        stack(linear(2, 1), low, data="plane", loss="MSELoss")
    )


def test_what_clips_is_told_by_its_own_bound() -> None:
    text = said(stack(linear(2, 2), Spec("Clip")))
    assert "those below -2 become -2 and get no gradient, so nothing is learned from a sample" in text
    assert "remove layer 2 Clip" in text


def test_what_shares_1_out_is_named_by_its_word() -> None:
    assert "log-softmax itself: squares, then softmax" in said(stack(linear(2, 2), Spec("Squares")))
    assert "Squares normalizes a single number: it always gives 1" in said(
        stack(linear(2, 1), Spec("Squares"), loss="BCELoss")
    )
    assert "add LogSoftmax" in said(stack(linear(2, 2), Spec("Squares"), loss="NLLLoss"))
    probabilities = Trainer(Run(stack(linear(2, 2), Spec("Squares")))).evaluator.predict(np.ones((3, 2)))
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-5)


def test_linear_layers_of_ones_own_are_merged_with_others() -> None:
    network = stack(linear(2, 8), Spec("Pause"), Spec.of("Whiten", width=8), linear(8, 2))
    assert linear_chains(network) == [(0, 4)]
    assert "Layers 1 to 4 are linear with no activation between them: together they equal one Linear(2, 2)" in said(
        network
    )
    merged = merge(network, {})
    assert merged is not None
    assert merged.biased == (True, False, True)
    assert merged.difference < 1e-12


def test_what_an_input_dictates_is_offered_as_a_repair() -> None:
    assert fixes(stack(linear(2, 8), Spec.of("Whiten", width=5), linear(8, 2)))[0].text == "layer 2 Whiten: width = 8"


def test_what_only_changes_the_shape_is_moved_below_a_layer_for_images() -> None:
    conv = Spec.of("Conv2d", in_channels=1, out_channels=4, kernel_size=3, padding=1)
    offers = fixes(stack(Spec("Ravel"), conv, linear(256, 10), data="digits"))
    assert "move Ravel below layer 2 Conv2d" in [offer.text for offer in offers]


def test_a_curve_has_its_words_and_its_numbers() -> None:
    curve = activation_curve(nn.layers.check(Spec.of("Squash", height=3.0)))
    assert curve is not None
    assert (curve.outputs, curve.formula, curve.remark) == ("between 0 and 3", Squash.formula, Squash.remark)
    assert curve.slope_at_zero == pytest.approx(1.5)
    assert nn.layers["Squash"].summary == "height · (1 + z / (1 + |z|)) / 2: z between 0 and its height"


def test_what_draws_has_a_generator_of_its_run() -> None:
    def masks(seed: int) -> list[float]:
        network = stack(linear(2, 8), Spec("Halves"), linear(8, 2))
        trainer = Trainer(Run(replace(network, settings=replace(network.settings, seed=seed)), planned=False))
        return [step.loss for step, _ in zip(trainer.steps(), range(5), strict=False)]

    assert masks(1) == masks(1)
    assert masks(1) != masks(2)
    assert isinstance(build_model(stack(linear(2, 8), Spec("Halves")))[1], nn.Random)


def test_a_loss_says_what_it_applies_and_what_makes_what_it_wants() -> None:
    assert "Softmax before Focal, which applies log-softmax itself: softmax twice" in said(
        stack(linear(2, 2), Spec("Softmax"), loss="Focal")
    )
    assert "LogSoftmax before Focal, which applies it itself" in said(
        stack(linear(2, 2), Spec("LogSoftmax"), loss="Focal")
    )
    assert said(stack(linear(2, 2), loss="Focal")) == ""
    assert "Brier expects probabilities" in said(stack(linear(2, 1), loss="Brier"))
    assert "add Sigmoid as layer 2" in said(stack(linear(2, 1), loss="Brier"))
    assert said(stack(linear(2, 1), Spec("Sigmoid"), loss="Brier")) == ""
    assert fixes(stack(linear(2, 3), loss="Brier"))[0].text.endswith("and add Sigmoid")
