from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn
import nnviz.nn.functional as F
import nnviz.optim as optim


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 8, 3)
        self.drop = nn.Dropout(0.25)
        self.fc1 = nn.Linear(8 * 2 * 2, 20)
        self.fc2 = nn.Linear(20, 5)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(-1, 8 * 2 * 2)
        x = self.drop(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


device = "cuda:0" if torch.cuda.is_available() else "cpu"
net = fill(Net()).to(device)
net.eval()
optimizer = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
inputs = torch.from_numpy(wave(4, 3, 14, 14)).to(device)
labels = torch.tensor([1, 0, 4, 2], device=device)
for epoch in range(4):
    optimizer.zero_grad()
    output = net(inputs)
    loss = F.nll_loss(output, labels)
    loss.backward()
    optimizer.step()
    print(
        epoch,
        loss.item(),
        output.argmax(dim=1, keepdim=True).eq(labels.view_as(output.argmax(dim=1, keepdim=True))).sum().item(),
    )
print([tuple(p.shape) for p in net.parameters()], net.conv1.bias.grad.abs().sum().item())
