import nnviz as torch

scores = torch.tensor([[2.0, 4.0], [6.0, 8.0]])
bonus = torch.tensor([1.0, 0.5])
total = torch.empty(2, 2)
same = torch.add(scores, bonus, out=total)
print(same is total, total.tolist())
torch.mul(total, 2, out=total)
print(total.tolist(), torch.matmul(scores, scores.T, out=total).tolist(), total.sum().item())

table = torch.zeros(3, 2)
for row, exponent in enumerate((1, 2, 3)):
    torch.pow(bonus, exponent, out=table[row])
print(table.tolist())
print(torch.eq(scores, 4.0, out=torch.ones(2, 2)).tolist(), torch.cat([bonus, bonus], out=torch.zeros(4)).tolist())
print(
    torch.arange(4, out=torch.empty(4)).tolist(),
    torch.ones(2, out=torch.zeros(2, dtype=torch.float64)).dtype == torch.float64,
)

noise = torch.zeros(50, 2)
torch.manual_seed(3)
torch.rand(50, 2, out=noise)
print(0.3 < noise.mean().item() < 0.7, bool((noise >= 0).all() and (noise < 1).all()))

weight = torch.tensor([1.0, 2.0], requires_grad=True)
for attempt in (
    lambda: torch.mul(weight, 2, out=torch.empty(2)),
    lambda: torch.div(weight.data, 2, out=torch.arange(2)),
):
    try:
        attempt()
    except RuntimeError as error:
        print(str(error).split(".")[0].split("\n")[0])
with torch.no_grad():
    torch.sub(weight, torch.tensor([0.1, 0.1]), out=weight)
print([round(number, 4) for number in weight.tolist()], weight.requires_grad)
