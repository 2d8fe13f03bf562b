from waves import fill

import nnviz as torch
from nnviz import nn

X = torch.Tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
Y = torch.Tensor([0, 1, 1, 0]).view(-1, 1)


class XOR(nn.Module):
    def __init__(self, input_dim=2, output_dim=1):
        super(XOR, self).__init__()
        self.lin1 = nn.Linear(input_dim, 4)
        self.lin2 = nn.Linear(4, output_dim)

    def forward(self, x):
        x = torch.tanh(self.lin1(x))
        return self.lin2(x)


model = fill(XOR())
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for i in range(100):
    loss = ((model(X) - Y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if i % 25 == 24:
        print(f"step {i}: {loss.item():.5f}")
print((model(X) > 0.5).int().flatten().tolist())
