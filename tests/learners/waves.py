"""Numbers without a generator, so that two libraries start from the same ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def wave(*shape: int, start: float = 0.3, step: float = 1.7, scale: float = 1.0) -> NDArray[np.float32]:
    """scale · sin(start + step · i), in that shape."""
    return (scale * np.sin(start + step * np.arange(math.prod(shape)))).reshape(shape).astype(np.float32)


def fill(model: Any) -> Any:
    """Give every parameter of a module its wave, about as large as the usual initialization; returns the module."""
    for position, parameter in enumerate(model.parameters()):
        shape = tuple(parameter.shape)
        fan_in = max(1, math.prod(shape[1:]))
        parameter.detach().numpy()[...] = wave(*shape, start=position + 0.5, scale=1 / math.sqrt(fan_in))
    return model
