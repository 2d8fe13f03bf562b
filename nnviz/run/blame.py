"""Which layer gave a number that is not finite first."""

from __future__ import annotations

import numpy as np

from nnviz import nn
from nnviz.autograd import Tensor, no_grad
from nnviz.autograd.operation import Array
from nnviz.network import Network, Stack


def first_bad(network: Network, model: Stack, x: Array) -> str:
    """The first weights or output that are not finite when `x` goes through `model`, else the loss; in words."""
    with no_grad(), np.errstate(all="ignore"):
        outputs = model.run(Tensor(x))
        for position, layer in enumerate(model, 1):
            name = nn.layers.label(network.layers[position - 1])
            if not all(np.isfinite(p.array).all() for p in layer.parameters()):
                return f"the weights of layer {position} ({name})"
            if not np.isfinite(next(outputs).array).all():
                return f"the output of layer {position} ({name})"
    return f"the loss ({network.settings.loss.name})"
