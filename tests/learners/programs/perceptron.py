from waves import wave

import nnviz as torch

X = torch.from_numpy(wave(30, 2))
y = torch.where(X[:, 0] + 0.5 * X[:, 1] > 0, torch.tensor(1), torch.tensor(0))


class Perceptron:
    def __init__(self, num_features):
        self.weights = torch.zeros(num_features, 1, dtype=torch.float32)
        self.bias = torch.zeros(1, dtype=torch.float32)

    def forward(self, x):
        linear = torch.add(torch.mm(x, self.weights), self.bias)
        return torch.where(linear > 0.0, 1, 0).float()

    def train(self, x, y, epochs):
        for e in range(epochs):
            for i in range(y.shape[0]):
                errors = y[i] - self.forward(x[i].reshape(1, 2)).reshape(-1)
                self.weights += (errors * x[i]).reshape(2, 1)
                self.bias += errors

    def evaluate(self, x, y):
        predictions = self.forward(x).reshape(-1)
        return torch.sum(predictions == y).float() / y.shape[0]


ppn = Perceptron(2)
ppn.train(X[:20], y[:20], epochs=4)
print(ppn.weights.tolist(), ppn.bias.tolist(), ppn.evaluate(X[20:], y[20:]).item(), y.sum().item())
model = torch.nn.Linear(2, 1)
model.weight.detach().zero_()
model.bias.detach().zero_()
loss_fn = torch.nn.HingeEmbeddingLoss()
for epoch in range(20):
    margin = (2 * y.float() - 1) * model(X).squeeze(1)
    loss = torch.clamp(1 - margin, min=0).mean() + 0.01 * model.weight.square().sum()
    model.zero_grad()
    loss.backward()
    with torch.no_grad():
        for param in model.parameters():
            param -= 0.5 * param.grad
print(loss.item(), model.weight.tolist(), ((model(X).squeeze(1) > 0).long() == y).float().mean().item())
