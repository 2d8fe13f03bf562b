"""Exports: one planned training step as a script of numpy lines, in the order and the memory of the plan."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from nnviz.autograd.operation import unbroadcast
from nnviz.autograd.ops.dropout import Mask
from nnviz.data import schema_of
from nnviz.errors import NotSupportedError, TrainingError
from nnviz.files.export import WIDTH
from nnviz.files.opened import Opened
from nnviz.files.python_source import Source
from nnviz.files.units import Units, assigned, units_of
from nnviz.network import Network, trace
from nnviz.nn.norm import BatchNorm
from nnviz.plan import compile_step
from nnviz.plan.backward import gradient_into
from nnviz.plan.forward import result_into
from nnviz.plan.step import Script
from nnviz.plan.values import Instruction
from nnviz.run import Trainer

Array = np.ndarray[Any, Any]

SCRIPT = '''"""{title}

Made by nnviz. These are the lines that its plan executes, in its order and its memory. It runs as it is, with
numpy alone.
`step()` gives the loss, the gradients, and the network's state after the update.
"""

import base64
import collections
import functools
import math

import numpy as np


def memory(size):
    """A block of memory that begins on a cache line, as in the plan."""
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size]


@functools.cache
def saved():
    """The bytes that were saved with this script."""
    return base64.b64decode(DATA)


def stored(start, count, dtype):
    """Some of the numbers that were saved with this script."""
    return np.frombuffer(saved(), np.dtype(dtype).newbyteorder("<"), count, start).astype(dtype)

{functions}

def step():
    """One training step: the loss, the gradients by name, and the state after it by name."""
    # Memory: arrays of one block share it, one after the other.
{memory}

{steps}
    loss = float({loss})
    gradients = {{
{gradients}
    }}
    state = {{
{state}
    }}
    return loss, gradients, state

{units}

DATA = """
{data}
"""

if __name__ == "__main__":
    loss, gradients, state = step()
    print(f"loss {{loss:.9g}}")
    for name, gradient in gradients.items():
        norms = [np.linalg.norm(array) for array in (gradient, state[name])]
        print(f"{{name:<20}} norm of its gradient {{norms[0]:.6g}}, of its numbers after the step {{norms[1]:.6g}}")
'''

STANDARDIZED = '''
def standardized(raw):
    """Samples {shape} in the units of the data{names}, as the network gets them."""
    return ((np.asarray(raw, np.float32) - MEAN) / STD).astype(np.float32)

'''

IN_UNITS = '''
def in_units(out):
    """Outputs of the network (N, targets) as values of TARGETS in their own units; losses are of the outputs."""
    return (out * TARGET_STD + TARGET_MEAN).astype(np.float32)

'''

MASK = '''
class Mask:
    """A dropout's mask: 0, or the factor 1 / (1 - p) of what is kept, drawn anew at every forward."""

    def __init__(self, p, channels, state):
        self.p, self.channels = p, channels
        self.generator = np.random.Generator(getattr(np.random, state["bit_generator"])())
        self.generator.bit_generator.state = state
        self.kept = np.ones(())

    def draw(self, shape, dtype):
        if self.channels:
            shape = (*shape[:2], *(1,) * len(shape[2:]))
        kept = self.generator.random(shape, np.float32) >= self.p
        self.kept = kept * dtype.type(1 / (1 - self.p) if self.p < 1 else 0)
        return self.kept
'''

AVERAGES = '''
class Averages:
    """The running averages of a batch normalization."""

    def __init__(self, mean, variance, count, momentum):
        self.mean, self.variance, self.count, self.momentum = mean, variance, count, momentum

    def seen(self, mean, variance, count):
        self.count += 1
        share = 1 / int(self.count) if self.momentum is None else self.momentum
        unbiased = variance * (count / max(count - 1, 1))
        for running, now in ((self.mean, mean), (self.variance, unbiased)):
            running += running.dtype.type(share) * (now - running)
'''


OWN = ("memory", "saved", "stored", "step", "loss", "gradients", "state", "standardized", "in_units", "DATA")
"""The script's own names."""


def numpy_script(opened: Opened) -> str:
    """The next training step, as a script whose `step()` gives loss, gradients and new state.

    It is the step after the opened checkpoint, with what the optimizer keeps; without one, the first from the weights.

    Raises:
        DataError: the network has an error, so that it cannot run.
        NotSupportedError: a part of the step cannot be written with numpy alone; the message names the layer.
        TrainingError: there is nothing to train.
    """
    opened.module()
    trainer = Trainer(opened.run, opened.checkpoint)
    if trainer.optimizer is None:
        raise TrainingError("nothing to train: the stack has no parameters", "add a Linear layer")
    x, _, y = trainer.next_batch()
    script = compile_step(trainer.model, trainer.loss, trainer.optimizer).script(x, y)
    return _Writer(trainer, script, schema_of(opened.network.settings.data).name, units_of(opened)).text()


class _Writer:
    """Writes one step.

    Args:
        trainer: takes the step.
        script: its calls.
        data: the name of the data.
        units: their names and scales.
    """

    def __init__(self, trainer: Trainer, script: Script, data: str, units: Units) -> None:
        self._trainer, self._script, self._units = trainer, script, units
        self._title = f"Training step {trainer.step + 1:,} of a network on {data}, as numpy lines."
        self._source = Source(self._array, self._object)
        self._views: dict[object, str] = {}
        # The memory itself is kept as well, since an address is unique only as long as it lives.
        self._roots: dict[int, tuple[Array, str]] = {}
        self._places = _places(trainer.network)
        for name in (*OWN, *units.constants):
            self._source.free(name)
        self._memory: list[str] = []
        self._data = bytearray()
        self._classes: dict[str, str] = {}
        self._objects: dict[int, str] = {}

    def text(self) -> str:
        """The script."""
        model, plan = self._trainer.model, self._script.plan
        owners = model.state_dict()
        gradients = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
        several = len(self._script.updates) > 1
        for number, (part, _, _) in enumerate(self._script.updates, 1):
            tail = str(number) if several else ""
            self._name(part.parameters, f"all_parameters{tail}")
            self._name(part.gradients, f"all_gradients{tail}")
            for name, array in part.kept.items():
                self._name(array, f"kept_{name}{tail}")
            for array, name in zip(part.scratch, ("temporary", "temporary_too"), strict=True):
                self._name(array, f"{name}{tail}")
        for array, name in zip(plan.inputs, "xy", strict=True):
            self._name(array, name)
        for name, tensor in owners.items():
            self._name(tensor.array, _identifier(name))
        for name, grad in gradients.items():
            self._name(grad.array, f"d_{_identifier(name)}")
        lines: list[str] = []
        direction = ""
        for number, (instruction, calls) in enumerate(plan.parts, 1):
            if instruction.direction != direction:
                direction = instruction.direction
                lines.append(f"# {direction.capitalize()}.")
            self._hint(instruction, number)
            mark = "d " if direction == "backward" else ""
            lines.append(f"# {number} {mark}{instruction.name}{self._place(instruction, ': ')}")
            lines += [self._call(call, instruction) for call in calls]
        lines.append(f"# The step of {type(self._trainer.optimizer).__name__}.")
        lines += self._updates()
        state = [(name, self._array(tensor.array)) for name, tensor in owners.items()]
        moved = [(name, self._array(grad.array)) for name, grad in gradients.items()]
        loss = self._array(plan.out)
        definitions = [*self._classes.values(), *(f"\n{text}\n" for text in _constants_first(self._source.shared))]
        local = [line for text in self._source.local.values() for line in text.splitlines()]
        data = base64.b64encode(bytes(self._data)).decode()
        return SCRIPT.format(
            title=self._title,
            functions="\n".join(definitions),
            memory=_indented([*self._memory, *local]),
            steps=_indented(lines),
            units=_functions(self._units),
            loss=loss,
            gradients="\n".join(f"        {name!r}: {array}," for name, array in moved),
            state="\n".join(f"        {name!r}: {array}," for name, array in state),
            data="\n".join(data[at : at + WIDTH] for at in range(0, len(data), WIDTH)),
        )

    def _updates(self) -> list[str]:
        optimizer = self._trainer.optimizer
        assert optimizer is not None  # noqa: S101 (there is a step)
        lines = []
        for part, group, step in self._script.updates:
            arrays = [self._array(part.parameters), self._array(part.gradients)]
            kept = {name: self._array(array) for name, array in part.kept.items()}
            held = f"{{{', '.join(f'{name!r}: {array}' for name, array in kept.items())}}}"
            known = {name: value for name, value in group.items() if name not in ("params", "param_names")}
            scratch = self._source.expression(part.scratch)
            move = self._source.expression(optimizer.move)
            lines.append(
                f"{move}({', '.join(arrays)}, {held}, {self._source.expression(known)}, "
                f"{self._source.expression(step)}, {scratch})"
            )
        return lines

    def _call(self, call: Callable[..., object], instruction: Instruction) -> str:
        """A call of the plan as a line."""
        name = instruction.name
        try:
            if not isinstance(call, partial):
                return f"{self._source.expression(call, name)}()"
            if call.func is result_into:
                out, forward, arrays, attributes = call.args
                self._source.expression(forward, name)
                return f"np.copyto({self._array(out)}, {self._source.call(forward, *arrays, **attributes)})"
            if call.func is gradient_into:
                into, rule, g, out, arrays, attributes = call.args
                self._source.expression(rule, f"{name}_gradient")
                part = self._source.call(rule, g, out, *arrays, **attributes)
                if g.shape != into.shape:
                    part = f"{self._source.expression(unbroadcast)}({part}, {into.shape})"
                return f"np.copyto({self._array(into)}, {part})"
            return self._source.call(call.func, *call.args, **call.keywords)
        except NotSupportedError as error:
            where = self._place(instruction, "") or name
            raise NotSupportedError(f"{where}: {error.message}", error.hint) from None

    def _place(self, instruction: Instruction, before: str) -> str:
        """The layers that an instruction computes, with `before` before them; empty if it belongs to none."""
        found = dict.fromkeys(self._places[number] for number in instruction.covers if number in self._places)
        return f"{before}{', '.join(found)}" if found else ""

    def _hint(self, instruction: Instruction, number: int) -> None:
        """Name what an instruction writes."""
        word = re.sub(r"\W", "_", instruction.name)
        mark = "d_" if instruction.direction == "backward" else ""
        for at, value in enumerate(instruction.writes):
            self._name(value.bound(), f"{mark}{word}_{number}{chr(96 + at) if at else ''}")

    def _array(self, array: Array) -> str:
        return self._name(array, "")

    def _name(self, array: Array, hint: str) -> str:
        """The name of an array, which is declared when it is first named."""
        root = array
        while isinstance(root.base, np.ndarray):
            root = root.base
        key = (id(root), _address(array), array.shape, array.strides, array.dtype.str)
        if key in self._views:
            return self._views[key]
        memory, start = self._root(root, hint)
        offset = _address(array) - start
        dtype = f"np.{array.dtype.name}"
        if array.shape == (root.size,) and array.dtype == root.dtype and offset == 0 and _is_plain(array):
            self._views[key] = memory
            return memory
        turned = self._views.get((id(root), _address(array), array.shape[::-1], array.strides[::-1], array.dtype.str))
        if turned is not None and not hint:
            self._views[key] = self._source.free(f"{turned}_T")
            self._memory.append(f"{self._views[key]} = {turned}.T")
            return self._views[key]
        name = self._source.free(hint or "view")
        strides = "" if _is_plain(array) else f", {array.strides}"
        if not array.size:
            self._memory.append(f"{name} = np.empty({array.shape}, {dtype})")
        elif strides or offset:
            self._memory.append(f"{name} = np.ndarray({array.shape}, {dtype}, {memory}, {offset}{strides})")
        else:
            self._memory.append(f"{name} = np.ndarray({array.shape}, {dtype}, {memory})")
        self._views[key] = name
        return name

    def _root(self, root: Array, hint: str) -> tuple[str, int]:
        """The name of memory, and the address of its first number."""
        start = _address(root)
        is_block = root.dtype == np.uint8 and root.ndim == 1
        if is_block:
            # The plan's blocks begin on a cache line.
            start += -start % 64
        if id(root) in self._roots:
            return self._roots[id(root)][1], start
        if is_block:
            name = self._source.free("block")
            self._memory.append(f"{name} = memory({root.size - 64})")
            self._roots[id(root)] = root, name
            return name, start
        flat = np.ravel(root, "K")
        low, high = np.lib.array_utils.byte_bounds(root)
        if root.size and (high - low != root.nbytes or low != start):
            raise NotSupportedError("an array with gaps cannot be written", "export --to torch instead")
        single = root.ndim == 1 and hint
        name = self._source.free(hint if single else f"{hint}_memory" if hint else "kept")
        dtype = f"np.{root.dtype.name}"
        if root.size and flat.tobytes() == flat[:1].tobytes() * flat.size:
            value = self._source.expression(flat[0].item())
            self._memory.append(f"{name} = np.full({flat.size}, {value}, {dtype})")
        else:
            data = flat.astype(root.dtype.newbyteorder("<")).tobytes()
            # Every array begins on a multiple of 8 bytes.
            self._data += b"\0" * (-len(self._data) % 8)
            self._memory.append(f"{name} = stored({len(self._data)}, {flat.size}, {dtype})")
            self._data += data
        self._roots[id(root)] = root, name
        return name, start

    def _object(self, value: object) -> str | None:
        """The expression of an object that an operation was given."""
        if id(value) in self._objects:
            return self._objects[id(value)]
        if isinstance(value, Mask):
            self._classes["Mask"] = MASK
            state = self._source.expression(value.generator.bit_generator.state)
            made, hint = f"Mask({value.p!r}, {value.channels!r}, {state})", "mask"
        elif isinstance(value, BatchNorm):
            self._classes["Averages"] = AVERAGES
            running = (value.running_mean, value.running_var, value.num_batches_tracked)
            arrays = ", ".join(self._array(tensor.array) for tensor in running)
            made, hint = f"Averages({arrays}, {value.momentum!r})", "averages"
        else:
            return None
        name = self._source.free(hint)
        self._memory.append(f"{name} = {made}")
        self._objects[id(value)] = name
        return name


def _functions(units: Units) -> str:
    """The functions from and to the units of the data, with their constants."""
    shape = "(N, inputs)" if units.inputs else "(N, channels, height, width)"
    names = ", in the order of INPUTS" if units.inputs else ""
    constants = [
        assigned(name, value, "np.array({})" if "MEAN" in name or "STD" in name else "{}")
        for name, value in units.constants.items()
    ]
    inverse = "" if units.target_mean is None else IN_UNITS
    return "\n".join([STANDARDIZED.format(shape=shape, names=names) + inverse, *constants, ""])


def _places(network: Network) -> dict[int, str]:
    """The layer of each operation, by its number on the tape."""
    found = trace(network)
    names = [f"layer {row.position + 1}, {row.spec.name}" for row in found.rows] + ["the loss"]
    return {node.number: names[node.layer] for node in found.graph.nodes if node.number}


def _identifier(path: str) -> str:
    """The path of a parameter as a name: 0.weight is weight1, of layer 1."""
    number, _, name = path.partition(".")
    return f"{re.sub(r'[^a-zA-Z_]', '_', name)}{int(number) + 1}" if number.isdigit() else re.sub(r"\W", "_", path)


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])


def _is_plain(array: Array) -> bool:
    return bool(array.flags.c_contiguous)


def _indented(lines: list[str]) -> str:
    return "\n".join(f"    {line}" if line else "" for line in lines)


def _constants_first(shared: dict[str, str]) -> list[str]:
    return sorted(shared.values(), key=lambda text: text.startswith("def "))
