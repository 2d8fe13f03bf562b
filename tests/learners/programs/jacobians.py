import nnviz as torch
from nnviz.autograd.functional import jacobian, vjp


def polar(r, phi):
    return r * torch.cos(phi), r * torch.sin(phi)


r, phi = torch.tensor([1.0, 2.0]), torch.tensor([0.5, 1.0])
for row in jacobian(polar, (r, phi)):
    print([[[round(number, 4) for number in line] for line in part.tolist()] for part in row])
print(jacobian(lambda x: x @ x, r).tolist(), jacobian(lambda x: x.sum() * torch.ones(2, 1), r).shape == (2, 1, 2))
print(jacobian(lambda x, y: 3 * x, (r, phi))[1].tolist())

layer = torch.nn.Linear(2, 3)
print(torch.equal(jacobian(layer, r), layer.weight), layer.weight.grad)

value, product = vjp(lambda x: (x**3).sum(), r)
print(value.item(), product.tolist(), value.requires_grad)
value, product = torch.autograd.functional.vjp(polar, (r, phi), (torch.ones(2), torch.tensor([1.0, 0.0])))
print([[round(number, 4) for number in one.tolist()] for one in (*value, *product)])


def doubled(x):
    y = x * 2
    while y.data.norm() < 100:
        y = y * 2
    return y


print([one.tolist() for one in vjp(doubled, r, v=torch.tensor([1.0, 0.001]))][0])
for attempt in (
    lambda: vjp(lambda x: x, r),
    lambda: jacobian(lambda x: torch.ones(1), r, strict=True),
    lambda: jacobian(lambda x: x, torch.tensor([1, 2])),
):
    try:
        attempt()
    except RuntimeError as error:
        print(type(error).__mro__[-3].__name__)
