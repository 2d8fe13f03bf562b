"""From a file to a run that can train, data take at most three times their memory."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nnviz.data import datasets, file_spec, prepare
from nnviz.data.own import Source, load
from nnviz.data.own import table as own_table
from nnviz.errors import DataError
from nnviz.network import job, job_of, on_data
from nnviz.run import Run, Trainer
from tests.data.own import npz, written

FIXED = 1_300_000
"""Bytes of what does not grow with the file: a piece of the table that is read at once, blocks, the network."""


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def table(rows: int) -> str:
    some = "".join(
        f"{at % 97}.25,{at % 31},{at % 7}.5,{at % 13},{at % 17},{at % 19},{at % 11},{at % 23},1e{at % 5},{at % 5}\n"
        for at in range(1000)
    )
    return "a,b,c,d,e,f,g,h,i,j\n" + some * (rows // 1000)


def values(rows: int) -> bytes:
    x = np.random.default_rng(1).normal(size=(rows, 9)).astype(np.float32)
    return npz(X=x, y=x[:, :2] * 3)


@pytest.mark.parametrize(("name", "content"), [("a.csv", table), ("a.npz", values)])
def test_a_file_on_its_way_to_a_run(
    name: str,
    content: Callable[[int], str | bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setattr(own_table, "CELLS", 4_000)
    monkeypatch.setattr(sys.modules["nnviz.data.split"], "BLOCK", 2**13)
    # What is imported on the way is no memory of the data.
    Trainer(Run(on_data(file_spec(written(tmp_path, content(1_000), f"small {name}")))))
    path = written(tmp_path, content(24_000), name)
    request.getfixturevalue("traced")
    data = Trainer(Run(on_data(datasets.check(file_spec(path))))).data
    peak = tracemalloc.get_traced_memory()[1]
    assert data.dataset.inputs.shape == (24_000, 9)
    array = data.dataset.inputs.nbytes + data.dataset.targets.nbytes
    assert data.nbytes == array
    assert peak < 3 * array + FIXED


def images(rows: int) -> bytes:
    some = np.random.default_rng(1).integers(0, 256, (rows, 4, 4), dtype=np.uint8)
    return npz(X=some, y=np.arange(rows) % 10)


@pytest.mark.parametrize("content", [images, values])
@pytest.mark.usefixtures("traced")
def test_preparing_takes_one_copy_of_the_samples(content: Callable[[int], bytes], tmp_path: Path) -> None:
    path = written(tmp_path, content(150_000), "a.npz")
    spec = datasets.check(file_spec(path))
    loaded = load(Source(path))
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    made = prepare(spec, 1)
    peak = tracemalloc.get_traced_memory()[1]
    assert np.shares_memory(made.dataset.inputs, loaded.inputs)
    assert made.nbytes == loaded.inputs.nbytes + loaded.targets.nbytes
    assert peak - before < 1.8 * made.nbytes


@pytest.mark.usefixtures("traced")
def test_float64_is_given_back_as_soon_as_it_is_converted(tmp_path: Path) -> None:
    x = np.random.default_rng(1).normal(size=(100_000, 10))
    path = written(tmp_path, npz(X=x, y=(x[:, 0] > 0).astype(np.int64)), "table.npz")
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    found = load(Source(path))
    peak = tracemalloc.get_traced_memory()[1] - before
    # The float64 in the file is twice as much.
    assert peak < 3 * (found.inputs.nbytes + found.targets.nbytes) + FIXED


def test_of_large_data_only_the_latest_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(job, "_kept", kept := {})
    network = on_data(file_spec(written(tmp_path, table(1_000))))
    first = job_of(network).data()
    assert job_of(network).data() is first
    for seed in range(2, 12):
        job_of(network.configure(replace(network.settings, seed=seed))).data()
    assert len(kept) == job.KEPT
    monkeypatch.setattr(job, "KEPT_BYTES", first.nbytes)
    job_of(network.configure(replace(network.settings, seed=20))).data()
    assert [seed for _, seed in kept] == [11, 20]


def test_texts_after_many_missing_cells_keep_their_rows(tmp_path: Path) -> None:
    rows = "".join(f"{at},,{at % 2}\n" for at in range(20_000)) + "".join(
        f"{at},red,1\n{at},blue,0\n" for at in range(10)
    )
    path = written(tmp_path, "a,colour,y\n" + rows)
    with pytest.raises(DataError, match=r"row 1 \(line 2\), column 'colour' is empty, the first of 20,000 missing"):
        load(Source(path))
    found = load(Source(path, drop_missing=True))
    assert found.schema.features == ("a", "colour=blue", "colour=red")
    np.testing.assert_array_equal(found.inputs[:4, 1:], [[0, 1], [1, 0], [0, 1], [1, 0]])
