"""Every name of this room that the package itself offers: `nnviz.tensor`, `nnviz.exp`, `nnviz.float32`."""

from __future__ import annotations

import math

from nnviz.autograd import create, dtypes, functions, sampling
from nnviz.autograd.comparison import result_type as result_type
from nnviz.autograd.create import *  # noqa: F403
from nnviz.autograd.device import Device
from nnviz.autograd.dtypes import *  # noqa: F403
from nnviz.autograd.functions import *  # noqa: F403
from nnviz.autograd.random import Generator, initial_seed, manual_seed, seed
from nnviz.autograd.sampling import *  # noqa: F403
from nnviz.autograd.types import promote_types

device = Device
pi, e, inf, nan = math.pi, math.e, math.inf, math.nan

__all__ = [
    *create.__all__, *dtypes.__all__, *functions.__all__, *sampling.__all__, "Generator", "device", "e", "inf",
    "initial_seed", "manual_seed", "nan", "pi", "promote_types", "result_type", "seed",
]  # fmt: skip

del create, dtypes, functions, sampling
