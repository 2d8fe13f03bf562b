"""What is useful beside tensors and layers: `nnviz.utils.data`."""

from nnviz.names import missing_name
from nnviz.utils import data

__all__ = ["data"]


def __getattr__(name: str) -> object:
    raise missing_name("module 'nnviz.utils'", name, __all__)
