from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn

activations, gradients = {}, []


def remember(name):
    def hook(module, inputs, output):
        activations[name] = output.detach()

    return hook


model = fill(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)))
handles = [layer.register_forward_hook(remember(f"{i}")) for i, layer in enumerate(model)]
x = torch.tensor(wave(5, 3), requires_grad=True)
x.register_hook(lambda grad: gradients.append(grad.clone()))
hidden = model[0](x)
hidden.retain_grad()
hidden.register_hook(lambda grad: grad * 2)
out = model[2](model[1](hidden))
out.sum().backward()
print(
    sorted(activations),
    tuple(activations["1"].shape),
    activations["1"].mean().item(),
    (activations["1"] == 0).float().mean().item(),
)
print(len(gradients), torch.equal(gradients[0], x.grad), hidden.grad.abs().sum().item(), x.grad.sum().item())
for handle in handles:
    handle.remove()
activations.clear()
model(x)
print(activations)
