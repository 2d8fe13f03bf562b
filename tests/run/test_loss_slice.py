"""The loss on a plane of weights, beside the loss itself; the planes; and the path that is kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz import nn
from nnviz.errors import NnvizError
from nnviz.files.opened import open_model
from nnviz.network import Network
from nnviz.registry import Spec
from nnviz.run import Checkpoint, Run, Trainer
from nnviz.run.convexity import worst_line
from nnviz.run.planes import plane_of_path, plane_of_weights, random_plane
from nnviz.run.queries import LossSlice
from nnviz.run.queries.loss_slice import POINTS, STRIDES
from nnviz.run.surface import LossSurface
from nnviz.run.weight_path import BYTES, WeightPath
from nnviz.run.weight_path import POINTS as MOST
from tests.run.drawn import STACKS, layer, linear, settings
from tests.run.same import same
from tests.run.test_changes import taken


def trained(network: Network, steps: int = 30) -> Trainer:
    trainer = Trainer(Run(network))
    taken(trainer, steps)
    return trainer


def of_sum(network: Network) -> Network:
    loss = nn.losses.check(Spec.of(network.settings.loss.name, reduction="sum"))
    return replace(network, settings=replace(network.settings, loss=loss))


CASES = {**STACKS, "sum": of_sum(STACKS["norms"])}


def at_weights(trainer: Trainer, weights: np.ndarray) -> float:
    """The training loss with these weights, by setting them and measuring, as everywhere else."""
    before, at = trainer.checkpoint(), 0
    for parameter in trainer.model.parameters():
        parameter.array[...] = weights[at : at + parameter.numel()].reshape(parameter.shape)
        at += parameter.numel()
    loss = trainer.evaluator.measure(trainer.data.train_x, trainer.data.train_y)[0]
    trainer.restore(before)
    return loss


@pytest.mark.parametrize("name", CASES)
def test_each_point_is_the_loss_there(name: str) -> None:
    trainer = trained(CASES[name])
    before = trainer.checkpoint()
    seen = LossSlice("random", 2).observe(trainer)
    assert same(trainer.checkpoint(), before)
    shapes = [parameter.shape for parameter in trainer.model.parameters()]
    start = np.concatenate([parameter.array.ravel() for parameter in trainer.model.parameters()]).astype(np.float64)
    plane = random_plane(start, shapes, trainer.network.settings.seed, 2)
    assert (seen.samples, seen.total) == (len(trainer.data.train_x),) * 2
    assert seen.loss == pytest.approx(trainer.evaluate().train_loss, rel=1e-5)
    middle = POINTS // 2
    assert seen.losses[middle, middle] == pytest.approx(seen.loss)
    for row, column in [(0, 0), (0, 40), (7, 33), (40, 21)]:
        weights = plane.at(seen.x[column], seen.y[row])
        assert seen.losses[row, column] == pytest.approx(at_weights(trainer, weights), rel=1e-5)


def test_coarse_points_come_first_and_stay() -> None:
    trainer = trained(STACKS["values"])
    parts = [part for part in LossSlice("random").begin(trainer) if part is not None]
    assert [part.stride for part in parts] == list(STRIDES)
    assert [part.done for part in parts] == [False, False, True]
    for part in parts:
        known = part.losses[:: part.stride, :: part.stride]
        assert np.isfinite(known).all()
        assert np.isfinite(part.losses).sum() == known.size
        assert np.array_equal(known, parts[-1].losses[:: part.stride, :: part.stride])


def test_the_work_is_about_the_step_at_which_it_began() -> None:
    trainer = trained(STACKS["norms"])
    whole = LossSlice("path").observe(trainer)
    work = LossSlice("path").begin(trainer)
    assert next(work) is None
    taken(trainer, 5)
    *_, last = (part for part in work if part is not None)
    assert same(last, whole)


def test_of_many_samples_so_many_are_taken_evenly() -> None:
    trainer = trained(STACKS["images"], 1)
    surface = LossSurface(trainer, 16)
    rows = np.arange(16) * len(trainer.data.train_x) // 16
    assert np.array_equal(surface.y, trainer.data.train_y[rows])
    loss = trainer.evaluator.measure(trainer.data.train_x[rows], trainer.data.train_y[rows])[0]
    assert surface.loss(surface.start) == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize(
    ("line", "samples"), [("digits 64-16-10 relu seed:1", 512), ("digits 64-5000-10 relu seed:1", 2**20 // 5000)]
)
def test_of_a_wide_network_fewer_samples_are_taken(line: str, samples: int) -> None:
    part = next(part for part in LossSlice("random").begin(Trainer(Run(open_model(line).network))) if part is not None)
    assert (part.samples, part.total) == (samples, 1438)


def test_random_directions_are_as_long_as_each_filter() -> None:
    trainer = trained(STACKS["images"], 3)
    parameters = dict(trainer.model.named_parameters())
    start = np.concatenate([one.array.ravel() for one in parameters.values()]).astype(np.float64)
    shapes = [one.shape for one in parameters.values()]
    plane = random_plane(start, shapes, 3, 0)
    at = 0
    for one in parameters.values():
        for direction in (plane.across, plane.up):
            part = direction[at : at + one.numel()].reshape(one.shape)
            if one.ndim == 1:
                assert not part.any()
                continue
            norms = np.linalg.norm(part.reshape(len(part), -1), axis=1)
            assert norms == pytest.approx(np.linalg.norm(one.array.reshape(len(part), -1), axis=1))
        at += one.numel()
    assert not np.allclose(plane.across, plane.up)
    again, other = random_plane(start, shapes, 3, 0), random_plane(start, shapes, 3, 1)
    assert np.array_equal(plane.across, again.across)
    assert not np.array_equal(plane.across, other.across)
    with pytest.raises(NnvizError, match="all 0"):
        random_plane(np.zeros(len(start)), shapes, 3, 0)


@pytest.mark.parametrize(("points", "numbers"), [(3, 40), (12, 5), (30, 200)])
def test_the_main_directions_are_those_of_the_singular_value_decomposition(points: int, numbers: int) -> None:
    path = np.cumsum(np.random.default_rng(points).standard_normal((points, numbers)), axis=0)
    plane = plane_of_path(path[-1], path)
    _, singular, rows = np.linalg.svd(path - path.mean(axis=0), full_matrices=False)
    for found, wanted in zip((plane.across, plane.up), rows[:2], strict=True):
        assert found == pytest.approx(wanted * np.sign(wanted @ found), abs=1e-9)
        assert found[np.abs(found).argmax()] > 0
    assert plane.shares == pytest.approx(tuple(singular[:2] ** 2 / np.sum(singular**2)))
    # Of orthogonal directions of length 1, the nearest point is the projection.
    found = plane.nearest(path)
    assert found[-1] == pytest.approx([0, 0], abs=1e-9)
    assert found == pytest.approx((path - path[-1]) @ np.stack([plane.across, plane.up]).T)
    for column, (low, high) in zip(found.T, (plane.x_range, plane.y_range), strict=True):
        assert low < column.min() <= column.max() < high


def test_the_nearest_point_of_slanted_directions() -> None:
    plane = replace(plane_of_weights(np.zeros(3), (0, 1), ("a", "b")), up=np.array([1.0, 1.0, 0.0]))
    assert plane.nearest(np.array([[3.0, 2.0, 7.0]]))[0] == pytest.approx([1, 2])


@pytest.mark.parametrize("path", [np.zeros((1, 3)), np.eye(3)[:2], np.outer(np.arange(5), [1, 2, 3]), np.ones((4, 3))])
def test_a_path_without_two_directions_is_refused(path: np.ndarray) -> None:
    with pytest.raises(NnvizError, match="no two directions yet"):
        plane_of_path(np.zeros(3), path)


def test_the_path_of_a_run_is_on_its_map() -> None:
    trainer = trained(STACKS["values"], 20)
    seen = LossSlice("path").observe(trainer)
    assert seen.path_steps == tuple(range(21))
    assert seen.path[-1] == pytest.approx([0, 0], abs=1e-6)
    assert seen.off[-1] == pytest.approx(0, abs=1e-6)
    points = np.stack([*trainer.path.points]).astype(np.float64)
    away = np.sqrt(np.square(points - points[-1]).sum(axis=1) - np.square(seen.path).sum(axis=1))
    # The main directions are orthogonal, so that is Pythagoras' theorem.
    assert seen.off == pytest.approx(away, abs=1e-4)
    start = Trainer(Run(STACKS["values"]))
    with pytest.raises(NnvizError, match="a path of 1 point has no two directions yet"):
        LossSlice("path").observe(start)


def test_two_weights_are_moved_and_no_others() -> None:
    network = STACKS["norms"]
    trainer = trained(network)
    ids = network.ids
    seen = LossSlice("weights", weights=((ids[0], 3), (ids[4], 6 * 6 + 2))).observe(trainer)
    assert seen.names == ("layer 1 weight[1, 1]", "layer 5 bias[2]")
    for row, column in [(0, 5), (33, 12)]:
        model = trainer.model
        before = trainer.checkpoint()
        model[0].weight.array[1, 1] += seen.x[column]  # type: ignore[union-attr, operator]
        model[4].bias.array[2] += seen.y[row]  # type: ignore[union-attr, operator]
        wanted = trainer.evaluator.measure(trainer.data.train_x, trainer.data.train_y)[0]
        trainer.restore(before)
        assert seen.losses[row, column] == pytest.approx(wanted, rel=1e-5)
    with pytest.raises(NnvizError, match="both directions are"):
        # Beyond the last weight of a layer it is counted on.
        LossSlice("weights", weights=((ids[0], 3), (ids[0], 3 + 18))).observe(trainer)
    with pytest.raises(NnvizError, match="no weights"):
        LossSlice("weights", weights=((ids[2], 0), (ids[0], 0))).observe(trainer)
    with pytest.raises(NnvizError, match="no layer"):
        LossSlice("weights", weights=((99, 0), (ids[0], 0))).observe(trainer)


def test_a_stack_without_weights_has_no_map() -> None:
    network = Network((layer("Tanh"),), settings(Spec.of("circle", samples=60), "CrossEntropyLoss", 8))
    with pytest.raises(NnvizError, match="no function of"):
        LossSlice().observe(Trainer(Run(network)))


@pytest.mark.parametrize("directions", ["random", "path"])
def test_without_a_hidden_layer_the_loss_is_convex_in_the_weights(directions: str) -> None:
    trainer = trained(open_model("iris 4-3 seed:1").network)
    assert worst_line(LossSlice(directions).observe(trainer).losses) is None  # type: ignore[arg-type]


def test_with_a_hidden_layer_it_is_not() -> None:
    """ŷ = w₂ tanh(w₁ x): (w₁, w₂) and (−w₁, −w₂) give the same, and halfway between them nothing is left."""
    network = Network(
        (layer("Linear", in_features=1, out_features=1, bias=False), layer("Tanh"),
         layer("Linear", in_features=1, out_features=1, bias=False)),
        settings(Spec.of("function", samples=60), "MSELoss", 8),
    )  # fmt: skip
    trainer = Trainer(
        Run(network, {"0.weight": np.array([[0.0]], np.float32), "2.weight": np.array([[0.0]], np.float32)})
    )
    seen = LossSlice("weights", weights=((network.ids[0], 0), (network.ids[2], 0))).observe(trainer)
    assert seen.losses == pytest.approx(seen.losses[::-1, ::-1])
    found = worst_line(seen.losses)
    assert found is not None
    assert found.violates
    # A saddle: along each weight alone the loss does not change at all.
    assert np.ptp(seen.losses[20]) == pytest.approx(0)
    assert np.ptp(seen.losses[:, 20]) == pytest.approx(0)


def kept(steps: int) -> tuple[int, ...]:
    return trained(open_model("iris 4-3 seed:1").network, steps).path.steps


def test_the_path_is_thin_and_follows_from_the_steps() -> None:
    assert kept(5) == (0, 1, 2, 3, 4, 5)
    assert kept(MOST - 1) == tuple(range(MOST))
    assert kept(MOST) == tuple(range(0, MOST + 1, 2))
    assert kept(300) == tuple(range(0, 301, 8))


def test_a_path_that_begins_in_between_keeps_its_first_point() -> None:
    trainer = trained(open_model("iris 4-3 seed:1").network, 0)
    path = WeightPath()
    for step in range(37, 400):
        path = path.after(step, trainer.model)
    assert path.steps == (37, *range(40, 400, 8))
    assert len(path.steps) <= MOST


def test_a_path_takes_no_more_than_its_bytes() -> None:
    trainer = Trainer(Run(open_model("digits 64-100-100-10 relu seed:1").network))
    path = WeightPath()
    for step in range(200):
        path = path.after(step, trainer.model)
    assert 4 <= len(path.steps) < MOST
    assert sum(point.nbytes for point in path.points) <= BYTES
    large = Trainer(Run(open_model("digits 64-500-500-10 relu seed:1").network))
    assert large.path.steps == ()
    assert large.path.after(1, large.model) is large.path
    with pytest.raises(NnvizError, match="the stack has 288,010 weights, and the path is kept of 65,536 at most"):
        LossSlice("path").observe(large)
    part = next(part for part in LossSlice("random").begin(large) if part is not None)
    assert not part.followed


def test_with_other_layers_the_path_begins_anew_and_with_another_rate_it_goes_on() -> None:
    network = STACKS["values"]
    run = Run(network)
    trainer = Trainer(run)
    taken(trainer, 10)
    state = trainer.checkpoint()
    slower = replace(network, settings=replace(network.settings, batch=10))
    assert Trainer(run.changed(10, slower), state).path.steps == tuple(range(11))
    wider = replace(network, layers=(linear(2, 6), *network.layers[1:4], linear(6, 1)))
    assert Trainer(run.changed(10, wider), state).path.steps == tuple(range(11))
    other = replace(network, layers=(linear(2, 6), network.layers[1], layer("ReLU"), *network.layers[3:]))
    assert Trainer(run.changed(10, other), state).path.steps == (10,)


def test_checkpoints_share_the_points() -> None:
    trainer = trained(STACKS["values"], 10)
    one, other = trainer.checkpoint(), trainer.checkpoint()
    assert isinstance(one, Checkpoint)
    assert all(a is b for a, b in zip(one.path.points, other.path.points, strict=True))
