from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn
import nnviz.nn.functional as F


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(4, 8), nn.ELU())
        self.classes = nn.Linear(8, 3)
        self.value = nn.Linear(8, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.classes(h), self.value(h).squeeze(-1)


model = fill(TwoHeads())
x = torch.from_numpy(wave(10, 4))
kind = torch.tensor([0, 0, 0, 0, 0, 0, 1, 1, 2, -100])
value = x.sum(dim=1)
counts = torch.tensor([6.0, 2.0, 1.0])
criterion = nn.CrossEntropyLoss(weight=counts.sum() / (len(counts) * counts), ignore_index=-100)
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for step in range(8):
    logits, guess = model(x)
    loss_class = criterion(logits, kind)
    loss_value = F.smooth_l1_loss(guess, value)
    loss = loss_class + 0.5 * loss_value
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 2:
        print(step, loss_class.item(), loss_value.item())
each = F.cross_entropy(logits[:9], kind[:9], reduction="none")
print(each.tolist(), nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0))(guess, (value > 0).float()).item())
