from waves import fill, wave

import nnviz as torch
from nnviz import nn
from nnviz.nn.utils import clip_grad_norm_

model = fill(nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 1)))
x, y = torch.from_numpy(wave(9, 4)) * 3, torch.from_numpy(wave(9, 1)) * 20
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for step in range(5):
    optimizer.zero_grad()
    loss = nn.MSELoss()(model(x), y)
    loss.backward()
    before = clip_grad_norm_(model.parameters(), max_norm=1.0)
    after = sum(p.grad.norm() ** 2 for p in model.parameters()) ** 0.5
    optimizer.step()
    print(step, loss.item(), before.item(), after.item())
model.zero_grad()
nn.MSELoss()(model(x), y).backward()
nn.utils.clip_grad_value_(model.parameters(), clip_value=0.5)
print(max(p.grad.abs().max().item() for p in model.parameters()), model[2].bias.grad.item())
for p in model.parameters():
    p.grad.data.clamp_(-0.1, 0.1)
print([p.grad.abs().max().item() for p in model.parameters()])
