from waves import fill, wave

import nnviz as torch
from nnviz import nn
from nnviz.autograd import Variable

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
print(device, device.type, str(device), torch.cuda.device_count(), torch.backends.mps.is_available())
torch.manual_seed(0)
if torch.cuda.is_available():
    torch.cuda.manual_seed_all(0)
torch.backends.cudnn.deterministic = True
torch.backends.cudnn.benchmark = False
model = fill(nn.Linear(3, 2)).to(device)
x = torch.from_numpy(wave(4, 3)).to(device)
y = torch.zeros(4, 2, device=device)
loss = nn.MSELoss().to(device)(model(x), y)
loss.backward()
print(
    loss.cpu().item(),
    model.weight.grad.cpu().numpy().sum(),
    x.device == device,
    x.is_cuda,
    next(model.parameters()).device.type,
)
print(
    x.double().dtype == torch.float64,
    x.int().dtype == torch.int32,
    x.to(torch.float64).sum().item(),
    x.type(torch.LongTensor).sum().item(),
)
v = Variable(torch.FloatTensor([1.0, 2.0]), requires_grad=True)
(v * v).sum().backward()
print(v.grad.data.tolist(), v.data.tolist(), x.long().dtype == torch.long, x.bool().all().item(), torch.is_tensor(x))
print(model.double()(x.double()).dtype == torch.double, x.to("cpu", dtype=torch.float64).dtype == torch.float64)
