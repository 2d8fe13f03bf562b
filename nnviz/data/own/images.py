"""A folder of images with one folder for each class. Images are read by Pillow, which is optional."""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nnviz.data.own.reading import MOST_NUMBERS, Watch, too_large
from nnviz.data.own.schemas import loaded
from nnviz.data.own.source import Column, Loaded, Source, shown
from nnviz.data.own.targets import MOST_CLASSES, Targets
from nnviz.errors import DataError, FileError, FolderError

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")

GRAY = ("1", "L", "LA", "I;16")
"""Pillow's names of images without color."""

MOST_IMAGES = 1_000_000


def stamp_of_folder(path: str) -> tuple[int, ...]:
    """What changes if a file in the folders of a folder does: their number, their size, the latest change.

    Raises:
        FolderError: there are no folders in it.
        FileError: it cannot be read.
    """
    count = size = latest = 0
    for _, file in _files(path):
        found = file.stat()
        count, size, latest = count + 1, size + found.st_size, max(latest, found.st_mtime_ns)
    return count, latest, size


def _files(path: str) -> Iterator[tuple[str, Path]]:
    """The class and the path of each image, in the order of their names; hidden files are none."""
    try:
        folders = sorted(one for one in Path(path).iterdir() if one.is_dir() and not one.name.startswith("."))
        if not folders:
            raise FolderError(
                f"{path[:300]}: expected a file of data, or a folder with a folder of images for each class",
                "pass the path of a file",
            )
        count = 0
        for folder in folders:
            for file in sorted(folder.iterdir()):
                if not file.name.startswith(".") and stat.S_ISREG(file.stat().st_mode):
                    count += 1
                    if count > MOST_IMAGES:
                        raise DataError(f"{path[:300]}: more than {MOST_IMAGES:,} images", "take fewer")
                    yield folder.name, file
    except FileError:
        raise
    except OSError as error:
        raise FileError(f"{path[:300]}: {error.strerror or error}", "check the folder and its permissions") from None


def read_images(source: Source, watch: Watch) -> Loaded:
    """The data set in a folder: classes in the order of their names, images as float32 from 0 to 1.

    Raises:
        DataError: Pillow is not installed, a file is no image, images differ in size, or there are none.
        CancelledError: it was to stop.
    """
    try:
        from PIL import Image  # noqa: F401 (whether it is there)
    except ImportError:
        raise DataError(
            f"{source.name}: reading images needs Pillow", "install it: pip install 'nnviz-tui[images]'"
        ) from None
    if source.task == "regression":
        raise DataError(f"{source.name}: folders of images are classes", "leave out --task regression")
    files = list(_files(source.path))
    names = sorted({name for name, _ in files})
    if not 2 <= len(names) <= MOST_CLASSES:
        raise DataError(
            f"{source.name}: expected 2 to {MOST_CLASSES:,} folders with images, one for each class, got {len(names)}",
            "put the images of each class into a folder of their own",
        )
    array = _pixels([file for _, file in files], source, watch)
    numbers = {name: number for number, name in enumerate(names)}
    targets = Targets(
        np.array([numbers[name] for name, _ in files], np.int64),
        tuple(shown(name, 40) for name in names),
        f"target, {len(names)} classes",
        "each folder is a class",
    )
    shape = "x".join(map(str, array.shape[1:]))
    made = f"images {shape} (channels, height, width), divided by 255"
    columns = (Column("images", "image", made), Column("folders", "text", targets.made))
    return loaded(source, array, targets, (), columns)


def _pixels(files: list[Path], source: Source, watch: Watch) -> NDArray[np.float32]:
    """All images (N, channels, height, width); in color if one of them is."""
    sizes: set[tuple[int, int]] = set()
    color = False
    for number, file in enumerate(files):
        with _Opened(file, source) as image:
            sizes.add(image.size)
            color |= image.mode not in GRAY
        if len(sizes) > 1:
            raise DataError(
                f"{source.name}: expected images of one size, got {_words(sizes)} at {shown(str(file.name))}",
                "resize them first",
            )
        if number % 100 == 0:
            watch.at(0)
    width, height = sizes.pop()
    channels = 3 if color else 1
    numbers = len(files) * channels * height * width
    if numbers > MOST_NUMBERS:
        raise too_large(source.name, numbers)
    array = np.empty((len(files), channels, height, width), np.float32)
    done = 0
    for number, file in enumerate(files):
        with _Opened(file, source) as image:
            pixels = np.asarray(image.convert("RGB" if color else "L"), np.float32)
        array[number] = pixels.transpose(2, 0, 1) if color else pixels
        done += os.path.getsize(file)  # noqa: PTH202 (as quick as it gets)
        watch.at(done)
    array /= 255
    return array


def _words(sizes: set[tuple[int, int]]) -> str:
    return " and ".join(f"{width}x{height}" for width, height in sorted(sizes))


class _Opened:
    """An image, opened; whatever Pillow raises within becomes an error that names the file."""

    def __init__(self, file: Path, source: Source) -> None:
        self._file, self._source = file, source
        self._image: Image.Image | None = None

    def __enter__(self) -> Image.Image:
        from PIL import Image

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                self._image = Image.open(self._file, formats=FORMATS)
        except Exception as error:
            raise self._refusal(error) from None
        return self._image

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if self._image is not None:
            self._image.close()
        if isinstance(error, Exception) and not isinstance(error, DataError):
            raise self._refusal(error) from None

    def _refusal(self, error: Exception) -> DataError:
        name = shown(f"{self._file.parent.name}/{self._file.name}")
        return DataError(
            f"{self._source.name}: {name} is no image that can be read: {shown(str(error)) or type(error).__name__}",
            "remove it, or save it as PNG",
        )
