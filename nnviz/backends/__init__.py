"""Settings of PyTorch's backends. nnviz computes with numpy: they can be set, without effect."""

from nnviz.backends import cuda, cudnn, mps
from nnviz.names import missing_name

__all__ = ["cuda", "cudnn", "mps"]


def __getattr__(name: str) -> object:
    raise missing_name("module 'nnviz.backends'", name, __all__)
