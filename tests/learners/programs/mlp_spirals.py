import numpy as np
from waves import fill, wave

import nnviz as torch
import nnviz.nn.functional as F
from nnviz import nn, optim

turns = np.linspace(0, 1, 30)
X = np.concatenate(
    [np.stack([t * np.cos(4 * t + k * 2.1), t * np.sin(4 * t + k * 2.1)], 1) for k in range(3) for t in [turns]]
)
X = torch.tensor(X, dtype=torch.float32) + 0.02 * torch.from_numpy(wave(90, 2))
y = torch.arange(3).repeat_interleave(30)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 16)
        self.fc2 = nn.Linear(16, 16)
        self.out = nn.Linear(16, 3)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.tanh(self.fc2(x))
        return self.out(x)


model = fill(Net())
print(sum(p.numel() for p in model.parameters() if p.requires_grad))
optimizer = optim.Adam(model.parameters(), lr=0.01)
for epoch in range(20):
    optimizer.zero_grad()
    logits = model(X)
    loss = F.cross_entropy(logits, y)
    loss.backward()
    optimizer.step()
    if epoch % 5 == 4:
        predicted = torch.max(logits.data, 1)[1]
        print(epoch, loss.item(), (predicted == y).float().mean().item())
model.eval()
with torch.inference_mode():
    probs = F.softmax(model(X[:2]), dim=-1)
print(probs.tolist(), probs.sum(dim=1).tolist())
