from waves import fill

import nnviz as torch
from nnviz import nn
from nnviz.utils.data import DataLoader, TensorDataset

ratings = [(u, i, ((u * 3 + i * 5) % 5) + 1) for u in range(6) for i in range(7) if (u + i) % 3]
users = torch.tensor([r[0] for r in ratings])
items = torch.tensor([r[1] for r in ratings])
scores = torch.tensor([r[2] for r in ratings], dtype=torch.float32)


class Factorisation(nn.Module):
    def __init__(self, n_users, n_items, n_factors=4):
        super().__init__()
        self.user_factors = nn.Embedding(n_users, n_factors)
        self.item_factors = nn.Embedding(n_items, n_factors)
        self.user_bias = nn.Embedding(n_users, 1)
        self.item_bias = nn.Embedding(n_items, 1)

    def forward(self, user, item):
        dot = (self.user_factors(user) * self.item_factors(item)).sum(dim=1, keepdim=True)
        return torch.sigmoid(dot + self.user_bias(user) + self.item_bias(item)).squeeze() * 5.5


model = fill(Factorisation(6, 7))
optimizer = torch.optim.Adam(model.parameters(), lr=0.05, weight_decay=1e-4)
loss_fn = nn.MSELoss()
loader = DataLoader(TensorDataset(users, items, scores), batch_size=10, shuffle=False)
for epoch in range(6):
    total = 0.0
    for user, item, rating in loader:
        prediction = model(user, item)
        loss = loss_fn(prediction, rating)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(rating)
    print(epoch, total / len(ratings))
similarity = model.item_factors.weight @ model.item_factors.weight.T
print(similarity[0].tolist(), len(ratings), torch.sqrt(loss).item())
