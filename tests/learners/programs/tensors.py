import nnviz as torch

x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
print(x.shape[0], x.shape[1], x.ndim, x.numel(), len(x), x.size(1), tuple(x.size()))
print(x.dtype == torch.float32, torch.tensor([1, 2]).dtype == torch.int64, torch.tensor([True]).dtype == torch.bool)
print(x[0].tolist(), x[:, 1].tolist(), x[-1, ::2].tolist(), x[..., -1].tolist())

ones = torch.ones_like(x)
zeros = torch.zeros(2, 3)
print((x + ones * 2 - zeros).tolist(), (x * x).sum().item(), (x @ x.T).tolist())
print(x.reshape(3, 2).tolist(), x.view(-1).tolist(), x.t().tolist(), x.flatten().shape[0])
print(torch.cat([x, ones], dim=0).shape[0], torch.cat([x, ones], dim=1).shape[1], torch.stack([x, ones]).ndim)
print(
    torch.arange(0, 10, 3).tolist(),
    torch.linspace(0, 1, 5).tolist(),
    torch.eye(2).tolist(),
    torch.full((2,), 7.0).tolist(),
)

row = torch.tensor([10.0, 20.0, 30.0])
column = torch.tensor([[1.0], [2.0]])
print((row + column).tolist(), (x > 2.5).sum().item(), x[x > 2.5].tolist(), torch.where(x > 3, x, -x).tolist())
print(
    x.mean().item(),
    x.mean(dim=0).tolist(),
    x.std(dim=1).tolist(),
    x.max().item(),
    x.argmax().item(),
    x.argmin(dim=1).tolist(),
)
values, places = x.max(dim=1)
print(values.tolist(), places.tolist(), x.unsqueeze(0).squeeze().shape[0], x.cumsum(dim=1).tolist(), x.prod().item())
x.add_(1)
x[0, 0] = -3.0
x[1] *= 2
print(x.tolist(), x.abs().tolist(), x.clamp(min=0).tolist(), x.clone().zero_().sum().item())
