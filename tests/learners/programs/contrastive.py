from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn
import nnviz.nn.functional as F

encoder = fill(nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 4)))
optimizer = torch.optim.Adam(encoder.parameters(), lr=0.01)
x = torch.from_numpy(wave(8, 6))
for step in range(6):
    views = torch.cat([x + 0.1 * torch.from_numpy(wave(8, 6, start=step + k)) for k in (0.0, 2.0)], dim=0)
    z = F.normalize(encoder(views), dim=1)
    similarity = torch.matmul(z, z.T)
    mask = torch.eye(16, dtype=torch.bool)
    similarity = similarity.masked_fill(mask, -9e15) / 0.5
    positive = mask.roll(shifts=8, dims=0)
    nll = -similarity[positive] + torch.logsumexp(similarity, dim=-1)
    loss = nll.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    combined = torch.cat([similarity[positive][:, None], similarity.masked_fill(positive, -9e15)], dim=-1)
    rank = combined.argsort(dim=-1, descending=True).argmin(dim=-1)
    print(step, loss.item(), (rank == 0).float().mean().item())
anchor, positive_, negative = (encoder(x + d) for d in (0.0, 0.1, 1.0))
print(F.relu((anchor - positive_).norm(dim=1) - (anchor - negative).norm(dim=1) + 1.0).mean().item())
