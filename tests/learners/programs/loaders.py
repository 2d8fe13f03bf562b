import nnviz as torch
from nnviz.utils.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    IterableDataset,
    RandomSampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    random_split,
)


class Squares(IterableDataset):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return iter({"i": i, "square": float(i * i), "name": f"n{i}"} for i in range(self.n))


x = torch.arange(20.0).view(10, 2)
y = torch.arange(10)
data = TensorDataset(x, y)
for batch in DataLoader(Squares(5), batch_size=2):
    print(batch["i"].tolist(), batch["square"].tolist(), batch["square"].dtype == torch.float64, batch["name"])
both = ConcatDataset([data, Subset(data, [3, 1])])
print(len(both), both[10][1].item(), both[-1][1].item(), [yb.tolist() for _, yb in DataLoader(both, batch_size=5)])
print(
    list(BatchSampler(SequentialSampler(range(10)), batch_size=4, drop_last=False)),
    sorted(RandomSampler(data)) == list(range(10)),
)
loader = DataLoader(data, batch_size=3, sampler=SubsetRandomSampler([1, 3, 5, 7]))
print(len(loader), sorted(torch.cat([yb for _, yb in loader]).tolist()))
print(
    set(WeightedRandomSampler([0.0, 1.0, 0.0], num_samples=5, replacement=True)),
    len(WeightedRandomSampler([0.5, 0.5], 7)),
)
a, b, c = random_split(range(11), [0.5, 0.3, 0.2], generator=torch.Generator().manual_seed(1))
print(len(a), len(b), len(c), sorted([*a, *b, *c]))
first, second = (
    [yb.tolist() for _, yb in DataLoader(data, 4, shuffle=True, generator=torch.Generator().manual_seed(9))]
    for _ in range(2)
)
print(first == second, sorted(sum(first, [])), [len(batch) for batch in first])
features, labels = next(iter(DataLoader(data, batch_size=4, shuffle=False, num_workers=0, pin_memory=False)))
print(features.tolist(), labels.tolist())
pairs = DataLoader(data, batch_size=2, collate_fn=lambda batch: (torch.stack([b[0] for b in batch]).sum(), len(batch)))
print([(total.item(), n) for total, n in pairs], [item[1].item() for item in DataLoader(data, batch_size=None)][:3])
