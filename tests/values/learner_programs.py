"""Short programs in the manner of lessons, for PyTorch and nnviz alike: models of one's own, trained a few steps."""

from __future__ import annotations

import copy
from collections import OrderedDict
from itertools import pairwise
from typing import Any

try:
    from tests.values.module_programs import Program
except ModuleNotFoundError:  # run by hand
    from module_programs import Program


def spread(torch: Any, model: Any) -> Any:
    """Weights between −0.5 and 0.5 that depend on their place alone."""
    for place, parameter in enumerate(model.parameters()):
        numbers = [(i * 37 + 11 * place) % 17 / 17 - 0.5 for i in range(parameter.numel())]
        parameter.data.copy_(torch.tensor(numbers).reshape(parameter.shape))
    return model


def data(torch: Any) -> tuple[Any, Any]:
    x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return x, torch.tensor([0, 1, 1, 0])


def trained(
    torch: Any, nn: Any, model: Any, steps: int = 20, rate: float = 0.5, clip: float | None = None
) -> list[float]:
    x, y = data(torch)
    loss_fn, optimizer = nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=rate)
    losses = []
    for _ in range(steps):
        model.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        losses.append(round(loss.item(), 4))
    return losses


def mlp(torch: Any, nn: Any) -> Any:
    class MLP(nn.Module):
        def __init__(self, sizes: list[int]) -> None:
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(n, m) for n, m in pairwise(sizes)])
            self.scale = nn.Parameter(torch.ones(1))
            self.register_buffer("calls", torch.zeros(1))

        def forward(self, x: Any) -> Any:
            self.calls += 1
            for layer in self.layers[:-1]:
                x = torch.tanh(layer(x))
            return self.layers[-1](x) * self.scale

    return spread(torch, MLP([2, 4, 4, 2]))


def sequential(torch: Any, nn: Any) -> Any:
    layers: OrderedDict[str, Any] = OrderedDict()
    layers["fc1"], layers["act"], layers["fc2"] = nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 2)
    return spread(torch, nn.Sequential(layers))


def frozen(torch: Any, nn: Any) -> object:
    model = sequential(torch, nn)
    for parameter in model.fc1.parameters():
        parameter.requires_grad = False
    before = model.fc1.weight.tolist()
    losses = trained(torch, nn, model)
    count = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return losses, count, model.fc1.weight.tolist() == before, model.fc1.weight.grad is None


def head_replaced(torch: Any, nn: Any) -> object:
    model = sequential(torch, nn)
    trained(torch, nn, model, 3)
    model.fc2 = spread(torch, nn.Linear(6, 2))
    model[1] = nn.ReLU()
    return trained(torch, nn, model), [name for name, _ in model.named_parameters()], repr(model)


def target_network(torch: Any, nn: Any) -> object:
    online = sequential(torch, nn)
    target = copy.deepcopy(online)
    losses = trained(torch, nn, online, 5)
    with torch.no_grad():
        for mine, theirs in zip(target.parameters(), online.parameters(), strict=True):
            mine.mul_(0.9)
            mine.add_(theirs * 0.1)
    moved = [round(float(p.detach().sum()), 4) for p in target.parameters()]
    target.load_state_dict(online.state_dict())
    return losses, moved, [round(float(p.detach().sum()), 4) for p in target.parameters()]


def transferred(torch: Any, nn: Any) -> object:
    source, model = sequential(torch, nn), mlp(torch, nn)
    kept = {f"layers.0.{name.split('.')[1]}": v for name, v in source.state_dict().items() if name.startswith("fc1")}
    kept = {name: value[:4] for name, value in kept.items()}
    missing, unexpected = model.load_state_dict(kept, strict=False)
    return missing, unexpected, [round(v, 4) for v in model.layers[0].bias.tolist()]


def activations(torch: Any, nn: Any) -> object:
    model, seen = sequential(torch, nn), {}

    def keep(name: str) -> Any:
        def hook(_: Any, inputs: Any, output: Any) -> None:
            seen[name] = (tuple(inputs[0].shape), round(float(output.detach().sum()), 4))

        return hook

    handles = [layer.register_forward_hook(keep(name)) for name, layer in model.named_children()]
    model(data(torch)[0])
    for handle in handles:
        handle.remove()
    first = dict(seen)
    seen.clear()
    model(data(torch)[0])
    return first, seen


def tied(torch: Any, nn: Any) -> object:
    model = spread(torch, nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2)))
    model[2].weight = model[0].weight
    losses = trained(torch, nn, model)
    return losses, model[0].weight is model[2].weight, len(list(model.parameters())), list(model.state_dict())


def grown(torch: Any, nn: Any) -> object:
    model = nn.Sequential()
    sizes = [2, 5, 3, 2]
    for i, (n, m) in enumerate(pairwise(sizes)):
        model.add_module(f"fc{i}", nn.Linear(n, m))
        if i < 2:
            model.add_module(f"act{i}", nn.Sigmoid())
    return trained(torch, nn, spread(torch, model), rate=2.0), repr(model)


def by_name(torch: Any, nn: Any) -> object:
    class Choice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.acts = nn.ModuleDict({"relu": nn.ReLU(), "tanh": nn.Tanh()})
            self.weights = nn.ParameterList([nn.Parameter(torch.ones(2)), torch.ones(2, 2)])

        def forward(self, x: Any, act: str = "relu") -> Any:
            return self.acts[act](x * self.weights[0]) @ self.weights[1]

    model, (x, _) = Choice(), data(torch)
    model(x, act="tanh").sum().backward()
    return [[round(float(v), 4) for v in p.grad.reshape(-1)] for p in model.parameters()], list(model.state_dict())


LEARNERS: dict[str, Program] = {
    "a list of layers": lambda torch, nn: trained(torch, nn, m := mlp(torch, nn)) + m.calls.tolist(),
    "its names": lambda torch, nn: list(mlp(torch, nn).state_dict()),
    "gradients clipped": lambda torch, nn: trained(torch, nn, sequential(torch, nn), clip=0.1),
    "layers by name": lambda torch, nn: trained(torch, nn, sequential(torch, nn)),
    "layers frozen": frozen,
    "another head": head_replaced,
    "a target network": target_network,
    "weights taken over": transferred,
    "activations by hooks": activations,
    "tied weights": tied,
    "layers added in a loop": grown,
    "activations by name": by_name,
}
