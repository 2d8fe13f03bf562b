"""What to say of a name that does not exist: the nearest one, where it stands, or what to use in its place."""

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
"""Names from elsewhere, plain, and ours: the layer's, and the function's where there is one."""

OWN_LOSS = "a loss is a function of your own: (output - target).abs().mean()"
FROM_PARTS = "write it as a Module of your own, from the operations on tensors"
COMPLEX = "there are no complex numbers: keep real and imaginary part in two tensors"
GRADIENT = "write the loss as a function, and take its gradient with nnviz.autograd.grad"

INSTEAD = {
    r"(rnn|lstm|gru)(cell|base|cellbase)?":
        "there are no recurrent layers: call nn.Linear on each step of the sequence, in a loop in forward",
    r"lazy\w+": "write it without Lazy, and give the size of what comes in: Linear(in_features, out_features)",
    r"convtranspose\dd":
        "there are no transposed convolutions: repeat rows and columns, then nn.Conv2d; or nn.Linear and a reshape",
    r"upsampl\w+|interpolate": "repeat rows and columns: x.repeat_interleave(2, -2).repeat_interleave(2, -1)",
    r"\w+3d": "there are layers for images, of two dimensions, alone",
    r"transformer\w*|multiheadattention|scaleddotproductattention|attention":
        "build it of nn.Linear, softmax and @: softmax(q @ k.transpose(-2, -1) / d**0.5, -1) @ v",
    r"(distributed)?dataparallel|parallel|distributed|distributedsampler|multiprocessing":
        "nnviz computes in one process: leave it out, and call the model itself",
    r"amp|autocast|gradscaler|bfloat16|quantization|ao":
        "nnviz computes in float32 and float64: leave mixed precision out",
    r"compile|jit|fx|export|dynamo":
        "nnviz.compile_forward(model) and nnviz.compile_step(model, loss, optimizer) make a plan of a model",
    r"xpu|mtia|accelerator":
        "nnviz computes on the processor: cuda.is_available() is False, and code that asks goes on without",
    r"hub|package": "nnviz.save and nnviz.load write and read safetensors files",
    r"onnx": "nnviz writes no ONNX files; nnviz.save(model.state_dict(), path) keeps the numbers",
    r"complex64|complex128|cfloat|cdouble": COMPLEX,
    r"vmap": "operations take whole batches: add a dimension and let it broadcast",
    r"func|functionalcall": GRADIENT,
    r"jacobian": "one row at a time: nnviz.autograd.grad of each output",
    r"hessian": "second derivatives are not available",
    r"distributions": "draw with randn, rand or multinomial, and write the log of the density yourself",
    r"tensorboard": "the program shows a training as it runs: `nnviz`; or print the numbers",
    r"checkpoint": "memory is not traded for time: call the module itself",
    r"profiler": "time.perf_counter() measures a step",
    r"sparse": "tensors are dense: nn.Embedding and indices take the place of sparse rows",
    r"fft": "numpy has it: nnviz.from_numpy(numpy.fft.rfft(x.numpy()).real)",
    r"adamax|nadam|sparseadam|lbfgs": "use Adam instead",
    r"radam": "use AdamW instead",
    r"asgd|rprop": "use SGD instead",
    r"volatile": "with nnviz.no_grad(): in its place",
    r"torchvision": "it is a package of its own",
    r"(feature)?(alpha)?dropout(\dd)?": "Dropout zeroes number by number, Dropout2d whole channels",
    r"syncbatchnorm": "BatchNorm2d does the same on one processor",
    r"groupnorm|instancenorm\dd|localresponsenorm|crossmaplrn2d": "BatchNorm2d and LayerNorm are there",
    r"glu|rrelu|(hard|soft)shrink|tanhshrink|threshold": "ReLU, LeakyReLU, ELU and SiLU are near",
    r"\w*nllloss|ctcloss|\w*marginloss|\w*rankingloss|\w*marginwithdistanceloss|cosineembeddingloss": OWN_LOSS,
    r"(zero|constant|reflection|replication|circular)pad\dd": "Conv2d and the pools take padding=, and F.pad pads",
    r"pixel(un)?shuffle|channelshuffle|fold|unfold|bilinear|embeddingbag|(adaptive|fractional|lp)\w+|maxunpool\dd":
        FROM_PARTS,
    r"uninitialized(parameter|buffer)": "write Parameter(tensor)",
    r"modules": "the layers stand in nn itself: nn.Linear",
    r"quantized|quantizable|qat|intrinsic|commontypes": "PyTorch has it, nnviz does not",
}  # fmt: skip
"""What to use in place of names of PyTorch that nnviz has not, by patterns of their plain form."""

ROOMS = ("nnviz", "nnviz.nn", "nnviz.nn.functional", "nnviz.optim", "nnviz.optim.lr_scheduler", "nnviz.utils.data",
         "nnviz.nn.init", "nnviz.nn.utils", "nnviz.autograd")  # fmt: skip
"""Where a name that is missing in one module is looked for."""


def plain(name: str) -> str:
    """A name without what is easily mistaken: small letters, no underscores, no more than anyone would write."""
    return name[:100].lower().replace("_", "")


def nearest(name: str, known: Iterable[str], exactly: bool = False) -> str:
    """The name that was probably meant; empty where none is like it. Small letters and capitals count alike.

    That is one of the same letters, with or without "loss" behind, else one that begins so, else one that is like it.

    Args:
        name: what was asked for.
        known: the names there are; those that begin with an underscore are left out.
        exactly: only one of the same letters.
    """
    names: dict[str, list[str]] = {}
    for one in known:
        if not one.startswith("_"):
            names.setdefault(plain(one), []).append(one)
    asked = plain(name)
    found = [one for one in (asked, f"{asked}loss") if one in names]
    if not found and not exactly:
        # Loaded when a name is missing, not whenever nnviz is.
        import difflib

        found = [one for one in names if len(asked) > 2 and one.startswith(asked)]
        found = found or difflib.get_close_matches(asked, names, n=1, cutoff=0.65)
    # Of Linear, the layer, and linear, the module, the one that is written more like it.
    alike = names[found[0]] if found else []
    return max(alike, key=lambda one: sum(map(str.__eq__, one, name)), default="")


def instead_of(name: str, known: Iterable[str], where: str = "") -> str:
    """What to use where `name` is missing; empty where nothing is like it.

    Args:
        name: what was asked for.
        known: the names there are.
        where: the module, where it is one: other modules are looked into as well.
    """
    # Nothing is looked for where Python or numpy ask for their protocols.
    if name.startswith("_"):
        return ""
    import re

    names = set(known) if not isinstance(known, list | tuple) else known
    asked = plain(name)
    meant = [nearest(name, names, exactly=True), *(one for one in ALIASES.get(asked, "").split() if one in names)]
    if any(meant):
        return f"did you mean {next(filter(None, meant))}?"
    if where:
        rooms = {room: importlib.import_module(room) for room in ROOMS if room != where}
        held = {room: list(getattr(module, "__all__", dir(module))) for room, module in rooms.items()}
        # Spelled the same before what has the same letters: Flatten is a layer, flatten a function.
        homes = [(room, name) for room, others in held.items() if name in others]
        for room, found in homes or ((room, nearest(name, others, exactly=True)) for room, others in held.items()):
            if found:
                return f"it stands in {room}: {room}.{found}"
    for pattern, advice in INSTEAD.items():
        # What works in place is a function, and no part of the library.
        if not name.endswith("_") and re.fullmatch(pattern, asked):
            return advice
    near = nearest(name, names)
    return f"did you mean {near}?" if near else ""


def missing_name(where: str, name: str, known: Iterable[str], otherwise: str = "") -> MissingNameError:
    """The error for a name that does not exist.

    Args:
        where: what was asked, in Python's words: "module 'nnviz.nn'", "'Tensor' object".
        name: the name that was asked for.
        known: the names there are.
        otherwise: what to say where none is like it.
    """
    module = where.removeprefix("module ").strip("'") if where.startswith("module ") else ""
    return MissingNameError(f"{where} has no attribute {name!r}", instead_of(name, known, module) or otherwise)


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
            hint = instead_of(name, getattr(module, "__all__", dir(module)), package)
        raise MissingModuleError(f"cannot import name {name!r} from {package!r}: there is no such name", hint)


def say_what_is_missing() -> None:
    """Let imports from nnviz that find nothing say what to use in their place."""
    if not any(isinstance(finder, MissingModules) for finder in sys.meta_path):
        sys.meta_path.append(MissingModules())
