"""Module: something with parameters and a forward; Parameter: a tensor that is learned; Buffer: one that is kept."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self, overload

import numpy as np
from numpy.typing import DTypeLike

from nnviz.autograd import Tensor
from nnviz.autograd.operation import Array, Shape
from nnviz.autograd.types import only_tensors
from nnviz.catalogue import Catalogue, Value
from nnviz.errors import ArgumentError, OperandError, ShapeError


@dataclass
class Changes:
    """How often modules were changed, so that whoever has read one knows when to read it again.

    Attributes:
        edits: attributes that were set.
        modes: switches between training and evaluation.
    """

    edits: int = 0
    modes: int = 0


changes = Changes()
"""Of all modules there are."""


class Parameter(Tensor):
    """A leaf that an optimizer changes. `data` is shared, not copied."""

    __slots__ = ()

    def __init__(self, data: Tensor | Array, requires_grad: bool = True) -> None:
        super().__init__(data.array if isinstance(data, Tensor) else data, requires_grad)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


class Buffer(Tensor):
    """A tensor that belongs to a module's state without being learned: running means, counts."""

    __slots__ = ()


def _not_given(self: Module, *inputs: Tensor) -> Tensor:
    raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')


class Module:
    """Base of every layer and loss.

    A subclass takes its arguments in the constructor, keeps them under the same names, and computes in `forward`.
    The two class methods let an editor ask about a layer that it has not built.
    """

    training: bool = True

    # Each layer takes as many tensors as it needs.
    forward: Callable[..., Tensor] = _not_given

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
        if name == "training":
            changes.modes += 1
        else:
            changes.edits += 1

    def __call__(self, *inputs: Tensor) -> Tensor:
        try:
            return self.forward(*inputs)
        except (AttributeError, TypeError):
            only_tensors(type(self).__name__, inputs)
            raise

    @classmethod
    def fitted(cls, shape: Shape) -> dict[str, Value]:  # noqa: ARG003 (a subclass reads it)
        """The arguments that an input of this shape dictates, for example `in_features`."""
        return {}

    @classmethod
    def sizes_in_words(cls, arguments: Mapping[str, Value]) -> str:  # noqa: ARG003
        """Where the sizes in a message about this layer come from."""
        return ""

    def children(self) -> Iterator[tuple[str, Module]]:
        """The modules this one holds, by name."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value

    def modules(self) -> Iterator[Module]:
        """All modules from here down, this one first."""
        stack: list[Module] = [self]
        while stack:
            module = stack.pop()
            yield module
            stack.extend(child for _, child in reversed(list(module.children())))

    def _tensors(self) -> Iterator[tuple[str, Parameter | Buffer]]:
        """Parameters and buffers with their paths, in PyTorch's order: own ones first, then the children's."""
        stack: list[tuple[str, Module]] = [("", self)]
        while stack:
            prefix, module = stack.pop()
            for kind in (Parameter, Buffer):
                for name, value in vars(module).items():
                    if isinstance(value, kind):
                        yield prefix + name, value
            stack.extend((f"{prefix}{name}.", child) for name, child in reversed(list(module.children())))

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Every parameter with its path; one that is shared comes once, under its first path."""
        seen: set[int] = set()
        for name, tensor in self._tensors():
            if isinstance(tensor, Parameter) and id(tensor) not in seen:
                seen.add(id(tensor))
                yield name, tensor

    def named_buffers(self) -> Iterator[tuple[str, Buffer]]:
        """Every buffer with its path."""
        for name, tensor in self._tensors():
            if isinstance(tensor, Buffer):
                yield name, tensor

    def parameters(self) -> Iterator[Parameter]:
        """Every parameter."""
        for _, parameter in self.named_parameters():
            yield parameter

    def state_dict(self) -> dict[str, Tensor]:
        """Every parameter and buffer by path, without history; the memory is shared."""
        return {name: tensor.detach() for name, tensor in self._tensors()}

    def load_state_dict(self, state: Mapping[str, Tensor | Array]) -> None:
        """Take the numbers of every parameter and buffer from `state`; nothing is changed unless all fit.

        Numbers of another type are turned into the tensor's own, as in PyTorch.

        Raises:
            ArgumentError: a key is missing or unexpected.
            ShapeError: an array has another shape.
        """
        own = dict(self._tensors())
        arrays = {key: value.array if isinstance(value, Tensor) else value for key, value in state.items()}
        title = f"Error(s) in loading state_dict for {type(self).__name__}:"
        missing, unexpected = own.keys() - arrays.keys(), arrays.keys() - own.keys()
        if missing or unexpected:
            kind, order = ("Missing", list(own)) if missing else ("Unexpected", list(arrays))
            listed = ", ".join(f'"{key}"' for key in order if key in (missing or unexpected))
            raise ArgumentError(f"{title} {kind} key(s) in state_dict: {listed}.", f"there are: {', '.join(own)}")
        for key, tensor in own.items():
            if arrays[key].shape != tensor.shape:
                raise ShapeError(
                    f"{title} size mismatch for {key}: copying a param with shape "
                    f"torch.Size({list(arrays[key].shape)}) from checkpoint, the shape in current model is "
                    f"torch.Size({list(tensor.shape)})."
                )
        for key, tensor in own.items():
            tensor.overwrite(arrays[key].astype(tensor.dtype, copy=False))

    def double(self) -> Self:
        """Turn all parameters and buffers of floats into float64."""
        return self._cast(np.float64)

    def float(self) -> Self:
        """Turn all parameters and buffers of floats into float32."""
        return self._cast(np.float32)

    def _cast(self, dtype: DTypeLike) -> Self:
        for _, tensor in self._tensors():
            if tensor.dtype.kind == "f":
                tensor.data = Tensor(tensor.array.astype(dtype))
                tensor.grad = None
        return self

    def train(self, mode: bool = True) -> Self:
        """Set training mode (dropout on) here and in all modules below."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set evaluation mode (dropout off) here and in all modules below."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.grad = None

    def extra_repr(self) -> str:
        """The constructor's arguments, as PyTorch shows them."""
        names = inspect.signature(type(self)).parameters
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in names if hasattr(self, name))

    def __repr__(self) -> str:
        lines = [f"  ({name}): {child}".replace("\n", "\n  ") for name, child in self.children()]
        return (
            "\n".join([f"{type(self).__name__}(", *lines, ")"])
            if lines
            else f"{type(self).__name__}({self.extra_repr()})"
        )


class Sequential(Module):
    """Modules called in the order in which they are written.

    Shape:
        Input: what the first takes. Output: what the last gives.
    """

    def __init__(self, *layers: Module) -> None:
        for layer in layers:
            if not isinstance(layer, Module):
                raise OperandError(f"{type(layer).__name__} is not a Module subclass", "give layers: nn.Linear(2, 1)")
        self._layers = layers

    def children(self) -> Iterator[tuple[str, Module]]:
        """The layers, by position."""
        for position, layer in enumerate(self._layers):
            yield str(position), layer

    def forward(self, x: Tensor) -> Tensor:
        """Layer after layer; a shape error names the layer it happened in."""
        for position, layer in enumerate(self._layers):
            try:
                x = layer(x)
            except ShapeError as error:
                error.layer = error.layer or f"layer {position} {layer}"
                raise
        return x

    def __len__(self) -> int:
        return len(self._layers)

    @overload
    def __getitem__(self, position: int) -> Module: ...
    @overload
    def __getitem__(self, position: slice) -> Sequential: ...
    def __getitem__(self, position: int | slice) -> Module:
        return Sequential(*self._layers[position]) if isinstance(position, slice) else self._layers[position]

    def __iter__(self) -> Iterator[Module]:
        return iter(self._layers)


layers: Catalogue[Module] = Catalogue("layer")
"""Every layer that can stand in a stack."""
