import math

import nnviz as torch

x = torch.linspace(-math.pi, math.pi, 200, dtype=torch.float)
y = torch.sin(x)
a, b, c, d = (torch.tensor(v) for v in (0.1, -0.2, 0.05, 0.0))
learning_rate = 1e-5
for step in range(60):
    y_pred = a + b * x + c * x**2 + d * x**3
    loss = (y_pred - y).pow(2).sum().item()
    if step % 20 == 19:
        print(step, loss)
    grad = 2.0 * (y_pred - y)
    a -= learning_rate * grad.sum()
    b -= learning_rate * (grad * x).sum()
    c -= learning_rate * (grad * x**2).sum()
    d -= learning_rate * (grad * x**3).sum()
print(f"y = {a.item():.5f} + {b.item():.5f} x + {c.item():.5f} x^2 + {d.item():.5f} x^3")
