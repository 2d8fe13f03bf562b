from collections import OrderedDict

from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn

x = torch.from_numpy(wave(3, 4))
model = nn.Sequential()
model.append(nn.Linear(4, 5))
model.append(nn.ReLU())
model.add_module("head", nn.Linear(5, 2))
fill(model)
print(model(x).tolist(), len(model))
model[1] = nn.Tanh()
print(model(x).sum().item(), [type(m).__name__ for m in model])
model.head = nn.Identity()
print(tuple(model(x).shape), model(x).sum().item(), sorted(model.state_dict()))
state = model.state_dict()
state["extra"] = torch.zeros(1)
other = fill(nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 2)))
missing, unexpected = other.load_state_dict(state, strict=False)
print(missing, unexpected, torch.equal(other[0].weight, model[0].weight))
partial = OrderedDict((k, v) for k, v in other.state_dict().items() if k.startswith("2."))
print(list(partial), sum(v.numel() for v in partial.values()))
head = nn.Sequential(*list(other.children())[:-1])
print(head(x).sum().item(), isinstance(head[0], nn.Linear), head[0].in_features, head[0].out_features)
tied = nn.Linear(4, 4, bias=False)
fill(tied)
shared = nn.Sequential(tied, nn.Tanh(), tied)
print(len(list(shared.parameters())), len(list(shared.modules())), shared(x).sum().item())
shared(x).sum().backward()
print(tied.weight.grad.sum().item())
shared.zero_grad()
print(all(p.grad is None or p.grad.abs().sum().item() == 0 for p in shared.parameters()))
w = nn.Parameter(torch.ones(2))
net = nn.Module()
net.w = w
net.register_parameter("b", None)
print([n for n, _ in net.named_parameters()], net.b is None, hasattr(net, "c"), "w" in dict(net.named_parameters()))
