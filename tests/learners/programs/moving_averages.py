import copy

from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn


class EMA:
    def __init__(self, model, decay):
        self.decay = decay
        self.shadow = {name: p.data.clone() for name, p in model.named_parameters() if p.requires_grad}

    def update(self, model):
        for name, p in model.named_parameters():
            self.shadow[name] = (1.0 - self.decay) * p.data + self.decay * self.shadow[name]


online = fill(nn.Sequential(nn.Linear(3, 6), nn.GELU(), nn.Linear(6, 1)))
target = copy.deepcopy(online)
for p in target.parameters():
    p.requires_grad = False
ema = EMA(online, 0.9)
optimizer = torch.optim.Adam(online.parameters(), lr=0.02)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / 5, 1.0))
x = torch.from_numpy(wave(12, 3))
y = x.pow(2).sum(1, keepdim=True)
for step in range(10):
    loss = nn.functional.mse_loss(online(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    ema.update(online)
    with torch.no_grad():
        for slow, fast in zip(target.parameters(), online.parameters()):
            slow.mul_(0.95).add_(fast, alpha=0.05)
    if step % 3 == 0:
        print(step, loss.item(), scheduler.get_last_lr())
print(nn.functional.mse_loss(target(x), y).item(), [v.norm().item() for v in ema.shadow.values()])
backup = {n: p.data.clone() for n, p in online.named_parameters()}
for n, p in online.named_parameters():
    p.data.copy_(ema.shadow[n])
print(nn.functional.mse_loss(online(x), y).item(), sorted(backup) == sorted(ema.shadow))
