from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn
import nnviz.optim as optim

latent, width = 3, 4
G = fill(nn.Sequential(nn.Linear(latent, 8), nn.LeakyReLU(0.2, inplace=True), nn.Linear(8, width), nn.Tanh()))
D = fill(nn.Sequential(nn.Linear(width, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1), nn.Sigmoid()))
criterion = nn.BCELoss()
optimizerD = optim.Adam(D.parameters(), lr=0.01, betas=(0.5, 0.999))
optimizerG = optim.Adam(G.parameters(), lr=0.01, betas=(0.5, 0.999))
real_label, fake_label = 1.0, 0.0
for step in range(6):
    D.zero_grad()
    real = torch.from_numpy(wave(6, width, start=step * 0.1)) * 0.5 + 0.3
    label = torch.full((6,), real_label, dtype=torch.float)
    output = D(real).view(-1)
    errD_real = criterion(output, label)
    errD_real.backward()
    D_x = output.mean().item()
    noise = torch.from_numpy(wave(6, latent, start=float(step)))
    fake = G(noise)
    label.fill_(fake_label)
    output = D(fake.detach()).view(-1)
    errD_fake = criterion(output, label)
    errD_fake.backward()
    errD = errD_real + errD_fake
    optimizerD.step()
    G.zero_grad()
    label.fill_(real_label)
    output = D(fake).view(-1)
    errG = criterion(output, label)
    errG.backward()
    optimizerG.step()
    print(
        f"[{step}] loss_D {errD.item():.6f} loss_G {errG.item():.6f} D(x) {D_x:.6f} D(G(z)) {output.mean().item():.6f}"
    )
print(G(noise).detach().std().item(), all(p.grad is not None for p in G.parameters()))
