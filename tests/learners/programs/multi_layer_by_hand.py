from waves import wave

import nnviz as torch


class Linear:
    def __init__(self, fan_in, fan_out, start):
        self.weight = torch.tensor(wave(fan_in, fan_out, start=start)) / fan_in**0.5
        self.bias = torch.zeros(fan_out)

    def __call__(self, x):
        self.out = x @ self.weight + self.bias
        return self.out

    def parameters(self):
        return [self.weight, self.bias]


class Tanh:
    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def parameters(self):
        return []


layers = [Linear(4, 10, 0.0), Tanh(), Linear(10, 10, 1.0), Tanh(), Linear(10, 3, 2.0)]
with torch.no_grad():
    layers[-1].weight *= 0.1
parameters = [p for layer in layers for p in layer.parameters()]
for p in parameters:
    p.requires_grad = True
x, y = torch.tensor(wave(20, 4)), torch.arange(20) % 3
ratios = []
for i in range(15):
    h = x
    for layer in layers:
        h = layer(h)
    loss = torch.nn.functional.cross_entropy(h, y)
    for layer in layers:
        layer.out.retain_grad()
    for p in parameters:
        p.grad = None
    loss.backward()
    with torch.no_grad():
        ratios.append([(0.1 * p.grad.std() / p.data.std()).item() for p in parameters if p.ndim == 2])
    for p in parameters:
        p.data -= 0.1 * p.grad
print(loss.item(), ratios[0], ratios[-1])
for layer in layers:
    print(
        type(layer).__name__,
        layer.out.mean().item(),
        layer.out.std().item(),
        layer.out.grad.std().item(),
        (layer.out.abs() > 0.97).float().mean().item(),
    )
