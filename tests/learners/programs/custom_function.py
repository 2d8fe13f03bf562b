from waves import wave

import nnviz as torch


class Cubic(torch.autograd.Function):
    """(5 z³ - 3 z) / 2"""

    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return 0.5 * (5 * z**3 - 3 * z)

    @staticmethod
    def backward(ctx, grad_output):
        (z,) = ctx.saved_tensors
        return grad_output * 1.5 * (5 * z**2 - 1)


class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, factor):
        ctx.save_for_backward(x, weight)
        ctx.factor = factor
        return x * weight * factor

    @staticmethod
    def backward(ctx, grad_output):
        x, weight = ctx.saved_tensors
        return grad_output * weight * ctx.factor, (grad_output * x).sum() * ctx.factor, None


x = torch.from_numpy(wave(8))
a = torch.tensor(0.3, requires_grad=True)
b = torch.tensor(0.7, requires_grad=True)
cubic = Cubic.apply
for step in range(10):
    y = Scale.apply(cubic(a + b * x), b, 2.0)
    loss = (y - x).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        a -= 0.01 * a.grad
        b -= 0.01 * b.grad
        a.grad = None
        b.grad = None
    print(step, loss.item())
