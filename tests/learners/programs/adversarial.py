from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn
import nnviz.nn.functional as F

model = fill(nn.Sequential(nn.Flatten(), nn.Linear(16, 12), nn.ReLU(), nn.Linear(12, 3)))
model.eval()
for p in model.parameters():
    p.requires_grad_(False)
images = (torch.from_numpy(wave(5, 1, 4, 4)) + 1) / 2
targets = model(images).argmax(1)
for epsilon in (0.0, 0.1, 0.3):
    data = images.clone().detach().requires_grad_(True)
    loss = F.nll_loss(F.log_softmax(model(data), dim=1), targets)
    model.zero_grad()
    loss.backward()
    perturbed = torch.clamp(data + epsilon * data.grad.sign(), 0, 1)
    final = model(perturbed).max(1, keepdim=True)[1]
    print(epsilon, loss.item(), final.squeeze(1).eq(targets).sum().item(), (perturbed - data).abs().max().item())
dream = torch.zeros(1, 1, 4, 4, requires_grad=True)
optimizer = torch.optim.Adam([dream], lr=0.1)
for step in range(8):
    optimizer.zero_grad()
    variation = (dream[:, :, 1:] - dream[:, :, :-1]).pow(2).sum() + (dream[..., 1:] - dream[..., :-1]).pow(2).sum()
    loss = -model(dream)[0, 2] + 0.1 * variation
    loss.backward()
    optimizer.step()
print(
    loss.item(), dream.detach().mean().item(), dream.data.min().item(), all(p.grad is None for p in model.parameters())
)
