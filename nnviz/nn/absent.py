"""What is said of a name that is not there: the nearest one, or what to use instead."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable

from nnviz.errors import MissingNameError

OTHER_NAMES = {
    "dense": "Linear",
    "fullyconnected": "Linear",
    "swish": "SiLU",
    "logistic": "Sigmoid",
    "mae": "L1Loss",
    "maeloss": "L1Loss",
    "rmsnorm": "LayerNorm",
    "smoothl1loss": "HuberLoss",
    "bce": "BCELoss binary_cross_entropy",
    "bcewithlogits": "BCEWithLogitsLoss binary_cross_entropy_with_logits",
    "ce": "CrossEntropyLoss cross_entropy",
    "mse": "MSELoss",
    "nll": "NLLLoss",
    "crossentropy": "CrossEntropyLoss",
    "softmaxcrossentropyloss": "CrossEntropyLoss",
    "batchnormalization": "BatchNorm2d",
    "batchnorm": "BatchNorm2d",
    "conv": "Conv2d",
    "convolution2d": "Conv2d",
    "maxpooling2d": "MaxPool2d",
    "averagepooling2d": "AvgPool2d",
    "avgpooling2d": "AvgPool2d",
    "pool": "MaxPool2d",
    "maxpool": "MaxPool2d",
    "avgpool": "AvgPool2d",
    "norm": "LayerNorm",
    "activation": "ReLU",
    "list": "ModuleList",
    "dict": "ModuleDict",
}
"""Names from elsewhere, in small letters, and ours: the layer's, and the function's where it is called otherwise."""

RECURRENT = "recurrent layers are not there: a cell is a few Linear layers and Tanh, called in a loop in forward"
FROM_PARTS = "write it as a Module of your own, from the operations on tensors"
FLAT = "the 2d layer does it for signals that get a dimension of size 1: x.unsqueeze(2)"

INSTEAD: tuple[tuple[str, str], ...] = (
    (r"(RNN|LSTM|GRU)(Cell|Base|CellBase)?", RECURRENT),
    (r"Lazy\w+", "write it without Lazy, and give the size of what comes in: Linear(in_features, out_features)"),
    (r"ConvTranspose\dd", "there are none: a Linear layer and a reshape can make an image larger"),
    (r"(Conv|MaxPool|AvgPool)1d", FLAT),
    (r"\w+3d", "there are layers for images, of two dimensions, alone"),
    (r"Transformer\w*|MultiheadAttention", "attention is softmax(q @ k.transpose(-2, -1) / d ** 0.5, -1) @ v"),
    (r"(Distributed)?DataParallel|parallel", "leave it out: there is one processor, and model(x) does the same"),
    (r"(Feature)?(Alpha)?Dropout(\dd)?", "Dropout zeroes number by number"),
    (r"SyncBatchNorm", "BatchNorm2d does the same on one processor"),
    (r"GroupNorm|InstanceNorm\dd|LocalResponseNorm|CrossMapLRN2d", "BatchNorm2d and LayerNorm are there"),
    (r"ReLU6", "write Hardtanh(0, 6)"),
    (r"Softmin", "write Softmax(dim=1)(-x)"),
    (r"Softmax2d", "write Softmax(dim=1)"),
    (r"LogSigmoid", "write -Softplus()(-x)"),
    (r"CELU|GLU|RReLU|Hard(sigmoid|swish|shrink)|Softshrink|Tanhshrink|Threshold",
     "ReLU, LeakyReLU, ELU and SiLU are near"),
    (r"KLDivLoss|\w*NLLLoss|CTCLoss|\w*MarginLoss|\w*RankingLoss|\w*MarginWithDistanceLoss|CosineEmbeddingLoss",
     "a loss is a function of your own: (output - target).abs().mean()"),
    (r"(Zero|Constant|Reflection|Replication|Circular)Pad\dd", "Conv2d and the pools take padding="),
    (r"Upsample|Upsampling\w+|Pixel(Uns|S)huffle|ChannelShuffle|Fold|Unfold|Unflatten|Bilinear|PairwiseDistance"
     r"|CosineSimilarity|EmbeddingBag|(Adaptive|Fractional|LP)\w+|MaxUnpool\dd|AdaptiveLogSoftmaxWithLoss", FROM_PARTS),
    (r"(Uninitialized)?(Parameter|Buffer)", "write Parameter(tensor)"),
    (r"modules", "the layers stand in nn itself: nn.Linear"),
    (r"quantized|quantizable|qat|intrinsic|attention|grad|common_types", "PyTorch has it, nnviz does not"),
    (r"DataLoader|Dataset", "they stand in nnviz.utils.data"),
    (r"(SGD|Adam\w*|RMSprop|Adagrad)", "optimizers stand in nnviz.optim"),
)  # fmt: skip
"""Names that PyTorch has in nn and nnviz has not, and what to do without them."""


def _plain(name: str) -> str:
    return name[:100].lower().replace("_", "")


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant; None where none is like it. Small letters and capitals count alike."""
    plain: dict[str, str] = {}
    for known in names:
        plain.setdefault(_plain(known), known)
    asked = _plain(name)
    begun = [one for one in plain if len(asked) > 2 and one.startswith(asked)]
    close = [asked] if asked in plain else begun or difflib.get_close_matches(asked, plain, n=1, cutoff=0.7)
    return plain[close[0]] if close else None


def no_such_name(module: str, name: str, names: Iterable[str]) -> MissingNameError:
    """The error for a name that a module has not, with the nearest of `names` as its hint."""
    close = nearest(name, names)
    return MissingNameError(
        f"module '{module}' has no attribute '{name}'",
        f"did you mean {close}?" if close else f"there are: {', '.join(names)}",
    )


def no_such_part(module: str, name: str, names: Iterable[str], other: str, others: Iterable[str]) -> MissingNameError:
    """The error for a name that nn or nn.functional has not, with what to use instead.

    Args:
        module: which of the two.
        name: what was asked for.
        names: what it has.
        other: the other of the two.
        others: what that one has.
    """
    known = list(names)
    plain = {_plain(one): one for one in known}
    asked = _plain(name)
    message = f"module '{module}' has no attribute '{name}'"
    exact = plain.get(asked) or plain.get(f"{asked}loss")
    if exact:
        return MissingNameError(message, f"did you mean {exact}?")
    for pattern, advice in INSTEAD:
        if re.fullmatch(pattern, asked, re.IGNORECASE):
            return MissingNameError(message, advice)
    for meant in OTHER_NAMES.get(asked, "").split():
        if meant in known:
            return MissingNameError(message, f"did you mean {meant}?")
    if name in others:
        return MissingNameError(message, f"it stands in {other}: {other}.{name}")
    # Not imported: that one imports nn, when it is asked for it.
    if hasattr(sys.modules["nnviz"], name):
        return MissingNameError(message, f"it stands in nnviz itself: nnviz.{name}")
    close = nearest(name, known)
    return MissingNameError(
        message, f"did you mean {close}?" if close else "write it yourself, from the operations on tensors"
    )
