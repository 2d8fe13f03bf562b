"""CSV files: what is found out of them, and what is refused with the place and the way out."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from nnviz.data import datasets, file_spec, prepare, schema_of
from nnviz.data.own import Column, Loaded, Source, load
from nnviz.errors import (
    ArgumentError,
    CancelledError,
    DataError,
    FileError,
    FolderError,
    MissingFileError,
    NnvizError,
)
from tests.data.own import WINE, written


def loaded(folder: Path, content: str | bytes, name: str = "wine.csv", **arguments: str | bool) -> Loaded:
    return load(Source(written(folder, content, name), **arguments))  # type: ignore[arg-type]


def test_columns_become_inputs_and_the_last_one_the_target(tmp_path: Path) -> None:
    found = loaded(tmp_path, WINE)
    assert found.schema.features == ("acid", "ash", "colour=red", "colour=white")
    assert found.schema.classes == ("4", "5", "6")
    assert found.inputs.dtype == np.float32
    np.testing.assert_allclose(found.inputs[:2], [[0, 0, 0, 1], [0.143, 1, 1, 0]])
    assert found.targets[:4].tolist() == [0, 1, 2, 0]
    assert found.columns == (
        Column("acid", "number", "an input", 1),
        Column("ash", "number", "an input", 1),
        Column("colour", "text", "2 inputs, one for each text: red, white", 2, ("red", "white")),
        Column("quality", "number", "target, 3 classes"),
    )
    assert found.summary == "wine.csv: 60 samples, 4 inputs, classification of quality, 3 classes"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_separator_line_end_mark_and_gzip_are_found_out(
    tmp_path: Path, separator: str, end: str, start: str, pack: type[bytes]
) -> None:
    text = start + WINE.replace(",", separator).replace("\n", end)
    found = loaded(tmp_path, pack(text.encode()), "data.any")
    plain = loaded(tmp_path, WINE)
    assert found.schema.features == plain.schema.features
    assert found.inputs.tobytes() == plain.inputs.tobytes()


def test_without_a_header_columns_have_numbers(tmp_path: Path) -> None:
    found = loaded(tmp_path, WINE.partition("\n")[2], target="column 2")
    assert found.schema.features[0] == "column 1"
    assert found.notes == ("There is no header: columns are called by their numbers.",)
    assert load(Source(str(tmp_path / "wine.csv"), "2")).targets.tobytes() == found.targets.tobytes()


def test_texts_alone_have_a_header_unless_it_comes_again(tmp_path: Path) -> None:
    rows = "".join(f"{'ab'[at % 2]},{'xyz'[at % 3]}\n" for at in range(12))
    assert loaded(tmp_path, "letter,other\n" + rows).schema.samples == 12
    assert loaded(tmp_path, rows).schema.samples == 12


@pytest.mark.parametrize(
    ("target", "task", "expected"),
    [
        ("quality", "auto", "classification"),
        ("quality", "regression", "regression"),
        ("acid", "auto", "regression"),
        ("ash", "classification", "classification"),
        ("colour", "auto", "classification"),
        ("QUALITY", "auto", "classification"),
        ("4", "auto", "classification"),
    ],
)
def test_the_task_is_inferred_and_can_be_overruled(tmp_path: Path, target: str, task: str, expected: str) -> None:
    assert loaded(tmp_path, WINE, target=target, task=task).schema.task == expected


def test_rows_with_missing_cells_are_dropped_on_request_alone(tmp_path: Path) -> None:
    lines = WINE.splitlines()
    lines[17], lines[20] = "1.5,2,,4", ",6,,5"
    words = r"row 17 \(line 18\), column 'colour' is empty, the first of 3 missing cells in 2 rows\n"
    with pytest.raises(DataError, match=words) as error:
        loaded(tmp_path, "\n".join(lines))
    assert error.value.hint == "fill it, or drop such rows with --drop-missing"
    found = loaded(tmp_path, "\n".join(lines), drop_missing=True)
    assert found.schema.samples == 58
    assert found.notes == ("2 of 60 rows have a missing cell: they are left out.",)
    kept = [at for at in range(60) if at not in (16, 19)]
    assert found.inputs.tobytes() == loaded(tmp_path, WINE, "whole.csv").inputs[kept].tobytes()


@pytest.mark.parametrize("word", ["NA", "n/a", "NaN", "null", "?", " "])
def test_words_for_missing_numbers(tmp_path: Path, word: str) -> None:
    lines = WINE.splitlines()
    lines[5] = f"{word},6,red,4"
    with pytest.raises(DataError, match=r"row 5 \(line 6\), column 'acid'"):
        loaded(tmp_path, "\n".join(lines))
    assert loaded(tmp_path, "\n".join(lines), drop_missing=True).schema.samples == 59


def test_a_text_of_a_dropped_row_is_no_input(tmp_path: Path) -> None:
    found = loaded(tmp_path, WINE + ",1,green,4\n", drop_missing=True)
    assert found.schema.features == ("acid", "ash", "colour=red", "colour=white")
    assert found.inputs[:, 2:].sum(axis=1).tolist() == [1.0] * 60


def test_columns_can_be_ignored(tmp_path: Path) -> None:
    found = loaded(tmp_path, WINE, ignore="colour, ash")
    assert found.schema.features == ("acid",)
    assert found.columns[1] == Column("ash", "", "left out")


def test_an_index_without_a_name_is_left_out(tmp_path: Path) -> None:
    head, *lines = WINE.splitlines()
    text = "\n".join([f",{head}", *(f"{at},{line}" for at, line in enumerate(lines))])
    found = loaded(tmp_path, text)
    assert found.schema.features[0] == "acid"
    assert found.notes == ("column 1 has no name and numbers the rows: it is left out.",)


def test_equal_and_empty_names_get_numbers(tmp_path: Path) -> None:
    text = WINE.replace("acid,ash,colour", "ash,ash,")
    assert loaded(tmp_path, text).schema.features[:3] == ("ash (column 1)", "ash (column 2)", "column 3=red")
    with pytest.raises(ArgumentError, match="2 columns are called 'ash'"):
        loaded(tmp_path, text, target="ash")


def changed(line: int, new: str) -> str:
    lines = WINE.splitlines()
    lines[line - 1] = new
    return "\n".join(lines) + "\n"


REFUSED = {
    "nothing": (b"", "the file is empty"),
    "a byte-order mark": (b"\xef\xbb\xbf", "there are no rows"),
    "blank lines": (b"\n\n  \n", "there are no rows"),
    "a header alone": (b"a,b,c\n", "expected rows below the header, got none"),
    "one column": (b"a\n1\n2\n3\n", "expected two or more columns"),
    "one row": (b"1,2\n", "expected 3 or more samples"),
    "two rows": (b"1,2\n2,3.5\n", "expected 3 or more samples"),
    "latin-1": (WINE.replace("white", "wei\u00df").encode("latin-1"), "line 2: not valid UTF-8"),
    "utf-16": (WINE.encode("utf-16"), "it is UTF-16 text"),
    "nul": (WINE.replace("red", "r\0d").encode(), "line 3: a null byte"),
    "a ragged row": (changed(8, "1,2,red").encode(), "line 8: expected 4 fields, as in the first row, got 3"),
    "a row too long": (changed(61, "1,2,red,4,5").encode(), "line 61: expected 4 fields, as in the first row, got 5"),
    "an open quote": (changed(8, '1,2,"red,4').encode(), "line 61: unexpected end of data"),
    "a huge field": (changed(8, f"1,2,{'r' * 131_073},4").encode(), "line 8: field larger than field limit"),
    "a huge line": (changed(8, "1," * 2_200_000).encode(), "line 8: longer than 4,194,304 characters"),
    "text among numbers": (changed(8, "x,2,red,4").encode(), r"row 7 (line 8), column 'acid': expected a number"),
    "python's 1_000": (changed(8, "1_000,2,red,4").encode(), "expected a number, as in other rows, got '1_000'"),
    "a decimal comma": (WINE.replace(",", ";").replace("1.000", "1,000").encode(), "got '1,000'"),
    "1e400": (changed(8, "1e400,2,red,4").encode(), "row 7 (line 8), column 'acid': 1e400 is infinite in float32"),
    "1e39": (changed(8, "1e39,2,red,4").encode(), "1e39 is infinite in float32"),
    "infinity": (changed(8, "-inf,2,red,4").encode(), "-inf is infinite in float32"),
    "nan": (changed(8, "nan,2,red,4").encode(), "is 'nan', which is no number"),
    "an infinite target": (changed(8, "1,2,red,inf").encode(), "column 'quality': inf is infinite"),
    "a constant column": (b"a,b,c\n1,5,0\n2,5,1\n3,5,0\n4,5,1\n", "column 'b' is the same in every row"),
    "a constant text": (b"a,b,c\n1,x,0\n2,x,1\n3,x,0\n4,x,1\n", "column 'b' is the same in every row"),
    "an empty column": (b"a,b,c\n1,,0\n2,,1\n3,,0\n4,,1\n", "column 'b' is empty in every row"),
    "one class": (b"a,b\n1,x\n2,x\n3,x\n4,x\n", "expected two or more classes in 'b', got one: 'x'"),
    "one value": (b"a,b\n1,.5\n2,.5\n3,.5\n4,.5\n", "'b' is 0.5 for every sample"),
    "too many texts": (
        ("a,b\n" + "".join(f"name{at},{at % 2}\n" for at in range(200))).encode(),
        "column 'a' has 200 different texts",
    ),
    "dates": (
        ("a,b\n" + "".join(f"2020-01-{at},{at % 2}\n" for at in range(30))).encode(),
        "column 'a' has 30 different texts in 30 rows",
    ),
    "a class for each row": (
        ("a,b\n" + "".join(f"{at},name{at}\n" for at in range(30))).encode(),
        "'b' has 30 different values for 30 samples",
    ),
    "decimal commas": (
        ("a;b\n" + "".join(f"{at},5;{at % 2}\n" for at in range(30))).encode(),
        "row 1 (line 2), column 'a': expected a number with a point, got '0,5'",
    ),
    "seconds since 1970": (
        ("a,b\n" + "".join(f"{1_700_000_000 + at},{at % 2}\n" for at in range(30))).encode(),
        "column 'a' goes from 1700000000 to 1700000029, which float32 cannot tell apart",
    ),
    "more texts still": (
        ("a,b\n" + "".join(f"name{at},{at % 2}\n" for at in range(1200))).encode(),
        "more than 1,000 different texts",
    ),
    "a pickle": (b"\x80\x04\x95\x10\x00", "it is a pickle, which could run code"),
    "an array": (b"\x93NUMPY\x01\x00", "it is a single array"),
    "noise": (bytes(range(256)) * 40, "line 2: not valid UTF-8"),
    "gzip cut off": (gzip.compress(WINE.encode())[:-20], "the compressed data are damaged or cut off"),
    "gzip damaged": (gzip.compress(WINE.encode())[:40] + b"\0" * 200, "the compressed data are damaged or cut off"),
}


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnviz.data.own.reading.BOMB_BYTES", 100_000)
    monkeypatch.setattr("nnviz.data.own.reading.BOMB_RATIO", 300)
    with pytest.raises(DataError, match="it unpacks to more than 300 times its size"):
        loaded(tmp_path, gzip.compress(b"1,2\n" * 300_000))


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused_says_where_and_what_to_do(tmp_path: Path, kind: str) -> None:
    content, words = REFUSED[kind]
    with pytest.raises(DataError) as error:
        loaded(tmp_path, content)
    assert words in error.value.message
    assert error.value.message.startswith("wine.csv")
    assert error.value.hint


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"target": "sugar"}, "no column is called 'sugar'"),
        ({"target": "5"}, "no column is called '5'"),
        ({"target": "0"}, "no column is called '0'"),
        ({"ignore": "sugar"}, "no column is called 'sugar'"),
        ({"ignore": "quality"}, "the target 'quality' cannot be ignored"),
        ({"ignore": "acid,ash,colour"}, "no input is left"),
        ({"target": "colour", "task": "regression"}, "a regression needs numbers, but column 'colour' has texts"),
    ],
)
def test_what_does_not_fit_the_file_is_refused(tmp_path: Path, arguments: dict[str, str], words: str) -> None:
    with pytest.raises(NnvizError) as error:
        loaded(tmp_path, WINE, **arguments)
    assert words in error.value.message
    assert error.value.hint


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    for path, kind in ((str(tmp_path), FolderError), (str(tmp_path / "no.csv"), MissingFileError)):
        with pytest.raises(kind):
            load(Source(path))
    for path in ("", "a\0b"):
        with pytest.raises(ArgumentError, match="expected the path of a file of data"):
            load(Source(path))
    with pytest.raises(FileError, match="not a regular file"):
        load(Source("/dev/null"))
    with pytest.raises(FileError):
        load(Source("x" * 5000))


@pytest.mark.parametrize(
    "nasty", ["\x1b[31mred", "\x1b]52;c;x\x07", "a\rb", "\x9b1m", "\u202eabc", "a\u200bb", "x" * 1000]
)
def test_names_are_cleaned(tmp_path: Path, nasty: str) -> None:
    text = WINE.replace("acid", f'"{nasty}"').replace("red", nasty.replace("\r", ""))
    found = loaded(tmp_path, text, target="colour")
    for name in (*found.schema.features, *found.schema.classes, *(column.name for column in found.columns)):
        assert name.isprintable()
        assert len(name) <= 60
    assert Source(f'{tmp_path}/"""\\{nasty}.csv').name.isprintable()
    assert '"' not in Source(f'{tmp_path}/"""{nasty}.csv').name


def test_a_path_that_no_model_file_could_name_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, WINE, "w\udcff\x1b.csv")
    assert load(Source(path)).schema.samples == 60
    with pytest.raises(ArgumentError, match=r"the path is not valid UTF-8") as caught:
        datasets.check(file_spec(path))
    caught.value.message.encode()
    assert caught.value.hint == "rename the file or its folder"


def test_progress_and_cancelling(tmp_path: Path) -> None:
    path = written(tmp_path, WINE * 1 + WINE.partition("\n")[2] * 2000)
    seen: list[tuple[int, int]] = []
    load(Source(path), lambda done, total: seen.append((done, total)))
    assert len(seen) > 5
    assert seen == sorted(seen)
    assert seen[-1] == (Path(path).stat().st_size,) * 2
    with pytest.raises(CancelledError):
        load(Source(path, "ash"), cancelled=lambda: True)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(Source(path, "ash"), stop)


def test_a_file_is_read_once_until_it_changes(tmp_path: Path) -> None:
    path = written(tmp_path, WINE)
    first = load(Source(path))
    assert load(Source(path)) is first
    written(tmp_path, WINE + "1.5,2,red,4\n")
    assert load(Source(path)).schema.samples == 61


def test_it_is_prepared_as_any_data_set(tmp_path: Path) -> None:
    spec = file_spec(written(tmp_path, WINE), target="quality")
    schema, made = schema_of(spec), prepare(spec, 1)
    assert (schema.train, schema.test) == (48, 12)
    assert made.train_x.shape == (48, 4)
    np.testing.assert_allclose(made.train_x.mean(axis=0), 0, atol=1e-6)
    assert made.dataset.features == schema.features
