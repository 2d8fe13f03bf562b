"""Small programs with modules, written once: for PyTorch, which gives the answers, and for nnviz, which must give them too.

Each takes the library and its `nn`. What it returns is compared as `shown` gives it; so is an error.
"""

# ruff: noqa: RUF005 (every program takes both libraries; a list is added where that is the question)

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

Program = Callable[[Any, Any], object]


def put(owner: Any, name: str, value: object) -> Any:
    setattr(owner, name, value)
    return owner


def item(owner: Any, key: Any, value: object) -> Any:
    owner[key] = value
    return owner


def without(owner: Any, key: Any) -> Any:
    del owner[key]
    return owner


def after(owner: Any, *calls: Any) -> Any:
    """The owner itself, once all that was done to it."""
    del calls
    return owner


def names(pairs: Any) -> list[str]:
    return [name for name, _ in pairs]


def named(torch: Any, nn: Any) -> Any:
    return nn.Sequential(OrderedDict(first=nn.Linear(2, 3), bend=nn.ReLU(), last=nn.Linear(3, 1)))


def plain(torch: Any, nn: Any) -> Any:
    return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Tanh())


def deep(torch: Any, nn: Any) -> Any:
    shared = nn.Linear(2, 2)
    return nn.Sequential(shared, nn.Sequential(shared, nn.BatchNorm1d(2)), nn.BatchNorm1d(2))


def empty(torch: Any, nn: Any) -> Any:
    return nn.Module()


def learned(torch: Any, nn: Any, *size: int) -> Any:
    return nn.Parameter(torch.zeros(*size or (1,)))


def bad_values(torch: Any, nn: Any) -> Iterator[tuple[str, object]]:
    yield "tensor", torch.zeros(1, 2)
    yield "double", torch.zeros(1, 2, dtype=torch.float64)
    yield "long", torch.zeros(2, dtype=torch.int64)
    yield "int", 3
    yield "float", 3.0
    yield "str", "weight"
    yield "list", [1.0]
    yield "True", True


def assignments(held: str, owner: Program, name: str) -> dict[str, Program]:
    """Every bad value in the place of something that is held."""
    kinds = ["tensor", "double", "long", "int", "float", "str", "list", "True"]
    return {
        f"{held} by {kind}": lambda torch, nn, kind=kind: put(owner(torch, nn), name, dict(bad_values(torch, nn))[kind])
        for kind in kinds
    }


ASSIGNMENT: dict[str, Program] = {
    **assignments("a weight", lambda torch, nn: nn.Linear(2, 1), "weight"),
    **assignments("a bias", lambda torch, nn: nn.Linear(2, 1), "bias"),
    **assignments("an absent bias", lambda torch, nn: nn.Linear(2, 1, bias=False), "bias"),
    **assignments("an absent bias of a convolution", lambda torch, nn: nn.Conv2d(1, 1, 3, bias=False), "bias"),
    **assignments("an absent weight of a norm", lambda torch, nn: nn.BatchNorm1d(1, affine=False), "weight"),
    **assignments("a bias in a Sequential", lambda torch, nn: plain(torch, nn)[0], "bias"),
    **{key: run for key, run in assignments("a module", plain, "0").items() if not key.endswith("module")},
    **assignments("a named module", named, "bend"),
    **{
        key: run
        for key, run in assignments("a buffer", lambda torch, nn: nn.BatchNorm1d(2), "running_mean").items()
        if key.split()[-1] not in ("tensor", "double", "long")
    },
    "a weight by None": lambda torch, nn: names(put(nn.Linear(2, 1), "weight", None).named_parameters()),
    "a weight by a Parameter": lambda torch, nn: put(nn.Linear(2, 1), "weight", learned(torch, nn, 1, 2)).state_dict().keys(),
    "a module by None": lambda torch, nn: put(plain(torch, nn), "1", None),
    "a module by a Parameter": lambda torch, nn: put(plain(torch, nn), "1", learned(torch, nn)),
    "its parameters then": lambda torch, nn: names(put(plain(torch, nn), "1", learned(torch, nn)).named_parameters()),
    "a buffer by a tensor": lambda torch, nn: put(nn.BatchNorm1d(2), "running_mean", torch.ones(2)).state_dict()["running_mean"],
    "a buffer by None": lambda torch, nn: list(put(nn.BatchNorm1d(2), "running_mean", None).state_dict()),
    "a buffer by a Parameter": lambda torch, nn: names(put(nn.BatchNorm1d(2), "running_mean", learned(torch, nn, 2)).named_parameters()),
    "an attribute by a Parameter": lambda torch, nn: list(put(put(empty(torch, nn), "a", torch.zeros(2)), "a", learned(torch, nn)).state_dict()),
    "an attribute by a module": lambda torch, nn: put(put(empty(torch, nn), "a", 3), "a", nn.ReLU()),
    "a None by a Parameter": lambda torch, nn: list(put(put(empty(torch, nn), "a", None), "a", learned(torch, nn)).state_dict()),
    "the order after a change of kind": lambda torch, nn: list(
        put(put(put(empty(torch, nn), "a", None), "b", learned(torch, nn)), "a", learned(torch, nn)).state_dict()
    ),
    "a method by a Parameter": lambda torch, nn: put(empty(torch, nn), "forward", learned(torch, nn)),
    "a deleted weight": lambda torch, nn: names(after(m := nn.Linear(2, 1), delattr(m, "weight")).named_parameters()),
    "what is read then": lambda torch, nn: after(m := nn.Linear(2, 1), delattr(m, "weight")).weight,
    "a call then": lambda torch, nn: after(m := nn.Linear(2, 1), delattr(m, "weight"))(torch.zeros(1, 2)),
    "a deleted module": lambda torch, nn: after(m := named(torch, nn), delattr(m, "bend")),
    "deleting what is not there": lambda torch, nn: delattr(nn.Linear(2, 1), "nope"),
    "a Parameter of whole numbers": lambda torch, nn: nn.Parameter(torch.tensor([1, 2])),
    "a Parameter of truth values": lambda torch, nn: nn.Parameter(torch.tensor([True])),
    "whole numbers that are not learned": lambda torch, nn: nn.Parameter(torch.tensor([1, 2]), requires_grad=False).tolist(),
    "the second argument": lambda torch, nn: nn.Parameter(torch.zeros(1), False).requires_grad,
    "a Parameter of nothing": lambda torch, nn: nn.Parameter().tolist(),
    "a Parameter with history": lambda torch, nn: (p := nn.Parameter(torch.ones(2, requires_grad=True) * 2), p.is_leaf, p.requires_grad)[1:],
    "the memory of a Parameter": lambda torch, nn: after(x := torch.zeros(2), put(p := nn.Parameter(x), "data", p.data), p.data.add_(1)),
}  # fmt: skip

REGISTRATION: dict[str, Program] = {
    "a parameter that is a tensor": lambda torch, nn: empty(torch, nn).register_parameter("q", torch.zeros(1)),
    "a parameter with a dot": lambda torch, nn: empty(torch, nn).register_parameter("q.a", None),
    "a parameter without a name": lambda torch, nn: empty(torch, nn).register_parameter("", None),
    "a parameter called 3": lambda torch, nn: empty(torch, nn).register_parameter(3, None),
    "a parameter called as a method": lambda torch, nn: empty(torch, nn).register_parameter("forward", learned(torch, nn)),
    "a parameter that may come": lambda torch, nn: after(m := empty(torch, nn), m.register_parameter("q", None), put(m, "q", learned(torch, nn))).state_dict().keys(),
    "a tensor in its place": lambda torch, nn: after(m := empty(torch, nn), m.register_parameter("q", None), put(m, "q", torch.zeros(1))),
    "a buffer with a dot": lambda torch, nn: empty(torch, nn).register_buffer("q.a", None),
    "a buffer without a name": lambda torch, nn: empty(torch, nn).register_buffer("", None),
    "a buffer called 3": lambda torch, nn: empty(torch, nn).register_buffer(3, None),
    "a buffer that is a number": lambda torch, nn: empty(torch, nn).register_buffer("q", 3),
    "a buffer over an attribute": lambda torch, nn: put(empty(torch, nn), "a", 1).register_buffer("a", torch.zeros(1)),
    "a buffer over a parameter": lambda torch, nn: nn.Linear(1, 1).register_buffer("weight", torch.zeros(1)),
    "a buffer": lambda torch, nn: after(m := empty(torch, nn), m.register_buffer("q", torch.ones(2))).state_dict(),
    "a transient buffer": lambda torch, nn: (m := empty(torch, nn), m.register_buffer("q", torch.ones(2), persistent=False), list(m.state_dict()), names(m.named_buffers()))[2:],
    "a transient buffer set anew": lambda torch, nn: list(after(m := empty(torch, nn), m.register_buffer("q", torch.ones(2), False), put(m, "q", torch.zeros(2))).state_dict()),
    "a buffer registered twice": lambda torch, nn: after(m := empty(torch, nn), m.register_buffer("q", torch.ones(2)), m.register_buffer("q", torch.zeros(1))).state_dict(),
    "a Buffer": lambda torch, nn: put(empty(torch, nn), "q", nn.Buffer(torch.ones(1))).state_dict(),
    "a Buffer that is not persistent": lambda torch, nn: list(put(empty(torch, nn), "q", nn.Buffer(torch.ones(1), persistent=False)).state_dict()),
    "a buffer is one where it was registered": lambda torch, nn: (m := empty(torch, nn), m.register_buffer("q", torch.ones(1)), list(put(empty(torch, nn), "q", m.q).state_dict()))[2],
    "a buffer stays the object it was": lambda torch, nn: (m := empty(torch, nn), x := torch.ones(1), m.register_buffer("q", x), m.q is x)[3],
    "a module with a dot": lambda torch, nn: empty(torch, nn).add_module("q.a", nn.ReLU()),
    "a module without a name": lambda torch, nn: empty(torch, nn).add_module("", nn.ReLU()),
    "a module called 3": lambda torch, nn: empty(torch, nn).add_module(3, nn.ReLU()),
    "a module over an attribute": lambda torch, nn: put(empty(torch, nn), "a", 1).add_module("a", nn.ReLU()),
    "a module that is a number": lambda torch, nn: empty(torch, nn).add_module("a", 3),
    "a module that is None": lambda torch, nn: after(m := empty(torch, nn), m.add_module("a", None)),
    "register_module": lambda torch, nn: after(m := empty(torch, nn), m.register_module("a", nn.ReLU())),
}  # fmt: skip

CONTAINERS: dict[str, Program] = {
    "Sequential of names": lambda torch, nn: named(torch, nn),
    "by name": lambda torch, nn: named(torch, nn).bend,
    "children": lambda torch, nn: list(named(torch, nn).children()),
    "named_children": lambda torch, nn: list(named(torch, nn).named_children()),
    "one held twice": lambda torch, nn: list(nn.Sequential(r := nn.ReLU(), nn.Tanh(), r).named_children()),
    "it runs twice": lambda torch, nn: nn.Sequential(s := nn.Softplus(), s)(torch.zeros(1)).shape,
    "names of a slice": lambda torch, nn: names(named(torch, nn)[1:].named_children()),
    "a slice": lambda torch, nn: plain(torch, nn)[1:],
    "the last": lambda torch, nn: plain(torch, nn)[-1],
    "the first from behind": lambda torch, nn: plain(torch, nn)[-3],
    "True as an index": lambda torch, nn: plain(torch, nn)[True],
    "too far": lambda torch, nn: plain(torch, nn)[5],
    "too far from behind": lambda torch, nn: plain(torch, nn)[-4],
    "a name as an index": lambda torch, nn: plain(torch, nn)["0"],
    "a float as an index": lambda torch, nn: plain(torch, nn)[1.0],
    "set": lambda torch, nn: item(plain(torch, nn), 1, nn.Sigmoid()),
    "set the last": lambda torch, nn: item(plain(torch, nn), -1, nn.Sigmoid()),
    "set by name": lambda torch, nn: item(named(torch, nn), 1, nn.Sigmoid()),
    "set too far": lambda torch, nn: item(plain(torch, nn), 5, nn.Sigmoid()),
    "set a number": lambda torch, nn: item(plain(torch, nn), 0, 3),
    "set a tensor": lambda torch, nn: item(plain(torch, nn), 0, torch.zeros(1)),
    "del": lambda torch, nn: without(plain(torch, nn), 0),
    "del of names": lambda torch, nn: without(named(torch, nn), 0),
    "del a slice": lambda torch, nn: without(plain(torch, nn), slice(0, 2)),
    "del too far": lambda torch, nn: without(plain(torch, nn), 9),
    "append": lambda torch, nn: plain(torch, nn).append(nn.Sigmoid()),
    "append to names": lambda torch, nn: named(torch, nn).append(nn.Sigmoid()),
    "append a number": lambda torch, nn: plain(torch, nn).append(3),
    "append a tensor": lambda torch, nn: plain(torch, nn).append(torch.zeros(1)),
    "extend": lambda torch, nn: plain(torch, nn).extend([nn.Sigmoid(), nn.ReLU()]),
    "extend by another": lambda torch, nn: plain(torch, nn).extend(plain(torch, nn)),
    "insert": lambda torch, nn: plain(torch, nn).insert(1, nn.Sigmoid()),
    "insert from behind": lambda torch, nn: plain(torch, nn).insert(-1, nn.Sigmoid()),
    "insert at the end": lambda torch, nn: plain(torch, nn).insert(3, nn.Sigmoid()),
    "insert too far": lambda torch, nn: plain(torch, nn).insert(9, nn.Sigmoid()),
    "plus": lambda torch, nn: plain(torch, nn) + plain(torch, nn),
    "plus a list": lambda torch, nn: plain(torch, nn) + [nn.ReLU()],
    "pop": lambda torch, nn: (m := plain(torch, nn), m.pop(0), m)[1:],
    "len and in": lambda torch, nn: (m := plain(torch, nn), len(m), m[0] in m, nn.ReLU() in m)[1:],
    "nothing": lambda torch, nn: nn.Sequential(),
    "a list of layers": lambda torch, nn: nn.Sequential([nn.ReLU()]),
    "a dict of layers": lambda torch, nn: nn.Sequential({"a": nn.ReLU()}),
    "a tensor as a layer": lambda torch, nn: nn.Sequential(torch.zeros(1)),
    "a number by name": lambda torch, nn: nn.Sequential(OrderedDict(a=3)),
    "a dot in a name": lambda torch, nn: nn.Sequential(OrderedDict({"a.b": nn.ReLU()})),
    "two inputs": lambda torch, nn: plain(torch, nn)(torch.zeros(1, 2), 2),
    "ModuleList": lambda torch, nn: nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2), nn.ReLU(), nn.Sequential(nn.ReLU())]),
    "ModuleList of nothing": lambda torch, nn: nn.ModuleList(),
    "ModuleList called": lambda torch, nn: nn.ModuleList([nn.ReLU()])(torch.zeros(1)),
    "ModuleList sliced": lambda torch, nn: nn.ModuleList(nn.Linear(i, 1) for i in range(1, 4))[1:],
    "ModuleList without one": lambda torch, nn: without(nn.ModuleList(nn.Linear(i, 1) for i in range(1, 4)), 0),
    "ModuleList plus": lambda torch, nn: nn.ModuleList([nn.ReLU()]) + [nn.Tanh()],
    "ModuleList +=": lambda torch, nn: nn.ModuleList([nn.ReLU()]).__iadd__([nn.Tanh()]),
    "ModuleList insert": lambda torch, nn: after(m := nn.ModuleList([nn.ReLU()]), m.insert(0, nn.Tanh())),
    "ModuleList append": lambda torch, nn: nn.ModuleList([nn.ReLU()]).append(nn.Tanh()),
    "ModuleList append 3": lambda torch, nn: nn.ModuleList([nn.ReLU()]).append(3),
    "ModuleList extend 3": lambda torch, nn: nn.ModuleList([nn.ReLU()]).extend(3),
    "ModuleList of 3": lambda torch, nn: nn.ModuleList(3),
    "ModuleList of numbers": lambda torch, nn: nn.ModuleList([1]),
    "ModuleList too far": lambda torch, nn: nn.ModuleList([nn.ReLU()])[5],
    "ModuleList set": lambda torch, nn: item(nn.ModuleList([nn.ReLU()]), 0, 3),
    "ModuleList pop": lambda torch, nn: (m := nn.ModuleList([nn.ReLU(), nn.Tanh()]), m.pop(-1), m)[1:],
    "ModuleList parameters": lambda torch, nn: names(nn.ModuleList([nn.Linear(1, 1)]).named_parameters()),
    "ModuleDict": lambda torch, nn: nn.ModuleDict({"a": nn.Linear(2, 2), "b": nn.ReLU()}),
    "ModuleDict of pairs": lambda torch, nn: nn.ModuleDict([("a", nn.ReLU())]),
    "ModuleDict keys": lambda torch, nn: (m := nn.ModuleDict({"a": nn.ReLU()}), list(m.keys()), list(m.values()), list(m.items()), list(m), "a" in m, len(m))[1:],
    "ModuleDict set 3": lambda torch, nn: item(nn.ModuleDict(), "a", 3),
    "ModuleDict set by number": lambda torch, nn: item(nn.ModuleDict(), 3, nn.ReLU()),
    "ModuleDict pop": lambda torch, nn: (m := nn.ModuleDict({"a": nn.ReLU()}), m.pop("a"), m)[1:],
    "ModuleDict clear": lambda torch, nn: after(m := nn.ModuleDict({"a": nn.ReLU()}), m.clear()),
    "ModuleDict update 3": lambda torch, nn: nn.ModuleDict().update(3),
    "ModuleDict update triples": lambda torch, nn: nn.ModuleDict().update([(1, 2, 3)]),
    "ModuleDict of keys": lambda torch, nn: nn.ModuleDict({"keys": nn.ReLU()}),
    "ModuleDict of type": lambda torch, nn: nn.ModuleDict({"type": nn.ReLU()}),
    "ModuleDict called": lambda torch, nn: nn.ModuleDict()(1),
    "ParameterList": lambda torch, nn: nn.ParameterList([learned(torch, nn, 2), torch.ones(1, 2), 3]),
    "ParameterList of nothing": lambda torch, nn: nn.ParameterList(),
    "ParameterList state": lambda torch, nn: nn.ParameterList([torch.ones(2)]).state_dict(),
    "ParameterList too far": lambda torch, nn: nn.ParameterList([torch.ones(2)])[1],
    "ParameterList slice": lambda torch, nn: nn.ParameterList([torch.ones(2), torch.ones(1), torch.ones(3)])[1:],
    "ParameterList set": lambda torch, nn: item(nn.ParameterList([torch.ones(2)]), 0, torch.ones(3)),
    "ParameterList set 3": lambda torch, nn: item(nn.ParameterList([torch.ones(2)]), 0, 3),
    "ParameterList +=": lambda torch, nn: nn.ParameterList([torch.ones(2)]).__iadd__([torch.ones(1)]),
    "ParameterList of a tensor": lambda torch, nn: nn.ParameterList(torch.ones(2)),
    "ParameterList of 3": lambda torch, nn: nn.ParameterList(3),
    "ParameterList of whole numbers": lambda torch, nn: nn.ParameterList([torch.tensor([1])]),
    "ParameterList called": lambda torch, nn: nn.ParameterList()(1),
    "ParameterDict": lambda torch, nn: nn.ParameterDict({"a": learned(torch, nn, 2), "b": torch.ones(1, 2), "c": 3}),
    "ParameterDict keys": lambda torch, nn: (d := nn.ParameterDict({"a": torch.ones(1), "b": torch.ones(2)}), list(d.keys()), list(d), list(reversed(d)), "a" in d, len(d))[1:],
    "ParameterDict missing": lambda torch, nn: nn.ParameterDict()["x"],
    "ParameterDict get": lambda torch, nn: nn.ParameterDict().get("x", 3),
    "ParameterDict pop": lambda torch, nn: (d := nn.ParameterDict({"a": torch.ones(1), "b": torch.ones(2)}), d.pop("a"), d)[1:],
    "ParameterDict popitem": lambda torch, nn: nn.ParameterDict({"a": torch.ones(1), "b": torch.ones(2)}).popitem(),
    "ParameterDict setdefault": lambda torch, nn: nn.ParameterDict({"a": torch.ones(1)}).setdefault("a", 3),
    "ParameterDict or": lambda torch, nn: nn.ParameterDict({"a": torch.ones(1)}) | nn.ParameterDict({"b": torch.ones(2)}),
    "ParameterDict with a dot": lambda torch, nn: nn.ParameterDict({"a.b": torch.ones(1)}),
    "ParameterDict of keys": lambda torch, nn: nn.ParameterDict({"keys": torch.ones(1)}),
    "ParameterDict update 3": lambda torch, nn: nn.ParameterDict().update(3),
    "ParameterDict called": lambda torch, nn: nn.ParameterDict()(1),
}  # fmt: skip


PROGRAMS: dict[str, Program] = {
    **{f"assignment: {name}": program for name, program in ASSIGNMENT.items()},
    **{f"registration: {name}": program for name, program in REGISTRATION.items()},
    **{f"containers: {name}": program for name, program in CONTAINERS.items()},
}


def shown(library: Any, nn: Any, value: object) -> object:
    """A value as plain data: numbers of tensors, the text of modules."""
    if isinstance(value, library.Tensor):
        return value.tolist()
    if isinstance(value, nn.Module):
        return repr(value)
    if isinstance(value, dict):
        return {key: shown(library, nn, one) for key, one in value.items()}
    if hasattr(value, "missing_keys"):
        return repr(value)
    if isinstance(value, str | int | float | None):
        return value
    assert hasattr(value, "__iter__"), value
    return [shown(library, nn, one) for one in value]


def outcome(library: Any, nn: Any, program: Program) -> object:
    """What a program gives, or the built-in exception it raises and its message."""
    try:
        return shown(library, nn, program(library, nn))
    except Exception as error:
        built_in = next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")
        return {"raises": built_in, "says": str(getattr(error, "message", error.args[0] if error.args else ""))}
