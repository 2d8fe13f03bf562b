import math

import nnviz as torch

n = torch.tensor(3)
names = ["zero", "one", "two", "three"]
print([names[i] for i in range(n)], names[n], [0] * n, math.sqrt(torch.tensor(16.0)))
t = torch.tensor([-7, 5, 9])
print(abs(t).tolist(), (t // 2).tolist(), (t % 4).tolist(), (10 - t).tolist(), (2 ** torch.tensor([1, 2, 3])).tolist())
f = torch.tensor([-1.5, 2.5, 0.4])
print(
    round(f[1].item()),
    f.round().tolist(),
    f.floor().tolist(),
    f.ceil().tolist(),
    f.sign().tolist(),
    f.int().tolist(),
    (1 / f).tolist(),
)
print(f"{f[0]:.2f} {f.mean():.4f} {torch.tensor(7):03d}", int(f[2]), float(f[1]), bool(f[0] > 0), f[1].item() in [2.5])
print(
    sum(f).item(),
    max(f).item(),
    min(t).item(),
    sorted(f.tolist()),
    [x.item() for x in f],
    len(f),
    5 in t,
    (torch.tensor(2) + 3.5).item(),
)
a, b = torch.tensor([True, False, True]), torch.tensor([True, True, False])
print(
    (a & b).tolist(),
    (a | b).tolist(),
    (~a).tolist(),
    (a ^ b).tolist(),
    a.any().item(),
    a.all().item(),
    (t > 0).sum().item(),
)
f += 1
f -= torch.tensor(0.5)
f *= 2
f /= 4
f **= 2
print(f.tolist(), f.dtype == torch.float32, (t / 2).dtype == torch.float32, (t * 2.0).tolist(), (t.float() @ f).item())
x, y = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
print(
    x.tolist(),
    y.tolist(),
    [row.sum().item() for row in torch.eye(2)],
    divmod(7, 2),
    torch.tensor([[1, 2], [3, 4]]).tolist(),
)
