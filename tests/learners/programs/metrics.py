from waves import wave

import nnviz as torch
import nnviz.nn.functional as F

logits = torch.from_numpy(wave(40, 5))
target = torch.arange(40) % 5
probabilities = F.softmax(logits, dim=1)
_, predicted = torch.max(probabilities, dim=1)
correct = predicted.eq(target.view_as(predicted)).sum().item()
confusion = torch.zeros(5, 5, dtype=torch.long)
for t, p in zip(target.view(-1), predicted.view(-1)):
    confusion[t.long(), p.long()] += 1
print(correct, confusion.tolist(), confusion.diag().sum().item())
top = logits.topk(3, dim=1)
hits = top.indices.eq(target.unsqueeze(1).expand_as(top.indices))
print([hits[:, :k].any(dim=1).float().mean().item() for k in (1, 2, 3)])
precision = confusion.diag().float() / confusion.sum(0).clamp(min=1).float()
recall = confusion.diag().float() / confusion.sum(1).float()
f1 = 2 * precision * recall / (precision + recall + 1e-8)
print(precision.tolist(), recall.tolist(), f1.mean().item())
values, places = torch.sort(probabilities[:, 0], descending=True)
print(values[:3].tolist(), places[:3].tolist(), torch.median(probabilities).item(), probabilities.min().item())
print(
    F.cross_entropy(logits, target).item(),
    F.nll_loss(F.log_softmax(logits, 1), target).item(),
    torch.isnan(logits).any().item(),
)
