"""Error messages for names that do not exist: a similar name, the module that has it, or an alternative."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from nnviz.errors import MissingModuleError, MissingNameError

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

ALIASES = {
    "dense": "Linear linear",
    "fullyconnected": "Linear linear",
    "swish": "SiLU silu",
    "logistic": "Sigmoid sigmoid",
    "mae": "L1Loss l1_loss",
    "maeloss": "L1Loss l1_loss",
    "rmsnorm": "LayerNorm layer_norm",
    "bce": "BCELoss binary_cross_entropy",
    "bcewithlogits": "BCEWithLogitsLoss binary_cross_entropy_with_logits",
    "ce": "CrossEntropyLoss cross_entropy",
    "softmaxcrossentropyloss": "CrossEntropyLoss cross_entropy",
    "batchnormalization": "BatchNorm2d",
    "batchnorm": "BatchNorm2d",
    "conv": "Conv2d conv2d",
    "convolution2d": "Conv2d conv2d",
    "maxpooling2d": "MaxPool2d max_pool2d",
    "averagepooling2d": "AvgPool2d avg_pool2d",
    "avgpooling2d": "AvgPool2d avg_pool2d",
    "pool": "MaxPool2d max_pool2d",
    "maxpool": "MaxPool2d max_pool2d",
    "avgpool": "AvgPool2d avg_pool2d",
    "norm": "LayerNorm layer_norm",
    "activation": "ReLU relu",
    "list": "ModuleList",
    "dict": "ModuleDict",
}
"""Names in other libraries, in plain form, with nnviz's names: the layer, and the function if there is one."""

OWN_LOSS = "write the loss as a function, for example (output - target).abs().mean()"
FROM_PARTS = "write it as your own Module, with tensor operations"
COMPLEX = "complex numbers are not supported: use two tensors for the real and the imaginary part"
GRADIENT = "write the loss as a function, and compute its gradient with nnviz.autograd.grad"

INSTEAD = {
    r"(rnn|lstm|gru)(cell|base|cellbase)?":
        "recurrent layers are not supported: call nn.Linear on each step of the sequence, in a loop in forward",
    r"lazy\w+": "use the class without Lazy, and pass the input size: Linear(in_features, out_features)",
    r"convtranspose\dd":
        "transposed convolutions are not supported: repeat rows and columns, then nn.Conv2d; or nn.Linear and reshape",
    r"upsampl\w+|interpolate": "repeat rows and columns: x.repeat_interleave(2, -2).repeat_interleave(2, -1)",
    r"\w+3d": "three-dimensional layers are not supported; the two-dimensional ones are for images",
    r"transformer\w*|multiheadattention|scaleddotproductattention|attention":
        "write it with nn.Linear, softmax and @: softmax(q @ k.transpose(-2, -1) / d**0.5, -1) @ v",
    r"(distributed)?dataparallel|parallel|distributed|distributedsampler|multiprocessing":
        "nnviz computes in one process: omit it, and call the model directly",
    r"amp|autocast|gradscaler|bfloat16|quantization|ao":
        "nnviz computes in float32 and float64: omit mixed precision",
    r"compile|jit|fx|export|dynamo":
        "use nnviz.compile_forward(model) or nnviz.compile_step(model, loss, optimizer)",
    r"xpu|mtia|accelerator":
        "nnviz computes on the CPU: cuda.is_available() is False, so that portable code falls back to it",
    r"hub|package": "use nnviz.save and nnviz.load, which write and read safetensors files",
    r"onnx": "ONNX is not supported; nnviz.save(model.state_dict(), path) saves the parameters",
    r"complex64|complex128|cfloat|cdouble": COMPLEX,
    r"vmap": "add a batch dimension: operations broadcast over it",
    r"func|functionalcall": GRADIENT,
    r"jacobian": "use nnviz.autograd.functional.jacobian",
    r"hessian|hvp|vhp": "second derivatives are not supported",
    r"jvp": "multiply nnviz.autograd.functional.jacobian by the vector",
    r"distributions": "sample with randn, rand or multinomial, and write the log density as a function",
    r"tensorboard": "the command `nnviz` shows training as it runs; or print the loss",
    r"checkpoint": "activation checkpointing is not supported: call the module directly",
    r"profiler": "measure a step with time.perf_counter()",
    r"sparse": "sparse tensors are not supported: use nn.Embedding and indices",
    r"fft": "use numpy: nnviz.from_numpy(numpy.fft.rfft(x.numpy()).real)",
    r"adamax|nadam|sparseadam|lbfgs": "use Adam instead",
    r"radam": "use AdamW instead",
    r"asgd|rprop": "use SGD instead",
    r"volatile": "use `with nnviz.no_grad():` instead",
    r"functional": "the functions of layers are in nnviz.nn.functional, those of tensors in nnviz",
    r"svd": "use numpy: numpy.linalg.svd(x.numpy())",
    r"cross": "for two vectors use a.roll(-1) * b.roll(-2) - a.roll(-2) * b.roll(-1)",
    r"torchvision": "torchvision is a separate package",
    r"(feature)?(alpha)?dropout(\dd)?": "use Dropout, which zeroes single elements, or Dropout2d, for whole channels",
    r"syncbatchnorm": "use BatchNorm2d, which is equivalent in one process",
    r"groupnorm|instancenorm\dd|localresponsenorm|crossmaplrn2d": "use BatchNorm2d or LayerNorm instead",
    r"glu|rrelu|(hard|soft)shrink|tanhshrink|threshold": "use ReLU, LeakyReLU, ELU or SiLU instead",
    r"\w*nllloss|ctcloss|\w*marginloss|\w*rankingloss|\w*marginwithdistanceloss|cosineembeddingloss": OWN_LOSS,
    r"(zero|constant|reflection|replication|circular)pad\dd": "use F.pad, or the argument padding of Conv2d and pools",
    r"pixel(un)?shuffle|channelshuffle|fold|unfold|bilinear|embeddingbag|(adaptive|fractional|lp)\w+|maxunpool\dd":
        FROM_PARTS,
    r"uninitialized(parameter|buffer)": "use Parameter(tensor)",
    r"modules": "the layers are in nn directly: nn.Linear",
    r"quantized|quantizable|qat|intrinsic|commontypes": "this part of PyTorch is not supported",
}  # fmt: skip
"""Alternatives to PyTorch's names that nnviz does not have, by patterns of their plain form."""

MODULES = ("nnviz", "nnviz.nn", "nnviz.nn.functional", "nnviz.optim", "nnviz.optim.lr_scheduler", "nnviz.utils.data",
         "nnviz.nn.init", "nnviz.nn.utils", "nnviz.autograd")  # fmt: skip
"""The modules that are searched for a name that another module does not have."""


def plain(name: str) -> str:
    """A name in lower case, without underscores, and cut to 100 characters, for comparison."""
    return name[:100].lower().replace("_", "")


def nearest(name: str, known: Iterable[str], exactly: bool = False) -> str:
    """The known name most similar to `name`, ignoring case and underscores; empty if none is similar.

    Names with the same letters, possibly followed by "loss", come first, then names that start with `name`, then names
    that `difflib` considers close.

    Args:
        name: the name that does not exist.
        known: the existing names; those that start with an underscore are ignored.
        exactly: whether to accept only names with the same letters.
    """
    names: dict[str, list[str]] = {}
    for one in known:
        if not one.startswith("_"):
            names.setdefault(plain(one), []).append(one)
    asked = plain(name)
    found = [one for one in (asked, f"{asked}loss") if one in names]
    if not found and not exactly:
        # Imported only when a name is missing.
        import difflib

        found = [one for one in names if len(asked) > 2 and one.startswith(asked)]
        found = found or difflib.get_close_matches(asked, names, n=1, cutoff=0.65)
    # Of Linear, the layer, and linear, the module, choose the one with the same case.
    alike = names[found[0]] if found else []
    return max(alike, key=lambda one: sum(map(str.__eq__, one, name)), default="")


def instead_of(name: str, known: Iterable[str], where: str = "") -> str:
    """The hint for a name that does not exist; empty if there is no suggestion.

    Args:
        name: the name that does not exist.
        known: the existing names.
        where: the module in which it was looked up, if it was one: other modules are then searched as well.
    """
    # Names of Python's and numpy's protocols need no hint.
    if name.startswith("_"):
        return ""
    import re

    names = set(known) if not isinstance(known, list | tuple) else known
    asked = plain(name)
    meant = [nearest(name, names, exactly=True), *(one for one in ALIASES.get(asked, "").split() if one in names)]
    if any(meant):
        return f"did you mean {next(filter(None, meant))}?"
    if where:
        modules = {home: importlib.import_module(home) for home in MODULES if home != where}
        held = {home: list(getattr(module, "__all__", dir(module))) for home, module in modules.items()}
        # Exact spelling comes before the same letters: Flatten is a layer, flatten a function.
        homes = [(home, name) for home, others in held.items() if name in others]
        for home, found in homes or ((home, nearest(name, others, exactly=True)) for home, others in held.items()):
            if found:
                return f"it is in {home}: {home}.{found}"
    for pattern, advice in INSTEAD.items():
        # Names that end with an underscore are in-place functions, which the patterns are not about.
        if not name.endswith("_") and re.fullmatch(pattern, asked):
            return advice
    near = nearest(name, names)
    return f"did you mean {near}?" if near else ""


def missing_name(where: str, name: str, known: Iterable[str], otherwise: str = "") -> MissingNameError:
    """The error for a name that does not exist.

    Args:
        where: the object without the attribute, as in Python's message: "module 'nnviz.nn'", "'Tensor' object".
        name: the name that does not exist.
        known: the existing names.
        otherwise: the hint if there is no suggestion.
    """
    module = where.removeprefix("module ").strip("'") if where.startswith("module ") else ""
    return MissingNameError(f"{where} has no attribute {name!r}", instead_of(name, known, module) or otherwise)


class MissingModules:
    """A finder that adds the hints of `missing_name` to failing imports.

    In `from nnviz.nn import LSTM`, Python replaces the error of a missing name by its own, after it has tried to import
    a module of that name. This finder, the last in `sys.meta_path`, raises the error with the hint at that point.
    """

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        """None for modules of other packages.

        Raises:
            MissingModuleError: `fullname` is in nnviz, where no other finder has found it.
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
            hint = instead_of(name, getattr(module, "__all__", dir(module)), package)
        raise MissingModuleError(f"cannot import name {name!r} from {package!r}: there is no such name", hint)


def say_what_is_missing() -> None:
    """Install the finder that adds hints to failing imports from nnviz."""
    if not any(isinstance(finder, MissingModules) for finder in sys.meta_path):
        sys.meta_path.append(MissingModules())
