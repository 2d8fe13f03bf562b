from waves import wave

import nnviz as torch
import nnviz.nn.functional as F


def compare(name, dt, t):
    close = torch.allclose(dt, t.grad, atol=1e-6)
    print(name, close, (dt - t.grad).abs().max().item() < 1e-6, t.grad.abs().sum().item())


n, hidden, classes = 12, 6, 4
x = torch.tensor(wave(n, 3))
y = torch.arange(n) % classes
W1 = torch.tensor(wave(3, hidden, start=1.0), requires_grad=True)
b1 = torch.tensor(wave(hidden, start=2.0, scale=0.1), requires_grad=True)
W2 = torch.tensor(wave(hidden, classes, start=3.0), requires_grad=True)
pre = x @ W1 + b1
h = torch.tanh(pre)
logits = h @ W2
logit_maxes = logits.max(1, keepdim=True).values
counts = (logits - logit_maxes).exp()
counts_sum = counts.sum(1, keepdim=True)
probs = counts * counts_sum**-1
logprobs = probs.log()
loss = -logprobs[range(n), y].mean()
for t in (logprobs, probs, counts, logits, h, pre):
    t.retain_grad()
loss.backward()
print(loss.item(), F.cross_entropy(logits, y).item())
dlogprobs = torch.zeros_like(logprobs)
dlogprobs[range(n), y] = -1.0 / n
compare("logprobs", dlogprobs, logprobs)
compare("probs", dlogprobs / probs.detach(), probs)
dlogits = F.softmax(logits.detach(), 1)
dlogits[range(n), y] -= 1
dlogits /= n
compare("logits", dlogits, logits)
dh = dlogits @ W2.detach().T
compare("h", dh, h)
compare("W2", h.detach().T @ dlogits, W2)
dpre = (1.0 - h.detach() ** 2) * dh
compare("pre", dpre, pre)
compare("W1", x.T @ dpre, W1)
compare("b1", dpre.sum(0), b1)
