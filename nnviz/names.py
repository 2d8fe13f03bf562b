"""What to say of a name that does not exist: the nearest one that does, or what to use in its place."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from nnviz.errors import MissingModuleError, MissingNameError

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

RECURRENT = "there are no recurrent layers: call nn.Linear on each step of the sequence, in a loop"
LAZY = "there are no lazy layers: give the size of the input"
TRANSPOSED = "there are no transposed convolutions: repeat the rows and columns, then nn.Conv2d"
ATTENTION = "build it of nn.Linear, softmax and @: softmax(q @ k.transpose(-2, -1) / d**0.5) @ v"
ONE_PROCESS = "nnviz computes in one process: leave it out, and call the model itself"
PRECISION = "nnviz computes in float32 and float64: leave mixed precision out"
COMPILE = "nnviz.compile_forward(model) and nnviz.compile_step(model, loss, optimizer) make a plan of a model"
CUDA = "nnviz computes on the processor: cuda.is_available() is False, and code that asks goes on without"
FILES = "nnviz.save and nnviz.load write and read safetensors files"

INSTEAD = {
    **dict.fromkeys(("LSTM", "RNN", "GRU", "LSTMCell", "RNNCell", "GRUCell"), RECURRENT),
    **dict.fromkeys(("LazyLinear", "LazyConv2d", "LazyBatchNorm1d", "LazyBatchNorm2d"), LAZY),
    **dict.fromkeys(("ConvTranspose1d", "ConvTranspose2d", "conv_transpose2d", "Upsample", "interpolate"), TRANSPOSED),
    **dict.fromkeys(("MultiheadAttention", "scaled_dot_product_attention"), ATTENTION),
    **dict.fromkeys(("Transformer", "TransformerEncoder", "TransformerEncoderLayer", "TransformerDecoder"), ATTENTION),
    **dict.fromkeys(("DataParallel", "DistributedDataParallel", "parallel"), ONE_PROCESS),
    **dict.fromkeys(("distributed", "multiprocessing", "DistributedSampler"), ONE_PROCESS),
    **dict.fromkeys(("amp", "autocast", "GradScaler", "bfloat16"), PRECISION),
    **dict.fromkeys(("compile", "jit", "fx", "export", "_dynamo"), COMPILE),
    **dict.fromkeys(("xpu", "mtia", "accelerator"), CUDA),
    **dict.fromkeys(("hub", "package"), FILES),
    "onnx": "nnviz writes no ONNX files; nnviz.save(model.state_dict(), path) keeps the numbers",
    "complex64": "there are no complex numbers: keep real and imaginary part in two tensors",
    "cfloat": "there are no complex numbers: keep real and imaginary part in two tensors",
    "vmap": "operations take whole batches: add a dimension and let it broadcast",
    "func": "write the loss as a function, and take its gradient with nnviz.autograd.grad",
    "functional_call": "write the loss as a function, and take its gradient with nnviz.autograd.grad",
    "jacobian": "nnviz.autograd.functional.jacobian",
    **dict.fromkeys(("hessian", "hvp", "vhp"), "second derivatives are not available"),
    "jvp": "nnviz.autograd.functional.jacobian, and its product with the vector",
    "distributions": "draw with randn, rand or multinomial, and write the log of the density yourself",
    "tensorboard": "the program shows a training as it runs: `nnviz`; or print the numbers",
    "checkpoint": "memory is not traded for time: call the module itself",
    "profiler": "time.perf_counter() measures a step",
    "quantization": PRECISION,
    "ao": PRECISION,
    "sparse": "tensors are dense: nn.Embedding and indices take the place of sparse rows",
    "fft": "numpy has it: nnviz.from_numpy(numpy.fft.rfft(x.numpy()).real)",
    "LBFGS": "there is no quasi-Newton method: optim.Adam, or optim.SGD with momentum",
    "volatile": "with nnviz.no_grad(): in its place",
    "functional": "nnviz.nn.functional has the functions of layers, nnviz itself those of tensors",
    "svd": "numpy has it: numpy.linalg.svd(x.numpy())",
    "cross": "a × b is a.roll(-1) * b.roll(-2) - a.roll(-2) * b.roll(-1) for two vectors",
    "torchvision": "it is a package of its own",
}  # fmt: skip
"""What to use in place of names of PyTorch that nnviz has not, by the last part of the name."""


def instead_of(name: str, known: Iterable[str]) -> str:
    """What to use where `name` is missing: by the table, else the nearest of the known names; empty where none is."""
    if name in INSTEAD:
        return INSTEAD[name]
    # Nothing is looked for where Python or numpy ask for their protocols.
    if name.startswith("_"):
        return ""
    # Loaded when a name is missing, not whenever nnviz is.
    import difflib

    public = sorted({other for other in known if not other.startswith("_")})
    near = difflib.get_close_matches(name[:100].lower(), [other.lower() for other in public], n=1, cutoff=0.7)
    if not near:
        return ""
    # Of Linear, the layer, and linear, the module, the one that is written more like it.
    alike = [other for other in public if other.lower() == near[0]]
    return f"did you mean {max(alike, key=lambda other: difflib.SequenceMatcher(None, name, other).ratio())}?"


def missing_name(where: str, name: str, known: Iterable[str]) -> MissingNameError:
    """The error for a name that does not exist.

    Args:
        where: what was asked, in Python's words: "module 'nnviz.nn'", "'Tensor' object".
        name: the name that was asked for.
        known: the names there are.
    """
    return MissingNameError(f"{where} has no attribute {name!r}", instead_of(name, known))


class MissingModules:
    """Says of an import that finds nothing what `missing_name` says of a name.

    Python replaces the error of a missing name by its own in `from nnviz.nn import LSTM`, but not before it has looked
    for a module of that name. This finder stands last among those it asks.
    """

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        """None for what is not ours.

        Raises:
            MissingModuleError: it is a name within nnviz.
        """
        package, _, name = fullname.rpartition(".")
        if package.partition(".")[0] != "nnviz":
            return None
        module = sys.modules.get(package)
        try:
            getattr(module, name)
            hint = ""
        except MissingNameError as error:
            hint = error.hint
        except AttributeError:
            hint = instead_of(name, getattr(module, "__all__", dir(module)))
        raise MissingModuleError(f"cannot import name {name!r} from {package!r}: there is no such name", hint)


def say_what_is_missing() -> None:
    """Let imports from nnviz that find nothing say what to use in their place."""
    if not any(isinstance(finder, MissingModules) for finder in sys.meta_path):
        sys.meta_path.append(MissingModules())
