import numpy as np

import nnviz as torch

array = np.arange(6, dtype=np.float32).reshape(2, 3)
shared = torch.from_numpy(array)
copied = torch.tensor(array)
array[0, 0] = 100.0
print(shared[0, 0].item(), copied[0, 0].item())
shared += 1
print(array.tolist())

t = torch.ones(3)
n = t.numpy()
t.add_(4)
print(n.tolist(), np.exp(t.numpy()).tolist(), np.asarray(t.numpy()).mean())
print(torch.from_numpy(np.array([1, 2, 3])).dtype == torch.int64, torch.as_tensor([1.5, 2.5]).sum().item())

w = torch.tensor([1.0, 2.0], requires_grad=True)
loss = (w**2).sum()
loss.backward()
print(w.detach().numpy().tolist(), w.grad.numpy().tolist(), loss.item(), loss.detach().cpu().numpy())
points = np.stack([np.linspace(-1, 1, 4), np.linspace(1, 3, 4)], axis=1)
print(torch.from_numpy(points).float().mean(dim=0).tolist(), torch.Tensor(points.tolist()).shape[1])
