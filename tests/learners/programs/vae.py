from waves import fill, wave

import nnviz as torch
from nnviz import nn
from nnviz.nn import functional as F


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(12, 10)
        self.fc21 = nn.Linear(10, 3)
        self.fc22 = nn.Linear(10, 3)
        self.fc3 = nn.Linear(3, 10)
        self.fc4 = nn.Linear(10, 12)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar, noise=None):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std) if noise is None else noise
        return mu + eps * std

    def decode(self, z):
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z))))

    def forward(self, x, noise=None):
        mu, logvar = self.encode(x.view(-1, 12))
        return self.decode(self.reparameterize(mu, logvar, noise)), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, 12), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


torch.manual_seed(1)
model = fill(VAE())
x = (torch.from_numpy(wave(16, 3, 4)) > 0).float()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(12):
    optimizer.zero_grad()
    recon, mu, logvar = model(x, torch.from_numpy(wave(16, 3, start=float(step))))
    loss = loss_function(recon, x, mu, logvar)
    loss.backward()
    optimizer.step()
    if step % 3 == 2:
        print(step, loss.item() / len(x), mu.mean().item(), logvar.mean().item())
sample = model(x)[0]
print(tuple(sample.shape), bool((sample > 0).all()), bool((sample < 1).all()))
