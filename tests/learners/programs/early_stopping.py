import copy

from waves import fill, wave

import nnviz as torch
from nnviz import nn

x = torch.from_numpy(wave(24, 3))
y = x.sum(1, keepdim=True).sin()
x_val = torch.from_numpy(wave(12, 3, start=9.0))
y_val = x_val.sum(1, keepdim=True).sin() + 0.3
model = fill(nn.Sequential(nn.Linear(3, 10), nn.Tanh(), nn.Linear(10, 1)))
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
loss_fn = nn.MSELoss()
best, best_state, bad, patience = float("inf"), None, 0, 5
for epoch in range(60):
    model.train()
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    optimizer.step()
    model.eval()
    with torch.no_grad():
        val = loss_fn(model(x_val), y_val).item()
    if val < best:
        best, bad = val, 0
        best_state = copy.deepcopy(model.state_dict())
    else:
        bad += 1
        if bad >= patience:
            break
print(epoch, best, val)
model.load_state_dict(best_state)
print(loss_fn(model(x_val), y_val).item() == best, model.training)
twin = copy.deepcopy(model)
with torch.no_grad():
    twin[0].weight.zero_()
print(loss_fn(model(x_val), y_val).item() == best, twin[0].weight.sum().item(), list(best_state))
