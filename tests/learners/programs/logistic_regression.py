from waves import fill, wave

import nnviz as torch
from nnviz import nn


class Logistic(nn.Module):
    def __init__(self, n):
        super(Logistic, self).__init__()
        self.linear = nn.Linear(n, 1)

    def forward(self, x):
        return torch.sigmoid(self.linear(x))


x = torch.from_numpy(wave(60, 4))
y = (x[:, :1] - x[:, 2:3] > 0.1).float()
mean, std = x.mean(0, keepdim=True), x.std(0, keepdim=True)
x = (x - mean) / std
model = fill(Logistic(4))
criterion = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
for epoch in range(30):
    y_predicted = model(x)
    loss = criterion(y_predicted, y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    if (epoch + 1) % 10 == 0:
        print(f"epoch: {epoch + 1}, loss = {loss.item():.6f}")
with torch.no_grad():
    classes = model(x).round()
    accuracy = classes.eq(y).sum() / float(y.shape[0])
    print(f"accuracy: {accuracy.item():.4f}")
    logits = model.linear(x)
    print(nn.BCEWithLogitsLoss()(logits, y).item(), nn.functional.binary_cross_entropy(model(x), y).item())
