import nnviz as torch
from nnviz import nn
from nnviz.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, LambdaLR, MultiStepLR, ReduceLROnPlateau, StepLR

x = torch.tensor([[1.0], [2.0], [3.0]])
y = torch.tensor([[2.0], [4.0], [6.0]])
for make in (
    lambda o: StepLR(o, step_size=2, gamma=0.5),
    lambda o: ExponentialLR(o, gamma=0.9),
    lambda o: CosineAnnealingLR(o, T_max=6, eta_min=0.001),
    lambda o: LambdaLR(o, lr_lambda=lambda epoch: 0.95**epoch),
    lambda o: MultiStepLR(o, milestones=[2, 4], gamma=0.1),
    lambda o: ReduceLROnPlateau(o, mode="min", factor=0.1, patience=1),
):
    model = nn.Linear(1, 1)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    scheduler = make(optimizer)
    rates = []
    for epoch in range(7):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        if isinstance(scheduler, ReduceLROnPlateau):
            scheduler.step(1.0)
        else:
            scheduler.step()
        rates.append(optimizer.param_groups[0]["lr"])
    print(type(scheduler).__name__, rates, loss.item())
