from waves import fill, wave

import nnviz as torch
from nnviz import nn, optim

model = fill(nn.Sequential(nn.Linear(3, 5), nn.LayerNorm(5), nn.SiLU(), nn.Linear(5, 2)))
decay = [p for n, p in model.named_parameters() if p.dim() >= 2]
no_decay = [p for n, p in model.named_parameters() if p.dim() < 2]
print(len(decay), len(no_decay), sum(p.numel() for p in decay), sum(p.numel() for p in no_decay))
optimizer = optim.AdamW(
    [{"params": decay, "weight_decay": 0.1}, {"params": no_decay, "weight_decay": 0.0, "lr": 0.002}],
    lr=0.01,
    betas=(0.9, 0.95),
)
x, y = torch.from_numpy(wave(7, 3)), torch.from_numpy(wave(7, 2))
for step in range(6):
    for group in optimizer.param_groups:
        group["lr"] *= 0.9
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item(), [group["lr"] for group in optimizer.param_groups])
print([p.abs().sum().item() for p in model.parameters()])
backbone = optim.SGD(
    [{"params": model[0].parameters()}, {"params": model[3].parameters(), "lr": 1e-3}], lr=1e-2, momentum=0.9
)
loss = nn.functional.mse_loss(model(x), y)
backbone.zero_grad()
loss.backward()
backbone.step()
print(
    model[0].weight.sum().item(),
    model[3].weight.sum().item(),
    len(backbone.param_groups),
    backbone.param_groups[1]["lr"],
)
