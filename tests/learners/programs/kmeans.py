from waves import wave

import nnviz as torch

centers = torch.tensor([[0.0, 0.0], [4.0, 4.0], [-4.0, 3.0]])
points = torch.cat([c + torch.from_numpy(wave(15, 2, start=float(i))) for i, c in enumerate(centers)])
centroids = points[[0, 1, 20]].clone()
for iteration in range(6):
    distances = ((points[:, None, :] - centroids[None, :, :]) ** 2).sum(-1).sqrt()
    labels = distances.argmin(dim=1)
    new = torch.stack([points[labels == k].mean(dim=0) for k in range(3)])
    shift = (new - centroids).norm().item()
    centroids = new
    print(iteration, distances.min(dim=1).values.mean().item(), shift, torch.bincount(labels, minlength=3).tolist())
    if shift < 1e-6:
        break
order = torch.argsort(centroids[:, 0])
print(centroids[order].tolist(), torch.unique(labels).tolist())
