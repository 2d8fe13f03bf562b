import nnviz as torch
import nnviz.optim as optim

target = torch.tensor([1.0, -2.0, 0.5])


def build(name, **arguments):
    w = torch.nn.Parameter(torch.tensor([0.3, 0.3, 0.3]))
    return w, getattr(optim, name)([w], **arguments)


for name, arguments in [
    ("SGD", {"lr": 0.01, "momentum": 0.9, "nesterov": True}),
    ("Adam", {"lr": 0.1}),
    ("AdamW", {"lr": 0.1}),
    ("RMSprop", {"lr": 0.05, "momentum": 0.5}),
    ("Adagrad", {"lr": 0.3, "lr_decay": 0.01}),
]:
    w, optimizer = build(name, **arguments)

    def closure():
        optimizer.zero_grad()
        loss = torch.sum((w - target) ** 2 * torch.tensor([1.0, 10.0, 0.1]))
        loss.backward()
        return loss

    for _ in range(10):
        loss = optimizer.step(closure)
    print(
        name, loss.item(), w.data.tolist(), optimizer.param_groups[0]["lr"], len(optimizer.state_dict()["param_groups"])
    )
