"""More small programs for PyTorch and nnviz alike: walks over modules, hooks, nn.utils and nn.init, and how modules are shown."""

from __future__ import annotations

import copy
from typing import Any

try:
    from tests.values.module_programs import Program, after, deep, empty, learned, names, put
except ModuleNotFoundError:  # run by hand
    from module_programs import Program, after, deep, empty, learned, names, put


def dtype_of(tensor: Any) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def filled(torch: Any, model: Any) -> Any:
    """The model with 0, 1, 2, ... in each parameter."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.arange(parameter.numel(), dtype=torch.float32).reshape(parameter.shape))
    return model


def stepped(torch: Any, model: Any) -> Any:
    model(torch.ones(1, 2)).sum().backward()
    return model


WALKS: dict[str, Program] = {
    "named_modules": lambda torch, nn: names(deep(torch, nn).named_modules()),
    "named_modules with a prefix": lambda torch, nn: names(deep(torch, nn).named_modules(prefix="p")),
    "named_modules with duplicates": lambda torch, nn: names(deep(torch, nn).named_modules(remove_duplicate=False)),
    "modules": lambda torch, nn: [type(m).__name__ for m in deep(torch, nn).modules()],
    "named_parameters": lambda torch, nn: names(deep(torch, nn).named_parameters()),
    "named_parameters with a prefix": lambda torch, nn: names(deep(torch, nn).named_parameters("p")),
    "named_parameters of its own": lambda torch, nn: names(deep(torch, nn).named_parameters(recurse=False)),
    "named_parameters with duplicates": lambda torch, nn: names(deep(torch, nn).named_parameters(remove_duplicate=False)),
    "parameters": lambda torch, nn: [tuple(p.shape) for p in deep(torch, nn).parameters()],
    "parameters of its own": lambda torch, nn: list(deep(torch, nn).parameters(False)),
    "named_buffers": lambda torch, nn: names(deep(torch, nn).named_buffers()),
    "buffers": lambda torch, nn: [tuple(b.shape) for b in deep(torch, nn).buffers()],
    "state_dict": lambda torch, nn: list(deep(torch, nn).state_dict()),
    "state_dict with a prefix": lambda torch, nn: list(deep(torch, nn).state_dict(prefix="p.")),
    "state_dict of the parameters": lambda torch, nn: [v.requires_grad for v in nn.Linear(1, 1).state_dict(keep_vars=True).values()],
    "get_parameter": lambda torch, nn: tuple(deep(torch, nn).get_parameter("1.0.weight").shape),
    "get_submodule": lambda torch, nn: deep(torch, nn).get_submodule("1.0"),
    "get_buffer": lambda torch, nn: deep(torch, nn).get_buffer("1.1.running_var"),
    "get_parameter that is a buffer": lambda torch, nn: deep(torch, nn).get_parameter("1.1.running_var"),
    "get_parameter that is not there": lambda torch, nn: deep(torch, nn).get_parameter("1.1.x"),
    "get_submodule that is not there": lambda torch, nn: deep(torch, nn).get_submodule("1.7"),
    "get_submodule that is a parameter": lambda torch, nn: deep(torch, nn).get_submodule("0.weight"),
    "get_buffer that is a parameter": lambda torch, nn: deep(torch, nn).get_buffer("0.weight"),
    "the order of apply": lambda torch, nn: (seen := [], deep(torch, nn).apply(lambda m: seen.append(type(m).__name__)), seen)[2],
    "apply gives the module": lambda torch, nn: nn.ReLU().apply(lambda m: None),
    "train of a number": lambda torch, nn: nn.ReLU().train(3),
    "eval": lambda torch, nn: [m.training for m in deep(torch, nn).eval().modules()],
    "requires_grad_": lambda torch, nn: [p.requires_grad for p in deep(torch, nn).requires_grad_(False).parameters()],
    "zero_grad": lambda torch, nn: after(m := stepped(torch, nn.Linear(2, 1)), m.zero_grad()).weight.grad is None,
    "zero_grad to zeros": lambda torch, nn: after(m := stepped(torch, nn.Linear(2, 1)), m.zero_grad(set_to_none=False)).weight.grad,
    "double": lambda torch, nn: [dtype_of(t) for t in nn.BatchNorm1d(1).double().state_dict().values()],
    "gradients of double": lambda torch, nn: stepped(torch, nn.Linear(2, 1)).double().weight.grad,
    "half": lambda torch, nn: dtype_of(nn.Linear(2, 1).half()(torch.zeros(1, 2).to(nn.Linear(2, 1).half().weight.dtype))),
    "to nothing": lambda torch, nn: nn.Linear(1, 1).to(),
    "to cpu": lambda torch, nn: nn.Linear(1, 1).to("cpu"),
    "to the first cpu": lambda torch, nn: nn.Linear(1, 1).to("cpu:0"),
    "to a type": lambda torch, nn: dtype_of(nn.Linear(1, 1).to(torch.float64).weight),
    "to both": lambda torch, nn: dtype_of(nn.Linear(1, 1).to("cpu", torch.float64).weight),
    "to a type by name": lambda torch, nn: dtype_of(nn.Linear(1, 1).to(dtype=torch.float64).weight),
    "to that of a tensor": lambda torch, nn: dtype_of(nn.Linear(1, 1).to(torch.zeros(1, dtype=torch.float64)).weight),
    "to whole numbers": lambda torch, nn: nn.Linear(1, 1).to(torch.int64),
    "to cuda": lambda torch, nn: nn.Linear(1, 1).to("cuda"),
    "to the second cuda": lambda torch, nn: nn.Linear(1, 1).to("cuda:1"),
    "cuda": lambda torch, nn: nn.Linear(1, 1).cuda(),
    "type": lambda torch, nn: dtype_of(nn.Linear(1, 1).type(torch.float64).weight),
    "type by name": lambda torch, nn: dtype_of(nn.Linear(1, 1).type("torch.DoubleTensor").weight),
    "type of whole numbers": lambda torch, nn: nn.Linear(1, 1).type(torch.int64),
    "load": lambda torch, nn: nn.Linear(1, 1).load_state_dict(nn.Linear(1, 1).state_dict()),
    "load of another": lambda torch, nn: nn.Linear(1, 1).load_state_dict({"a": torch.zeros(1), "bias": torch.zeros(3)}),
    "load of too little": lambda torch, nn: nn.Linear(1, 1).load_state_dict({"bias": torch.zeros(1)}),
    "load of too much": lambda torch, nn: nn.Linear(1, 1, bias=False).load_state_dict({"weight": torch.zeros(1, 1), "a": torch.zeros(1)}),
    "load that is not strict": lambda torch, nn: nn.Linear(1, 1).load_state_dict({"a": torch.zeros(1), "bias": torch.zeros(1)}, strict=False),
    "its keys": lambda torch, nn: nn.Linear(1, 1).load_state_dict({"a": torch.zeros(1)}, False).missing_keys,
    "its other keys": lambda torch, nn: nn.Linear(1, 1).load_state_dict({"a": torch.zeros(1)}, False)[1],
    "load of a shape that is not strict": lambda torch, nn: nn.Linear(1, 1).load_state_dict({"bias": torch.zeros(3)}, strict=False),
    "load of lists": lambda torch, nn: nn.Linear(1, 1).load_state_dict({"weight": [[1.0]], "bias": [1.0]}),
    "load of 3": lambda torch, nn: nn.Linear(1, 1).load_state_dict(3),
    "load of another type": lambda torch, nn: after(m := nn.Linear(1, 1, bias=False), m.load_state_dict({"weight": torch.tensor([[2]])})).weight,
    "a copy has no gradient": lambda torch, nn: copy.deepcopy(stepped(torch, nn.Linear(2, 1))).weight.grad,
    "a copy is its own": lambda torch, nn: (m := filled(torch, nn.Linear(2, 1)), c := copy.deepcopy(m), c.weight.data.add_(1), m.weight.tolist(), c.weight.tolist())[3:],
    "tied weights stay tied in a copy": lambda torch, nn: (m := nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)), put(m[1], "weight", m[0].weight), c := copy.deepcopy(m), c[0].weight is c[1].weight)[3],
    "no forward": lambda torch, nn: empty(torch, nn)(torch.zeros(1)),
}  # fmt: skip


def hooked(torch: Any, nn: Any, before: Any = None, behind: Any = None, **options: Any) -> object:
    """What a Linear gives for [1, 2], with these hooks."""
    layer = filled(torch, nn.Linear(2, 1))
    if before:
        layer.register_forward_pre_hook(before, **options)
    if behind:
        layer.register_forward_hook(behind, **options)
    return layer(torch.tensor([[1.0, 2.0]])).tolist()


def noted(torch: Any, nn: Any) -> object:
    """In which order hooks run, and that they are gone when removed."""
    seen: list[str] = []
    layer = nn.ReLU()
    handles = [
        layer.register_forward_hook(lambda m, a, o: seen.append("after 1")),
        layer.register_forward_pre_hook(lambda m, a: seen.append("before 1")),
        layer.register_forward_hook(lambda m, a, o: seen.append("after 2"), prepend=True),
        layer.register_forward_pre_hook(lambda m, a: seen.append("before 2"), prepend=True),
    ]
    layer(torch.zeros(1))
    handles[0].remove()
    handles[0].remove()
    layer(torch.zeros(1))
    with layer.register_forward_hook(lambda m, a, o: seen.append("inside")):
        layer(torch.zeros(1))
    for handle in handles:
        handle.remove()
    layer(torch.zeros(1))
    return seen


HOOKS: dict[str, Program] = {
    "the order of hooks": noted,
    "the output replaced": lambda torch, nn: hooked(torch, nn, behind=lambda m, a, o: o * 2),
    "the output left": lambda torch, nn: hooked(torch, nn, behind=lambda m, a, o: None),
    "the inputs replaced": lambda torch, nn: hooked(torch, nn, before=lambda m, a: (a[0] * 2,)),
    "a single input replaced": lambda torch, nn: hooked(torch, nn, before=lambda m, a: a[0] * 2),
    "with keywords": lambda torch, nn: hooked(torch, nn, before=lambda m, a, k: ((a[0] * 2,), k), with_kwargs=True),
    "with keywords badly": lambda torch, nn: hooked(torch, nn, before=lambda m, a, k: 3, with_kwargs=True),
    "the output with keywords": lambda torch, nn: hooked(
        torch, nn, behind=lambda m, a, k, o: o + len(k), with_kwargs=True
    ),
    "no function": lambda torch, nn: hooked(torch, nn, behind=3),
}


def clipped(torch: Any, nn: Any, *args: Any, grad: list[float] | None = None, **options: Any) -> object:
    p = learned(torch, nn, 2)
    p.grad = torch.tensor([3.0, -4.0] if grad is None else grad)
    return nn.utils.clip_grad_norm_([p], *args, **options), p.grad


def cut(torch: Any, nn: Any, value: float) -> object:
    p = learned(torch, nn, 2)
    p.grad = torch.tensor([3.0, -4.0])
    return nn.utils.clip_grad_value_(p, value), p.grad


def from_vector(torch: Any, nn: Any, vector: Any) -> object:
    m = nn.Linear(2, 1)
    nn.utils.vector_to_parameters(vector, m.parameters())
    return [p.tolist() for p in m.parameters()]


UTILS: dict[str, Program] = {
    "clip": lambda torch, nn: clipped(torch, nn, 1.0),
    "clip what is small": lambda torch, nn: clipped(torch, nn, 10.0),
    "clip by the sum": lambda torch, nn: clipped(torch, nn, 1.0, 1),
    "clip by the largest": lambda torch, nn: clipped(torch, nn, 1.0, norm_type=float("inf")),
    "clip by half": lambda torch, nn: clipped(torch, nn, 100.0, 0.5),
    "clip to 0": lambda torch, nn: clipped(torch, nn, 0.0),
    "clip with foreach": lambda torch, nn: clipped(torch, nn, 1.0, foreach=False),
    "clip an infinite one": lambda torch, nn: clipped(torch, nn, 1.0, grad=[float("inf"), 0.0], error_if_nonfinite=True),
    "clip none": lambda torch, nn: nn.utils.clip_grad_norm_([], 1.0),
    "clip without gradients": lambda torch, nn: nn.utils.clip_grad_norm_(nn.Linear(1, 1).parameters(), 1.0),
    "cut": lambda torch, nn: cut(torch, nn, 3.5),
    "cut by a whole number": lambda torch, nn: cut(torch, nn, 1),
    "to a vector": lambda torch, nn: nn.utils.parameters_to_vector(filled(torch, nn.Linear(2, 1)).parameters()),
    "to a vector with history": lambda torch, nn: nn.utils.parameters_to_vector(nn.Linear(2, 1).parameters()).requires_grad,
    "from a vector": lambda torch, nn: from_vector(torch, nn, torch.arange(3, dtype=torch.float32)),
    "from a list": lambda torch, nn: from_vector(torch, nn, [1.0, 2.0, 3.0]),
    "from whole numbers": lambda torch, nn: from_vector(torch, nn, torch.tensor([1, 2, 3])),
    "to a vector of nothing": lambda torch, nn: nn.utils.parameters_to_vector([]),
    "fan of a vector": lambda torch, nn: nn.init.xavier_uniform_(torch.zeros(2)),
    "kaiming of a vector": lambda torch, nn: nn.init.kaiming_normal_(torch.zeros(2)),
    "orthogonal of a vector": lambda torch, nn: nn.init.orthogonal_(torch.zeros(2)),
    "a mode that is not there": lambda torch, nn: nn.init.kaiming_uniform_(torch.zeros(2, 2), mode="fan"),
    "a nonlinearity that is not there": lambda torch, nn: nn.init.kaiming_uniform_(torch.zeros(2, 2), nonlinearity="swish"),
    "bounds the wrong way round": lambda torch, nn: nn.init.uniform_(torch.zeros(2), 1, 0),
    "a negative deviation": lambda torch, nn: nn.init.normal_(torch.zeros(2), 0, -1),
    "normal whole numbers": lambda torch, nn: nn.init.normal_(torch.zeros(2, dtype=torch.int64)),
    "zero whole numbers": lambda torch, nn: nn.init.ones_(torch.zeros(2, dtype=torch.int64)),
    "gains": lambda torch, nn: [float(nn.init.calculate_gain(n)) for n in ("linear", "conv1d", "conv3d", "conv_transpose2d", "sigmoid", "tanh", "relu", "selu")],
    "the gain of a slope": lambda torch, nn: nn.init.calculate_gain("leaky_relu", 0.2),
    "the gain of no slope": lambda torch, nn: nn.init.calculate_gain("leaky_relu", "a"),
    "the gain of True": lambda torch, nn: nn.init.calculate_gain("leaky_relu", True),
    "eye": lambda torch, nn: nn.init.eye_(torch.zeros(2, 3)),
    "eye of a vector": lambda torch, nn: nn.init.eye_(torch.zeros(2)),
    "dirac": lambda torch, nn: nn.init.dirac_(torch.zeros(3, 2, 3, 3)),
    "dirac of a signal": lambda torch, nn: nn.init.dirac_(torch.zeros(2, 3, 2)),
    "dirac in groups": lambda torch, nn: nn.init.dirac_(torch.zeros(4, 2, 2, 2), 2),
    "dirac in groups that do not fit": lambda torch, nn: nn.init.dirac_(torch.zeros(3, 2, 2, 2), 2),
    "dirac of a matrix": lambda torch, nn: nn.init.dirac_(torch.zeros(2, 2)),
    "constant": lambda torch, nn: nn.init.constant_(torch.zeros(2), 3.0),
    "constant of nothing": lambda torch, nn: nn.init.constant_(torch.zeros(2)),
    "by position": lambda torch, nn: nn.init.uniform_(torch.zeros(2), 2, 2),
    "normal by position": lambda torch, nn: nn.init.normal_(nn.Parameter(torch.zeros(2)), 1.0, 0.0),
    "truncated by position": lambda torch, nn: nn.init.trunc_normal_(torch.zeros(2), 0.0, 1.0, 2.0, 2.0),
    "an initialized parameter is a leaf": lambda torch, nn: (p := nn.init.ones_(nn.Parameter(torch.zeros(2))), p.is_leaf, p.requires_grad, p.tolist())[1:],
    "through data": lambda torch, nn: (m := nn.Linear(1, 1), nn.init.constant_(m.weight.data, 2.0), m.weight.tolist())[2],
}  # fmt: skip


def nets(torch: Any, nn: Any) -> dict[str, Any]:
    """Modules of one's own, for how they are shown."""

    class Net(nn.Module):
        def __init__(self, width: int = 3) -> None:
            super().__init__()
            self.width = width
            self.body = nn.Sequential(nn.Linear(2, width), nn.ReLU())
            self.gone = nn.ReLU()
            self.gone = None
            self.w = nn.Parameter(torch.zeros(1))

    class Described(Net):
        def extra_repr(self) -> str:
            return f"width={self.width}\nheight=4"

    class Bare(nn.Module):
        def __init__(self, width: int = 3) -> None:
            super().__init__()
            self.width = width

    class Scaled(nn.Module):
        def forward(self, x: Any, scale: float = 1.0) -> Any:
            return x * scale

    return {"Net": Net(), "Described": Described(), "Bare": Bare(), "Scaled": Scaled()}


SHOWN: dict[str, Program] = {
    **{name: lambda torch, nn, name=name: nets(torch, nn)[name] for name in ("Net", "Described", "Bare", "Scaled")},
    "nested": lambda torch, nn: nn.Sequential(nets(torch, nn)["Described"], nn.ModuleList([nets(torch, nn)["Net"] for _ in range(3)])),
    "keywords": lambda torch, nn: nets(torch, nn)["Scaled"](torch.ones(2), scale=2.0),
    "a keyword that is not there": lambda torch, nn: nets(torch, nn)["Scaled"](torch.ones(2), size=2.0) and None,
}  # fmt: skip

MORE_PROGRAMS: dict[str, Program] = {
    **{f"walks: {name}": program for name, program in WALKS.items()},
    **{f"hooks: {name}": program for name, program in HOOKS.items()},
    **{f"utils: {name}": program for name, program in UTILS.items()},
    **{f"shown: {name}": program for name, program in SHOWN.items()},
}
