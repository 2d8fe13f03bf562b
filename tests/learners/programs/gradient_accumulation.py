from waves import fill, wave

import nnviz as torch
from nnviz import nn
from nnviz.utils.data import DataLoader, TensorDataset

data = TensorDataset(torch.from_numpy(wave(24, 3)), torch.from_numpy(wave(24, 1, start=4.0)))
model = fill(nn.Sequential(nn.Linear(3, 6), nn.Softplus(), nn.Linear(6, 1)))
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1)
accumulation_steps = 3
for epoch in range(3):
    optimizer.zero_grad()
    total = 0.0
    for i, batch in enumerate(DataLoader(data, batch_size=4)):
        inputs, targets = (t for t in batch)
        loss = nn.functional.l1_loss(model(inputs), targets) / accumulation_steps
        loss.backward()
        total += loss.item()
        if (i + 1) % accumulation_steps == 0:
            optimizer.step()
            optimizer.zero_grad()
    print(epoch, total)
print(model[2].weight.tolist())
