"""GELU beside ReLU on half a million numbers, in float32 and float64. Run by hand:

    python tests/bench/gelu_time.py [--rounds 40]

Both in turn in one process, the lowest of the rounds, forward alone and with the way back, and GELU in multiples of ReLU.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import click

import nnviz
from nnviz.nn import functional as F

SIZE = 500_000


def lowest(works: list[Callable[[], object]], rounds: int) -> list[float]:
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for at, work in enumerate(works):
            begin = perf_counter()
            work()
            best[at] = min(best[at], perf_counter() - begin)
    return best


@click.command()
@click.option("--rounds", default=40, help="how often each is measured")
def main(rounds: int) -> None:
    for dtype in (nnviz.float32, nnviz.float64):
        x, ones = nnviz.randn(SIZE, dtype=dtype, requires_grad=True), nnviz.ones(SIZE, dtype=dtype)

        def there_and_back(bend: Callable[..., nnviz.Tensor], x: nnviz.Tensor = x, ones: nnviz.Tensor = ones) -> None:
            x.grad = None
            bend(x).backward(ones)

        works: list[Callable[[], object]] = [
            lambda x=x: F.relu(x),
            lambda x=x: F.gelu(x),
            lambda run=there_and_back: run(F.relu),
            lambda run=there_and_back: run(F.gelu),
        ]
        relu, gelu, relu_back, gelu_back = lowest(works, rounds)
        print(f"{dtype}: forward {relu * 1e6:.0f} and {gelu * 1e6:.0f} µs, {gelu / relu:.1f} times; "
              f"with the way back {relu_back * 1e6:.0f} and {gelu_back * 1e6:.0f} µs, {gelu_back / relu_back:.1f} times")  # fmt: skip


if __name__ == "__main__":
    main()
