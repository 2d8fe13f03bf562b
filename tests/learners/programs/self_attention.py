from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn
from nnviz.nn import functional as F

B, T, C, head_size = 2, 5, 6, 4
x = torch.from_numpy(wave(B, T, C))
tril = torch.tril(torch.ones(T, T))
wei = torch.zeros((T, T))
wei = wei.masked_fill(tril == 0, float("-inf"))
wei = F.softmax(wei, dim=-1)
print(wei[2].tolist(), torch.allclose((tril / tril.sum(1, keepdim=True)) @ x, wei @ x))


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.key = nn.Linear(C, head_size, bias=False)
        self.query = nn.Linear(C, head_size, bias=False)
        self.value = nn.Linear(C, head_size, bias=False)
        self.register_buffer("tril", torch.tril(torch.ones(T, T)))

    def forward(self, x):
        B, T, C = x.shape
        k, q, v = self.key(x), self.query(x), self.value(x)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        self.wei = F.softmax(wei, dim=-1)
        return self.wei @ v


head = fill(Head())
out = head(x)
loss = out.pow(2).mean()
loss.backward()
print(tuple(out.shape), loss.item(), head.wei[0, 1].tolist())
print(head.key.weight.grad.abs().sum().item(), head.query.weight.grad.norm().item(), head.value.weight.grad[0].tolist())
print(sorted(head.state_dict()), len(list(head.buffers())))
