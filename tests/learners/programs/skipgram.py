from waves import fill

import nnviz as torch
import nnviz.nn as nn
import nnviz.nn.functional as F

corpus = "the cat sat on the mat the dog sat on the rug".split()
vocabulary = sorted(set(corpus))
word2idx = {w: i for i, w in enumerate(vocabulary)}
pairs = [
    (word2idx[corpus[i]], word2idx[corpus[i + w]])
    for i in range(len(corpus))
    for w in (-2, -1, 1, 2)
    if 0 <= i + w < len(corpus)
]
print(len(vocabulary), len(pairs))


class SkipGram(nn.Module):
    def __init__(self, n, dim):
        super().__init__()
        self.embeddings = nn.Embedding(n, dim)
        self.linear = nn.Linear(dim, n)

    def forward(self, center):
        return F.log_softmax(self.linear(self.embeddings(center)), dim=1)


model = fill(SkipGram(len(vocabulary), 5))
loss_function = nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
centers, contexts = (torch.LongTensor(list(part)) for part in zip(*pairs))
for epoch in range(10):
    model.zero_grad()
    loss = loss_function(model(centers), contexts)
    loss.backward()
    optimizer.step()
    if epoch % 3 == 0:
        print(epoch, loss.item())
W = model.embeddings.weight.data
cat, dog = W[word2idx["cat"]], W[word2idx["dog"]]
print((torch.dot(cat, dog) / (cat.norm() * dog.norm())).item(), F.cosine_similarity(cat, dog, dim=0).item())
