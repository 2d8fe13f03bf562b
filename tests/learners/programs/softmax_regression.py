from waves import wave

import nnviz as torch


def softmax(x):
    e = torch.exp(x - torch.max(x, dim=1, keepdim=True)[0])
    return e / e.sum(dim=1, keepdim=True)


def net(X):
    return softmax(torch.matmul(X.reshape((-1, W.shape[0])), W) + b)


def cross_entropy(y_hat, y):
    return -torch.log(y_hat[range(len(y_hat)), y])


def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size
            param.grad.zero_()


def data_iter(batch_size, features, labels):
    for i in range(0, len(features), batch_size):
        indices = torch.tensor(list(range(len(features)))[i : i + batch_size])
        yield features[indices], labels[indices]


features = torch.from_numpy(wave(36, 2, 3))
labels = (features.sum(dim=(1, 2)) * 2).long() % 3
W = torch.normal(0, 0.01, size=(6, 3), requires_grad=True)
b = torch.zeros(3, requires_grad=True)
with torch.no_grad():
    W.zero_()
for epoch in range(5):
    total, hits = 0.0, 0.0
    for X, y in data_iter(9, features, labels):
        y_hat = net(X)
        losses = cross_entropy(y_hat, y)
        losses.sum().backward()
        sgd([W, b], 0.5, X.shape[0])
        total += float(losses.sum())
        hits += float((y_hat.argmax(axis=1).type(y.dtype) == y).type(y.dtype).sum())
    print(epoch, total / len(features), hits / len(features))
print(W.tolist(), b.tolist(), labels.tolist())
