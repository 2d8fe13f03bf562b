"""A name that does not exist says so, and what to use in its place; so does an import."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys

import pytest

import nnviz
from nnviz.errors import MissingModuleError, MissingNameError
from nnviz.names import INSTEAD, instead_of, missing_name, nearest

ASKED = [
    ("nnviz", "LSTM", "nn.Linear on each step"),
    ("nnviz", "jit", "compile_forward"),
    ("nnviz", "compile", "compile_step"),
    ("nnviz", "vmap", "broadcast"),
    ("nnviz", "distributed", "one process"),
    ("nnviz", "autocast", "mixed precision"),
    ("nnviz", "functional", "nnviz.nn.functional"),
    ("nnviz", "svd", "numpy.linalg.svd"),
    ("nnviz", "cross", "a.roll(-1) * b.roll(-2)"),
    ("nnviz.autograd", "profiler", "time.perf_counter()"),
    ("nnviz.autograd", "grads", "did you mean grad?"),
    ("nnviz.autograd.functional", "hessian", "second derivatives"),
    ("nnviz.autograd.functional", "jvp", "by the vector"),
    ("nnviz", "zeroes", "did you mean zeros?"),
    ("nnviz", "Tensr", "did you mean Tensor?"),
    ("nnviz", "manual_sed", "did you mean manual_seed?"),
    ("nnviz", "Cuda", "did you mean cuda?"),
    ("nnviz.utils", "Data", "did you mean data?"),
    ("nnviz.utils.data", "Dataloader", "did you mean DataLoader?"),
    ("nnviz.utils.data", "randomsplit", "did you mean random_split?"),
    ("nnviz.cuda", "amp", "mixed precision"),
    ("nnviz.cuda", "is_availible", "did you mean is_available?"),
    ("nnviz.backends", "cudn", "did you mean cudnn?"),
    ("nnviz.accelerator", "isavailable", "did you mean is_available?"),
    ("nnviz", "Linear", "it is in nnviz.nn: nnviz.nn.Linear"),
    ("nnviz", "StepLR", "it is in nnviz.optim.lr_scheduler: nnviz.optim.lr_scheduler.StepLR"),
    ("nnviz.nn", "SGD", "it is in nnviz.optim: nnviz.optim.SGD"),
    ("nnviz.nn", "DataLoader", "it is in nnviz.utils.data: nnviz.utils.data.DataLoader"),
    ("nnviz.nn", "clip_grad_norm_", "it is in nnviz.nn.utils: nnviz.nn.utils.clip_grad_norm_"),
    ("nnviz.optim", "StepLR", "it is in nnviz.optim.lr_scheduler"),
    ("nnviz.optim", "SDG", "did you mean SGD?"),
    ("nnviz.optim", "NAdam", "use Adam instead"),
    ("nnviz.optim.lr_scheduler", "CosineAnealingLR", "did you mean CosineAnnealingLR?"),
    ("nnviz.nn.functional", "swish", "did you mean silu?"),
    ("nnviz.nn.functional", "scaled_dot_product_attention", "softmax(q @ k"),
    ("nnviz.utils.data", "DistributedSampler", "one process"),
]


@pytest.mark.parametrize(("module", "name", "hint"), ASKED)
def test_a_missing_name(module: str, name: str, hint: str) -> None:
    home = importlib.import_module(module)
    with pytest.raises(MissingNameError) as raised:
        getattr(home, name)
    assert raised.value.message == f"module {module!r} has no attribute {name!r}"
    assert hint in raised.value.hint
    assert not hasattr(home, name)
    assert getattr(home, name, 3) == 3


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("from nnviz import LSTM", "cannot import name 'LSTM' from 'nnviz'"),
        ("from nnviz.nn import LSTM", "Linear"),
        ("from nnviz.nn import Liner", "did you mean Linear?"),
        ("from nnviz.optim import LBFGS", "Adam"),
        ("from nnviz.utils.tensorboard import SummaryWriter", "print the loss"),
        ("from nnviz.utils.data import Dataloader", "did you mean DataLoader?"),
        ("from nnviz.cuda.amp import autocast, GradScaler", "mixed precision"),
        ("from nnviz.distributions import Categorical", "multinomial"),
        ("import nnviz.distributed as dist", "one process"),
        ("import nnviz.multiprocessing", "one process"),
        ("import nnviz.nothing_like_it", "no such name"),
    ],
)
def test_a_missing_import(statement: str, words: str) -> None:
    with pytest.raises(ImportError, match="cannot import name") as raised:
        exec(statement, {})  # noqa: S102
    assert isinstance(raised.value, MissingModuleError | ModuleNotFoundError)
    assert words in str(raised.value)


@pytest.mark.parametrize("name", ["nothing_like_it", "os_nothing.like_it"])
def test_other_packages_are_left_alone(name: str) -> None:
    with pytest.raises(ModuleNotFoundError, match="No module named"):
        importlib.import_module(name)
    assert importlib.util.find_spec("nothing_like_it") is None


IMPORTS = """
import nnviz as torch
import nnviz.nn as nn
import nnviz.nn.functional as F
import nnviz.optim as optim
import nnviz.utils.data
import nnviz.utils.data as data_utils
import nnviz.backends.cudnn as cudnn
import nnviz.cuda
from nnviz import nn, optim, Tensor, save
from nnviz.nn import functional as F, Linear, Sequential
from nnviz.optim import SGD, Adam, lr_scheduler
from nnviz.optim.lr_scheduler import StepLR
from nnviz.utils import data
from nnviz.utils.data import DataLoader, Dataset, TensorDataset, random_split
from nnviz.utils.data.dataloader import DataLoader, default_collate
from nnviz.utils.data.dataset import Dataset, random_split
from nnviz.utils.data.sampler import SubsetRandomSampler, WeightedRandomSampler
torch.utils.data.DataLoader, torch.nn.functional.relu, torch.optim.SGD, torch.cuda.is_available
torch.backends.cudnn.deterministic = True
assert torch.random.manual_seed(3) is torch.manual_seed(3)
cudnn.benchmark = False
assert torch.utils.data is data is data_utils and torch.backends.cudnn is cudnn and cudnn.deterministic
torch.use_deterministic_algorithms(True)
torch.set_num_threads(1)
assert torch.get_num_threads() >= 1
"""


def test_imports_as_people_write_them() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTS], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("linear", ["Linear", "linear"], "linear"),
        ("LINEAR", ["linear", "Linear"], "Linear"),
        ("mse", ["MSELoss", "Mish"], "MSELoss"),
        ("Lin", ["LayerNorm", "Linear"], "Linear"),
        ("maxpool", ["avg_pool2d", "max_pool2d"], "max_pool2d"),
        ("Liner", ["Linear", "Flatten"], "Linear"),
        ("xyz", ["Linear", "_xyz"], ""),
        ("", ["Linear"], ""),
        ("e" * 10**6, ["Linear"], ""),
    ],
)
def test_one_rule_for_the_nearest(name: str, known: list[str], meant: str) -> None:
    assert nearest(name, known) == meant


def test_names_are_compared_when_one_is_missing_and_not_before() -> None:
    code = "import sys, nnviz.nn, nnviz.optim, nnviz.utils.data, nnviz.plan; sys.exit('difflib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_public_name_is_there() -> None:
    for name in dir(nnviz):
        assert getattr(nnviz, name) is not None or name.startswith("__"), name


def test_protocols_are_refused_without_a_search() -> None:
    assert instead_of("__array_interface__", ["__array_interface_"]) == ""
    assert missing_name("'Tensor' object", "sume", ["sum", "mean"]).hint == "did you mean sum?"
    assert all(INSTEAD.values())
