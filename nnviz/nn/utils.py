"""Helpers for training loops, under PyTorch's names."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from nnviz.autograd import Tensor


def clip_grad_norm_(parameters: Tensor | Iterable[Tensor], max_norm: float, norm_type: float = 2.0) -> Tensor:
    """Scale all gradients down together so that their norm is at most `max_norm`; returns the norm before.

    The norm is that of one vector of all the gradients; `norm_type` inf is the largest size. As in PyTorch the factor
    is max_norm / (norm + 1e-6), and 1 at most.
    """
    tensors = [parameters] if isinstance(parameters, Tensor) else parameters
    grads = [tensor.grad for tensor in tensors if tensor.grad is not None]
    if not grads:
        return Tensor(np.zeros((), np.float32))
    norms = np.array([np.linalg.norm(grad.array.ravel(), norm_type) for grad in grads], grads[0].dtype)
    total = np.asarray(np.linalg.norm(norms, norm_type))
    factor = min(max_norm / (float(total) + 1e-6), 1.0)
    for grad in grads:
        grad.array *= grad.dtype.type(factor)
    return Tensor(total)
