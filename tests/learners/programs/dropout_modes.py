from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn

model = fill(nn.Sequential(nn.Linear(4, 50), nn.Dropout(p=0.5), nn.ReLU(), nn.BatchNorm1d(50), nn.Linear(50, 1)))
x = torch.from_numpy(wave(8, 4))
model.eval()
a, b = model(x), model(x)
print(torch.equal(a, b), a.sum().item(), model.training, model[1].training)
model.train()
torch.manual_seed(11)
c = model(x)
torch.manual_seed(11)
d = model(x)
print(torch.equal(c, d), torch.equal(c, model(x)), model[3].num_batches_tracked.item())
ones = nn.Dropout(0.2)(torch.ones(2000))
print(sorted(set(ones.tolist())), abs(ones.mean().item() - 1) < 0.1, nn.Dropout(0.0)(x).equal(x))
print(nn.functional.dropout(x, p=0.9, training=False).sum().item())
