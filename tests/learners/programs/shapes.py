from waves import wave

import nnviz as torch

x = torch.from_numpy(wave(2, 3, 4))
print(
    [tuple(p.shape) for p in x.split(2, dim=1)],
    [tuple(p.shape) for p in torch.chunk(x, 2, dim=-1)],
    len(torch.unbind(x, dim=1)),
)
print(
    tuple(x.permute(2, 0, 1).shape),
    tuple(x.transpose(1, 2).contiguous().view(2, -1).shape),
    tuple(x.flatten(1).shape),
    tuple(x.mean(dim=(1, 2)).shape),
)
print(
    torch.arange(3).repeat(2).tolist(),
    torch.arange(3).repeat(2, 1).tolist(),
    torch.arange(3).unsqueeze(1).expand(3, 2).tolist(),
    torch.arange(3).repeat_interleave(2).tolist(),
)
print(
    torch.flip(torch.arange(4), dims=[0]).tolist(),
    torch.roll(torch.arange(4), 1).tolist(),
    torch.cumprod(torch.arange(1, 5), dim=0).tolist(),
)
a, b = torch.from_numpy(wave(2, 3)), torch.from_numpy(wave(3, 2, start=1.0))
print(
    torch.mm(a, b).tolist(),
    torch.bmm(a.unsqueeze(0), b.unsqueeze(0)).squeeze(0).tolist(),
    torch.einsum("ij,jk->ik", a, b).tolist(),
)
print(
    torch.outer(a[0], b[:, 0]).tolist(),
    torch.dot(a[0], b[:, 1]).item(),
    a.matmul(b).diagonal().tolist(),
    torch.triu(a @ b).tolist(),
)
print(
    torch.empty(2, 3).fill_(4).sum().item(),
    torch.zeros_like(a).shape == a.shape,
    a.new_zeros(2).tolist(),
    torch.full_like(b, 2).sum().item(),
)
gx, gy = torch.meshgrid(torch.arange(2), torch.arange(3), indexing="ij")
print(gx.tolist(), gy.tolist(), torch.cat((gx.reshape(-1, 1), gy.reshape(-1, 1)), 1).tolist())
print(
    torch.stack([a, a], dim=-1).shape[-1],
    torch.vstack([a, a]).shape[0],
    torch.hstack([a, a]).shape[1],
    a.numel(),
    a.nelement(),
    a.size()[1],
)
index = torch.tensor([[0, 2], [1, 1]])
print(
    torch.gather(a, 1, index).tolist(),
    a[:, [2, 0]].tolist(),
    a[torch.tensor([1, 0]), torch.tensor([2, 2])].tolist(),
    a.masked_fill(a < 0, 0.0).tolist(),
)
z = torch.zeros(3, 5).scatter_(1, torch.tensor([[1], [3], [0]]), 1.0)
print(
    z.argmax(1).tolist(),
    z.nonzero().tolist(),
    torch.where(a > 0)[1].tolist(),
    torch.isclose(a, a).all().item(),
    torch.allclose(a, a + 1e-9),
)
print(
    torch.clamp(a, -0.5, 0.5).tolist(),
    torch.maximum(a, -a).sum().item(),
    torch.minimum(a, b.t()).sum().item(),
    a.var(unbiased=False).item(),
    torch.log1p(a.abs()).sum().item(),
)
