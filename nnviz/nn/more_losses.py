"""Losses that the settings do not list, because each is similar to one that they do."""

from __future__ import annotations

from typing import Annotated, Literal

from nnviz.autograd import Tensor
from nnviz.nn import functional as F
from nnviz.nn.functional.reductions import reduction_of
from nnviz.nn.losses import Deprecated, Loss, Reduction
from nnviz.nn.module import Module
from nnviz.registry import Bounds


class SmoothL1Loss(Loss):
    """mean of d² / (2 beta) for |d| < beta, else |d| − beta / 2, with d = prediction − target

    HuberLoss divided by beta. Source: Girshick 2015, arXiv 1504.08083.

    Args:
        beta: the distance at which the square becomes a line; 0 for L1Loss.

    Shape:
        Input and target: the same, any. Output: one number.
    """

    target = "values"

    def __init__(
        self,
        size_average: Deprecated = None,
        reduce: Deprecated = None,
        reduction: Reduction = "mean",
        beta: Annotated[float, Bounds(0), "where the square becomes a line"] = 1.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The smooth distance, then the mean."""
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class KLDivLoss(Module):
    """mean of target · (ln target − input): the divergence of log-probabilities from a distribution

    Args:
        reduction: "batchmean", the divergence per sample; or "mean", "sum" or "none".
        log_target: whether the target contains logarithms.

    Shape:
        Input: log-probabilities (N, *). Target: probabilities, the same. Output: one number.
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: F.Reduction | Literal["batchmean"] = "mean",
        log_target: bool = False,
    ) -> None:
        self.reduction = reduction if reduction == "batchmean" else reduction_of(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The divergence, then the reduction."""
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)

    def extra_repr(self) -> str:
        """Empty, as in PyTorch."""
        return ""
