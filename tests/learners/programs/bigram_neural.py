from waves import wave

import nnviz as torch
import nnviz.nn.functional as F

text = "hello world, a wave of words"
chars = sorted(set(text))
index = {c: i for i, c in enumerate(chars)}
xs = torch.tensor([index[c] for c in text[:-1]])
ys = torch.tensor([index[c] for c in text[1:]])
n = len(chars)
W = torch.tensor(wave(n, n), requires_grad=True)
for k in range(15):
    xenc = F.one_hot(xs, num_classes=n).float()
    logits = xenc @ W
    counts = logits.exp()
    probs = counts / counts.sum(1, keepdims=True)
    loss = -probs[torch.arange(xs.nelement()), ys].log().mean() + 0.01 * (W**2).mean()
    W.grad = None
    loss.backward()
    W.data += -10 * W.grad
    if k % 5 == 4:
        print(k, loss.item())
print(F.cross_entropy(W[xs], ys).item(), W.grad.norm().item())
