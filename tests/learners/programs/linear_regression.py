from waves import wave

import nnviz as torch
import nnviz.nn as nn
from nnviz.utils.data import DataLoader, TensorDataset, random_split

X = torch.from_numpy(wave(40, 2))
y = X @ torch.tensor([[2.0], [-3.4]]) + 4.2
dataset = TensorDataset(X, y)
train, val = random_split(dataset, [32, 8], generator=torch.Generator().manual_seed(42))
print(len(train), len(val), sorted([*train.indices, *val.indices]) == list(range(40)))
net = nn.Linear(2, 1)
net.weight.data.fill_(0.01)
net.bias.data.zero_()
loss = nn.MSELoss()
trainer = torch.optim.SGD(net.parameters(), lr=0.3)
for epoch in range(5):
    for xb, yb in DataLoader(dataset, batch_size=8):
        l = loss(net(xb), yb)
        trainer.zero_grad()
        l.backward()
        trainer.step()
    print(epoch + 1, loss(net(X), y).item())
print(net.weight.data.tolist(), net.bias.data.item(), dataset[3][1].item())
