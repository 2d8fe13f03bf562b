"""Compiled training steps: forward, loss, backward and optimizer, replayed from a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.modes import quiet
from nnviz.autograd.node import clock
from nnviz.errors import GraphError, OperandError
from nnviz.nn.module import changes
from nnviz.optim import Optimizer
from nnviz.optim.groups import Group
from nnviz.plan.flat import Flat, Part
from nnviz.plan.program import Given, Program
from nnviz.plan.values import Array
from nnviz.plan.watch import Watch

PLANS = 8
"""The number of plans that are kept, one per input shape and mode; the least recently used one is dropped."""


Run = Callable[..., Tensor]
"""A model or a loss: a module, or a function of tensors."""

_wants = attrgetter("_requires_grad")
_form = attrgetter("shape", "dtype")


def compile_step(model: Run, loss_fn: Run, optimizer: Optimizer) -> CompiledStep:
    """A training step of `model` as a plan: `loss = step(x, y)`.

    The first call with inputs of a new shape runs the model on shapes alone, orders its operations, gives each its
    memory, and keeps that plan; every further call replays it. The parameters move into one flat array, of which each
    parameter's array is a view from then on, and so are their gradients and the optimizer's state.

    A plan is made anew when an attribute of a module was set, a parameter was moved to other memory, `requires_grad`
    was changed, or a Python value that the forward reads has changed: a closure, a global, a list. Numbers that were
    changed in place, the learning rate and other settings of the optimizer are read at every step. A forward that
    cannot be replayed raises an error: one that depends on the numbers, has side effects, or samples random numbers
    other than by operations.

    Args:
        model: the model to train: a module, or a function of tensors.
        loss_fn: the loss, of (output, target).
        optimizer: updates its parameters; other parameters are not changed.

    Returns:
        A function of (x, y), arrays or tensors, that takes one step and returns the loss before it.
    """
    return CompiledStep(model, loss_fn, optimizer)


def compile_forward(model: Run) -> CompiledForward:
    """The prediction of `model` as a plan: `out = predict(x)`; no loss, no backward.

    Args:
        model: a module or a function of tensors, run in the mode (training or evaluation) it has when called.

    Returns:
        A function of x, an array or a tensor, that returns a new tensor without history.
    """
    return CompiledForward(model)


class _Compiled:
    """Plans by input shape and mode, made when first needed, and again when the model was changed.

    Args:
        runs: the modules and functions that are computed; a change of what they read invalidates the plans.
    """

    def __init__(self, *runs: Run) -> None:
        self._runs = runs
        self._watch: Watch | None = None
        self._plans: dict[object, Program] = {}
        self._edits = changes.edits
        self._modes = -1
        self._flags: tuple[bool, ...] = ()
        self._moment = clock.last_change
        self._latest: Program | None = None
        self._key: object = None

    def plan_for(self, *arrays: Array) -> Program:
        """The plan for inputs like these."""
        if changes.edits != self._edits:
            self._edits = changes.edits
            self._forget()
        if clock.last_change != self._moment:
            self._moment = clock.last_change
            if any(plan.is_stale() for plan in self._plans.values()):
                self._forget()
        if self._watch is None or self._watch.changed() is not None:
            self._forget()
            self._watch = Watch(*self._runs)
            self._modes = -1
        if changes.modes != self._modes:
            self._modes, self._latest = changes.modes, None
            self._flags = tuple(module.training for one in self._watch.modules for module in one.modules())
        key = tuple(map(_form, arrays))
        if self._latest is not None and key == self._key:
            return self._latest
        whole = (key, self._flags)
        plan = self._plans.pop(whole, None)
        if plan is None:
            plan = self._make(*key)
            # Making the plan may have moved parameters to other memory.
            self._moment, self._edits = clock.last_change, changes.edits
        self._plans[whole] = plan
        while len(self._plans) > PLANS:
            del self._plans[next(iter(self._plans))]
        self._latest, self._key = plan, key
        return plan

    def _forget(self) -> None:
        self._latest = None
        self._watch = None
        self._plans.clear()

    def _make(self, *given: Given) -> Program:
        raise NotImplementedError


def _numbers(given: Tensor | Array, name: str, position: int) -> Array:
    """The array of an input.

    Raises:
        OperandError: it is neither a tensor nor an array.
        GraphError: it requires a gradient.
    """
    if isinstance(given, Tensor):
        if given._requires_grad:
            raise GraphError(
                f"a plan leaves no gradient in its inputs, and {name} requires one", f"give {name}.detach()"
            )
        return given.array
    if not isinstance(given, np.ndarray):
        kind = type(given).__name__
        raise OperandError(
            f"argument '{name}' (position {position}) must be Tensor or array, not {kind}", "make one with tensor()"
        )
    return given


@dataclass(frozen=True)
class Script:
    """One step as its calls, for an export.

    Attributes:
        plan: forward and backward, in `parts`.
        updates: the arguments of each call of `Optimizer.move`: arrays, settings and the number of the step.
    """

    plan: Program
    updates: list[tuple[Part, Group, float]]


class CompiledStep(_Compiled):
    """A training step; see `compile_step`."""

    def __init__(self, model: Run, loss_fn: Run, optimizer: Optimizer) -> None:
        super().__init__(model, loss_fn)
        self.model = model
        self.loss_fn = loss_fn
        self.optimizer = optimizer
        self._flat = Flat(optimizer)
        # Keeps the objects alive, so that their identities stay unique.
        self._params = tuple(optimizer.params)
        self._identities = hash(self._params)
        self._wanting = list(map(_wants, optimizer.params))

    @quiet
    def __call__(self, x: Tensor | Array, y: Tensor | Array) -> Any:
        """Take one step; the loss before it, as a number."""
        plan = self._fill(x, y)
        for call in plan.before:
            call()
        for call in plan.after:
            call()
        self._move(plan)
        return plan.out[()]

    @quiet
    def forward(self, x: Tensor | Array, y: Tensor | Array) -> Any:
        """The first half of a step: the loss. No parameter has changed yet, and `finish` may follow."""
        plan = self._fill(x, y)
        for call in plan.before:
            call()
        return plan.out[()]

    @quiet
    def finish(self) -> None:
        """The second half: backward through what `forward` computed, and the optimizer's step."""
        plan = self._latest
        assert plan is not None  # noqa: S101 (forward comes first)
        for call in plan.after:
            call()
        self._move(plan)

    @quiet
    def script(self, x: Tensor | Array, y: Tensor | Array) -> Script:
        """What a step with these inputs calls, in order; the inputs are in place, and nothing is computed yet.

        Raises:
            GraphError: the step cannot be planned.
            NotSupportedError: the optimizer has a `step` of its own.
        """
        plan = self._fill(x, y)
        return Script(plan, self._flat.updates(plan.reached))

    def _fill(self, x: Tensor | Array, y: Tensor | Array) -> Program:
        """Copy the inputs to where their plan reads them."""
        one = x if type(x) is np.ndarray else _numbers(x, "x", 1)
        other = y if type(y) is np.ndarray else _numbers(y, "y", 2)
        params = self.optimizer.params
        if clock.leaf_hooks and any(p._hooks for p in params):
            raise GraphError("a parameter has hooks, which a plan does not run", "remove them, or train on the tape")
        wanting = list(map(_wants, params))
        # A tensor's hash is its identity.
        if wanting != self._wanting or hash(tuple(params)) != self._identities:
            self._wanting, self._params = wanting, tuple(params)
            self._identities = hash(self._params)
            self._forget()
        plan = self.plan_for(one, other)
        plan.inputs[0][...] = one
        plan.inputs[1][...] = other
        return plan

    def _move(self, plan: Program) -> None:
        if self._flat.move(plan.reached):
            self._moment = clock.last_change

    def _make(self, *given: Given) -> Program:
        self._flat.gather()
        into = self._flat.gradients()
        return Program(lambda x, y: self.loss_fn(self.model(x), y), *given, into=into, watch=self._watch).bind()


class CompiledForward(_Compiled):
    """A prediction; see `compile_forward`."""

    def __init__(self, model: Run) -> None:
        super().__init__(model)
        self.model = model

    @quiet
    def __call__(self, x: Tensor | Array) -> Tensor:
        """The model's output for `x`."""
        array = _numbers(x, "x", 1)
        plan = self.plan_for(array)
        plan.inputs[0][...] = array
        for call in plan.before:
            call()
        return Tensor(np.array(plan.out))

    def _make(self, *given: Given) -> Program:
        return Program(self.model, *given, watch=self._watch).bind()
