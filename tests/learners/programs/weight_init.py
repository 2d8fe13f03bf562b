import nnviz as torch
from nnviz import nn


def init_weights(m):
    if isinstance(m, nn.Linear):
        nn.init.constant_(m.weight, 0.05)
        m.bias.data.fill_(0.01)
    elif type(m) == nn.Conv2d:
        nn.init.normal_(m.weight, mean=0.0, std=0.02)
        nn.init.zeros_(m.bias)
    elif m.__class__.__name__.find("BatchNorm") != -1:
        nn.init.ones_(m.weight)
        nn.init.constant_(m.bias, 0)


net = nn.Sequential(
    nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 4), nn.Tanh(), nn.Linear(4, 2)
)
print(net.apply(init_weights) is net)
print(net[4].weight.mean().item(), net[4].bias.tolist(), net[0].bias.abs().sum().item(), net[1].weight.sum().item())
print(net[0].weight.std().item() < 0.04, net[0].weight.std().item() > 0.01)
layer = nn.Linear(100, 200)
nn.init.xavier_uniform_(layer.weight)
limit = (6 / 300) ** 0.5
print(layer.weight.abs().max().item() <= limit, abs(layer.weight.mean().item()) < 0.01)
nn.init.kaiming_normal_(layer.weight, mode="fan_in", nonlinearity="relu")
print(abs(layer.weight.std().item() - (2 / 100) ** 0.5) < 0.01)
with torch.no_grad():
    layer.weight.copy_(torch.eye(200, 100))
    layer.bias.uniform_(-1e-9, 1e-9)
print(layer(torch.ones(1, 100)).sum().item(), nn.init.calculate_gain("tanh"))
