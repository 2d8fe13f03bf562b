import math

from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn
import nnviz.nn.functional as F

T = 20
betas = torch.linspace(1e-3, 0.2, T)
alphas = 1.0 - betas
alphas_bar = torch.cumprod(alphas, dim=0)
previous = F.pad(alphas_bar[:-1], (1, 0), value=1.0)
posterior = betas * (1.0 - previous) / (1.0 - alphas_bar)
print(alphas_bar[-1].item(), posterior[1].item(), torch.sqrt(1.0 - alphas_bar).sum().item())


def extract(a, t, shape):
    return a.gather(-1, t).reshape(t.shape[0], *((1,) * (len(shape) - 1)))


def embed(t, dim=6):
    half = dim // 2
    freqs = torch.exp(torch.arange(half) * -(math.log(100) / (half - 1)))
    args = t[:, None].float() * freqs[None, :]
    return torch.cat((args.sin(), args.cos()), dim=-1)


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2 + 6, 16), nn.SiLU(), nn.Linear(16, 16), nn.SiLU(), nn.Linear(16, 2))

    def forward(self, x, t):
        return self.net(torch.cat([x, embed(t)], dim=1))


model = fill(Denoiser())
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x0 = torch.from_numpy(wave(10, 2))
for step in range(10):
    t = (torch.arange(10) * 3 + step) % T
    noise = torch.from_numpy(wave(10, 2, start=float(step)))
    noisy = extract(torch.sqrt(alphas_bar), t, x0.shape) * x0 + extract(torch.sqrt(1 - alphas_bar), t, x0.shape) * noise
    loss = F.smooth_l1_loss(model(noisy, t), noise)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 3 == 0:
        print(step, loss.item())


@torch.no_grad()
def sample(x):
    for i in reversed(range(T)):
        t = torch.full((x.shape[0],), i, dtype=torch.long)
        x = (x - betas[i] / torch.sqrt(1 - alphas_bar[i]) * model(x, t)) / torch.sqrt(alphas[i])
    return x


print(sample(torch.from_numpy(wave(3, 2, start=5.0))).tolist())
