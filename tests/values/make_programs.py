"""Write programs.json: what PyTorch makes of random programs of views and of changes in place. Run by hand:

python tests/values/make_programs.py
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import torch
from programs import COLUMNS, ROWS, drawn, run

COUNT = 600


def main() -> None:
    found = []
    for seed in range(COUNT):
        choose = random.Random(1_000 + seed)  # noqa: S311 (a test)
        rows = [[[round(choose.uniform(-1, 1), 3) for _ in range(COLUMNS)] for _ in range(ROWS)] for _ in range(2)]
        numbers = [rows[0], [round(choose.uniform(-1, 1), 3) for _ in range(COLUMNS)], rows[1]]
        entry: dict[str, object] = {"seed": seed, "numbers": numbers}
        try:
            entry |= run(drawn(seed), torch, numbers)
        except RuntimeError as error:
            entry["refused"] = str(error)[:60]
        found.append(entry)
    lines = ",\n".join(json.dumps(entry) for entry in found)
    (Path(__file__).parent / "programs.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
