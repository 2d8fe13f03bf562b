"""Labels in the form a loss wants them."""

from __future__ import annotations

import numpy as np

from nnviz import nn
from nnviz.autograd.operation import Array
from nnviz.data import Dataset


def outputs_for(loss: nn.Loss, dataset: Dataset) -> int:
    """How many numbers the last layer must give for each sample."""
    if loss.target in ("probabilities", "signs") and dataset.outputs == 2:
        return 1
    return dataset.outputs


def targets_for(loss: nn.Loss, labels: Array, classes: int) -> Array:
    """The labels of a classification as `loss` wants them; those of a regression as they are.

    Class numbers (N,) stay, or become 0 or 1 (or −1 or 1) for each class, float32: (N, 1) where there are two classes,
    else (N, classes).
    """
    if loss.target in ("classes", "values"):
        return labels
    hot = labels[:, None] if classes == 2 else np.eye(classes, dtype=np.int64)[labels]
    return (2 * hot - 1 if loss.target == "signs" else hot).astype(np.float32)
