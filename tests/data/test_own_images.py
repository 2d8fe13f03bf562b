"""A folder of images with one folder for each class."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnviz.data import file_spec, prepare
from nnviz.data.own import Source, load
from nnviz.errors import CancelledError, DataError, FolderError


def pictures(folder: Path, mode: str = "L", size: tuple[int, int] = (6, 5)) -> str:
    """Ten images of cats and ten of dogs, brighter and brighter."""
    for kind in ("dog", "cat"):
        (folder / kind).mkdir()
        for at in range(10):
            Image.new(mode, size, at * 10 if mode == "L" else (at * 10, 0, 255)).save(folder / kind / f"{at}.png")
    return str(folder)


@pytest.mark.parametrize(("mode", "shape"), [("L", (1, 5, 6)), ("RGB", (3, 5, 6))])
def test_folders_are_classes(tmp_path: Path, mode: str, shape: tuple[int, ...]) -> None:
    path = pictures(tmp_path, mode)
    (tmp_path / "cat" / ".hidden").write_text("no image")
    (tmp_path / "notes.txt").write_text("beside the folders")
    found = load(Source(path))
    assert found.schema.classes == ("cat", "dog")
    assert found.schema.sample_shape == shape
    assert found.targets.tolist() == [0] * 10 + [1] * 10
    np.testing.assert_allclose(found.inputs[:10, 0, 0, 0], np.arange(10) * 10 / 255, rtol=1e-6)
    assert load(Source(path)) is found
    assert prepare(file_spec(path), 1).train_x.shape == (16, *shape)


def test_one_image_in_color_makes_all_of_them_so(tmp_path: Path) -> None:
    path = pictures(tmp_path)
    Image.new("RGB", (6, 5), (255, 0, 0)).save(tmp_path / "dog" / "red.png")
    found = load(Source(path))
    assert found.inputs[-1, :, 0, 0].tolist() == [1, 0, 0]
    assert found.inputs[1, 0].tolist() == found.inputs[1, 2].tolist()


def test_what_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FolderError, match="a folder of images for each class"):
        load(Source(str(tmp_path)))
    path = pictures(tmp_path)
    with pytest.raises(DataError, match="folders of images are classes"):
        load(Source(path, task="regression"))
    with pytest.raises(CancelledError):
        load(Source(path), cancelled=lambda: True)
    odd = tmp_path / "dog" / "odd.png"
    Image.new("L", (7, 5)).save(odd)
    with pytest.raises(DataError, match=r"expected images of one size, got 6x5 and 7x5 at odd\.png"):
        load(Source(path))
    Image.new("L", (6, 5)).save(odd)
    whole = odd.read_bytes()
    for content in (b"", b"text", whole[:40], whole[:-20], b"%!PS-Adobe", whole.replace(b"IDAT", b"IDAT\0")):
        odd.write_bytes(content)
        with pytest.raises(DataError, match=r"dog/odd\.png is no image that can be read"):
            load(Source(path))
    odd.unlink()
    for file in (tmp_path / "dog").iterdir():
        file.unlink()
    with pytest.raises(DataError, match="expected 2 to 1,000 folders with images, one for each class, got 1"):
        load(Source(path))
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(DataError, match="reading images needs Pillow") as error:
        load(Source(path))
    assert error.value.hint == "install it: pip install 'nnviz-tui[images]'"
