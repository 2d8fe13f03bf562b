"""What can be chosen of a file of one's own, and the fingerprint of what is in it."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from nnviz.data import datasets, file_spec, prepare, schema_of
from nnviz.data.own import Source, difference, head, load
from nnviz.errors import ArgumentError, DataError
from nnviz.registry import Value
from tests.data.own import WINE, npz, written

NUMBERS = "2019,2020,2021\n" + "".join(f"{at},{at * at % 7 + 0.5},{at % 2}\n" for at in range(20))


def test_a_first_row_of_numbers_is_a_header_if_that_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, NUMBERS)
    assert load(Source(path, task="regression")).schema.samples == 21
    found = load(Source(path, header="yes"))
    assert found.schema.samples == 20
    assert found.schema.features == ("2019", "2020")
    assert found.summary.endswith("classification of 2021, 2 classes")


def test_a_first_row_of_texts_is_data_if_that_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n" + "z,q\nx,p\n" * 10)
    assert load(Source(path)).schema.samples == 20
    # Of 21 rows, one has texts that do not come again.
    found = load(Source(path, header="no"))
    assert found.schema.samples == 21
    assert found.schema.features == ("column 1=a", "column 1=x", "column 1=z")
    assert "There is no header" in " ".join(found.notes)


@pytest.mark.parametrize("target", ["acid", "quality"])
def test_numbers_stay_as_they_are_if_they_are_not_to_be_standardized(tmp_path: Path, target: str) -> None:
    path = written(tmp_path, WINE)
    found, prepared = load(Source(path, target)), prepare(file_spec(path, target=target, standardize=False), 1)
    both = np.concatenate([prepared.train_x, prepared.test_x])
    assert sorted(map(tuple, both.tolist())) == sorted(map(tuple, found.inputs.tolist()))
    values = np.concatenate([prepared.train_y, prepared.test_y])
    assert sorted(values.ravel().tolist()) == sorted(found.targets.ravel().tolist())
    scaled = prepare(file_spec(path, target=target), 1)
    np.testing.assert_allclose(scaled.train_x.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(scaled.train_x, prepared.inputs.fit(prepared.train_x).apply(prepared.train_x), rtol=1e-6)


@pytest.mark.parametrize(("share", "train", "test"), [(None, 48, 12), (0.25, 45, 15), (0.5, 30, 30), (0.05, 57, 3)])
def test_the_share_of_test_data(tmp_path: Path, share: float | None, train: int, test: int) -> None:
    spec = file_spec(written(tmp_path, WINE), test_share=share)
    schema, prepared = schema_of(spec), prepare(spec, 1)
    assert (schema.train, schema.test) == (train, test)
    assert (len(prepared.train_x), len(prepared.test_x)) == (train, test)


def test_a_share_is_taken_of_all_samples_even_if_the_file_names_its_test_data(tmp_path: Path) -> None:
    x, y = np.arange(80.0).reshape(40, 2) % 7, np.arange(40) % 2
    path = written(tmp_path, npz(x_train=x[:30], y_train=y[:30], x_test=x[30:], y_test=y[30:]), "a.npz")
    assert load(Source(path)).split.startswith("30 samples for training, 10 for testing (the last of the file)")
    found = load(Source(path, test_share=0.5))
    assert found.split.startswith("20 samples for training, 20 for testing (share 0.5)")
    assert found.notes == ("The file names its test data, but a share of all samples was asked for.",)
    assert not found.schema.test_last


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"test_share": 0.001}, DataError, "a test share of 0.001 of 60 samples leaves no training or no test samples"),
        ({"test_share": 0.999}, DataError, "leaves no training or no test samples"),
        ({"test_share": 1.0}, ArgumentError, "test_share: expected a number, more than 0 and less than 1"),
        ({"header": "maybe"}, ArgumentError, "header: expected one of auto, yes, no, got 'maybe'"),
        ({"standardize": "no"}, ArgumentError, "standardize: expected true or false, got 'no'"),
    ],
)
def test_choices_that_cannot_be(tmp_path: Path, arguments: dict[str, Value], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        datasets.check(file_spec(written(tmp_path, WINE), **arguments))


def test_another_split_or_scale_does_not_read_the_file_again(tmp_path: Path) -> None:
    path = written(tmp_path, WINE)
    whole = load(Source(path))
    other = load(Source(path, standardize=False, test_share=0.5))
    assert other.inputs is whole.inputs
    assert other.content == whole.content
    assert not other.schema.standardize


def test_the_fingerprint_is_that_of_what_is_in_the_file(tmp_path: Path) -> None:
    content = load(Source(written(tmp_path, WINE))).content
    assert content.startswith("60x4:")
    for same in (
        written(tmp_path, gzip.compress(WINE.encode()), "b.csv.gz"),
        written(tmp_path, WINE.replace(",", ";").replace("\n", "\r\n"), "c.csv"),
    ):
        assert load(Source(same)).content == content
    for other in (WINE.replace("0.143", "0.144"), WINE.replace("ash", "ashes"), WINE.replace("white", "rosé")):
        assert load(Source(written(tmp_path, other, "d.csv"))).content.startswith("60x4:")
        assert load(Source(written(tmp_path, other, "d.csv"))).content != content
    assert load(Source(written(tmp_path, WINE), target="acid")).content != content


def test_what_differs_is_said() -> None:
    assert difference("60x4:ab", "60x4:ab") == ""
    assert (
        difference("60x4:ab", "1000x1x28x28:cd")
        == "60 samples of 4 numbers before, now 1,000 samples of 1x28x28 numbers"
    )
    words = "3 samples of 1 number before and now, but with other values (01234567 before, now 89abcdef)"
    assert difference("3x1:0123456701234567", "3x1:89abcdef89abcdef") == words
    assert difference("nonsense\x1b", "60x4:ab") == "its content is another one"


def test_a_file_with_other_content_is_another_data_set(tmp_path: Path) -> None:
    path = written(tmp_path, WINE)
    before = datasets.check(file_spec(path))
    assert datasets.check(before) == before
    written(tmp_path, WINE.replace("0.143", "0.144"))
    now = datasets.check(file_spec(path))
    assert now != before
    with pytest.raises(
        DataError, match=r"wine\.csv: it has changed since it was opened: 60 samples of 4 numbers before"
    ):
        prepare(before, 1)
    # Its description is known all the same: undo returns to it at once.
    assert schema_of(before).samples == 60


def test_the_head_is_read_even_if_the_file_cannot_be_used(tmp_path: Path) -> None:
    found = head(Source(written(tmp_path, WINE.replace("0.143", ""))))
    assert found is not None
    assert found.names == ("acid", "ash", "colour", "quality")
    assert found.header
    assert found.rows[:2] == (("0.000", "0", "white", "4"), ("", "1", "red", "5"))
    long = head(Source(written(tmp_path, "a,b\n" + f"\x1b[31m{'x' * 100_000},1\n" * 5)))
    assert long is not None
    assert len(long.rows[0][0]) == 40
    assert "\x1b" not in long.rows[0][0]
    assert head(Source(written(tmp_path, npz(X=np.eye(4), y=np.arange(4)), "a.npz"))) is None
