"""Calling a module: its forward, with user-defined hooks before and after it."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from nnviz.autograd import RemovableHandle, Tensor, is_abstract
from nnviz.autograd.types import only_tensors
from nnviz.errors import GraphError, NotSupportedError, OperationError
from nnviz.names import nearest
from nnviz.nn.registration import Registration

HookFunction = Callable[..., Any]
"""(module, inputs) before forward, (module, inputs, output) after it; keyword arguments follow the inputs if wanted."""


@dataclass(frozen=True, eq=False)
class Hook:
    """A hook: a function that runs at every call of a module.

    Attributes:
        function: the function.
        before: whether it runs before forward, on the inputs, or after it, on the output.
        with_kwargs: whether it receives the keyword arguments too.
    """

    function: HookFunction
    before: bool
    with_kwargs: bool


def call_with_hooks(module: Hooked, hooks: Iterable[Hook], inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Run forward with all hooks.

    A hook that returns something other than None replaces the inputs, or the output.

    Raises:
        GraphError: while a plan is traced, since the hook would run only once.
        OperationError: a hook with keywords does not return both inputs and keywords.
    """
    name = type(module).__name__
    hooks = tuple(hooks)
    if is_abstract():
        raise GraphError(
            f"{name} has a forward hook, and a plan runs no Python",
            "remove the hook with its handle, or train without compile_step",
        )
    for hook in hooks:
        if hook.before:
            inputs, options = _before(module, hook, inputs, options)
    output = module.forward(*inputs, **options)
    for hook in hooks:
        if not hook.before:
            given = (inputs, options) if hook.with_kwargs else (inputs,)
            replaced = hook.function(module, *given, output)
            output = output if replaced is None else replaced
    return output


def _before(
    module: Hooked, hook: Hook, inputs: tuple[Any, ...], options: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Inputs and keyword arguments after a hook that runs before forward."""
    if not hook.with_kwargs:
        replaced = hook.function(module, inputs)
        if replaced is None:
            return inputs, options
        return (replaced if isinstance(replaced, tuple) else (replaced,)), options
    replaced = hook.function(module, inputs, options)
    if replaced is None:
        return inputs, options
    if not (isinstance(replaced, tuple) and len(replaced) == 2):
        raise OperationError(
            f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {replaced}.",
            "return (inputs, keywords), or nothing to leave them as they are",
        )
    return replaced


def _not_given(self: Hooked, *_: Any, **__: Any) -> Tensor:
    own = [base for base in type(self).__mro__ if not base.__module__.startswith(f"{__package__}.")]
    defined = [name for base in own[:-1] for name, value in vars(base).items() if inspect.isfunction(value)]
    close = nearest("forward", defined)
    raise NotSupportedError(
        f'Module [{type(self).__name__}] is missing the required "forward" function',
        f"its method {close} should be called forward" if close else "define forward(self, x) in the class",
    )


class Hooked(Registration):
    """Base of Module: calls and hooks."""

    # Each layer takes as many tensors as it needs.
    forward: Callable[..., Tensor] = _not_given

    __hooks: tuple[Hook, ...] = ()

    def __call__(self, *inputs: Any, **options: Any) -> Tensor:
        if self.__hooks:
            out: Tensor = call_with_hooks(self, self.__hooks, inputs, options)
            return out
        try:
            return self.forward(*inputs, **options)
        except (AttributeError, TypeError):
            # A user-defined forward may accept any arguments, and so may the modules in a container.
            if type(self).__module__.startswith(f"{__package__}.") and not self._names("module"):
                only_tensors(type(self).__name__, inputs)
            raise

    def register_forward_pre_hook(
        self, hook: HookFunction, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, inputs)` before every forward; what it returns, unless None, replaces the inputs.

        Args:
            hook: the function.
            prepend: run it before the existing hooks.
            with_kwargs: call `hook(module, inputs, keywords)`, which returns None or both.
        """
        return self.__add_hook(Hook(hook, True, with_kwargs), prepend)

    def register_forward_hook(
        self, hook: HookFunction, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, inputs, output)` after every forward; what it returns, unless None, replaces the output.

        Args:
            hook: the function.
            prepend: run it before the existing hooks.
            with_kwargs: call `hook(module, inputs, keywords, output)`.
            always_call: not supported.
        """
        if always_call:
            raise NotSupportedError("always_call=True is not supported", "wrap the call in try and finally")
        return self.__add_hook(Hook(hook, False, with_kwargs), prepend)

    def __add_hook(self, hook: Hook, prepend: bool) -> RemovableHandle:
        self.__hooks = (hook, *self.__hooks) if prepend else (*self.__hooks, hook)
        reference = weakref.ref(self)

        def remove() -> None:
            module = reference()
            if module is not None:
                module.__hooks = tuple(one for one in module.__hooks if one is not hook)

        return RemovableHandle(remove)

    def register_full_backward_hook(self, *_: object, **__: object) -> NoReturn:
        """Not supported: backward runs through operations and knows no modules."""
        raise NotSupportedError(
            "backward hooks of modules are not supported",
            "the gradients are in .grad of each parameter after backward()",
        )

    register_backward_hook = register_full_backward_pre_hook = register_full_backward_hook
