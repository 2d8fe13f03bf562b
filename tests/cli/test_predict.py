"""`nnviz predict`: rows of a table through a network that was trained on one."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from nnviz.errors import DataError, MissingFileError, NnvizError, NotSupportedError
from nnviz.files.opened import open_model
from nnviz.network import job_of
from tests.cli.test_commands import output, run
from tests.data.own import WINE, written

PRICES = "size,town,price\n" + "".join(
    f"{50 + at},{'Ulm' if at % 2 else 'Köln'},{3_000 * at + 20_000}\n" for at in range(60)
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with runs on a classification and a regression."""
    written(tmp_path, WINE)
    written(tmp_path, PRICES, "prices.csv")
    monkeypatch.chdir(tmp_path)
    output("train", "wine.csv", "--epochs", "60", "-o", "wines")
    output("train", "prices.csv", "--epochs", "60", "-o", "prices")
    return tmp_path


def test_classes_and_probabilities_of_rows(folder: Path) -> None:
    rows = json.loads(output("predict", "wines", "wine.csv", "--json"))
    assert [row["row"] for row in rows] == list(range(1, 61))
    assert all(sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-5) for row in rows)
    assert all(row["class"] == max(row["probabilities"], key=row["probabilities"].get) for row in rows)
    truth = [line.split(",")[-1] for line in WINE.splitlines()[1:]]
    assert np.mean([row["class"] == right for row, right in zip(rows, truth, strict=True)]) > 0.6
    table = list(csv.DictReader(output("predict", "wines", "wine.csv", "--csv").splitlines()))
    assert list(table[0]) == ["row", "class", "4", "5", "6"]
    assert [float(row["5"]) for row in table] == [row["probabilities"]["5"] for row in rows]
    assert output("predict", "wines", "wine.csv").splitlines()[0].split() == ["row", "class", "4", "5", "6"]


def test_values_are_in_their_own_units(folder: Path) -> None:
    rows = json.loads(output("predict", "prices", "prices.csv", "--json"))
    truth = job_of(open_model("prices").network).data().dataset.targets[:, 0]
    np.testing.assert_allclose([row["values"]["price"] for row in rows], truth, rtol=0.2, atol=10_000)
    assert output("predict", "prices", "prices.csv").splitlines()[0].split() == ["row", "price"]


def test_columns_are_found_by_name_and_the_target_is_not_needed(folder: Path) -> None:
    written(folder, "colour,more,ash,acid\nred,x,3,1.5\nwhite,y,2,2.5\n", "new.csv")
    written(folder, "acid,ash,colour,quality\n1.5,3,red,\n2.5,2,white,never seen\n", "same.csv")
    written(folder, "1.5,3,red\n2.5,2,white\n", "bare.csv")
    found = output("predict", "wines", "new.csv", "--json")
    assert len(json.loads(found)) == 2
    assert output("predict", "wines", "same.csv", "--json") == found
    assert output("predict", "wines", "bare.csv", "--json") == found


def test_without_names_the_columns_have_their_numbers(folder: Path) -> None:
    written(folder, WINE.partition("\n")[2], "bare.csv")
    output("train", "bare.csv", "--target", "1", "--epochs", "1", "-o", "run")
    written(folder, "9,3,red,4\n9,1,white,5\n", "new.csv")
    written(folder, "3,red,4\n1,white,5\n", "less.csv")
    assert output("predict", "run", "new.csv") == output("predict", "run", "less.csv")


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        ("acid,ash\n1,2\n", "new.csv: there is no column 'colour'", "the network needs the columns acid, ash, colour"),
        ("a,b,c\n1,2,red\n", "new.csv: there is no column 'acid'", "the network needs the columns acid, ash, colour"),
        (
            "acid,ash,colour\n1,2,red\n3,4,blue\n",
            "new.csv: row 2 (line 3), column 'colour': 'blue' does not occur in the training data",
            "there are: red, white",
        ),
        ("acid,ash,colour\n1,,red\n", "new.csv: row 1 (line 2), column 'ash' is empty", "fill it"),
        ("acid,ash,colour\n1,2,\n", "new.csv: row 1 (line 2), column 'colour' is empty", "there are: red, white"),
        ("acid,ash,colour\nnan,2,red\n", "row 1 (line 2), column 'acid' is 'nan', which is no number", "fill it"),
        ("acid,ash,colour\n\n1,2 cm,red\n", "row 1 (line 3), column 'ash': expected a number, got '2 cm'", "correct"),
        ('acid,ash,colour\n"1,5",2,red\n', "column 'acid': expected a number, got '1,5'", "write numbers with a point"),
        ("acid,ash,colour\n1e39,2,red\n", "row 1 (line 2), column 'acid': 1e39 is infinite in float32", "correct"),
        ("acid,ash,colour\n", "new.csv: there are no rows in it", "pass a file with a row for each prediction"),
        ("acid,ash,colour\n1,2\n", "new.csv, line 2: expected 3 fields, as in the first row, got 2", "correct"),
        ("", "new.csv: the file is empty", "pass a file"),
    ],
)
def test_errors_name_row_and_column(folder: Path, content: str, message: str, hint: str) -> None:
    written(folder, content, "new.csv")
    error = run("predict", "wines", "new.csv").exception
    assert isinstance(error, DataError)
    assert message in error.message
    assert hint in error.hint


def test_what_cannot_predict_is_refused(folder: Path) -> None:
    def error(*arguments: str) -> NnvizError:
        found = run("predict", *arguments).exception
        assert isinstance(found, NnvizError)
        return found

    assert "no trained weights" in error("wine.csv", "wine.csv").message
    assert isinstance(error("wines", "missing.csv"), MissingFileError)
    output("train", "digits 64-10", "--steps", "1", "-o", "digits")
    assert isinstance(error("digits", "wine.csv"), NotSupportedError)
    assert "images of 1x8x8" in error("digits", "wine.csv").message


def test_a_registered_data_set_of_columns_has_its_own_names(folder: Path) -> None:
    output("train", "iris 4-8-3 tanh", "--epochs", "60", "-o", "run")
    written(folder, "sepal length,sepal width,petal length,petal width\n5.1,3.5,1.4,0.2\n6.3,3.3,6.0,2.5\n", "new.csv")
    assert [row["class"] for row in json.loads(output("predict", "run", "new.csv", "--json"))] == [
        "setosa",
        "virginica",
    ]
