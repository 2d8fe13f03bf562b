from waves import fill, wave

import nnviz as torch
from nnviz import nn
from nnviz.utils.data import DataLoader, Dataset


class Waves(Dataset):
    def __init__(self, n, transform=None):
        self.x = wave(n, 3)
        self.transform = transform

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        x = self.x[index]
        if self.transform:
            x = self.transform(x)
        return x, int(x.sum() > 0)


data = Waves(22, transform=lambda x: x * 2)
loader = DataLoader(data, batch_size=5, shuffle=False)
print(len(data), len(loader), len(DataLoader(data, batch_size=5, drop_last=True)))
model = fill(nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2)))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for epoch in range(4):
    running, correct = 0.0, 0
    for i, (inputs, labels) in enumerate(loader):
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        running += loss.item() * inputs.size(0)
        correct += (outputs.argmax(1) == labels).sum().item()
    print(f"epoch {epoch + 1}: loss {running / len(data):.6f}, accuracy {100 * correct / len(data):.1f} %")
seen = torch.cat([labels for _, labels in DataLoader(data, batch_size=4, shuffle=True)])
print(seen.shape[0], seen.sum().item(), inputs.dtype == torch.float32, labels.dtype == torch.int64)
