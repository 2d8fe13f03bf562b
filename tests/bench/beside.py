"""Measuring several ways to do the same, side by side.

Every contender runs in a process of its own, in rounds, so that a drift of the machine meets all alike; the figure is
the lowest median over the rounds, in microseconds, with its ratio to `hand`. Libraries that are not installed are left out.
"""

from __future__ import annotations

import importlib.util
import json
import math
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import click

Step = Callable[[], float]
Contenders = dict[str, tuple[str, Callable[..., Step]]]
"""By name: the library that has to be there, and what makes a step for a workload."""


def eager_step(parts: tuple[Any, Any, Any], x: Any, y: Any) -> Step:
    """A step as one writes it, with nnviz or PyTorch, from model, loss and optimizer."""
    model, loss_fn, optimizer = parts

    def step() -> float:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step


def measure(make: Callable[..., Step], workload: tuple[Any, ...], seconds: float) -> float:
    """Median microseconds of a step, after a warm-up; a loss must fall."""
    step = make(*workload)
    first = step()
    for _ in range(10):
        step()
    times, end, loss = [], perf_counter() + seconds, first
    while perf_counter() < end or len(times) < 5:
        begin = perf_counter()
        loss = step()
        times.append(perf_counter() - begin)
    assert math.isfinite(loss)
    assert loss < first or first == 0
    return statistics.median(times) * 1e6


def table(script: str, workloads: Mapping[str, tuple[Any, ...]], contenders: Contenders) -> None:
    """The command line of a benchmark: a line for each workload."""

    @click.command()
    @click.option("--workloads", "wanted", default=",".join(workloads), help="which, separated by commas")
    @click.option("--rounds", default=3, help="how often each is measured")
    @click.option("--seconds", default=0.5, help="how long each time")
    @click.option("--one", nargs=2, hidden=True)
    def main(wanted: str, rounds: int, seconds: float, one: tuple[str, str] | None) -> None:
        if one:
            print(json.dumps(measure(contenders[one[0]][1], workloads[one[1]], seconds)))
            return
        there = [name for name, (module, _) in contenders.items() if importlib.util.find_spec(module)]
        for workload in wanted.split(","):
            found: dict[str, list[float]] = {name: [] for name in there}
            for _ in range(rounds):
                for name in there:
                    command = [sys.executable, script, "--one", name, workload, "--seconds", str(seconds)]
                    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                    found[name].append(float(printed))
            best = {name: min(times) for name, times in found.items()}
            figures = (f"{name} {us:,.0f} µs ({us / best['hand']:.2f})" for name, us in best.items())
            print(f"{workload:11}", *figures, sep="  ", flush=True)

    main()
