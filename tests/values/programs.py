"""Random programs of views and of changes in place, run by whatever library is handed in.

A program is plain data: a list of steps, each of which appends a tensor to those there are, or changes one in place.
"""

from __future__ import annotations

import random
from typing import Any

ROWS, COLUMNS = 2, 3

Step = list[Any]


def drawn(seed: int) -> list[Step]:  # noqa: C901 (one branch a kind of step)
    """A program of 4 to 12 steps."""
    choose = random.Random(seed)  # noqa: S311 (a test)
    # The shapes of what there is: two leaves that want a gradient, a constant, and what is computed of them first.
    shapes: list[tuple[int, ...]] = [(ROWS, COLUMNS), (COLUMNS,), (ROWS, COLUMNS), (ROWS, COLUMNS), (COLUMNS,)]
    steps: list[Step] = [["clone", 0], ["clone", 1]]
    for _ in range(choose.randint(4, 12)):
        kind = choose.choice(["view", "view", "compute", "compute", "change", "change", "assign", "assign"])
        # Leaves cannot be changed, nor views of them; once in a while it is tried.
        low = 2 if kind != "compute" and choose.random() < 0.98 else 0
        which = choose.randrange(low, len(shapes))
        shape = shapes[which]
        if kind == "view":
            step, new = view(choose, shape)
            if step is not None:
                steps.append(["view", which, *step])
                shapes.append(new)
        elif kind == "compute":
            other = choose.randrange(len(shapes))
            name = choose.choice(["mul", "add", "tanh", "exp", "square", "clone", "detach", "take", "no_grad"])
            if name == "take":
                if not shape or not shape[0]:
                    continue
                places = [choose.randrange(-shape[0], shape[0]) for _ in range(choose.randint(1, 3))]
                steps.append(["take", which, places])
                shapes.append((len(places), *shape[1:]))
            elif name in ("mul", "add"):
                wide = broadcast(shape, shapes[other])
                if wide is not None:
                    steps.append([name, which, other])
                    shapes.append(wide)
            else:
                steps.append([name, which])
                shapes.append(shape)
        elif kind == "change":
            other = choose.randrange(len(shapes))
            name = choose.choice(["mul_", "add_", "zero_", "fill_", "copy_", "tanh_", "sub_", "+=", "masked_fill_"])
            if name in ("mul_", "add_", "copy_", "sub_", "+=") and broadcast(shape, shapes[other]) != shape:
                other = -1
            if name == "copy_" and other < 0:
                continue
            steps.append([name, which, other])
        else:
            step, part = index(choose, shape)
            if step is None:
                continue
            fitting = [i for i, one in enumerate(shapes) if broadcast(part, one) == part]
            steps.append(["assign", which, step, choose.choice([*fitting, -1])])
    return steps


def broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...] | None:
    """The shape both broadcast to; None where they do not."""
    longest = max(len(a), len(b))
    pairs = list(zip((1,) * (longest - len(a)) + a, (1,) * (longest - len(b)) + b, strict=True))
    return tuple(n if m == 1 else m for m, n in pairs) if all(m == n or 1 in (m, n) for m, n in pairs) else None


def view(choose: random.Random, shape: tuple[int, ...]) -> tuple[Step | None, tuple[int, ...]]:
    """A step that gives a view, and its shape."""
    name = choose.choice(["index", "index", "T", "reshape", "unsqueeze", "view"])
    if name == "index":
        step, part = index(choose, shape, lists=False)
        return (None if step is None else ["index", step]), part
    if name == "T":
        return (["T"], shape[::-1]) if len(shape) == 2 else (None, shape)
    if name == "unsqueeze":
        return (["unsqueeze"], (1, *shape)) if len(shape) < 3 else (None, shape)
    size = 1
    for n in shape:
        size *= n
    return [name, [-1]], (size,)


def index(choose: random.Random, shape: tuple[int, ...], lists: bool = True) -> tuple[Step | None, tuple[int, ...]]:
    """An index as plain data, and the shape of what it names."""
    if not shape or 0 in shape:
        return None, shape
    kinds = ["number", "slice", "last", "number"] + (["list", "mask"] if lists else [])
    kind = choose.choice(kinds)
    if kind == "number":
        return ["number", choose.randrange(-shape[0], shape[0])], shape[1:]
    if kind == "slice":
        start = choose.randrange(shape[0])
        stop = choose.randint(start, shape[0])
        return ["slice", start, stop], (stop - start, *shape[1:])
    if kind == "last":
        return ["last", choose.randrange(shape[-1])], shape[:-1]
    if kind == "list":
        places = choose.sample(range(shape[0]), choose.randint(1, shape[0]))
        return ["list", places], (len(places), *shape[1:])
    # A mask is written to with a single number alone: how many places there are is its own affair.
    return ["mask"], ()


def run(program: list[Step], torch: Any, numbers: list[list[Any]]) -> dict[str, Any]:
    """What comes of a program: the sum of every tensor, and the gradients of the two leaves."""
    a = torch.tensor(numbers[0], dtype=torch.float64, requires_grad=True)
    b = torch.tensor(numbers[1], dtype=torch.float64, requires_grad=True)
    there = [a, b, torch.tensor(numbers[2], dtype=torch.float64)]
    for step in program:
        perform(step, there, torch)
    loss = torch.tensor(0.0, dtype=torch.float64)
    for position, one in enumerate(there):
        loss = loss + (one * (0.1 + 0.07 * position)).sum()
    loss.backward()
    return {
        "loss": float(loss.detach()),
        "sums": [float(one.detach().sum()) for one in there],
        "needs": [bool(one.requires_grad) for one in there],
        "grads": [None if leaf.grad is None else leaf.grad.tolist() for leaf in (a, b)],
    }


def perform(step: Step, there: list[Any], torch: Any) -> None:  # noqa: C901 (one branch a kind of step)
    """One step."""
    name, which, *rest = step
    one = there[which]
    if name == "view":
        there.append(seen(one, rest))
    elif name in ("mul", "add"):
        there.append(one * there[rest[0]] if name == "mul" else one + there[rest[0]])
    elif name in ("tanh", "exp", "square", "clone", "detach"):
        there.append(getattr(one, name)())
    elif name == "no_grad":
        with torch.no_grad():
            there.append(one * 2)
    elif name == "take":
        there.append(one[torch.tensor(rest[0])])
    elif name == "assign":
        place, value = rest
        key = key_of(place, one, torch)
        one[key] = 0.5 if value < 0 or place[0] == "mask" else there[value]
    elif name == "zero_":
        one.zero_()
    elif name == "fill_":
        one.fill_(0.25)
    elif name == "tanh_":
        one.tanh_()
    elif name == "masked_fill_":
        one.masked_fill_(one.detach() > 0.3, -0.5)
    elif name == "+=":
        one += 0.5 if rest[0] < 0 else there[rest[0]]
    else:
        getattr(one, name)(0.5 if rest[0] < 0 else there[rest[0]])


def seen(one: Any, rest: Step) -> Any:
    """A view of `one`."""
    if rest[0] == "index":
        return one[key_of(rest[1], one, None)]
    if rest[0] == "T":
        return one.T
    return one.unsqueeze(0) if rest[0] == "unsqueeze" else getattr(one, rest[0])(*rest[1])


def key_of(place: Step, one: Any, torch: Any) -> Any:
    """What stands between the square brackets."""
    if place[0] == "number":
        return place[1]
    if place[0] == "slice":
        return slice(place[1], place[2])
    if place[0] == "last":
        return (..., place[1])
    return torch.tensor(place[1]) if place[0] == "list" else one.detach() > 0.2
