from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn

x = torch.from_numpy(wave(15, 6))
y = 2 * x[:, :1] - x[:, 3:4]
model = fill(nn.Sequential(nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 1)))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for step in range(12):
    mse = nn.functional.mse_loss(model(x), y)
    l1 = sum(p.abs().sum() for p in model.parameters())
    l2 = sum(p.pow(2.0).sum() for p in model.parameters())
    norms = torch.tensor(0.0)
    for name, w in model.named_parameters():
        if "weight" in name:
            norms = norms + torch.norm(w, 2)
    loss = mse + 1e-3 * l1 + 1e-3 * l2 + 1e-3 * norms
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 4 == 3:
        print(step, mse.item(), l1.item(), l2.item(), norms.item())
flat = torch.cat([p.view(-1) for p in model.parameters()])
print(flat.numel(), flat.norm().item(), flat.norm(p=1).item(), (flat.abs() < 0.01).sum().item())
