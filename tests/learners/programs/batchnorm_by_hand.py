from waves import wave

import nnviz as torch


class BatchNorm1d:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)

    def __call__(self, x):
        if self.training:
            xmean, xvar = x.mean(0, keepdim=True), x.var(0, keepdim=True)
        else:
            xmean, xvar = self.running_mean, self.running_var
        xhat = (x - xmean) / torch.sqrt(xvar + self.eps)
        self.out = self.gamma * xhat + self.beta
        if self.training:
            with torch.no_grad():
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * xmean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * xvar
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]


layer = BatchNorm1d(4)
for p in layer.parameters():
    p.requires_grad = True
x = torch.from_numpy(wave(16, 4)) * torch.tensor([1.0, 2.0, 3.0, 4.0]) + 5
for step in range(3):
    loss = ((layer(x) - torch.from_numpy(wave(16, 4, start=2.0))) ** 2).sum()
    loss.backward()
    for p in layer.parameters():
        p.data -= 0.01 * p.grad
        p.grad = None
    print(step, loss.item(), layer.running_mean[0].tolist(), layer.running_var[0].tolist())
layer.training = False
print(layer(x[:1]).tolist(), layer.gamma.tolist(), layer.beta.tolist())
