"""What is asked of PyTorch and of nnviz alike: functions of tensors by one text for both, `t` being the library.

`make_functions.py` stores PyTorch's answers; tests/autograd/test_functions.py compares them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Case = Callable[[Any, Any], Any]

_drawn = np.random.default_rng(11)
ARRAYS: dict[str, np.ndarray] = {
    "a": _drawn.uniform(-2, 2, (3, 4)),
    "b": _drawn.uniform(-2, 2, (3, 4)),
    "p": _drawn.uniform(0.3, 2.5, (3, 4)),
    "u": _drawn.uniform(-0.9, 0.9, (3, 4)),
    "v": _drawn.uniform(-2, 2, 4),
    "w": _drawn.uniform(-2, 2, 4),
    "m": _drawn.uniform(-2, 2, (4, 4)),
    "c": _drawn.uniform(-2, 2, (2, 3, 4)),
    "d": _drawn.uniform(-2, 2, (2, 4, 3)),
    "s": np.array(0.7),
    "e": np.zeros((0, 4)),
    "tied": np.array([[1.0, 2.0, 2.0, 0.0], [3.0, 3.0, -3.0, 3.0], [0.0, 0.0, 0.0, 0.0]]),
    "odd": np.array([[1.0, np.nan, np.inf, -1.0], [0.0, -np.inf, 2.0, np.nan]]),
    "i": _drawn.integers(-5, 6, (3, 4)),
    "j": _drawn.integers(1, 5, (3, 4)),
    "k": _drawn.integers(0, 3, (3, 4)),
    "n": np.array([2, 0, 1, 2, 1]),
    "q": np.array([[True, False, True, True], [False, False, True, False], [True, True, True, True]]),
}


class Inputs:
    """The arrays as tensors of one library; floats require a gradient."""

    def __init__(self, library: Any) -> None:
        self.tensors = {}
        for name, array in ARRAYS.items():
            tensor = library.from_numpy(array.copy())
            self.tensors[name] = tensor.requires_grad_() if array.dtype.kind == "f" else tensor

    def __getattr__(self, name: str) -> Any:
        return self.tensors[name]


UNARY = [
    "abs",
    "exp",
    "exp2",
    "expm1",
    "sin",
    "cos",
    "tan",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "sigmoid",
    "relu",
    "square",
    "neg",
    "floor",
    "ceil",
    "trunc",
    "round",
    "sign",
    "frac",
    "positive",
]
POSITIVE = ["log", "log1p", "log2", "log10", "sqrt", "rsqrt", "reciprocal"]

CASES: dict[str, Case] = {
    **{name: (lambda t, x, name=name: getattr(t, name)(x.a)) for name in UNARY},
    **{name: (lambda t, x, name=name: getattr(x.p, name)()) for name in POSITIVE},
    **{name: (lambda t, x, name=name: getattr(t, name)(x.u)) for name in ("asin", "acos")},
    **{f"{name} of whole numbers": (lambda t, x, name=name: getattr(t, name)(x.j)) for name in ("exp", "sqrt", "log1p", "sin", "abs", "sign", "square")},
    "round to 2": lambda t, x: t.round(x.a, decimals=2),
    "round to tens": lambda t, x: t.round(x.a * 30, decimals=-1),
    "round half": lambda t, x: t.tensor([0.5, 1.5, 2.5, -0.5]).round(),
    "floor divide": lambda t, x: x.i // x.j, "floor divide floats": lambda t, x: (x.a // x.p).detach(), "floor divide by number": lambda t, x: x.i // 2,
    "number floor divided": lambda t, x: 7 // x.j, "remainder": lambda t, x: x.a % x.p, "remainder of whole numbers": lambda t, x: x.i % 3, "number modulo": lambda t, x: 7 % x.j,
    "remainder below 0": lambda t, x: t.remainder(x.a, -0.7), "fmod": lambda t, x: t.fmod(x.a, x.p), "fmod whole": lambda t, x: t.fmod(x.i, 3),
    "div trunc": lambda t, x: t.div(x.i, x.j, rounding_mode="trunc"), "div floor": lambda t, x: t.div(x.i, x.j, rounding_mode="floor"), "div floats trunc": lambda t, x: t.div(x.a, x.p, rounding_mode="trunc"),
    "add alpha": lambda t, x: t.add(x.a, x.b, alpha=2), "sub alpha": lambda t, x: x.a.sub(x.b, alpha=0.5),
    "pow": lambda t, x: x.p**x.b, "pow number": lambda t, x: x.a**3, "pow half": lambda t, x: x.p**0.5, "number pow": lambda t, x: 2**x.a, "pow whole": lambda t, x: x.i**2, "pow whole float": lambda t, x: x.j**0.5,
    "lerp": lambda t, x: t.lerp(x.a, x.b, 0.3), "lerp tensor": lambda t, x: t.lerp(x.a, x.b, x.p), "addcmul": lambda t, x: t.addcmul(x.a, x.b, x.p, value=2), "addcdiv": lambda t, x: t.addcdiv(x.a, x.b, x.p, value=2),
    "clamp": lambda t, x: x.a.clamp(-0.5, 0.5), "clip min": lambda t, x: t.clip(x.a, min=0.1), "clamp tensors": lambda t, x: t.clamp(x.a, min=x.u, max=x.p), "clamp at ties": lambda t, x: t.clamp(x.tied, min=t.zeros(4, dtype=t.float64), max=t.full((4,), 2.0, dtype=t.float64)),
    "clamp crossed": lambda t, x: t.clamp(x.a, min=x.p, max=x.u), "clamp odd": lambda t, x: x.odd.detach().clamp(min=t.tensor([0.0, 0.0, 0.0, 0.0], dtype=t.float64)),
    "maximum": lambda t, x: t.maximum(x.a, x.b), "minimum at ties": lambda t, x: t.minimum(x.tied, x.tied.flip(1)), "max of two": lambda t, x: t.max(x.a, x.b), "min of two": lambda t, x: x.a.min(x.v), "maximum types": lambda t, x: t.maximum(x.i, x.a),
    "max other": lambda t, x: t.max(x.a, other=x.b), "maximum odd": lambda t, x: t.maximum(x.odd.detach(), t.tensor([0.0], dtype=t.float64)),
    # Comparisons and masks.
    "isclose": lambda t, x: t.isclose(x.a, x.a + 1e-6), "isnan": lambda t, x: x.odd.isnan(), "isinf": lambda t, x: t.isinf(x.odd), "isfinite": lambda t, x: x.odd.isfinite(), "isnan whole": lambda t, x: t.isnan(x.i),
    "all": lambda t, x: x.q.all(), "all dim": lambda t, x: x.q.all(dim=1), "any": lambda t, x: t.any(x.q, 0, keepdim=True), "any floats": lambda t, x: x.tied.any(1), "all of nothing": lambda t, x: x.e.all(), "any of nothing": lambda t, x: x.e.any(0),
    "count_nonzero": lambda t, x: t.count_nonzero(x.tied), "count_nonzero dim": lambda t, x: x.tied.count_nonzero(1),
    "logical_and": lambda t, x: t.logical_and(x.i, x.k), "logical_not": lambda t, x: x.k.logical_not(), "logical_xor": lambda t, x: t.logical_xor(x.q, x.k), "isin": lambda t, x: t.isin(x.k, t.tensor([0, 2])),
    "equal": lambda t, x: t.equal(x.a, x.a.clone()), "not equal": lambda t, x: t.equal(x.a, x.v), "allclose": lambda t, x: t.allclose(x.a, x.a + 1e-9), "in": lambda t, x: 2 in x.k, "not in": lambda t, x: 9 in x.k,
    "where": lambda t, x: t.where(x.q, x.a, x.b), "where method": lambda t, x: x.a.where(x.q, x.b), "where alone": lambda t, x: t.where(x.q),
    # Reductions.
    "sum of truths": lambda t, x: x.q.sum(), "sum of small ints": lambda t, x: x.k.to(t.int8).sum(0), "sum axis": lambda t, x: x.c.sum(axis=(0, 2), keepdims=True), "sum list": lambda t, x: x.c.sum(dim=[0, 1]), "sum dtype": lambda t, x: t.sum(x.i, dtype=t.float32),
    "mean axis": lambda t, x: t.mean(x.a, axis=1), "mean dtype": lambda t, x: x.i.mean(dtype=t.float64), "prod": lambda t, x: x.a.prod(), "prod dim": lambda t, x: t.prod(x.a, 1, keepdim=True), "prod with zeros": lambda t, x: x.tied.prod(1), "prod whole": lambda t, x: x.j.prod(0),
    "prod of truths": lambda t, x: x.q.prod(), "cumsum": lambda t, x: x.a.cumsum(1), "cumsum axis": lambda t, x: t.cumsum(x.a, axis=0), "cumsum whole": lambda t, x: x.i.cumsum(0), "cumsum truths": lambda t, x: x.q.cumsum(-1),
    "cumprod": lambda t, x: t.cumprod(x.a, dim=1), "cumprod with zeros": lambda t, x: x.tied.cumprod(1), "std(False)": lambda t, x: x.a.std(False), "std dim": lambda t, x: x.a.std(0), "std unbiased": lambda t, x: x.a.std(1, False), "var correction": lambda t, x: t.var(x.a, dim=1, correction=0, keepdim=True),
    "var_mean": lambda t, x: t.var_mean(x.a, dim=1), "std_mean": lambda t, x: t.std_mean(x.a), "logsumexp axis": lambda t, x: t.logsumexp(x.a, axis=1), "softmax axis": lambda t, x: t.softmax(x.a, dim=0), "softmax dtype": lambda t, x: t.softmax(x.j, 0, dtype=t.float64),
    "norm": lambda t, x: x.a.norm(), "norm 1": lambda t, x: t.norm(x.a, p=1), "norm inf": lambda t, x: x.a.norm(math.inf), "norm -inf": lambda t, x: x.a.norm(-math.inf, dim=0), "norm 3": lambda t, x: t.norm(x.a, 3, dim=1, keepdim=True), "norm fro": lambda t, x: t.norm(x.a, p="fro", dim=(0, 1)),
    "norm dim": lambda t, x: x.c.norm(dim=-1), "norm 0": lambda t, x: t.norm(x.tied.detach(), p=0, dim=1), "norm 2 of zeros": lambda t, x: x.tied.norm(dim=1), "norm inf at ties": lambda t, x: x.tied.norm(math.inf, dim=1), "norm 1 of zeros": lambda t, x: x.tied.norm(1, dim=1), "norm of nothing": lambda t, x: x.e.norm(),
    "norm half": lambda t, x: x.p.norm(0.5), "norm odd": lambda t, x: x.odd.detach().norm(),
    "max dim": lambda t, x: x.a.max(1), "max keepdim": lambda t, x: t.max(x.a, dim=0, keepdim=True), "min axis": lambda t, x: t.min(x.a, 0), "max at ties": lambda t, x: x.tied.max(1), "argmax": lambda t, x: x.tied.argmax(), "argmin dim": lambda t, x: t.argmin(x.tied, dim=1), "argmin keepdim": lambda t, x: x.a.argmin(0, keepdim=True), "argmax axis": lambda t, x: t.argmax(x.a, axis=1),
    "argmax odd": lambda t, x: x.odd.argmax(1), "max odd": lambda t, x: x.odd.detach().max(1), "amax": lambda t, x: x.tied.amax(1), "amin dims": lambda t, x: t.amin(x.c, dim=(0, 2)), "amax all": lambda t, x: t.amax(x.tied), "amax first": lambda t, x: x.a.amax(0), "aminmax": lambda t, x: tuple(t.aminmax(x.a, dim=1)), "nansum": lambda t, x: t.nansum(x.odd, 1), "nanmean": lambda t, x: t.nanmean(t.tensor([1.0, math.nan, 3.0])),
    # Products.
    "mm": lambda t, x: t.mm(x.a, x.m), "bmm": lambda t, x: t.bmm(x.c, x.d), "mv": lambda t, x: x.m.mv(x.v), "dot": lambda t, x: t.dot(x.v, x.w), "outer": lambda t, x: t.outer(x.v, x.w), "inner": lambda t, x: t.inner(x.a, x.b), "inner vectors": lambda t, x: t.inner(x.v, x.w),
    "addmm": lambda t, x: t.addmm(x.v, x.a, x.m, beta=0.5, alpha=2), "baddbmm": lambda t, x: t.baddbmm(x.s, x.c, x.d), "matmul": lambda t, x: t.matmul(x.c, x.m), "tensordot": lambda t, x: t.tensordot(x.c, x.d, dims=([2], [1])), "tensordot 1": lambda t, x: t.tensordot(x.a, x.m, 1),
    "einsum mm": lambda t, x: t.einsum("ij,jk->ik", x.a, x.m), "einsum attention": lambda t, x: t.einsum("bij,bjk->bik", x.c, x.d), "einsum trace": lambda t, x: t.einsum("ii", x.m), "einsum diagonal": lambda t, x: t.einsum("ii->i", x.m), "einsum sum": lambda t, x: t.einsum("ij->", x.a), "einsum dots": lambda t, x: t.einsum("...ij,...jk", x.c, x.d), "einsum outer": lambda t, x: t.einsum("i,j", x.v, x.w),
    "einsum four": lambda t, x: t.einsum("ab,cb,bd,d->ac", x.a, x.b, x.m, x.v), "einsum list": lambda t, x: t.einsum("i,i->i", [x.v, x.w]), "einsum spaces": lambda t, x: t.einsum(" b i j -> b j i ", x.c), "einsum broadcast": lambda t, x: t.einsum("ij,ij->j", x.a, x.v.reshape(1, 4)), "einsum lonely": lambda t, x: t.einsum("ij,k->i", x.a, x.v),
    "tril": lambda t, x: t.tril(x.m), "triu 1": lambda t, x: x.a.triu(1), "tril -1": lambda t, x: x.c.tril(diagonal=-1), "diag of matrix": lambda t, x: t.diag(x.m), "diag of vector": lambda t, x: t.diag(x.v, 1), "diagonal": lambda t, x: x.c.diagonal(1, 1, 2), "trace": lambda t, x: x.m.trace(), "diag_embed": lambda t, x: t.diag_embed(x.a),
    # Shapes.
    "t": lambda t, x: x.a.t(), "t of vector": lambda t, x: x.v.t(), "mT": lambda t, x: x.c.mT, "T": lambda t, x: x.a.T, "view_as": lambda t, x: x.a.view_as(t.zeros(4, 3)), "reshape_as": lambda t, x: x.a.T.reshape_as(t.zeros(2, 6)), "expand_as": lambda t, x: x.v.expand_as(x.a), "ravel": lambda t, x: x.a.ravel(), "unflatten": lambda t, x: x.a.unflatten(1, (2, -1)), "movedim": lambda t, x: t.movedim(x.c, 0, 2),
    "movedim two": lambda t, x: x.c.movedim((0, 1), (-1, 0)), "swapaxes": lambda t, x: x.c.swapaxes(0, 2), "broadcast_to": lambda t, x: t.broadcast_to(x.v, (3, 4)), "broadcast_tensors": lambda t, x: t.broadcast_tensors(x.v, x.a), "meshgrid": lambda t, x: t.meshgrid(x.v, x.w[:2], indexing="ij"), "meshgrid xy": lambda t, x: t.meshgrid(x.v, x.w[:2], indexing="xy"),
    "squeeze": lambda t, x: x.v.reshape(1, 4, 1).squeeze(), "flip": lambda t, x: t.flip(x.c, (0, 2)), "flip dims": lambda t, x: x.a.flip(dims=(1,)), "fliplr": lambda t, x: t.fliplr(x.a), "roll": lambda t, x: t.roll(x.a, 1), "roll dims": lambda t, x: x.a.roll(shifts=(1, -1), dims=(0, 1)), "roll one": lambda t, x: t.roll(x.a, -1, 0), "repeat": lambda t, x: x.v.repeat(2, 3), "repeat tuple": lambda t, x: x.a.repeat((1, 2)), "tile": lambda t, x: t.tile(x.a, (2,)), "repeat once": lambda t, x: x.a.repeat(1, 1),
    "repeat_interleave": lambda t, x: t.repeat_interleave(x.a, 2, dim=1), "repeat_interleave flat": lambda t, x: x.a.repeat_interleave(2), "repeat_interleave tensor": lambda t, x: t.repeat_interleave(x.v, t.tensor([0, 1, 2, 1])), "narrow": lambda t, x: x.a.narrow(1, 1, 2), "select": lambda t, x: x.c.select(1, 2), "unbind": lambda t, x: t.unbind(x.a, 1), "split": lambda t, x: x.a.split(3, dim=1), "split sizes": lambda t, x: t.split(x.a, [1, 3], 1), "chunk": lambda t, x: t.chunk(x.a, 3, dim=1), "chunk rows": lambda t, x: x.a.chunk(2),
    "cat axis": lambda t, x: t.cat([x.a, x.b], axis=1), "cat with nothing": lambda t, x: t.cat([t.tensor([]), x.a]), "concat types": lambda t, x: t.concat([x.i, x.a]), "vstack": lambda t, x: t.vstack([x.v, x.w]), "hstack": lambda t, x: t.hstack([x.a, x.b]), "hstack vectors": lambda t, x: t.hstack((x.v, x.w)), "stack": lambda t, x: t.stack([x.v, x.w], dim=-1), "contiguous": lambda t, x: x.a.T.contiguous(),
    # Choosing.
    "gather": lambda t, x: x.a.gather(0, x.k), "gather some": lambda t, x: t.gather(x.a, 1, x.k[:2, :2]), "take_along_dim": lambda t, x: t.take_along_dim(x.a, x.k[:, :1], dim=1), "take_along_dim flat": lambda t, x: x.a.take_along_dim(t.tensor([1, 5, 1])), "take": lambda t, x: t.take(x.a, t.tensor([[0, 5], [11, 5]])), "index_select": lambda t, x: x.a.index_select(0, x.n), "index_select columns": lambda t, x: t.index_select(x.a, 1, x.n),
    "scatter": lambda t, x: t.scatter(x.a, 1, t.tensor([[0, 2], [1, 3], [3, 0]]), x.b[:, :2]), "scatter number": lambda t, x: t.zeros(3, 5).scatter(1, x.k[:, :1], 1.0), "scatter_add": lambda t, x: x.a.scatter_add(0, x.k, x.b), "masked_fill": lambda t, x: x.a.masked_fill(x.q, -1e9), "masked_fill inf": lambda t, x: x.m.masked_fill(t.tril(t.ones(4, 4)) == 0, -math.inf).softmax(-1), "masked_fill tensor": lambda t, x: x.a.masked_fill(x.q, x.s),
    "masked_select": lambda t, x: t.masked_select(x.a, x.q), "masked_select row": lambda t, x: x.c.masked_select(x.q), "sort": lambda t, x: t.sort(x.a), "sort down": lambda t, x: x.a.sort(dim=0, descending=True), "sort stable": lambda t, x: t.sort(x.tied, stable=True), "sort down stable": lambda t, x: t.sort(x.tied, descending=True, stable=True), "sort odd": lambda t, x: x.odd.detach().sort(1).values, "argsort": lambda t, x: x.a.argsort(1, descending=True), "topk": lambda t, x: t.topk(x.a, 2), "topk smallest": lambda t, x: x.a.topk(2, dim=0, largest=False),
    "topk of none": lambda t, x: x.a.topk(0), "kthvalue": lambda t, x: x.a.kthvalue(2, dim=1), "median": lambda t, x: x.a.median(), "median dim": lambda t, x: t.median(x.a, dim=1), "median odd": lambda t, x: x.odd.detach().median(), "median odd dim": lambda t, x: x.odd.detach().median(0).values, "median whole": lambda t, x: x.i.median(1).values, "quantile": lambda t, x: t.quantile(x.a, 0.3), "quantiles": lambda t, x: x.a.quantile(t.tensor([0.25, 0.5], dtype=t.float64), dim=1, keepdim=True),
    "nonzero": lambda t, x: t.nonzero(x.q), "nonzero tuple": lambda t, x: x.k.nonzero(as_tuple=True), "argwhere": lambda t, x: t.argwhere(x.k), "unique": lambda t, x: t.unique(x.k), "unique all": lambda t, x: x.k.unique(return_inverse=True, return_counts=True), "unique rows": lambda t, x: t.unique(t.tensor([[1, 2], [0, 3], [1, 2]]), dim=0, return_inverse=True), "bincount": lambda t, x: t.bincount(x.n), "bincount weights": lambda t, x: x.n.bincount(x.m[0].detach().new_tensor([1.0, 2.0, 3.0, 4.0, 5.0]), minlength=5), "histc": lambda t, x: t.histc(x.a.detach(), bins=4, min=-2, max=2), "histc range": lambda t, x: x.a.detach().histc(5),
    "searchsorted": lambda t, x: t.searchsorted(t.tensor([1.0, 2.0, 3.0]), t.tensor([2.0, 0.5, 4.0])), "searchsorted right": lambda t, x: t.searchsorted(t.tensor([1, 2, 3]), t.tensor([2, 0, 4]), right=True), "bucketize": lambda t, x: t.bucketize(t.tensor([1.5, 2.0]), t.tensor([1.0, 2.0])),
    # Tensors from nothing.
    "linspace": lambda t, x: t.linspace(-3, 3, 7), "linspace one": lambda t, x: t.linspace(2, 5, 1), "linspace steps": lambda t, x: t.linspace(0, 1, steps=5, dtype=t.float64), "logspace": lambda t, x: t.logspace(-2, 1, 4), "logspace 2": lambda t, x: t.logspace(0, 3, 4, base=2), "zeros_like": lambda t, x: t.zeros_like(x.i), "ones_like": lambda t, x: t.ones_like(x.a, dtype=t.float32), "full_like": lambda t, x: t.full_like(x.i, 7), "full": lambda t, x: t.full((2, 2), 3.5), "full whole": lambda t, x: t.full([2], 3), "full truth": lambda t, x: t.full((1,), True), "zeros size": lambda t, x: t.zeros(size=(2, 1)),
    "arange": lambda t, x: t.arange(5), "arange floats": lambda t, x: t.arange(0.0, 1.0, 0.1), "arange down": lambda t, x: t.arange(5, 0, -2), "arange typed": lambda t, x: t.arange(3, dtype=t.float32), "arange mixed": lambda t, x: t.arange(1, 2.5, 0.5), "eye": lambda t, x: t.eye(2, 3), "eye whole": lambda t, x: t.eye(2, dtype=t.int64), "tensor of tensors": lambda t, x: t.tensor([t.tensor(1.5), 2.0]), "tensor of tensor": lambda t, x: t.tensor(x.i), "tensor typed": lambda t, x: t.tensor([1.7, -1.7], dtype=t.int64), "as_tensor": lambda t, x: t.as_tensor([1, 2]), "scalar_tensor": lambda t, x: t.scalar_tensor(3), "tensor of several types": lambda t, x: t.tensor([[t.tensor(1.5, dtype=t.float64), 2.0], [1, True]]), "tensor of numpy's": lambda t, x: t.tensor([np.float64(2.0), 1.0]), "tensor of rows": lambda t, x: t.tensor([t.tensor([1.0]), t.tensor([2.0])]), "tensor of truth and number": lambda t, x: t.tensor([True, 2]), "tensor mixed": lambda t, x: t.tensor([1, 2.5]), "tensor of nothing": lambda t, x: t.tensor([]), "FloatTensor": lambda t, x: t.FloatTensor([1, 2]), "LongTensor": lambda t, x: t.LongTensor([[1, 2], [3, 4]]), "BoolTensor": lambda t, x: t.BoolTensor([0, 1]), "tril_indices": lambda t, x: t.tril_indices(3, 3, -1), "new_zeros": lambda t, x: x.i.new_zeros(2), "new_full": lambda t, x: x.a.new_full((2,), 3), "new_ones": lambda t, x: x.q.new_ones((1, 2)), "new_tensor": lambda t, x: x.a.new_tensor([1, 2]),
    # Types.
    "float": lambda t, x: x.i.float(), "double": lambda t, x: x.a.float().double(), "half": lambda t, x: x.j.half(), "long": lambda t, x: x.a.long(), "int": lambda t, x: x.a.int(), "bool": lambda t, x: x.k.bool(), "byte": lambda t, x: x.k.byte(), "type": lambda t, x: x.a.type(t.float32), "type name": lambda t, x: x.a.type("torch.LongTensor"), "type of": lambda t, x: x.i.type(), "type class": lambda t, x: x.a.type(t.FloatTensor), "type_as": lambda t, x: x.i.type_as(x.a), "to other": lambda t, x: x.i.to(x.a), "to cpu": lambda t, x: x.a.to("cpu"), "to both": lambda t, x: x.i.to("cpu", t.float32, non_blocking=True), "to device": lambda t, x: x.a.to(t.device("cpu")), "to named": lambda t, x: x.a.to(device="cpu", dtype=t.float32),
    "promote": lambda t, x: [str(t.promote_types(t.int64, t.float32)).removeprefix("torch."), str(t.result_type(x.i, 1.5)).removeprefix("torch.")], "numbers": lambda t, x: [t.numel(x.a), x.a.nelement(), x.a.ndimension(), x.a.element_size(), list(x.a.T.stride()), x.a.is_contiguous(), x.a.T.is_contiguous(), t.is_tensor(x.a), t.is_floating_point(x.i), t.Size([2, 3]) == x.a.reshape(6, 2)[:2].T.shape, list(t.broadcast_shapes((2, 1), (3,)))],
    "format": lambda t, x: [f"{t.tensor(1.23456):.2f}", f"{t.tensor(7):>4d}", f"{t.tensor([0.5]).sum()}", [0, 1, 2][t.tensor(1)], list(range(t.tensor(3))), list(range(*t.tensor([1, 4])))], "device": lambda t, x: [str(x.a.device), x.a.device.type, repr(t.device("cuda:1")), x.a.is_cuda, x.a.device == t.device("cpu")], "constants": lambda t, x: [t.pi, t.e, t.inf, t.finfo(t.float32).eps, t.iinfo(t.int64).max], "python": lambda t, x: [abs(t.tensor(-2)).item(), (+t.tensor(2)).item(), (-t.tensor(2)).item(), (2 ** t.tensor(3)).item()],
}  # fmt: skip
"""By name: (library, inputs) → a tensor, several, or plain numbers."""

ERRORS: dict[str, Case] = {
    "ragged": lambda t, x: t.tensor([[1, 2], [3]]), "words": lambda t, x: t.tensor("a"), "list of words": lambda t, x: t.tensor(["a"]), "tensors of two": lambda t, x: t.tensor([x.v, x.w]), "None": lambda t, x: t.tensor(None), "None within": lambda t, x: t.tensor([1, None]), "too large": lambda t, x: t.tensor(2**70), "whole numbers with a gradient": lambda t, x: t.tensor([1, 2], requires_grad=True), "arange with a gradient": lambda t, x: t.arange(3, requires_grad=True), "randint with a gradient": lambda t, x: t.randint(3, (2,), requires_grad=True),
    "half a size": lambda t, x: t.zeros(2.5), "half a size in a list": lambda t, x: t.ones([2, 2.5]), "word for a size": lambda t, x: t.zeros("a"), "size below 0": lambda t, x: t.zeros(-1), "rand below 0": lambda t, x: t.rand(-1), "full of a word": lambda t, x: t.full((2,), "a"), "full of size": lambda t, x: t.full(2, 1.0), "step 0": lambda t, x: t.arange(1, 5, 0), "wrong way": lambda t, x: t.arange(5, 1), "eye below 0": lambda t, x: t.eye(-1), "no steps": lambda t, x: t.linspace(0, 1), "steps below 0": lambda t, x: t.linspace(0, 1, -1), "no array": lambda t, x: t.from_numpy([1.0]), "array of objects": lambda t, x: t.from_numpy(np.array([None])), "foreign bytes": lambda t, x: t.from_numpy(np.ones(2, ">f4")), "randint of nothing": lambda t, x: t.randint(0, (2,)), "randint without size": lambda t, x: t.randint(5),
    "minus truths": lambda t, x: x.q - x.q, "negative truth": lambda t, x: -x.q, "negative power": lambda t, x: x.i**-1, "var of whole numbers": lambda t, x: x.i.var(), "mean of whole numbers": lambda t, x: x.i.mean(), "where on numbers": lambda t, x: t.where(x.i, x.a, x.b), "and of floats": lambda t, x: x.a & x.b, "not of floats": lambda t, x: ~x.a, "view across": lambda t, x: x.a.T.view(12), "argmax of dims": lambda t, x: x.a.argmax((0, 1)), "max of dims": lambda t, x: x.a.max((0, 1)), "matmul of types": lambda t, x: x.a @ x.m.float(), "mm of vectors": lambda t, x: t.mm(x.v, x.w), "mm sizes": lambda t, x: t.mm(x.a, x.a), "bmm of matrices": lambda t, x: t.bmm(x.a, x.m), "bmm sizes": lambda t, x: t.bmm(x.c, x.m.expand(3, 4, 4)), "dot of matrices": lambda t, x: t.dot(x.a, x.a), "dot sizes": lambda t, x: t.dot(x.v, x.v[:2]), "outer of matrices": lambda t, x: t.outer(x.a, x.a),
    "power of a word": lambda t, x: x.a ** "2", "exp of a number": lambda t, x: t.exp(3.0), "square of a number": lambda t, x: t.square(3.0), "sum of a number": lambda t, x: t.sum(3.0), "cat of nothing": lambda t, x: t.cat([]), "cat with a number": lambda t, x: t.cat([x.a, 1]), "cat of a tensor": lambda t, x: t.cat(x.a), "permute twice": lambda t, x: x.a.permute(0, 0), "permute too few": lambda t, x: x.a.permute(0), "flatten backwards": lambda t, x: x.a.flatten(1, 0), "sum beyond": lambda t, x: x.a.sum(5), "sum of a word": lambda t, x: x.a.sum("a"), "sum twice": lambda t, x: x.a.sum((0, 0)), "max of nothing": lambda t, x: x.e.max(), "argmax of nothing": lambda t, x: x.e.argmax(), "argmax along nothing": lambda t, x: x.e.argmax(0), "amax of nothing": lambda t, x: x.e.amax(), "no bounds": lambda t, x: x.a.clamp(), "expand": lambda t, x: x.a.expand(3, 3), "expand -1": lambda t, x: x.v.expand(-1, 4), "squeeze beyond": lambda t, x: x.a.squeeze(5), "reshape": lambda t, x: x.a.reshape(5), "transpose beyond": lambda t, x: x.a.transpose(0, 5), "transpose by half": lambda t, x: x.a.transpose(0.0, 1), "stack": lambda t, x: t.stack([x.v, x.a]), "softmax beyond": lambda t, x: x.v.softmax(3), "t of three": lambda t, x: x.c.t(),
    "nonsense device": lambda t, x: x.a.to("nonsense"), "to cuda": lambda t, x: x.a.to("cuda"), "cuda": lambda t, x: x.a.cuda(), "zeros on cuda": lambda t, x: t.zeros(2, device="cuda"), "tensor on cuda": lambda t, x: t.tensor([1.0], device="cuda:0"), "randn on cuda": lambda t, x: t.randn(2, device=t.device("cuda")), "device nonsense": lambda t, x: t.device("nonsense"), "type nonsense": lambda t, x: x.a.type("nonsense"), "to a number": lambda t, x: x.a.to(3), "whole by 0": lambda t, x: x.i // 0, "remainder by 0": lambda t, x: x.i % 0, "divmod": lambda t, x: divmod(x.a, 2), "index by floats": lambda t, x: [1, 2][t.tensor(1.0)], "index by many": lambda t, x: [1, 2][t.tensor([0, 1])], "range of floats": lambda t, x: range(t.tensor(3.0)), "format many": lambda t, x: f"{x.a:.2f}",
    "gather dims": lambda t, x: x.a.gather(1, x.n), "gather beyond": lambda t, x: x.a.gather(1, x.k + 3), "gather below 0": lambda t, x: x.a.gather(1, x.k - 1), "gather of floats": lambda t, x: x.a.gather(1, x.a), "index_select beyond": lambda t, x: x.a.index_select(0, x.n + 2), "index_select matrix": lambda t, x: x.a.index_select(0, x.k), "index_select of floats": lambda t, x: x.a.index_select(0, x.v), "masked_select of numbers": lambda t, x: x.a.masked_select(x.k), "masked_fill of numbers": lambda t, x: x.a.masked_fill(x.k, 0.0), "topk too many": lambda t, x: x.a.topk(5), "topk beyond": lambda t, x: x.a.topk(1, dim=2), "sort beyond": lambda t, x: x.a.sort(3), "kthvalue 0": lambda t, x: x.a.kthvalue(0), "scatter types": lambda t, x: x.a.scatter(1, x.k, x.i), "scatter beyond": lambda t, x: x.a.scatter(1, x.k + 3, x.b), "split sizes": lambda t, x: x.a.split([1, 1], 1), "chunk 0": lambda t, x: x.a.chunk(0), "unbind a number": lambda t, x: x.s.unbind(), "narrow beyond": lambda t, x: x.a.narrow(1, 2, 5), "repeat too few": lambda t, x: x.a.repeat(2), "roll": lambda t, x: x.a.roll((1, 2), 0), "flip beyond": lambda t, x: x.a.flip(3), "tril of a vector": lambda t, x: x.v.tril(), "diag of three": lambda t, x: t.diag(x.c), "trace of three": lambda t, x: t.trace(x.c), "unflatten": lambda t, x: x.a.unflatten(1, (3, 2)), "movedim": lambda t, x: x.a.movedim((0, 1), 0), "einsum terms": lambda t, x: t.einsum("ij,jk->ik", x.a), "einsum sizes": lambda t, x: t.einsum("ij,jk->ik", x.a, x.a), "einsum output": lambda t, x: t.einsum("ij->k", x.a), "einsum dims": lambda t, x: t.einsum("ijk->i", x.a), "einsum sign": lambda t, x: t.einsum("i!->i", x.a), "prod beyond": lambda t, x: x.a.prod(4), "cumsum without": lambda t, x: x.a.cumsum(), "cumprod beyond": lambda t, x: x.a.cumprod(3), "norm of whole numbers": lambda t, x: x.i.norm(), "meshgrid": lambda t, x: t.meshgrid(x.a, x.v, indexing="ij"), "multinomial of nothing": lambda t, x: t.multinomial(t.zeros(3), 1), "multinomial too many": lambda t, x: t.multinomial(t.ones(3), 4), "multinomial below 0": lambda t, x: t.multinomial(t.tensor([-1.0, 2.0]), 1), "bernoulli 2": lambda t, x: t.bernoulli(t.tensor([2.0])), "normal below 0": lambda t, x: t.normal(0.0, t.tensor([-1.0])), "randperm below 0": lambda t, x: t.randperm(-1), "bincount below 0": lambda t, x: t.bincount(x.i[0]), "quantile 2": lambda t, x: t.quantile(x.a, 2.0), "default dtype": lambda t, x: t.set_default_dtype(t.int64), "lerp types": lambda t, x: t.lerp(x.a, x.b.float(), 0.5), "isclose types": lambda t, x: t.isclose(x.a, x.i), "mT of vector": lambda t, x: x.v.mT,
}  # fmt: skip
"""By name: what PyTorch refuses."""
