"""Weights and checkpoints: bit for bit, checked when read, and never half a file."""

from __future__ import annotations

import itertools
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

import nnviz
from nnviz.errors import ArgumentError, DataError, MissingFileError, NnvizError, WriteError
from nnviz.files.model_file import write_model
from nnviz.files.opened import MODEL, WEIGHTS, is_line, open_model
from nnviz.files.weights import not_finite, read_weights, write_weights
from nnviz.network import PRESETS, Network, opening
from nnviz.nn import layers
from nnviz.optim import optimizers
from nnviz.registry import Spec
from nnviz.run import Run, Trainer
from tests.files.checkpoints import read_checkpoint, write_checkpoint
from tests.files.killed import Writers
from tests.run.same import same


def drawing() -> Network:
    """A network that draws random numbers and has buffers."""
    network = opening().insert(2, layers.check(Spec("Dropout")))
    return network.insert(1, layers.check(Spec.of("BatchNorm1d", num_features=16)))


def trained(network: Network, steps: int) -> Trainer:
    trainer = Trainer(Run(network))
    for _ in itertools.islice(trainer.steps(), steps):
        pass
    return trainer


@pytest.mark.parametrize("optimizer", [entry.name for entry in optimizers])
@pytest.mark.parametrize("steps", [0, 25, 37])
def test_going_on_is_bit_for_bit_the_unbroken_run(tmp_path: Path, optimizer: str, steps: int) -> None:
    network = drawing()
    network = network.configure(replace(network.settings, optimizer=optimizers.check(Spec(optimizer))))
    unbroken = trained(network, steps)
    path = tmp_path / "state.safetensors"
    write_checkpoint(unbroken.checkpoint(), network, path)
    read, checkpoint = read_checkpoint(path)
    assert read == network
    resumed = Trainer(Run(read), checkpoint)
    assert resumed.history.rows == unbroken.history.rows
    assert same(resumed.path, unbroken.path)
    for a, b in itertools.islice(zip(unbroken.steps(), resumed.steps(), strict=True), 60):
        assert a == b
    for name, tensor in unbroken.model.state_dict().items():
        assert tensor.array.tobytes() == resumed.model.state_dict()[name].array.tobytes()


def test_a_checkpoint_whose_weights_are_not_finite_keeps_the_last_finite_one(tmp_path: Path) -> None:
    trainer = trained(opening(), 10)
    next(iter(trainer.model.parameters())).array[0] = np.nan
    write_checkpoint(trainer.checkpoint(), trainer.network, tmp_path / "s")
    _, checkpoint = read_checkpoint(tmp_path / "s")
    assert checkpoint.last_finite is not None
    assert all(np.isfinite(array).all() for array in checkpoint.last_finite.parameters.values())


def test_the_same_checkpoint_is_the_same_bytes(tmp_path: Path) -> None:
    trainer = trained(drawing(), 30)
    write_checkpoint(trainer.checkpoint(), trainer.network, tmp_path / "a")
    network, checkpoint = read_checkpoint(tmp_path / "a")
    write_checkpoint(checkpoint, network, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_weights_have_pytorchs_names_and_orientation(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    found = load_file(folder / WEIGHTS)
    assert {name: array.shape for name, array in found.items()} == {
        "0.weight": (16, 2), "0.bias": (16,), "2.weight": (16, 16), "2.bias": (16,), "4.weight": (2, 16), "4.bias": (2,),
    }  # fmt: skip
    model = nnviz.load(folder)
    assert all(model.state_dict()[name].array.tobytes() == array.tobytes() for name, array in found.items())
    assert nnviz.load(str(folder / MODEL)).state_dict().keys() == found.keys()
    assert nnviz.load(folder / WEIGHTS).keys() == found.keys()


def saved(folder: Path) -> Path:
    """A folder with a model and its weights."""
    write_model(opening(), folder / MODEL)
    write_weights(trained(opening(), 3).checkpoint().parameters, folder / WEIGHTS)
    return folder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"0.weight": np.zeros((2, 16), np.float32)}, r"'0.weight' has shape \(2, 16\), expected \(16, 2\)"),
        ({"0.weight": None}, "the tensor '0.weight' is missing"),
        ({"9.weight": np.zeros(1, np.float32)}, "the network has no tensor '9.weight'"),
        ({"0.weight": np.zeros((16, 2), np.int32)}, "has dtype int32, expected float32"),
        ({"0.weight": np.zeros((16, 2), np.int64)}, "has dtype int64, expected float32"),
        ({"0.weight": np.zeros((16, 2), np.bool_)}, "has dtype bool, expected float32"),
    ],
)
def test_weights_that_do_not_fit_are_told(tmp_path: Path, change: dict[str, np.ndarray | None], message: str) -> None:
    folder = saved(tmp_path)
    arrays = {name: array for name, array in (load_file(folder / WEIGHTS) | change).items() if array is not None}
    save_file(arrays, folder / WEIGHTS)
    with pytest.raises(DataError, match=message):
        open_model(folder)


def test_a_count_is_a_whole_number(tmp_path: Path) -> None:
    write_model(drawing(), tmp_path / MODEL)
    weights = dict(trained(drawing(), 3).checkpoint().parameters)
    for count, words in ((np.float32(np.nan), "has dtype float32, expected int64"), (np.int32(3), "")):
        write_weights({**weights, "1.num_batches_tracked": np.array(count)}, tmp_path / WEIGHTS)
        if words:
            with pytest.raises(DataError, match=words):
                open_model(tmp_path)
        else:
            assert open_model(tmp_path).weights["1.num_batches_tracked"].dtype == np.int64


def test_nan_in_the_weights_opens_with_a_warning(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    arrays = load_file(folder / WEIGHTS)
    arrays["2.bias"][1] = np.nan
    save_file(arrays, folder / WEIGHTS)
    opened = open_model(folder)
    assert not_finite(opened.weights) == ["2.bias"]
    assert opened.warnings == (f"{folder / WEIGHTS}: NaN or infinity in 2.bias",)


def test_two_tensors_of_one_name_are_told(tmp_path: Path) -> None:
    entry = '"0.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'
    header = f"{{{entry},{entry}}}".encode()
    (tmp_path / "w").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    with pytest.raises(DataError, match="two entries"):
        read_weights(tmp_path / "w", opening())


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    with (folder / WEIGHTS).open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(DataError, match="1,099,511,627,776 bytes, but the network's weights have at most"):
        open_model(folder)


def test_a_small_state_of_a_large_network_takes_no_memory(tmp_path: Path) -> None:
    """What is made for the optimizer is as large as the network says, and not as the file is."""
    from nnviz.files.state import State as AnyState
    from nnviz.files.state import read_state, state_bytes

    layer = layers.check(Spec.of("Linear", in_features=2, out_features=1_000_000))
    wide = layers.check(Spec.of("Linear", in_features=1_000_000, out_features=1_000_000))
    network = replace(opening(), layers=(layer, wide, wide))
    (tmp_path / "s").write_bytes(state_bytes(AnyState(network, trained(opening(), 1).checkpoint())))
    with pytest.raises(DataError, match=r"'0.weight' has shape \(16, 2\), expected \(1000000, 2\)"):
        read_state(tmp_path / "s")


def test_a_pickle_under_the_name_of_weights_is_not_run(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    (folder / WEIGHTS).write_bytes(b"\x80\x04cos\nsystem\n")
    with pytest.raises(DataError, match="pickle"):
        open_model(folder)


STATE = trained(drawing(), 3)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=3), st.integers(0, 9))
def test_of_a_mutated_checkpoint_only_our_named_errors_escape(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int]], cut: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "mutated"
    write_checkpoint(STATE.checkpoint(), STATE.network, path)
    data = bytearray(path.read_bytes())
    for at, byte in edits:
        data[at % min(len(data), 6_000)] = byte
    path.write_bytes(data[: len(data) - (cut if cut < 3 else 0)])
    try:
        network, checkpoint = read_checkpoint(path)
        Trainer(Run(network), checkpoint)
    except NnvizError:
        return


@pytest.mark.parametrize(
    "changes",
    [3, [3], [[1, 1.0, True, "a", True, 1]], [["1", 1.0, True, "a", True]], [[1, "1", True, "a", True]], [[9, 1.0, True, "a", True]],
     [[2, 1.0, True, "a", True], [1, 1.0, True, "a", True]], [[1, 1.0, True, "\x1b]0;a", True]], [[1, 1.0, True, "a" * 3_000, True]],
     [[1, float("nan"), True, "a", True]], [[1, 1e300, True, "a", True]], [[-1, 1.0, True, "a", True]]],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_changes_that_do_not_fit_are_told(tmp_path: Path, changes: object) -> None:
    from nnviz.serialization.container import packed, unpacked

    path = tmp_path / "s"
    write_checkpoint(STATE.checkpoint(), STATE.network, path)
    arrays, structure = unpacked(path.read_bytes())
    path.write_bytes(packed(arrays, json.dumps({**json.loads(structure or ""), "changes": changes})))
    with pytest.raises(DataError, match="the list of changes of the checkpoint is invalid"):
        read_checkpoint(path)


@pytest.mark.parametrize(
    "path", [None, 3, [1], [1, 0, 1, 2], [1, 0, 1, 2, 4], [1, 0, 2, 1, 3], [0, 0, 1, 2, 3], [1, 0, 1, 2, True], [1, -1, 1, 2, 3]], ids=str
)  # fmt: skip
def test_a_path_of_weights_that_does_not_fit_is_told(tmp_path: Path, path: object) -> None:
    from nnviz.serialization.container import packed, unpacked

    state = tmp_path / "s"
    write_checkpoint(STATE.checkpoint(), STATE.network, state)
    arrays, structure = unpacked(state.read_bytes())
    known = json.loads(structure or "")
    own = known["checkpoint"]
    assert own["path"] == [1, 0, 1, 2, 3]
    state.write_bytes(packed(arrays, json.dumps({**known, "checkpoint": {**own, "path": path}})))
    with pytest.raises(DataError, match="the path of the weights of the checkpoint is invalid"):
        read_checkpoint(state)
    for wrong in (arrays["path"][:, 1:], arrays["path"].astype(np.float64)):
        state.write_bytes(packed({**arrays, "path": wrong}, structure or ""))
        with pytest.raises(DataError, match="the path of the weights"):
            read_checkpoint(state)
    # A file of an earlier version has none.
    del arrays["path"]
    state.write_bytes(packed(arrays, structure or ""))
    assert read_checkpoint(state)[1].path.steps == ()


def test_a_checkpoint_with_other_types_is_told(tmp_path: Path) -> None:
    from nnviz.serialization.container import packed, unpacked

    path = tmp_path / "s"
    write_checkpoint(STATE.checkpoint(), STATE.network, path)
    arrays, structure = unpacked(path.read_bytes())
    for name, kind in (("0.weight", np.float64), ("1.num_batches_tracked", np.float32), ("0.bias", np.int64)):
        changed = {**arrays, f"parameters/{name}": arrays[f"parameters/{name}"].astype(kind)}
        path.write_bytes(packed(changed, structure or ""))
        with pytest.raises(DataError, match=f"the dtype of '{name}' of the checkpoint is invalid"):
            read_checkpoint(path)


@pytest.mark.parametrize(
    ("key", "value"),
    [("step", -1), ("step", 1.5), ("seen", "x"), ("generators", {}), ("generators", {"2": {"bit_generator": "MT19937"}}),
     ("optimizer", {"9.weight": {}}), ("optimizer", {"0.weight": {"step": "x"}}), ("optimizer", 3)],
)  # fmt: skip
def test_a_checkpoint_that_does_not_fit_is_told(tmp_path: Path, key: str, value: object) -> None:
    from nnviz.serialization.container import packed, unpacked

    path = tmp_path / "s"
    write_checkpoint(STATE.checkpoint(), STATE.network, path)
    arrays, structure = unpacked(path.read_bytes())
    description = json.loads(structure or "")
    description["checkpoint"][key] = value
    path.write_bytes(packed(arrays, json.dumps(description)))
    with pytest.raises(DataError, match="invalid"):
        read_checkpoint(path)


def test_a_folder_that_does_not_exist_is_told_and_a_link_stays_one(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="does not exist"):
        write_model(opening(), tmp_path / "missing" / MODEL)
    (tmp_path / "real.toml").write_text("")
    (tmp_path / "link.toml").symlink_to(tmp_path / "real.toml")
    write_model(opening(), tmp_path / "link.toml")
    assert (tmp_path / "link.toml").is_symlink()
    assert open_model(tmp_path / "real.toml").network == opening()


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / MODEL
    write_model(opening(), path)
    before = path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteError, match="No space left on device"):
        write_model(PRESETS[1].make(), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [MODEL]  # noqa: PTH208


@pytest.mark.parametrize("name", ["nnviz.toml\0", "", " ", "x" * 5_000, "no.toml", "\udcff", "\x1b[31m"])
def test_names_that_are_none_are_told(name: str) -> None:
    with pytest.raises((ArgumentError, MissingFileError)):
        open_model(name)


def test_a_path_of_several_words_is_not_taken_for_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_line("spiral 2-2")
    (tmp_path / "spiral 2-2").mkdir()
    assert not is_line("spiral 2-2")
    with pytest.raises(MissingFileError):
        nnviz.load("my model.bin")


def test_numbers_without_a_dimension_stay_so(tmp_path: Path) -> None:
    """A BatchNorm counts its batches in one; an array of one number in its place would not fit the network."""
    weights = trained(drawing(), 3).checkpoint().parameters
    write_weights(weights, tmp_path / WEIGHTS)
    found = read_weights(tmp_path / WEIGHTS, drawing())
    assert found["1.num_batches_tracked"].shape == ()
    assert all(found[name].tobytes() == array.tobytes() for name, array in weights.items())
    write_model(drawing(), tmp_path / MODEL)
    assert open_model(tmp_path).module().state_dict()["1.num_batches_tracked"].item() == 3


WRITER = """
import sys
from pathlib import Path
from tests.files.checkpoints import write_checkpoint
from tests.files.test_saving import drawing, trained
from nnviz.files.weights import write_weights
from nnviz.files.model_file import write_model
trainer = trained(drawing(), 3)
folder = Path(sys.argv[1])


def write():
    while True:
        write_checkpoint(trainer.checkpoint(), trainer.network, folder / "state.safetensors")
        write_weights(trainer.checkpoint().parameters, folder / "weights.safetensors")
        write_model(trainer.network, folder / "model.toml")
        print("saved", flush=True)
        next(trainer.steps())
"""


@pytest.mark.long
def test_kill_during_a_save_never_leaves_half_a_file(tmp_path: Path) -> None:
    with Writers(WRITER, str(tmp_path)) as writers:
        for number in range(200):
            writers.begin()
            if number == 0:
                assert writers.line() == "saved\n"
            # Not waiting for an event: the moment at which it is killed must differ.
            time.sleep((number % 40) * 0.0007)
            writers.kill()
            network, _ = read_checkpoint(tmp_path / "state.safetensors")
            assert network == drawing()
            assert open_model(tmp_path).weights
