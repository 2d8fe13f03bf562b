import tempfile
from pathlib import Path

from waves import fill, wave

import nnviz as torch
from nnviz import nn


def build():
    return nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))


x = torch.from_numpy(wave(10, 2))
y = x.prod(1, keepdim=True)
model = fill(build())
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)


def train(model, optimizer, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
    return loss.item()


with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "checkpoint.pt"
    first = train(model, optimizer, 5)
    torch.save(
        {
            "epoch": 5,
            "loss": first,
            "model_state_dict": model.state_dict(),
            "optimizer_state_dict": optimizer.state_dict(),
        },
        path,
    )
    print(first, train(model, optimizer, 5))
    other = build()
    other_optimizer = torch.optim.Adam(other.parameters(), lr=0.5)
    checkpoint = torch.load(path, map_location=torch.device("cpu"), weights_only=True)
    other.load_state_dict(checkpoint["model_state_dict"])
    other_optimizer.load_state_dict(checkpoint["optimizer_state_dict"])
    print(
        checkpoint["epoch"], checkpoint["loss"], train(other, other_optimizer, 5), other_optimizer.param_groups[0]["lr"]
    )
    print(all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters())))
    torch.save(x, Path(folder) / "x.pt")
    print(torch.load(Path(folder) / "x.pt").sum().item() == x.sum().item())
    torch.save([torch.arange(3), {"a": (1, 2.5, None, "text", True)}], str(path))
    print(torch.load(str(path))[1]["a"], torch.load(str(path))[0].tolist())
