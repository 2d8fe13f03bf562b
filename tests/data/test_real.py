"""The bundled digits are the ones scikit-learn has, proved by hashes taken from its arrays."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from importlib import resources
from pathlib import Path

import numpy as np

import nnviz
from nnviz.data import datasets
from nnviz.registry import Spec

# of load_digits().images and .target as uint8, scikit-learn 1.9.1
IMAGES = "8f26b2bd9d135c256808f68f14fdabddde6d9c7f869ae419704b051f0f14b3b3"
LABELS = "8ba4f891220f5e4c9c819638d1602d74b83618f167043c6da52a2a247841ddf0"


def sha256(array: np.ndarray) -> str:
    return hashlib.sha256(array.astype(np.uint8).tobytes()).hexdigest()


def test_digits_are_scikit_learns() -> None:
    dataset = datasets.build(Spec("digits"))
    assert dataset.inputs.shape == (1797, 1, 8, 8)
    assert dataset.inputs.min() == 0
    assert dataset.inputs.max() == 1
    assert sha256(dataset.inputs * 16) == IMAGES
    assert sha256(dataset.targets) == LABELS


def test_digits_per_class_are_those_uci_states() -> None:
    counts = np.bincount(datasets.build(Spec("digits")).targets.astype(np.int64))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_source_and_licence_lie_beside_the_data() -> None:
    note = (resources.files("nnviz.data") / "optdigits.md").read_text(encoding="utf-8")
    for needed in ("Alpaydin", "Kaynak", "10.24432/C50P49", "CC BY 4.0", "creativecommons.org", IMAGES, LABELS):
        assert needed in note


def test_digits_can_be_read_where_there_are_no_files(tmp_path: Path) -> None:
    """From inside a zip archive and another folder: nothing depends on where the package lies."""
    root = Path(nnviz.__file__).parent
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as package:
        for file in [*root.rglob("*.py"), *root.glob("data/optdigits.*")]:
            package.write(file, Path("nnviz") / file.relative_to(root))
    code = "import nnviz.data as d; print(d.__file__); print(d.datasets['digits'].factory().inputs.sum())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(archive)},
        capture_output=True,
        text=True,
        check=True,
    )
    where, total = done.stdout.splitlines()
    assert where.startswith(str(archive))
    assert float(total) == datasets.build(Spec("digits")).inputs.sum()


def test_iris_is_fishers_table() -> None:
    """150 flowers, 50 of each species, with the means that Fisher's paper gives."""
    dataset = datasets.build(Spec("iris"))
    assert dataset.inputs.shape == (150, 4)
    assert np.bincount(dataset.targets.astype(np.int64)).tolist() == [50, 50, 50]
    means = [dataset.inputs[dataset.targets == species].mean(axis=0, dtype=np.float64) for species in range(3)]
    expected = [[5.006, 3.428, 1.462, 0.246], [5.936, 2.770, 4.260, 1.326], [6.588, 2.974, 5.552, 2.026]]
    np.testing.assert_allclose(means, expected, atol=5e-7)


def test_source_and_licence_of_iris_lie_beside_it() -> None:
    folder = resources.files("nnviz.data")
    note = (folder / "iris.md").read_text(encoding="utf-8")
    digest = hashlib.sha256((folder / "iris.csv").read_bytes()).hexdigest()
    for needed in ("Fisher", "1936", "Anderson", "public domain", digest):
        assert needed in note
