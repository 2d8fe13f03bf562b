"""Every error nnviz raises on purpose: one small tree, each a message and a hint what to do.

The message says what was expected and what came; the hint says what to do about it. Where PyTorch has
words for the same mistake, the message uses those words, and the class derives from the same built-in.
"""

from __future__ import annotations


class NnvizError(Exception):
    """Base of the tree.

    Args:
        message: what is wrong, in one sentence.
        hint: what to do about it; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhelp: {self.hint}" if self.hint else self.message


class ShapeError(NnvizError, RuntimeError):
    """Shapes that do not fit together. `layer` names the layer it happened in, when there is one."""

    layer: str | None = None

    def __str__(self) -> str:
        text = super().__str__()
        return f"{self.layer}: {text}" if self.layer else text


class ShapeValueError(ShapeError, ValueError):
    """Shapes that do not fit, where PyTorch raises ValueError: it can be caught as either."""


class ShapeIndexError(ShapeError, IndexError):
    """Shapes that do not fit, where PyTorch raises IndexError: it can be caught as either."""


class GraphError(NnvizError, RuntimeError):
    """Backward asked of something that has no graph, has none any more, or has a cycle."""


class ArgumentError(NnvizError, ValueError):
    """An argument of the wrong type or outside its bounds."""


class OperandError(NnvizError, TypeError):
    """Something that is no Tensor where one is needed."""


class DtypeError(NnvizError, RuntimeError):
    """Numbers of a type that the operation does not take, or of two types where one is wanted."""


class PositionError(NnvizError, IndexError):
    """An index or a dimension that does not exist."""


class OperationError(NnvizError, RuntimeError):
    """An operation that cannot be done with these values, where PyTorch raises RuntimeError."""


class NotSupportedError(NnvizError, NotImplementedError):
    """Something that PyTorch has, or lacks, and nnviz refuses by name."""


class DeviceError(NnvizError, AssertionError):
    """A device that does not exist here, where PyTorch raises AssertionError."""


class MissingNameError(NnvizError, AttributeError):
    """A public name that does not exist; the hint gives the nearest one, or what to use instead."""


class MissingKeyError(NnvizError, KeyError):
    """A dictionary without a key that is needed."""


class RegistryError(NnvizError, LookupError):
    """A layer, loss, optimizer or data set that nobody registered under that name."""


class KeyNameError(NnvizError, KeyError):
    """A name under which nothing can be registered, or a key that is not there."""


class DataError(NnvizError, ValueError):
    """Data that cannot be used as asked."""


class TrainingError(NnvizError, RuntimeError):
    """A training run that cannot start or cannot go on."""


class CheckError(NnvizError, AssertionError):
    """Things that do not belong together, where PyTorch checks by an assertion."""


class MissingModuleError(NnvizError, ModuleNotFoundError):
    """A module that does not exist, asked for by an import statement."""


class FileError(NnvizError, OSError):
    """A file that cannot be read."""


class MissingFileError(FileError, FileNotFoundError):
    """A file that does not exist."""


class FolderError(FileError, IsADirectoryError):
    """A folder where a file is needed."""


class AccessError(FileError, PermissionError):
    """A file that one may not read."""


class WriteError(NnvizError, RuntimeError, OSError):
    """A file that cannot be written. PyTorch raises RuntimeError for it."""
