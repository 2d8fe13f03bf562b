from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn
import nnviz.nn.functional as F

teacher = fill(nn.Sequential(nn.Linear(5, 20), nn.ReLU(), nn.Linear(20, 4)))
student = fill(nn.Sequential(nn.Linear(5, 4)))
x = torch.from_numpy(wave(16, 5))
labels = torch.arange(16) % 4
optimizer = torch.optim.SGD(student.parameters(), lr=0.1, momentum=0.9)
teacher.eval()
temperature, weight = 2.0, 0.25
for epoch in range(8):
    optimizer.zero_grad()
    with torch.no_grad():
        teacher_logits = teacher(x)
    logits = student(x)
    soft_targets = F.softmax(teacher_logits / temperature, dim=-1)
    soft_prob = F.log_softmax(logits / temperature, dim=-1)
    soft_loss = torch.sum(soft_targets * (soft_targets.log() - soft_prob)) / soft_prob.size()[0] * temperature**2
    loss = weight * soft_loss + (1 - weight) * F.cross_entropy(logits, labels, label_smoothing=0.1)
    loss.backward()
    optimizer.step()
    if epoch % 2:
        print(epoch, loss.item(), soft_loss.item(), F.kl_div(soft_prob, soft_targets, reduction="batchmean").item())
print(student[0].weight.grad.norm().item())
