import math

from waves import wave

import nnviz as torch

data = torch.cat([torch.from_numpy(wave(20)) * 0.5 - 2, torch.from_numpy(wave(30, start=1.0)) + 3])
logits = torch.zeros(2, requires_grad=True)
means = torch.tensor([-0.5, 0.5], requires_grad=True)
log_std = torch.zeros(2, requires_grad=True)
optimizer = torch.optim.Adam([logits, means, log_std], lr=0.1)
for step in range(40):
    log_weights = torch.log_softmax(logits, dim=0)
    std = log_std.exp()
    log_prob = -((data[:, None] - means) ** 2) / (2 * std**2) - log_std - 0.5 * math.log(2 * math.pi)
    loss = -torch.logsumexp(log_prob + log_weights, dim=1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 9:
        print(step, loss.item(), means.tolist())
with torch.no_grad():
    responsibility = torch.softmax(log_prob + log_weights, dim=1)
print(responsibility.sum(0).tolist(), std.tolist(), torch.exp(log_weights).tolist())
points, weights = torch.tensor([[0.0], [1.0], [4.0]]), torch.tensor([0.2, 0.3, 0.5])
print((points.squeeze() * weights).sum().item(), data.sort().values[25].item())
