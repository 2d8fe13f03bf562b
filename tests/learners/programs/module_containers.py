from collections import OrderedDict

from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn


class Net(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList()
        for a, b in zip(sizes[:-1], sizes[1:]):
            self.layers.append(nn.Linear(a, b))
        self.choices = nn.ModuleDict({"tanh": nn.Tanh(), "relu": nn.ReLU()})
        self.scale = nn.Parameter(torch.ones(1))
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, x, act="tanh"):
        for i, layer in enumerate(self.layers):
            x = layer(x)
            if i < len(self.layers) - 1:
                x = self.choices[act](x)
        return self.scale * x


net = fill(Net([3, 5, 4, 2]))
x = torch.from_numpy(wave(2, 3))
print(net(x).tolist(), net(x, act="relu").tolist())
print([name for name, _ in net.named_parameters()])
print([name for name, _ in net.named_children()], [name for name, _ in net.named_modules()])
print(list(net.state_dict()), len(net.layers), "tanh" in net.choices, list(net.choices.keys()))
named = nn.Sequential(OrderedDict([("first", nn.Linear(3, 2)), ("act", nn.Sigmoid())]))
named.add_module("last", nn.Linear(2, 1))
fill(named)
print(named(x).tolist(), named.first.weight.shape[0], len(named), [type(m).__name__ for m in named.children()])
stack = nn.Sequential(*[nn.Linear(3, 3) for _ in range(3)])
fill(stack)
print(stack(x).sum().item(), sum(1 for m in stack.modules() if isinstance(m, nn.Linear)), stack[:2](x).sum().item())
