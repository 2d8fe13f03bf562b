"""Loss functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import numpy as np

from nnviz.autograd import Tensor, ops
from nnviz.autograd.formula import documented
from nnviz.autograd.operation import Array
from nnviz.errors import OperandError
from nnviz.nn import functional as F
from nnviz.nn.activations import Sigmoid
from nnviz.nn.along import LogSoftmax
from nnviz.nn.functional.likelihood import IGNORE_INDEX
from nnviz.nn.functional.reductions import reduction_of
from nnviz.nn.module import Buffer, Module
from nnviz.registry import Bounds, CodeOnly, Registry, Spec, Value

losses: Registry[Loss] = Registry("loss")
"""Every loss that a network can be trained with."""

Reduction = Annotated[F.Reduction, "how the losses are reduced; training requires mean or sum"]
Deprecated = Annotated[bool | None, CodeOnly()]
"""size_average and reduce: PyTorch's deprecated arguments for `reduction`."""
IgnoreIndex = Annotated[int, CodeOnly()]
Target = Literal["classes", "values", "probabilities", "signs"]
"""The kind of labels: class indices; values; 0 or 1 for each output; −1 or 1 for each output."""


Wanted = Literal["logits", "probabilities", "log-probabilities", "distances", "values"]
"""The kind of outputs the loss expects: logits, probabilities or log-probabilities, or values to compare."""


Measured = Literal["", "surprise", "squares"]
"""What a loss is the mean of: −ln p of the true class; squared differences; or something else."""


class Loss(Module):
    """Base of the losses, with the arguments that they have in common.

    Args:
        size_average, reduce: PyTorch's deprecated forms of `reduction`.
        reduction: mean, sum, or none for the losses of the single elements.

    Attributes:
        target: the kind of labels.
        wants: the kind of outputs it expects of the network.
        applies: the layer that it applies itself to logits.
        made_by: the layer that turns any numbers into the outputs it expects, if it expects more than numbers.
        measures: what it is the mean of.
        pytorch: `probabilities` as an expression of PyTorch; `both` is there what `_both` is here.
    """

    target: ClassVar[Target]
    wants: ClassVar[Wanted] = "values"
    applies: ClassVar[type[Module] | None] = None
    made_by: ClassVar[type[Module] | None] = None
    measures: ClassVar[Measured] = ""
    pytorch: ClassVar[str] = "out"

    def __init__(
        self, size_average: Deprecated = None, reduce: Deprecated = None, reduction: Reduction = "mean"
    ) -> None:
        self.reduction: F.Reduction = reduction_of(size_average, reduce, reduction)

    def extra_repr(self) -> str:
        """Empty, as in PyTorch."""
        return ""

    @classmethod
    def measured(cls, arguments: Mapping[str, Value]) -> Measured:
        """What the loss is the mean of, with these arguments."""
        return cls.measures if arguments.get("reduction", "mean") == "mean" else ""

    @classmethod
    def probabilities(cls, out: Array) -> Array:
        """The class scores of a network trained by this loss, from its output (N, outputs).

        Two classes may share a single output. The rows sum to 1 if the loss implies it.
        """
        return out


def _as_buffer(name: str, weight: Tensor | None) -> Buffer | None:
    """Register class weights as part of a loss's state, as in PyTorch.

    Raises:
        OperandError: they are not tensors.
    """
    if weight is None:
        return None
    if not isinstance(weight, Tensor):
        raise OperandError(
            f"cannot assign '{type(weight).__name__}' object to buffer '{name}' (torch Tensor or None required)",
            "make one with tensor()",
        )
    return Buffer(weight.array)


def _both(p: Array) -> Array:
    """Probabilities of class 0 and 1 from those of class 1, if there is only one output."""
    return np.concatenate([1 - p, p], axis=1) if p.ndim == 2 and p.shape[1] == 1 else p


def _softmax(out: Array) -> Array:
    return F.softmax(Tensor(out), dim=1).array


@losses.register("classification")
class CrossEntropyLoss(Loss):
    """mean of −log softmax(z) at the true class

    Log-softmax is applied here: the network gives logits and needs no Softmax of its own.

    Args:
        weight: the weight of each class, (C,).
        ignore_index: the label of samples to ignore.
        label_smoothing: this share of the target is spread evenly over all classes.

    Shape:
        Input: logits (N, C). Target: class indices (N,) from 0 to C − 1, or probabilities (N, C). Output: one number.
    """

    target = "classes"
    wants = "logits"
    applies = LogSoftmax
    measures = "surprise"
    pytorch = "torch.softmax(out, 1)"

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Deprecated = None,
        ignore_index: IgnoreIndex = IGNORE_INDEX,
        reduce: Deprecated = None,
        reduction: Reduction = "mean",
        label_smoothing: Annotated[float, Bounds(0, 1), "share of the target spread over all classes"] = 0.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.weight = _as_buffer("weight", weight)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """log_softmax, then the negative log-likelihood of the true class, then the mean."""
        return F.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )

    @classmethod
    def measured(cls, arguments: Mapping[str, Value]) -> Measured:
        """Something else where labels are smoothed."""
        return "" if arguments.get("label_smoothing") else super().measured(arguments)

    @classmethod
    def probabilities(cls, out: Array) -> Array:
        """Softmax of the logits."""
        return _softmax(out)


@losses.register("classification")
class NLLLoss(Loss):
    """mean of −z at the true class, for a network that ends in LogSoftmax

    Args:
        weight: the weight of each class, (C,).
        ignore_index: the label of samples to ignore.

    Shape:
        Input: log-probabilities (N, C). Target: class indices (N,) from 0 to C − 1. Output: one number.
    """

    target = "classes"
    wants = "log-probabilities"
    made_by = LogSoftmax
    pytorch = "torch.softmax(out, 1)"

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Deprecated = None,
        ignore_index: IgnoreIndex = IGNORE_INDEX,
        reduce: Deprecated = None,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.weight = _as_buffer("weight", weight)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The negative log-likelihood of the true class, then the mean."""
        return F.nll_loss(input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction)

    @classmethod
    def probabilities(cls, out: Array) -> Array:
        """Softmax, which of log-probabilities is their exponential."""
        return _softmax(out)


@losses.register("classification")
@documented(ops.bce.formula)
class BCELoss(Loss):
    """mean of {formula}, for a network that ends in Sigmoid

    Args:
        weight: the weight of each loss; it broadcasts.

    Shape:
        Input: probabilities (*). Target: the same, 0 to 1. Output: one number.
    """

    target = "probabilities"
    wants = "probabilities"
    made_by = Sigmoid
    pytorch = "both(out)"

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Deprecated = None,
        reduce: Deprecated = None,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.weight = _as_buffer("weight", weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Binary cross-entropy, then the mean."""
        return F.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)

    @classmethod
    def probabilities(cls, out: Array) -> Array:
        """The outputs themselves."""
        return _both(out)


@losses.register("classification")
class BCEWithLogitsLoss(Loss):
    """BCELoss of sigmoid(z), without its rounding: the network needs no Sigmoid of its own

    Args:
        weight: the weight of each loss; it broadcasts.
        pos_weight: the weight of the term of target 1; it broadcasts.

    Shape:
        Input: logits (*). Target: the same, 0 to 1. Output: one number.
    """

    target = "probabilities"
    wants = "logits"
    applies = Sigmoid
    pytorch = "both(torch.sigmoid(out))"

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Deprecated = None,
        reduce: Deprecated = None,
        reduction: Reduction = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.weight = _as_buffer("weight", weight)
        self.pos_weight = _as_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Binary cross-entropy of the logits, then the mean."""
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )

    @classmethod
    def probabilities(cls, out: Array) -> Array:
        """Sigmoid of the logits."""
        return _both(F.sigmoid(Tensor(out)).array)


@losses.register("classification")
@documented(ops.hinge.formula)
class HingeEmbeddingLoss(Loss):
    """mean of {formula}, with t 1 or −1

    x is a distance: a Softplus or ReLU as the last layer keeps it from falling below 0 without bound.

    Args:
        margin: the distance from which on a sample of target −1 has loss 0.

    Shape:
        Input: distances (*). Target: the same, −1 or 1. Output: one number.
    """

    target = "signs"
    wants = "distances"
    pytorch = "both(torch.sigmoid(1 - 2 * out))"

    def __init__(
        self,
        margin: Annotated[float, "distance from which the loss is 0"] = 1.0,
        size_average: Deprecated = None,
        reduce: Deprecated = None,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """x or max(0, margin − x), then the mean."""
        return F.hinge_embedding_loss(input, target, self.margin, reduction=self.reduction)

    @classmethod
    def probabilities(cls, out: Array) -> Array:
        """Small distances mean class 1: sigmoid(1 − 2x), which is 0.5 in the middle of the default margin."""
        return _both(F.sigmoid(Tensor(1 - 2 * out)).array)


@losses.register("regression")
class MSELoss(Loss):
    """mean of (prediction − target)²

    Shape:
        Input and target: the same, any. Output: one number.
    """

    target = "values"
    measures = "squares"

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The difference, squared, then the mean."""
        return F.mse_loss(input, target, reduction=self.reduction)


@losses.register("regression")
class L1Loss(Loss):
    """mean of |prediction − target|

    Shape:
        Input and target: the same, any. Output: one number.
    """

    target = "values"

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The absolute difference, then the mean."""
        return F.l1_loss(input, target, reduction=self.reduction)


@losses.register("regression")
@documented(ops.huber.formula)
class HuberLoss(Loss):
    """mean of {formula}, with d = prediction − target

    A square near 0, so that it is smooth, and a line elsewhere, so that outliers have less weight. Source: Huber 1964.

    Args:
        delta: the distance at which the square becomes a line.

    Shape:
        Input and target: the same, any. Output: one number.
    """

    target = "values"

    def __init__(
        self,
        reduction: Reduction = "mean",
        delta: Annotated[float, Bounds(0, open_low=True), "where the square becomes a line"] = 1.0,
    ) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Huber's function of the difference, then the mean."""
        return F.huber_loss(input, target, self.reduction, self.delta)


def loss_class(spec: Spec) -> type[Loss] | None:
    """The class of the loss; None if the loss is unknown."""
    factory = losses[spec.name].factory if spec.name in losses else None
    return factory if isinstance(factory, type) and issubclass(factory, Loss) else None
