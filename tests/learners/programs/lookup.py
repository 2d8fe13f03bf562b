from waves import wave

import nnviz as torch
import nnviz.nn as nn
import nnviz.nn.functional as F

table = torch.tensor(wave(6, 3), requires_grad=True)
ids = torch.tensor([[0, 2, 2], [5, 1, 0]])
by_index = table[ids]
by_product = F.one_hot(ids, 6).float() @ table
embedding = (
    nn.Embedding.from_pretrained(table.detach().clone(), freeze=False)
    if hasattr(nn.Embedding, "from_pretrained")
    else nn.Embedding(6, 3)
)
with torch.no_grad():
    embedding.weight.copy_(table)
by_layer = embedding(ids)
print(torch.equal(by_index, by_layer), torch.allclose(by_index, by_product), tuple(by_index.shape))
(by_index * torch.arange(18.0).view(2, 3, 3)).sum().backward()
first = table.grad.clone()
table.grad = None
(by_product * torch.arange(18.0).view(2, 3, 3)).sum().backward()
(by_layer * torch.arange(18.0).view(2, 3, 3)).sum().backward()
print(torch.allclose(first, table.grad), torch.allclose(first, embedding.weight.grad), first.tolist())
print(
    F.embedding(ids, table).sum().item(),
    F.one_hot(torch.tensor([1, 0])).tolist(),
    table.index_select(0, torch.tensor([1, 4])).tolist(),
)
