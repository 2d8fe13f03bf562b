"""The public names: what they are called, what they give, and what they say when it cannot be done."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

import nnviz
from nnviz import nn
from nnviz.autograd import Tensor
from nnviz.errors import GraphError, NnvizError, OperandError

LESSON = """
import numpy as np
import nnviz as torch
from nnviz import nn
x = torch.from_numpy(np.random.random(size=(4, 10)))
model = nn.Sequential(nn.Linear(in_features=10, out_features=5).double(), nn.Sigmoid(),
                      nn.Linear(in_features=5, out_features=8).double(), nn.Softmax())
ytrue = torch.randint(8, (4,))
loss = nn.CrossEntropyLoss()(model(x), ytrue)
loss.backward()
for p in model.parameters():
    print(p, p.grad)
    print(p.shape, p.grad.shape)
"""


def test_the_lessons_code_runs_as_it_stands() -> None:
    done = subprocess.run([sys.executable, "-c", LESSON], capture_output=True, text=True, check=True, timeout=60)
    assert not done.stderr
    assert done.stdout.count("Parameter containing:\ntensor(") == 4
    shapes = [line for line in done.stdout.splitlines() if line.startswith("(")]
    assert shapes == ["(5, 10) (5, 10)", "(5,) (5,)", "(8, 5) (8, 5)", "(8,) (8,)"]


def test_creation() -> None:
    assert nnviz.zeros(2, 3).shape == nnviz.ones((2, 3)).shape == (2, 3)
    assert nnviz.full((2,), 7).tolist() == [7, 7]
    assert nnviz.full((2,), 7).dtype == nnviz.int64
    assert nnviz.full((1,), 0.5).dtype == nnviz.float32
    assert nnviz.arange(3).tolist() == [0, 1, 2]
    assert nnviz.arange(3).dtype == nnviz.int64
    assert nnviz.arange(1, 2, 0.25).tolist() == [1.0, 1.25, 1.5, 1.75]
    assert nnviz.eye(2).tolist() == [[1, 0], [0, 1]]
    assert nnviz.tensor([1.5]).dtype == nnviz.float32
    assert nnviz.tensor(np.array([1.5])).dtype == nnviz.float64
    assert nnviz.tensor([True]).dtype == bool
    assert nnviz.tensor([1], dtype=nnviz.float64).dtype == nnviz.float64


def test_random_numbers_come_from_the_seed() -> None:
    def drawn() -> list[list[float]]:
        return [nnviz.rand(3).tolist(), nnviz.randn(3).tolist(), nnviz.randint(5, (3,)).tolist()]

    nnviz.manual_seed(3)
    first = drawn()
    nnviz.manual_seed(3)
    assert drawn() == first
    nnviz.manual_seed(4)
    assert drawn() != first
    many = nnviz.randint(2, 5, (1000,)).array
    assert set(many.tolist()) == {2, 3, 4}
    assert 0 <= nnviz.rand(1000).array.min() <= nnviz.rand(1000).array.max() < 1


A = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])

METHODS: list[tuple[Callable[[Tensor], Tensor], object]] = [
    (lambda a: a.sum(1), A.sum(1)), (lambda a: a.mean((0, 1), keepdim=True), A.mean(keepdims=True)),
    (lambda a: a.var(), A.var(ddof=1)), (lambda a: a.var(0, unbiased=False), A.var(0)), (lambda a: a.std(1), A.std(1, ddof=1)),
    (lambda a: a.std(correction=0), A.std()), (lambda a: a.max(), 4.0), (lambda a: a.max(1).values, A.max(1)),
    (lambda a: a.max(1).indices, A.argmax(1)), (lambda a: a.min(0, keepdim=True)[1], A.argmin(0)[None]),
    (lambda a: a.argmax(), A.argmax()), (lambda a: a.argmax(0), A.argmax(0)), (lambda a: a.reshape(3, 2), A.reshape(3, 2)),
    (lambda a: a.view((3, -1)), A.reshape(3, 2)), (lambda a: a.T, A.T), (lambda a: a.transpose(0, 1), A.T),
    (lambda a: a.permute(1, 0), A.T), (lambda a: a.unsqueeze(1), A[:, None]), (lambda a: a.unsqueeze(-1).squeeze(), A),
    (lambda a: a.squeeze(0), A), (lambda a: a.flatten(), A.ravel()), (lambda a: a[:1].expand(4, -1), np.repeat(A[:1], 4, 0)),
    (lambda a: a**2, A**2), (lambda a: 2**a, 2**A), (lambda a: a.abs().sqrt(), np.sqrt(np.abs(A))), (lambda a: a.exp().log(), A),
    (lambda a: a.clamp(-1, 2), A.clip(-1, 2)), (lambda a: a.clamp(max=0), A.clip(None, 0)), (lambda a: a.sin() + a.cos(), np.sin(A) + np.cos(A)),
    (lambda a: a.tanh(), np.tanh(A)), (lambda a: a.sigmoid(), 1 / (1 + np.exp(-A))), (lambda a: a.relu(), A.clip(0)),
    (lambda a: a.softmax(1).sum(1), np.ones(2)), (lambda a: a.log_softmax(0).exp().sum(0), np.ones(3)),
    (lambda a: a.logsumexp(1), np.log(np.exp(A).sum(1))), (lambda a: a @ a.T, A @ A.T), (lambda a: 1 - a, 1 - A), (lambda a: 6 / a, 6 / A),
    (lambda a: -a / 2, -A / 2), (lambda a: a > 0, A > 0), (lambda a: a <= 3, A <= 3), (lambda a: a == 4, A == 4), (lambda a: a != 4, A != 4),
    (lambda a: a[0, 1], A[0, 1]), (lambda a: a[:, [0, 2]], A[:, [0, 2]]), (lambda a: a[a > 0], A[A > 0]), (lambda a: a[nnviz.tensor([1, 1])], A[[1, 1]]),
    (lambda a: nnviz.cat([a, a], dim=1), np.concatenate([A, A], 1)), (lambda a: nnviz.stack((a, a), -1), np.stack([A, A], -1)),
    (lambda a: nnviz.where(a > 0, a, 0), np.where(A > 0, A, 0)), (lambda a: nnviz.where(a > 0, 1.0, 0.0), (A > 0).astype(float)),
    (lambda a: a.float(), A), (lambda a: a.long(), A.astype(int)), (lambda a: a.clone(), A), (lambda a: a.detach(), A),
    (lambda a: nnviz.tensor([1, 2, 3]) / 2 + a, np.array([0.5, 1, 1.5]) + A), (lambda a: nnviz.tensor([1, 2, 3]) * a, np.array([1, 2, 3]) * A),
]  # fmt: skip


@pytest.mark.parametrize(("method", "wanted"), METHODS)
def test_methods_give_numpys_numbers(method: Callable[[Tensor], Tensor], wanted: object) -> None:
    found = method(nnviz.tensor(A))
    assert found.shape == np.shape(wanted)
    np.testing.assert_allclose(found.array, wanted, rtol=1e-14)


def test_what_a_tensor_says_of_itself() -> None:
    a = nnviz.tensor([[1.0, 2.0]])
    assert (a.dim(), a.size(), a.size(1), a.numel(), len(a)) == (2, (1, 2), 2, 2, 1)
    assert [row.tolist() for row in a] == [[1.0, 2.0]]
    assert float(a.sum()) == 3.0
    assert int(a.sum()) == 3
    assert bool(a.sum() > 2)
    assert a in {a}
    assert a.requires_grad_().requires_grad
    assert a.to(nnviz.float64).dtype == nnviz.float64
    assert math.isnan(nnviz.zeros(0).mean().item())
    with pytest.raises(AttributeError, match="module 'nnviz' has no attribute 'frobnicate'"):
        nnviz.frobnicate  # noqa: B018


WEIGHT = [nn.Parameter(nnviz.zeros(1))]

MESSAGES: list[tuple[Callable[[], object], str]] = [
    (lambda: (nnviz.tensor([1.0, 2.0], requires_grad=True) * 2).backward(), "grad can be implicitly created only for scalar outputs"),
    (lambda: nnviz.zeros(3, 4) @ nnviz.zeros(5, 2), "mat1 and mat2 shapes cannot be multiplied (3x4 and 5x2)"),
    (lambda: nn.Linear(3, 2)(nnviz.zeros(4, 3, dtype=nnviz.float64)), "mat1 and mat2 must have the same dtype, but got Double and Float"),
    (lambda: nn.CrossEntropyLoss()(nnviz.zeros(2, 3), nnviz.tensor([1, 5])), "Target 5 is out of bounds."),
    (lambda: nn.CrossEntropyLoss()(nnviz.zeros(2, 3), nnviz.tensor([1.0, 2.0])), "expected target dtype to be Long or Byte, but got Float"),
    (lambda: nn.CrossEntropyLoss()(nnviz.zeros(2, 3), nnviz.tensor([1, 2, 0])), "Expected input batch_size (2) to match target batch_size (3)."),
    (lambda: nn.CrossEntropyLoss()(nnviz.zeros(2, 3, 4), nnviz.tensor([[1], [2]])), "Expected target size [2, 4], got [2, 1]"),
    (lambda: nn.BCELoss()(nnviz.zeros(2, 1) + 3, nnviz.zeros(2, 1)), "all elements of input should be between 0 and 1"),
    (lambda: nn.BCELoss()(nnviz.zeros(2, 1), nnviz.zeros(2)), "Using a target size (torch.Size([2])) that is different to the input size (torch.Size([2, 1])) is deprecated. Please ensure they have the same size."),
    (lambda: nn.BCEWithLogitsLoss()(nnviz.zeros(2, 1), nnviz.zeros(2)), "Target size (torch.Size([2])) must be the same as input size (torch.Size([2, 1]))"),
    (lambda: nn.BCELoss()(nnviz.zeros(2), nnviz.tensor([1, 0])), "Found dtype Long but expected Float"),
    (lambda: nn.Conv2d(3, 2, 3)(nnviz.zeros(1, 1, 5, 5)), "Given groups=1, weight of size [2, 3, 3, 3], expected input[1, 1, 5, 5] to have 3 channels, but got 1 channels instead"),
    (lambda: nn.Conv2d(1, 2, 7)(nnviz.zeros(1, 1, 5, 5)), "Calculated padded input size per channel: (5 x 5). Kernel size: (7 x 7). Kernel size can't be greater than actual input size"),
    (lambda: nn.Conv2d(1, 2, 3, stride=0)(nnviz.zeros(1, 1, 5, 5)), "non-positive stride is not supported"),
    (lambda: nn.BatchNorm1d(3)(nnviz.zeros(1, 3)), "Expected more than 1 value per channel when training, got input size torch.Size([1, 3])"),
    (lambda: nn.BatchNorm1d(3)(nnviz.zeros(2, 4)), "running_mean should contain 4 elements not 3"),
    (lambda: nn.BatchNorm2d(3)(nnviz.zeros(2, 4)), "expected 4D input (got 2D input)"),
    (lambda: nn.BatchNorm1d(3)(nnviz.zeros(2, 3, 4, 5)), "expected 2D or 3D input (got 4D input)"),
    (lambda: nn.MaxPool2d(2)(nnviz.zeros(1, 1, 1, 1)), "Given input size: (1x1x1). Calculated output size: (1x0x0). Output size is too small"),
    (lambda: nn.AvgPool2d(2, padding=2)(nnviz.zeros(1, 1, 4, 4)), "pad should be at most half of effective kernel size, but got pad=2, kernel_size=2 and dilation=1"),
    (lambda: nn.Conv2d(1, 1, 3, padding="big"), "Invalid padding string 'big', should be one of {'valid', 'same'}"),
    (lambda: nn.Dropout(1.5), "dropout probability has to be between 0 and 1, but got 1.5"),
    (lambda: nn.GELU("sigmoid"), "approximate argument must be either none or tanh."),
    (lambda: nn.Hardtanh(1.0, -1.0), "max_val (-1.0) must be greater than min_val (1.0)"),
    (lambda: nn.HuberLoss(delta=0.0)(nnviz.zeros(1), nnviz.zeros(1)), "huber_loss does not support non-positive values for delta."),
    (lambda: nn.BCELoss()(nnviz.zeros(1), nnviz.zeros(1) + 3), "all elements of target should be between 0 and 1"),
    (lambda: nn.Sequential(nn.ReLU(), nnviz.relu), "function is not a Module subclass"),  # type: ignore[arg-type]
    (lambda: nn.LayerNorm(3)(nnviz.zeros(2, 4)), "Given normalized_shape=[3], expected input with shape [*, 3], but got input of size[2, 4]"),
    (lambda: nn.Embedding(3, 2)(nnviz.tensor([5])), "index out of range in self"),
    (lambda: nn.Embedding(3, 2)(nnviz.tensor([1.5])), "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch.FloatTensor instead (while checking arguments for embedding)"),
    (lambda: nn.Linear(2, 2).load_state_dict({}), 'Error(s) in loading state_dict for Linear:\n\tMissing key(s) in state_dict: "weight", "bias". '),
    (lambda: nnviz.cat([nnviz.zeros(2, 3), nnviz.zeros(3, 4)]), "Sizes of tensors must match except in dimension 0. Expected size 3 but got size 4 for tensor number 1 in the list."),
    (lambda: nnviz.stack([nnviz.zeros(2), nnviz.zeros(3)]), "stack expects each tensor to be equal size, but got [2] at entry 0 and [3] at entry 1"),
    (lambda: nnviz.cat([]), "torch.cat(): expected a non-empty list of Tensors"),
    (lambda: nnviz.zeros(2, 3).expand(3, 3), "The expanded size of the tensor (3) must match the existing size (2) at non-singleton dimension 0.  Target sizes: [3, 3].  Tensor sizes: [2, 3]"),
    (lambda: nnviz.zeros(2, 3).permute(0, 0), "permute(): duplicate dims are not allowed."),
    (lambda: nnviz.zeros(2, 3).sum(5), "Dimension out of range (expected to be in range of [-2, 1], but got 5)"),
    (lambda: nnviz.zeros(2, 3).flatten(1, 0), "flatten() has invalid args: start_dim cannot come after end_dim"),
    (lambda: nnviz.zeros(2, 3).item(), "a Tensor with 6 elements cannot be converted to Scalar"),
    (lambda: nnviz.zeros(2, 3, requires_grad=True).numpy(), "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."),
    (lambda: bool(nnviz.zeros(2, 3)), "Boolean value of Tensor with more than one value is ambiguous"),
    (lambda: nnviz.tensor([1, 2], requires_grad=True), "Only Tensors of floating point and complex dtype can require gradients"),
    (lambda: nnviz.tensor([1, 2]).mean(), "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: Long"),
    (lambda: nnviz.zeros(0).max(), "max(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument."),
    (lambda: nnviz.zeros(3)[5], "index 5 is out of bounds for dimension 0 with size 3"),
    (lambda: nnviz.zeros(-1), "Dimension size must be non-negative."),
    (lambda: nnviz.tensor([[1, 2], [3]]), "expected sequence of equal length at each dimension"),
    (lambda: nn.PReLU(3)(nnviz.zeros(2, 4)), "Mismatch of parameter numbers and input channel size. Found parameter numbers = 3 and channel size = 4."),
    (lambda: nnviz.optim.SGD([nn.Parameter(nnviz.zeros(1))], nesterov=True), "Nesterov momentum requires a momentum and zero dampening"),
    (lambda: nnviz.optim.SGD(WEIGHT, lr=-1.0), "Invalid learning rate: -1.0"),
    (lambda: nnviz.optim.SGD(WEIGHT, lr=math.nan), "Invalid learning rate: nan"),
    (lambda: nnviz.optim.SGD(WEIGHT, momentum=-1.0), "Invalid momentum value: -1.0"),
    (lambda: nnviz.optim.SGD(WEIGHT, weight_decay=-1.0), "Invalid weight_decay value: -1.0"),
    (lambda: nnviz.optim.Adam(WEIGHT, betas=(1.0, 0.9)), "Invalid beta parameter at index 0: 1.0"),
    (lambda: nnviz.optim.Adam(WEIGHT, eps=-1.0), "Invalid epsilon value: -1.0"),
    (lambda: nnviz.optim.SGD([]), "optimizer got an empty parameter list"),
    (lambda: nnviz.optim.SGD([1]), "optimizer can only optimize Tensors, but one of the params is int"),
    (lambda: nnviz.optim.SGD([*WEIGHT, {"params": WEIGHT}]), "optimizer can only optimize Tensors, but one of the params is dict"),
    (lambda: nnviz.optim.SGD(WEIGHT[0]), "params argument given to the optimizer should be an iterable of Tensors or dicts, but got a Tensor"),
    (lambda: nnviz.optim.lr_scheduler.StepLR(nnviz.optim.SGD(WEIGHT), 0), "step_size must be 1 or more, got 0"),
    (lambda: nnviz.optim.lr_scheduler.LinearLR(nnviz.optim.SGD(WEIGHT), 2.0), "Starting multiplicative factor expected to be greater than 0 and less or equal to 1."),
    (lambda: nnviz.optim.lr_scheduler.ReduceLROnPlateau(nnviz.optim.SGD(WEIGHT), factor=1.0), "Factor should be < 1.0."),
    (lambda: nn.init.xavier_uniform_(nnviz.zeros(3)), "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"),
    (lambda: nn.functional.mse_loss(nnviz.zeros(1), nnviz.zeros(1), reduction="max"), "max is not a valid value for reduction"),
    (lambda: (nnviz.zeros(1, requires_grad=True) * 2).backward(create_graph=True), "double backward is not supported: gradients are plain numbers here, without a graph of their own"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "words"), MESSAGES)
def test_messages_are_pytorchs_where_it_has_them(call: Callable[[], object], words: str) -> None:
    with pytest.raises(NnvizError) as caught:
        call()
    assert caught.value.message == words


def test_shapes_that_broadcast_by_mistake_are_warned_of() -> None:
    with pytest.warns(UserWarning, match=r"Using a target size \(torch.Size\(\[2\]\)\) that is different"):
        nn.MSELoss()(nnviz.zeros(2, 1), nnviz.zeros(2))


def test_arrays_and_tensors_go_together() -> None:
    a = nnviz.tensor([1.0, 2.0])
    assert np.asarray(a).tolist() == np.array(a).tolist() == [1.0, 2.0]
    assert np.asarray(a) is a.array
    for both in (a * np.ones(2), np.ones(2) * a):
        assert isinstance(both, Tensor)
        assert both.dtype == np.float64
    assert (np.float64(2) * a).dtype == np.float32
    assert (a * nnviz.tensor(2.0, dtype=nnviz.float64)).dtype == np.float32
    assert (a.to(np.float16) * a).dtype == np.float32
    assert (a == None) is False  # noqa: E711 (what a user may write)
    assert a != "a"


NO_TENSORS: list[tuple[Callable[[], object], str]] = [
    (lambda: nnviz.ones(2) * [1, 2], "unsupported operand type(s): 'Tensor' and 'list'"),
    (lambda: nnviz.ones(2) ** "2", "unsupported operand type(s): 'Tensor' and 'str'"),
    (lambda: nnviz.exp(3.0), "argument (position 1) must be Tensor, not float"),
    (lambda: nnviz.relu(3.0), "relu(): argument (position 1) must be Tensor, not float"),
    (lambda: nnviz.ones(2) @ np.ones(2), "matmul(): argument (position 2) must be Tensor, not numpy.ndarray"),
    (lambda: nn.Linear(2, 2)(np.ones((1, 2))), "Linear(): argument (position 1) must be Tensor, not numpy.ndarray"),
    (lambda: nn.Tanh()([1.0]), "Tanh(): argument (position 1) must be Tensor, not list"),
    (lambda: nn.MSELoss()(nnviz.ones(2), [1.0, 1.0]), "MSELoss(): argument (position 2) must be Tensor, not list"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "words"), NO_TENSORS)
def test_what_is_no_tensor_is_refused_by_name(call: Callable[[], object], words: str) -> None:
    with pytest.raises(OperandError) as caught:
        call()
    assert caught.value.message == words
    assert isinstance(caught.value, TypeError)


def test_backward_on_a_leaf_is_its_own_gradient() -> None:
    leaf = nnviz.tensor(2.0, requires_grad=True)
    leaf.backward()
    assert leaf.grad is not None
    assert leaf.grad.item() == 1.0


def test_the_old_way_of_moving_a_parameter() -> None:
    w = nnviz.tensor([1.0, 2.0], requires_grad=True)
    out = (w * w).sum()
    out.backward(retain_graph=True)
    assert w.grad is not None
    w.data -= 0.5 * w.grad
    assert w.tolist() == [0.0, 0.0]
    assert w.requires_grad
    assert w.is_leaf
    with pytest.raises(GraphError, match="modified by an inplace operation"):
        out.backward()
    out = (w * w).sum()
    w.data = nnviz.tensor([3.0, 4.0])
    assert w.tolist() == [3.0, 4.0]
    with pytest.raises(GraphError, match="modified by an inplace operation"):
        out.backward()


def test_a_shared_parameter_is_one_parameter() -> None:
    shared = nn.Linear(3, 3)
    model = nn.Sequential(shared, nn.Tanh(), shared)
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias"]
    assert list(model.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
