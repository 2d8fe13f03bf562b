from waves import wave

import nnviz as torch
import nnviz.nn.functional as F

words = ["emma", "olivia", "ava", "mia", "luna", "leo", "noah"]
stoi = {c: i for i, c in enumerate("." + "".join(sorted(set("".join(words)))))}
block = 3
X, Y = [], []
for word in words:
    context = [0] * block
    for ch in word + ".":
        X.append(context)
        Y.append(stoi[ch])
        context = context[1:] + [stoi[ch]]
X, Y = torch.tensor(X), torch.tensor(Y)
print(X.shape[0], X.shape[1], Y.dtype == torch.int64)
C = torch.tensor(wave(len(stoi), 2))
W1 = torch.tensor(wave(6, 20, scale=0.4))
b1 = torch.tensor(wave(20, scale=0.1))
W2 = torch.tensor(wave(20, len(stoi), start=1.0, scale=0.2))
b2 = torch.zeros(len(stoi))
parameters = [C, W1, b1, W2, b2]
for p in parameters:
    p.requires_grad = True
print(sum(p.nelement() for p in parameters))
for i in range(40):
    ix = torch.arange(i * 5, i * 5 + 8) % X.shape[0]
    emb = C[X[ix]]
    h = torch.tanh(emb.view(-1, 6) @ W1 + b1)
    logits = h @ W2 + b2
    loss = F.cross_entropy(logits, Y[ix])
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.1 if i < 30 else 0.01
    for p in parameters:
        p.data += -lr * p.grad
    if i % 10 == 9:
        print(i, loss.item(), loss.log10().item())
print(C.tolist())
with torch.no_grad():
    probs = F.softmax(torch.tanh(C[torch.tensor([[0, 0, 0]])].view(1, -1) @ W1 + b1) @ W2 + b2, dim=1)
    print(probs.max(1).values.item(), probs.topk(2).indices.tolist())
