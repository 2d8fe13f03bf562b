"""Time and memory of loading a CSV of a million rows: `python tests/bench/own_data.py [ROWS] [COLUMNS]`.

Prints the peak of the memory that loading adds to the process, as a multiple of the arrays, and the time.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from nnviz.data import file_spec, prepare
from nnviz.data.own import Source, load


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(rows: int, columns: int) -> None:
    generator = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.csv"
        with path.open("w") as file:
            file.write(",".join([*(f"x{at}" for at in range(columns)), "y"]) + "\n")
            for start in range(0, rows, 10_000):
                x = generator.standard_normal((min(10_000, rows - start), columns))
                labels = generator.integers(3, size=len(x))
                file.writelines(
                    ",".join([*map("{:.6f}".format, row), str(label)]) + "\n"
                    for row, label in zip(x.tolist(), labels, strict=True)
                )
        prepare(file_spec(_small(folder)), 1)
        before, started, calls = peak(), time.process_time(), 0

        def progress(done: int, total: int) -> None:
            nonlocal calls
            calls += 1

        found = load(Source(str(path)), progress)
        took, loading = time.process_time() - started, peak() - before
        arrays = found.inputs.nbytes + found.targets.nbytes
        print(f"{rows:,} rows of {columns} numbers and a class, {path.stat().st_size / 1e6:.0f} MB")
        print(f"loaded in {took:.1f} s of processor time, {calls:,} calls of progress; arrays {arrays / 1e6:.0f} MB")
        print(f"peak of loading {loading / 1e6:.0f} MB, {loading / arrays:.2f} times the arrays")
        started = time.process_time()
        prepare(file_spec(path), 1)
        took, preparing = time.process_time() - started, peak() - before
        print(
            f"prepared in {took:.1f} s of processor time; peak {preparing / 1e6:.0f} MB, {preparing / arrays:.2f} times the arrays"
        )


def _small(folder: str) -> Path:
    """A file that has all code imported before anything is measured."""
    path = Path(folder) / "small.csv"
    path.write_text("x,y\n" + "".join(f"{at}.5,{at % 2}\n" for at in range(20)))
    return path


if __name__ == "__main__":
    main(*(int(word) for word in [*sys.argv[1:], *["1000000", "10"][len(sys.argv) - 1 :]]))
