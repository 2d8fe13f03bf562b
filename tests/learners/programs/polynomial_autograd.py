import math

import nnviz as torch

dtype = torch.float
device = torch.device("cpu")
x = torch.linspace(-math.pi, math.pi, 200, device=device, dtype=dtype)
y = torch.cos(x)
a = torch.full((), 0.1, device=device, dtype=dtype, requires_grad=True)
b = torch.full((), -0.1, device=device, dtype=dtype, requires_grad=True)
c = torch.full((), 0.02, device=device, dtype=dtype, requires_grad=True)
for t in range(50):
    y_pred = a + b * x + c * x**2
    loss = (y_pred - y).pow(2).sum()
    if t % 10 == 9:
        print(t, loss.item())
    loss.backward()
    with torch.no_grad():
        for w in (a, b, c):
            w -= 1e-5 * w.grad
        a.grad = None
        b.grad = None
        c.grad.zero_()
print(a.item(), b.item(), c.item(), a.is_leaf, loss.grad_fn is not None)
