import nnviz as torch

x1 = torch.Tensor([2.0]).double()
x1.requires_grad = True
x2 = torch.Tensor([0.0]).double()
x2.requires_grad = True
w1 = torch.tensor(-3.0, dtype=torch.double, requires_grad=True)
w2 = torch.tensor(1.0, dtype=torch.double, requires_grad=True)
b = torch.tensor(6.8813735870195432, dtype=torch.float64, requires_grad=True)
n = x1 * w1 + x2 * w2 + b
o = torch.tanh(n)
print(o.data.item())
o.backward()
for name, value in [("x1", x1), ("w1", w1), ("x2", x2), ("w2", w2), ("b", b)]:
    print(name, value.grad.item())

a = torch.tensor(-4.0, requires_grad=True)
c = torch.tensor(2.0, requires_grad=True)
d = a * c + c**3
e = d + 1 + (-a) + (a - c).relu() + d / 2.0 + 10.0 / (1 + c.exp())
for _ in range(2):
    e.backward(retain_graph=True)
print(e.item(), a.grad.item(), c.grad.item())
a.grad.zero_()
(a * a).backward()
print(a.grad.item(), int(a), float(c), f"{a.item():.2f}", bool(a < c))
