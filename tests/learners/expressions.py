"""Expressions whose values, or whose errors, are PyTorch's (tests/values/make_learners.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SETUP = """
import collections, io, itertools, os
import numpy as np
from nnviz.utils import data
from nnviz.utils.data import *
Point = collections.namedtuple("Point", "x y")
class Stream(IterableDataset):
    def __init__(self, n): self.n = n
    def __iter__(self): return iter(range(self.n))
class Sized(Stream):
    def __len__(self): return self.n
class Batched(Dataset):
    def __len__(self): return 7
    def __getitems__(self, indices): return [10 * i for i in indices]
class Words(Dataset):
    def __len__(self): return 3
    def __getitem__(self, i): return {"word": "abc"[i], "length": i, "share": i / 4, "row": np.full(2, i, np.float32), "pair": (i, [i + 1.0])}
class Cut(Subset):
    def __getitem__(self, i): return 0
t = torch.arange(6.0).reshape(3, 2)
ds = TensorDataset(t, torch.tensor([5, 6, 7]))
"""
"""What they may use, where nnviz stands for PyTorch as well."""

EXPRESSIONS = [
    # a batch of samples
    "default_collate([torch.ones(2), torch.zeros(2)])",
    "default_collate([torch.ones(2), torch.zeros(3)])",
    "default_collate([1, 2, 3])",
    "default_collate([1.5, 2, 3])",
    "default_collate([True, False])",
    "default_collate([np.float32(1), np.float32(2)])",
    "default_collate([np.float64(1), np.float64(2)])",
    "default_collate([np.int32(1), np.int32(2)])",
    "default_collate([np.bool_(True), np.bool_(False)])",
    "default_collate([np.ones((2, 1), np.float32), np.zeros((2, 1), np.float32)])",
    "default_collate([np.array(3), np.array(4)])",
    "default_collate([np.ones(2, np.uint8)])",
    "default_collate(['a', 'b'])",
    "default_collate([b'a', b'b'])",
    "default_collate([(1, 2.0), (3, 4.0)])",
    "default_collate([[1, 'a'], [3, 'b']])",
    "default_collate([{'a': 1, 'b': [1.0]}, {'a': 2, 'b': [2.0]}])",
    "default_collate([collections.OrderedDict(a=1), collections.OrderedDict(a=2)])",
    "default_collate([Point(1, 2.0), Point(3, 4.0)])",
    "default_collate([range(2), range(2)])",
    "default_collate([(1, 2), (3,)])",
    "default_collate([[1, 2], [3]])",
    "default_collate([None, None])",
    "default_collate([object()])",
    "default_collate([1, 2.5])",
    "default_collate([True, 2])",
    "default_collate([2.5, 1, True, np.float32(3)])",
    "default_collate([np.float32(1), 2])",
    "default_collate([np.int64(1), 2.5])",
    "default_collate([1, 'a'])",
    "default_collate([1.5, None])",
    "default_collate([1, None])",
    "default_collate([1.5, 'a'])",
    "default_collate([1.5, [1.0]])",
    "default_collate([1, [1]])",
    "default_collate([2**70])",
    "default_collate([np.float32(1), 'a'])",
    "default_collate([np.float32(1), None])",
    "default_collate([np.ones(2), [1.0, 2.0]])",
    "default_collate([np.ones(2), None])",
    "default_collate([np.ones(2), np.ones(3)])",
    "default_collate([np.ones(2), np.ones(2, np.float32)])",
    "default_collate([torch.ones(2), 3])",
    "default_collate([torch.ones(2), np.ones(2)])",
    "default_collate([torch.ones(2), torch.ones(2, dtype=torch.int64)])",
    "default_collate([torch.ones(()), torch.ones(())])",
    "default_collate([(1, 2), 3])",
    "default_collate([{'a': 1}, 3])",
    "default_collate([{'a': 1}, {'a': 2, 'b': 3}])",
    "default_collate([])",
    "default_collate([[], []])",
    "default_collate([{}, {}])",
    "default_collate([np.datetime64('2020-01-01')])",
    "default_collate([1j, 2j])",
    "default_collate([{1, 2}])",
    "default_collate([np.array(['a'])])",
    "default_collate([np.array([None])])",
    "default_collate([{'a': 1}, {'b': 2}])",
    "default_convert({'a': np.ones(2), 'b': 3, 'c': 'd', 'e': (np.float32(1), [np.zeros(1)])})",
    "default_convert(Point(np.ones(1), 2))",
    "default_convert([np.ones(1), 'a', None])",
    # data sets
    "len(ds), ds[1], ds[-1], ds[0:2], ds[[0, 2]]",
    "TensorDataset(torch.ones(2), torch.ones(3))",
    "TensorDataset(torch.ones(()))",
    "TensorDataset()",
    "TensorDataset(np.ones(2))",
    "Subset(ds, [0])[1]",
    "Subset(ds, [5])[0]",
    "random_split(ds, 2)",
    "random_split(ds, [-1, 4])",
    "random_split(ds, ['a'])",
    "random_split(3, [3])",
    "ds[3]",
    "[int(y) for _, y in ds], [int(y) for _, y in Subset(ds, [2, 1])], [int(y) for _, y in ds + ds]",
    "Dataset()[0]",
    "len(Dataset())",
    "len(ds + ds), (ds + ds)[4][1].item(), (ds + ds)[-4][1].item()",
    "(ds + ds)[-7]",
    "(ds + ds)[6]",
    "ConcatDataset([])",
    "ConcatDataset([ds, Stream(3)])",
    "list(Stream(2) + Stream(3)), len(Sized(2) + Sized(3))",
    "list(ChainDataset([Stream(2), [1]]))",
    "[int(y) for _, y in Subset(ds, [2, 0])], len(Subset(ds, [2, 0])), Subset(ds, [2, 0])[1][1], Subset(ds, [2, 0])[[0, 1]]",
    "Subset(Batched(), [6, 1]).__getitems__([1, 0])",
    "Cut(ds, [0])",
    "[len(s) for s in random_split(range(10), [3, 7])]",
    "[len(s) for s in random_split(range(10), [0.5, 0.25, 0.25])]",
    "[len(s) for s in random_split(range(11), [1 / 3, 1 / 3, 1 / 3])]",
    "[len(s) for s in random_split(range(4), [1.0])]",
    "sorted(itertools.chain(*random_split(range(10), [0.9, 0.1])))",
    "random_split(range(10), [3, 6])",
    "random_split(range(10), [0.5, 0.6])",
    "random_split(range(10), [1.5, -0.5])",
    "random_split(range(2), [])",
    # the order
    "list(SequentialSampler(ds)), len(SequentialSampler(ds))",
    "sorted(RandomSampler(ds)), len(RandomSampler(ds)), len(RandomSampler(ds, num_samples=5)), len(list(RandomSampler(ds, num_samples=5)))",
    "sorted(RandomSampler(range(3), num_samples=6)), len(list(RandomSampler(ds, replacement=True, num_samples=70)))",
    "RandomSampler(ds, replacement=1)",
    "RandomSampler(ds, num_samples=0)",
    "RandomSampler(ds, num_samples=2.5)",
    "RandomSampler([])",
    "sorted(SubsetRandomSampler([4, 2])), len(SubsetRandomSampler([4, 2]))",
    "list(WeightedRandomSampler([0, 1, 0], 3)), sorted(WeightedRandomSampler(torch.tensor([1.0, 0.0, 2.0]), 2, replacement=False))",
    "WeightedRandomSampler([1.0], 0)",
    "WeightedRandomSampler([1.0], True)",
    "WeightedRandomSampler([1.0], 2, replacement=1)",
    "WeightedRandomSampler([[1.0]], 2)",
    "list(WeightedRandomSampler([0.0, 0.0], 2))",
    "list(WeightedRandomSampler([-1.0, 2.0], 2))",
    "list(WeightedRandomSampler([1.0, 2.0], 3, replacement=False))",
    "list(WeightedRandomSampler([float('nan'), 2.0], 3))",
    "list(WeightedRandomSampler([float('inf'), 2.0], 3))",
    "list(WeightedRandomSampler([1.0, 0.0], 2, replacement=False))",
    "list(BatchSampler(SequentialSampler(range(7)), 3, False)), list(BatchSampler(range(7), 3, True)), len(BatchSampler(range(7), 3, True)), len(BatchSampler(range(7), 3, False))",
    "list(BatchSampler(range(6), 3, False)), len(BatchSampler(range(6), 3, False))",
    "BatchSampler(range(3), 0, False)",
    "BatchSampler(range(3), 2.0, False)",
    "BatchSampler(range(3), True, False)",
    "BatchSampler(range(3), 2, 1)",
    # loaders
    "list(DataLoader(ds, 2))",
    "list(DataLoader(ds, batch_size=2, drop_last=True)), len(DataLoader(ds, 2, drop_last=True)), len(DataLoader(ds, 2))",
    "list(DataLoader(Words(), batch_size=3))",
    "list(DataLoader(Words(), batch_size=None))",
    "list(DataLoader([1, 2, 3], 2)), list(DataLoader(t, 2)), list(DataLoader(np.arange(4.0), 3))",
    "list(DataLoader(Stream(5), 2)), list(DataLoader(Stream(5), 2, drop_last=True)), list(DataLoader(Stream(2), None))",
    "len(DataLoader(Sized(5), 2)), len(DataLoader(Sized(5), 2, drop_last=True)), len(DataLoader(Sized(5), None))",
    "len(DataLoader(Stream(5), 2))",
    "list(DataLoader(Batched(), 4))",
    "list(DataLoader(range(6), batch_sampler=[[0, 5], [3]])), len(DataLoader(range(6), batch_sampler=[[0, 5], [3]]))",
    "list(DataLoader(range(6), 4, sampler=[5, 0, 3, 1, 1])), DataLoader(range(6), batch_sampler=[[0]]).batch_size",
    "list(DataLoader(range(4), 2, collate_fn=lambda batch: [2 * i for i in batch]))",
    "list(DataLoader(range(4), None, collate_fn=lambda i: i + 0.5))",
    "[sorted(b.tolist()) for b in DataLoader(range(4), 4, shuffle=True)]",
    "len(iter(DataLoader(ds, 2))), next(iter(DataLoader(ds, 2)))[1]",
    "DataLoader(ds, 0)",
    "DataLoader(ds, -1)",
    "DataLoader(ds, 1.5)",
    "DataLoader(ds, 'a')",
    "DataLoader(ds, True)",
    "DataLoader(ds, drop_last=1)",
    "DataLoader(ds, num_workers='2')",
    "DataLoader(3)",
    "list(DataLoader(3))",
    "DataLoader(Dataset(), shuffle=True)",
    "list(DataLoader(Dataset()))",
    "list(DataLoader(ds, sampler=3))",
    "list(DataLoader(ds, sampler=[9]))",
    "list(DataLoader(range(3), sampler=['a']))",
    "list(DataLoader(range(3), batch_sampler=[0]))",
    "list(DataLoader(range(3), collate_fn=3))",
    "next(iter(DataLoader([])))",
    "DataLoader(ds, num_workers=-1)",
    "DataLoader(ds, timeout=-1)",
    "DataLoader(ds, prefetch_factor=2)",
    "DataLoader(ds, persistent_workers=True)",
    "DataLoader(ds, sampler=[0], shuffle=True)",
    "DataLoader(ds, 2, batch_sampler=[[0]])",
    "DataLoader(ds, batch_sampler=[[0]], shuffle=True)",
    "DataLoader(ds, batch_sampler=[[0]], drop_last=True)",
    "DataLoader(ds, None, drop_last=True)",
    "DataLoader([], shuffle=True)",
    "list(DataLoader([])), len(DataLoader([]))",
    "DataLoader(Stream(3), shuffle=True)",
    "DataLoader(Stream(3), sampler=[0])",
    "DataLoader(Stream(3), batch_sampler=[[0]])",
    "setattr(DataLoader(ds), 'batch_size', 3)",
    "setattr(DataLoader(ds), 'dataset', ds)",
    "data.get_worker_info()",
    # generators and seeds
    "torch.Generator().initial_seed(), torch.Generator().manual_seed(3).initial_seed(), torch.Generator('cpu').manual_seed(-1).initial_seed()",
    "torch.manual_seed(5).initial_seed(), torch.initial_seed()",
    "torch.Generator().manual_seed(1.5)",
    "torch.Generator().manual_seed('a')",
    "torch.Generator().manual_seed(2**64)",
    "torch.Generator().set_state(torch.zeros(3))",
    # graphics cards
    "torch.cuda.is_available(), torch.cuda.device_count(), torch.cuda.is_initialized(), torch.cuda.memory_allocated(), torch.cuda.max_memory_allocated()",
    "torch.cuda.empty_cache(), torch.cuda.manual_seed(1), torch.cuda.manual_seed_all(1)",
    "torch.cuda.current_device()",
    "torch.cuda.get_device_name(0)",
    "torch.cuda.get_device_properties(0)",
    "torch.cuda.current_stream()",
    "torch.cuda.mem_get_info()",
    "torch.backends.mps.is_available(), torch.backends.mps.is_built(), torch.backends.cudnn.is_available(), torch.backends.cudnn.version(), torch.backends.cuda.is_built()",
    "torch.accelerator.is_available(), torch.accelerator.device_count(), torch.accelerator.current_accelerator()",
    "torch.set_num_threads(0)",
    # files
    "torch.save(torch.ones(1), '/no such folder/x.pt')",
    "torch.load('no such file.pt')",
    "torch.load('.')",
    "torch.load('a\\0b')",
    "torch.save(torch.ones(1), '.')",
    "torch.save(1)",
    "torch.load(3)",
    "torch.save(torch.ones(1), 3)",
    "torch.save(torch.ones(1), '')",
    # missing names
    "torch.nothing_like_it",
    "data.nothing_like_it",
    "torch.cuda.nothing_like_it",
    "torch.optim.nothing_like_it",
    "hasattr(torch, 'nothing_like_it'), getattr(torch, 'nothing_like_it', 3)",
]  # fmt: skip


def plain(value: Any) -> Any:
    """A value as JSON can hold it, with the types that matter."""
    if hasattr(value, "requires_grad"):
        return {"tensor": value.tolist(), "dtype": str(value.dtype).removeprefix("torch.")}
    if isinstance(value, Mapping):
        return {type(value).__name__: [[key, plain(item)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        return {type(value).__name__: [plain(item) for item in value]}
    return value if isinstance(value, int | float | str | None) else type(value).__name__


def outcome(expression: str, names: dict[str, Any]) -> dict[str, Any]:
    """The value of an expression, or the built-in its error is, and what that says."""
    try:
        return {"value": plain(eval(expression, names))}  # noqa: S307
    except Exception as error:
        kind = next(base for base in type(error).__mro__ if base.__module__ == "builtins")
        return {"error": kind.__name__, "message": getattr(error, "message", str(error))}
