from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 6), nn.ReLU())
        self.fc = nn.Linear(6, 10)

    def forward(self, x):
        return self.fc(self.features(x))


model = fill(Backbone())
for param in model.parameters():
    param.requires_grad = False
num_ftrs = model.fc.in_features
model.fc = fill(nn.Linear(num_ftrs, 2))
trainable = [name for name, p in model.named_parameters() if p.requires_grad]
print(trainable, num_ftrs, sum(p.numel() for p in model.parameters()))
before = model.features[0].weight.clone()
optimizer = torch.optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=0.1, momentum=0.9)
criterion = nn.CrossEntropyLoss()
x = torch.from_numpy(wave(14, 5))
y = (x[:, 0] > 0).long()
for phase in ["train", "train", "val", "train"]:
    model.train(phase == "train")
    with torch.set_grad_enabled(phase == "train"):
        outputs = model(x)
        _, preds = torch.max(outputs, 1)
        loss = criterion(outputs, y)
    if phase == "train":
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(phase, loss.item(), torch.sum(preds == y.data).item(), loss.requires_grad)
print(
    torch.equal(before, model.features[0].weight),
    model.features[0].weight.grad is None,
    model.fc.weight.grad.norm().item(),
)
for param in model.features.parameters():
    param.requires_grad_(True)
print(sum(p.requires_grad for p in model.parameters()))
