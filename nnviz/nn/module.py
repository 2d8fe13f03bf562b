"""Module: the base of layers and losses."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import Any, ClassVar, NoReturn, Self

import numpy as np

from nnviz.arguments import Explained
from nnviz.autograd import Tensor
from nnviz.autograd.device import Device, usable
from nnviz.autograd.operation import Array, Shape
from nnviz.errors import ArgumentError, GraphError, MissingNameError, NotSupportedError, OperationError
from nnviz.nn.facts import Facts
from nnviz.nn.hooks import Hooked
from nnviz.nn.moving import Dtype, as_dtype, cast, dtype_for
from nnviz.nn.parameter import Buffer, Parameter
from nnviz.nn.registration import Kind, changes
from nnviz.nn.state import IncompatibleKeys, load
from nnviz.registry import Registry, Spec, Value

__all__ = ["Buffer", "Module", "Parameter", "changes", "facts_of", "layer_class", "layers"]


class Module(Hooked, Explained):
    """Base of every layer and loss.

    A subclass takes its arguments in the constructor, keeps them under the same names, and computes in `forward`.
    The class methods give facts about a layer without building it.
    """

    training: bool = True
    traits: ClassVar[Facts] = Facts()
    """Facts that hold for any arguments."""

    @classmethod
    def facts(cls, arguments: Mapping[str, Value]) -> Facts:  # noqa: ARG003 (a subclass may read them)
        """Facts about a layer with these arguments, which may be incomplete; by default `traits`."""
        return cls.traits

    def __init__(self) -> None:
        super().__init__()

    questions: ClassVar[Mapping[str, str]] = {}
    """Arguments that follow from the input's shape and that the form asks for, each with the question."""

    @classmethod
    def fitted(cls, shape: Shape) -> dict[str, Value]:  # noqa: ARG003 (a subclass reads it)
        """The arguments that an input of this shape determines, for example `in_features`."""
        return {}

    @classmethod
    def sizes_in_words(cls, arguments: Mapping[str, Value]) -> str:  # noqa: ARG003
        """An explanation of the sizes in an error message of this layer."""
        return ""

    # --- submodules, parameters and buffers

    @property
    def _modules(self) -> Mapping[str, Module | None]:
        """Its own submodules by name, read-only."""
        return MappingProxyType({name: self.__dict__[name] for name in self._names("module")})

    def add_module(self, name: str, module: Module | None) -> None:
        """Register a module under this name.

        Raises:
            OperandError: `module` is not a module, or `name` is not a string.
            KeyNameError: the name is empty, contains a dot, or is already an attribute.
        """
        self._register_module(name, module)

    register_module = add_module

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Its own submodules by name, each once."""
        seen: set[Module] = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Module]:
        """Its own submodules, each once."""
        for _, child in self.named_children():
            yield child

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """The module and all its descendants with their paths; shared ones once.

        Args:
            memo: modules to leave out; those yielded are added to it.
            prefix: the prefix of every path.
            remove_duplicate: whether to yield a shared module only once, under its first path.

        Raises:
            GraphError: a module contains itself, so that there are infinitely many paths.
        """
        seen: set[Module] = set() if memo is None else memo
        above: list[Module] = []
        stack: list[tuple[int, str, Module]] = [(0, prefix, self)]
        while stack:
            depth, path, module = stack.pop()
            if remove_duplicate:
                if module in seen:
                    continue
                seen.add(module)
            else:
                del above[depth:]
                if module in above:
                    raise GraphError(f"a {type(module).__name__} contains itself, at {path}", "remove it there")
                above.append(module)
            yield path, module
            start = f"{path}." if path else ""
            held = [(depth + 1, start + name, child) for name, child in module._held("module")]
            stack.extend(reversed(held))  # type: ignore[arg-type]

    def modules(self) -> Iterator[Module]:
        """The module and all its descendants; shared ones once."""
        for _, module in self.named_modules():
            yield module

    def _members(self, kind: Kind, prefix: str, recurse: bool, remove_duplicate: bool) -> Iterator[tuple[str, Tensor]]:
        """The registered values of this kind, here and in descendants, with their paths."""
        seen: set[int] = set()
        modules = self.named_modules(None, prefix, remove_duplicate) if recurse else [(prefix, self)]
        for path, module in modules:
            start = f"{path}." if path else ""
            for name, tensor in module._held(kind):
                if remove_duplicate:
                    if id(tensor) in seen:
                        continue
                    seen.add(id(tensor))
                yield start + name, tensor  # type: ignore[misc]

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Every parameter with its path, own ones first; shared ones once, under their first path.

        Args:
            prefix: the prefix of every path.
            recurse: whether to include those of submodules.
            remove_duplicate: whether to yield a shared one only once.
        """
        yield from self._members("parameter", prefix, recurse, remove_duplicate)  # type: ignore[misc]

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Every parameter."""
        for _, parameter in self.named_parameters("", recurse):
            yield parameter

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Every buffer with its path; for the arguments see `named_parameters`."""
        yield from self._members("buffer", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Every buffer."""
        for _, buffer in self.named_buffers("", recurse):
            yield buffer

    def get_submodule(self, target: str) -> Module:
        """The module at this path; the empty path is this one.

        Raises:
            MissingNameError: nothing has this path, or it is not a module.
        """
        module = self
        for name in target.split(".") if target else ():
            found = module._at(name)
            if not isinstance(found, Module):
                raise MissingNameError(f"`{name}` is not an nn.Module", "use get_parameter or get_buffer for tensors")
            module = found
        return module

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at this path.

        Raises:
            MissingNameError: nothing has this path, or it is not a parameter.
        """
        path, _, name = target.rpartition(".")
        found = self.get_submodule(path)._at(name)
        if not isinstance(found, Parameter):
            raise MissingNameError(f"`{name}` is not an nn.Parameter", "use get_buffer for buffers")
        return found

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at this path.

        Raises:
            MissingNameError: nothing has this path, or it is not a buffer.
        """
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        found = module._at(name)
        if not isinstance(found, Tensor) or name not in module._buffers:
            raise MissingNameError(f"`{name}` is not a buffer", "use get_parameter for parameters")
        return found

    def _at(self, name: str) -> object:
        if not hasattr(self, name):
            own = ", ".join([*self._modules, *self._parameters, *self._buffers])
            raise MissingNameError(
                f"{type(self).__name__} has no attribute `{name}`",
                f"its members are: {own}" if own else "it has no members",
            )
        return getattr(self, name)

    # --- state

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Parameters and persistent buffers with their paths, in PyTorch's order; shared ones under each path."""
        for path, module in self.named_modules(remove_duplicate=False):
            start = f"{path}." if path else ""
            for kind in ("parameter", "buffer"):
                for name, tensor in module._held(kind):
                    if not module._is_transient(name):
                        yield start + name, tensor  # type: ignore[misc]

    def state_dict(self, *, prefix: str = "", keep_vars: bool = False) -> OrderedDict[str, Tensor]:
        """Every parameter and persistent buffer by path, without history; the memory is shared.

        Args:
            prefix: the prefix of every path, including the dot.
            keep_vars: return the parameters themselves.
        """
        pairs = self._tensors()
        return OrderedDict((prefix + path, tensor if keep_vars else tensor.detach()) for path, tensor in pairs)

    def load_state_dict(
        self, state_dict: Mapping[str, Tensor | Array], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Load the numbers of every parameter and buffer from `state_dict`; nothing is changed unless all fit.

        Numbers of another dtype are converted to the tensor's own, as in PyTorch.

        Args:
            state_dict: tensors or arrays by path.
            strict: whether missing or unexpected keys are an error.
            assign: not supported; numbers are always copied.

        Returns:
            The missing and the unexpected keys, as (missing_keys, unexpected_keys).

        Raises:
            OperationError: a key is missing or unexpected, or a value is not a tensor.
            ShapeError: a tensor has another shape.
        """
        if assign:
            raise NotSupportedError("load_state_dict copies numbers: assign=True is not supported", "leave it out")
        return load(type(self).__name__, dict(self._tensors()), state_dict, strict)

    def to(
        self,
        *given: Any,
        device: str | Device | None = None,
        dtype: object = None,
        non_blocking: bool = False,  # noqa: ARG002
    ) -> Self:
        """Convert floats among parameters and buffers: `to(float64)`, `to("cpu")`, `to("cpu", float32)`.

        The only device is the CPU.

        Raises:
            DeviceError, NotSupportedError: another device.
            OperandError: a dtype that is not floating-point.
        """
        wanted = dtype_for(given, device, dtype)
        return self if wanted is None else self._cast(wanted, floats_only=True)

    def type(self, dst_type: object) -> Self:
        """Convert all parameters and buffers to this dtype, including integers.

        Raises:
            OperationError: parameters that require a gradient cannot be integers.
        """
        wanted = as_dtype(dst_type)
        if wanted.kind not in "fc" and any(parameter.requires_grad for parameter in self.parameters()):
            raise OperationError(
                "data set to a tensor that requires gradients must be floating point or complex dtype",
                "parameters are floats: float32 or float64",
            )
        return self._cast(wanted, floats_only=False)

    def double(self) -> Self:
        """Convert all floating-point parameters and buffers to float64."""
        return self._cast(np.dtype(np.float64), floats_only=True)

    def float(self) -> Self:
        """Convert all floating-point parameters and buffers to float32."""
        return self._cast(np.dtype(np.float32), floats_only=True)

    def half(self) -> Self:
        """Convert all floating-point parameters and buffers to float16."""
        return self._cast(np.dtype(np.float16), floats_only=True)

    def bfloat16(self) -> NoReturn:
        """Not supported: numpy has no such dtype."""
        raise NotSupportedError("bfloat16 is not supported", "float() is float32, half() float16")

    def _cast(self, dtype: Dtype, floats_only: bool) -> Self:
        for tensor in chain(self.parameters(), self.buffers()):
            if tensor.dtype.kind == "f" or not floats_only:
                cast(tensor, dtype)
        return self

    def cpu(self) -> Self:
        """The module itself: everything is on the CPU."""
        return self

    def cuda(self, device: object = None) -> Self:  # noqa: ARG002 (there is none of any number)
        """Not supported: there is no such device.

        Raises:
            DeviceError: always.
        """
        usable("cuda")
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set whether the parameters require gradients."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        changes.edits += 1
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradients of all parameters; unless `set_to_none`, fill them with 0."""
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad.overwrite(np.zeros((), parameter.dtype))

    def apply(self, fn: Callable[[Module], object]) -> Self:
        """Call `fn` with every descendant, then with this module."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Set training mode (dropout on) in this module and all descendants.

        Raises:
            ArgumentError: `mode` is neither True nor False.
        """
        if not isinstance(mode, bool):
            raise ArgumentError("training mode is expected to be boolean", f"got {mode!r}: write train() or eval()")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self) -> Self:
        """Set evaluation mode (dropout off) in this module and all descendants."""
        return self.train(False)

    def extra_repr(self) -> str:
        """The constructor's arguments of a layer, as PyTorch shows them; empty for user-defined modules."""
        home = next(base for base in type(self).__mro__ if base.__module__.startswith(f"{__package__}."))
        names = () if home is Module else inspect.signature(home).parameters
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in names if name in vars(self))

    def _shown_children(self) -> Iterator[tuple[str, str]]:
        """The submodules, each with its text."""
        for name, child in self._modules.items():
            yield name, repr(child)

    def __repr__(self) -> str:
        name, extra = type(self).__name__, self.extra_repr()
        children = [f"({label}): {shown}" for label, shown in self._shown_children()]
        if not children and "\n" not in extra:
            return f"{name}({extra})"
        lines = [*(extra.split("\n") if extra else ()), *children]
        return "\n".join([f"{name}(", *("  " + line.replace("\n", "\n  ") for line in lines), ")"])


layers: Registry[Module] = Registry("layer")
"""Every layer that a stack can contain."""


def layer_class(spec: Spec) -> type[Module] | None:
    """The layer's class; None if the layer is unknown, or made by a function."""
    factory = layers[spec.name].factory if spec.name in layers else None
    return factory if isinstance(factory, type) and issubclass(factory, Module) else None


def facts_of(spec: Spec) -> Facts:
    """The facts about a layer with its arguments; of an unknown layer nothing is known."""
    made_by = layer_class(spec)
    return Facts() if made_by is None else made_by.facts(dict(spec.arguments))
