"""What PyTorch runs and nnviz does not is refused by name, with what to do instead; never run to another number."""

from __future__ import annotations

import pytest

from nnviz.errors import NnvizError

BEFORE = """
import io
import nnviz as torch
from nnviz import nn, optim
model = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
x = torch.ones(3, 2, requires_grad=True)
"""

REFUSED = [
    ("model(x).sum().backward(create_graph=True)", RuntimeError, "double backward"),
    ("torch.autograd.grad(model(x).sum(), x, create_graph=True)", RuntimeError, "double backward"),
    ("torch.save(model, io.BytesIO())", TypeError, "state_dict"),
    ("torch.save({'model': model}, io.BytesIO())", TypeError, "state_dict"),
    ("torch.load(io.BytesIO(b'\\x80\\x02}q\\x00.'))", ValueError, "safetensors"),
    ("nn.LSTM(3, 4)", AttributeError, "Linear"),
    ("nn.GRU(3, 4)", AttributeError, "Linear"),
    ("nn.DataParallel(model)", AttributeError, "omit it"),
    ("torch.compile(model)", AttributeError, "compile_forward"),
    ("torch.jit.script(model)", AttributeError, "compile_forward"),
    ("torch.cuda.amp.GradScaler()", AttributeError, "mixed precision"),
    ("torch.autocast('cpu')", AttributeError, "mixed precision"),
    ("torch.hub.load('a', 'b')", AttributeError, "safetensors"),
    ("torch.onnx.export(model, x, 'a.onnx')", AttributeError, "state_dict"),
    ("torch.distributions.Categorical(x)", AttributeError, "multinomial"),
    ("torch.vmap(model)(x)", AttributeError, "broadcast"),
    ("torch.func.grad(model)", AttributeError, "autograd.grad"),
    ("torch.fft.rfft(x)", AttributeError, "numpy"),
    ("optim.LBFGS(model.parameters())", AttributeError, "Adam"),
    ("torch.Generator('cuda')", AssertionError, "cpu"),
    ("torch.load(io.BytesIO(b'0'), map_location='cuda:0')", RuntimeError, "cpu"),
]


@pytest.mark.parametrize(("line", "built_in", "words"), REFUSED, ids=[line for line, *_ in REFUSED])
def test_refused_by_name(line: str, built_in: type[Exception], words: str) -> None:
    names: dict[str, object] = {}
    exec(BEFORE, names)  # noqa: S102
    with pytest.raises(NnvizError) as raised:
        exec(line, names)  # noqa: S102
    assert isinstance(raised.value, built_in)
    assert words in str(raised.value)
    assert raised.value.hint
