from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn
import nnviz.nn.functional as F

encoder = fill(nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)))
optimizer = torch.optim.RMSprop(encoder.parameters(), lr=0.005, alpha=0.9)
left, right = torch.from_numpy(wave(10, 6)), torch.from_numpy(wave(10, 6, start=1.1))
same = (torch.arange(10) % 2).float()
margin = 1.0
for step in range(8):
    a, b = encoder(left), encoder(right)
    distance = ((a - b) ** 2).sum(1).add(1e-6).sqrt()
    loss = (same * distance.pow(2) + (1 - same) * torch.clamp(margin - distance, min=0).pow(2)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item(), distance.mean().item())
a = F.normalize(encoder(left), dim=1)
print(a.norm(dim=1).tolist(), (a @ a.t()).diagonal().sum().item(), torch.max(a, torch.zeros_like(a)).sum().item())
