"""The exceptions that nnviz raises.

The message of an exception states what was expected and what was given; the hint, how to solve the problem. If PyTorch
raises an error for the same problem, the message is PyTorch's, and the class derives from the same built-in exception.
"""

from __future__ import annotations


class NnvizError(Exception):
    """Base class of all exceptions of nnviz.

    Args:
        message: what is wrong, in one sentence.
        hint: how to solve the problem; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhelp: {self.hint}" if self.hint else self.message


class ShapeError(NnvizError, RuntimeError):
    """Shapes do not match. `layer` is the name of the layer in which the error occurred, if there is one."""

    layer: str | None = None

    def __str__(self) -> str:
        text = super().__str__()
        return f"{self.layer}: {text}" if self.layer else text


class ShapeValueError(ShapeError, ValueError):
    """Shapes do not match, in cases where PyTorch raises ValueError."""


class ShapeIndexError(ShapeError, IndexError):
    """Shapes do not match, in cases where PyTorch raises IndexError."""


class GraphError(NnvizError, RuntimeError):
    """Backward is not possible: there is no graph, it has been freed, or it has a cycle."""


class ArgumentError(NnvizError, ValueError):
    """An argument has an invalid value."""


class OperandError(NnvizError, TypeError):
    """An argument has the wrong type, for example not a Tensor."""


class DtypeError(NnvizError, RuntimeError):
    """The operation does not support this dtype, or not this combination of dtypes."""


class PositionError(NnvizError, IndexError):
    """An index or a dimension is out of range."""


class OperationError(NnvizError, RuntimeError):
    """The operation is not possible with these values, in cases where PyTorch raises RuntimeError."""


class NotSupportedError(NnvizError, NotImplementedError):
    """The feature is not supported."""


class DeviceError(NnvizError, AssertionError):
    """The device does not exist, in cases where PyTorch raises AssertionError."""


class MissingNameError(NnvizError, AttributeError):
    """A public name does not exist; the hint suggests a similar name or an alternative."""


class MissingKeyError(NnvizError, KeyError):
    """A required key is missing from a dictionary."""


class RegistryError(NnvizError, LookupError):
    """No layer, loss, optimizer or data set is registered under that name."""


class KeyNameError(NnvizError, KeyError):
    """A name is not valid for registration, or a key does not exist."""


class DataError(NnvizError, ValueError):
    """Data are invalid, for example of the wrong shape or in the wrong file format."""


class CancelledError(NnvizError, RuntimeError):
    """What was asked for was cancelled before it was done."""


class TrainingError(NnvizError, RuntimeError):
    """A training run cannot start or cannot continue."""


class CheckError(NnvizError, AssertionError):
    """Arguments are inconsistent, in cases where PyTorch raises AssertionError."""


class MissingModuleError(NnvizError, ModuleNotFoundError):
    """An imported module does not exist."""


class FileError(NnvizError, OSError):
    """A file cannot be read."""


class MissingFileError(FileError, FileNotFoundError):
    """A file does not exist."""


class FolderError(FileError, IsADirectoryError):
    """The path is a folder, but a file is required."""


class AccessError(FileError, PermissionError):
    """Permission to read a file is denied."""


class WriteError(NnvizError, RuntimeError, OSError):
    """A file cannot be written, in cases where PyTorch raises RuntimeError."""
