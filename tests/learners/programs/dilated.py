from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn
import nnviz.nn.functional as F

x = torch.from_numpy(wave(2, 4, 9, 9))
block = fill(
    nn.Sequential(
        nn.Conv2d(4, 4, 3, padding=2, dilation=2, groups=4),
        nn.Conv2d(4, 8, kernel_size=1),
        nn.BatchNorm2d(8),
        nn.LeakyReLU(0.1),
        nn.AvgPool2d(2),
        nn.Conv2d(8, 6, (3, 1), stride=(1, 2), padding=(1, 0), bias=False),
    )
)
out = block(x)
print(tuple(out.shape), out.mean().item(), out.std().item())
pooled = F.adaptive_avg_pool2d(out, (1, 1)).view(2, -1)
loss = F.cross_entropy(pooled, torch.tensor([0, 3]))
loss.backward()
print(loss.item(), [p.grad.abs().sum().item() for p in block.parameters() if p.grad.abs().sum() > 1e-4])
w = torch.from_numpy(wave(1, 1, 3, 3))
image = torch.from_numpy(wave(1, 1, 5, 5))
print(
    F.conv2d(image, w).tolist(),
    F.conv2d(image, w, padding=1, stride=2).sum().item(),
    F.max_pool2d(image, 2).flatten().tolist(),
)
