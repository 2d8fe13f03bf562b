from waves import fill

import nnviz as torch
import nnviz.nn as nn
import nnviz.nn.functional as F

reviews = [("good movie fun", 1), ("bad boring film", 0), ("fun good film", 1), ("boring bad", 0), ("good", 1)]
vocab = {"<pad>": 0}
for text, _ in reviews:
    for word in text.split():
        vocab.setdefault(word, len(vocab))
length = max(len(text.split()) for text, _ in reviews)
ids = torch.zeros(len(reviews), length, dtype=torch.long)
for row, (text, _) in enumerate(reviews):
    words = text.split()
    ids[row, : len(words)] = torch.tensor([vocab[w] for w in words])
labels = torch.FloatTensor([label for _, label in reviews])
mask = (ids != 0).float().unsqueeze(-1)
print(ids.tolist(), len(vocab))


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(vocab), 4, padding_idx=0)
        self.out = nn.Linear(4, 1)

    def forward(self, ids, mask):
        e = self.embedding(ids) * mask
        return self.out(e.sum(1) / mask.sum(1)).squeeze(1)


model = fill(Bag())
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(10):
    logits = model(ids, mask)
    loss = F.binary_cross_entropy_with_logits(logits, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 3 == 0:
        print(epoch, loss.item())
print(model.embedding.weight.grad[0].tolist(), torch.sigmoid(logits).round().tolist())
