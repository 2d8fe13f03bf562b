from waves import fill, wave

import nnviz as torch
from nnviz import nn


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(16, 8), nn.ReLU(inplace=True), nn.Linear(8, 2))
        self.decoder = nn.Sequential(nn.Linear(2, 8), nn.ReLU(True), nn.Linear(8, 16), nn.Sigmoid())

    def forward(self, x):
        encoded = self.encoder(x)
        return self.decoder(encoded), encoded


images = (torch.from_numpy(wave(20, 1, 4, 4, step=0.37)) + 1) / 2
model = fill(Autoencoder())
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, weight_decay=1e-5)
for epoch in range(12):
    for batch in images.split(10):
        flat = batch.reshape(-1, 16)
        recon, _ = model(flat)
        loss = criterion(recon, flat)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1}, loss {loss.item():.6f}")
with torch.no_grad():
    recon, code = model(images.view(20, -1))
print(code[:2].tolist(), recon.mean().item())
