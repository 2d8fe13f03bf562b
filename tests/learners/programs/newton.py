import nnviz as torch
from nnviz import autograd


def f(x):
    return x**3 - 2 * x - torch.cos(x)


x = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
for i in range(6):
    value = f(x)
    (slope,) = torch.autograd.grad(value, x)
    print(i, x.item(), value.item(), slope.item())
    x = (x - value / slope).detach().requires_grad_()
u = torch.tensor([1.0, 2.0], requires_grad=True)
v = torch.tensor([3.0, 4.0], requires_grad=True)
z = (u * v).sum() + (u**2).sum()
gu, gv = autograd.grad(z, [u, v], retain_graph=True)
print(gu.tolist(), gv.tolist(), u.grad is None)
y = u * 3
print(autograd.grad(y, u, grad_outputs=torch.tensor([1.0, 10.0]))[0].tolist(), autograd.grad(z, (u,))[0].tolist())
w = torch.ones(1, requires_grad=True)
print(autograd.grad((u * 2).sum(), [u, w], allow_unused=True)[1] is None)
