from waves import wave

import nnviz as torch

torch.manual_seed(3)
n, size = 30, 6
x, y = torch.from_numpy(wave(n, 4)), torch.from_numpy(wave(n, 1, start=1.0))
w = torch.zeros(4, 1, requires_grad=True)
permutation = torch.randperm(n)
print(sorted(permutation.tolist()) == list(range(n)), permutation.dtype == torch.int64)
for i in range(0, n, size):
    indices = permutation[i : i + size]
    loss = ((x[indices] @ w - y[indices]) ** 2).sum()
    loss.backward()
summed = w.grad.clone()
w.grad.zero_()
((x @ w - y) ** 2).sum().backward()
print(torch.allclose(summed, w.grad, atol=1e-4), w.grad.flatten().tolist())
ix = torch.randint(0, n, (size,))
print(tuple(x[ix].shape), bool((ix >= 0).all()), bool((ix < n).all()), torch.randint(high=3, size=(50,)).max().item())
torch.manual_seed(7)
first = torch.rand(3)
torch.manual_seed(7)
print(torch.equal(first, torch.rand(3)), len(list(torch.split(x, 7))), [len(c) for c in torch.chunk(x, 4)])
g = torch.Generator().manual_seed(5)
a = torch.randn(4, generator=g)
g.manual_seed(5)
print(torch.equal(a, torch.randn(4, generator=g)), g.initial_seed())
