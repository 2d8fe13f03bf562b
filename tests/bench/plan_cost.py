"""What a plan costs: to make, to run as networks grow, and in memory. Run by hand: python tests/bench/plan_cost.py

Compiling is the first step of *deep* (64 Linear layers, 63 Tanh) less a further one. The slope is that of the
logarithms of time a step over depth, width or batch: 1 means in proportion, 2 for width, since a layer's products have
the square of its width. Memory is the peak over the bare import, on *wide*, in a process of its own.
"""

from __future__ import annotations

import importlib.util
import json
import math
import resource
import statistics
import subprocess
import sys
from time import perf_counter

import step_time
from beside import Step, measure


def compiling(_: str) -> float:
    """Milliseconds."""
    import nnviz
    from nnviz import nn, optim

    widths, batch, bend = step_time.WORKLOADS["deep"]
    x, y = step_time.data(widths, batch)
    times = []
    for _ in range(7):
        step = nnviz.compile_step(*step_time.parts_of(nn, optim, widths, bend))
        begin = perf_counter()
        step(x, y)
        made = perf_counter()
        step(x, y)
        times.append(2 * made - begin - perf_counter())
    return statistics.median(times) * 1e3


SCALES: dict[str, list[tuple[list[int], int, str]]] = {
    "depth": [([64] * (n + 1), 64, "ReLU") for n in (8, 16, 32, 64, 128)],
    "width": [([n] * 5, 64, "ReLU") for n in (64, 128, 256, 512, 1024)],
    "batch": [([64] * 9, n, "ReLU") for n in (64, 128, 256, 512, 1024, 2048)],
}


def slope(name: str) -> float:
    """Of the logarithm of time over that of size, by least squares."""
    workloads = SCALES[name]
    sizes = [math.log({"depth": len(w) - 1, "width": w[0], "batch": batch}[name]) for w, batch, _ in workloads]
    times = [math.log(min(measure(step_time.planned, one, 0.3) for _ in range(3))) for one in workloads]
    return statistics.linear_regression(sizes, times).slope


def peak(contender: str) -> float:
    """Megabytes that ten steps of *wide* take at their peak, over the import of the library."""
    makes = {
        "planned": step_time.planned,
        "eager": step_time.eager,
        "torch1": lambda *workload: step_time.torch(*workload, threads=1),
    }
    importlib.import_module("torch" if contender == "torch1" else "nnviz.plan")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    step: Step = makes[contender](*step_time.WORKLOADS["wide"])
    for _ in range(10):
        step()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


KINDS = {"compiling": compiling, "slope": slope, "peak": peak}


def alone(kind: str, what: str) -> float:
    """Measured in a process of its own."""
    command = [sys.executable, __file__, kind, what]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(KINDS[sys.argv[1]](sys.argv[2])))
        sys.exit()
    print(f"compiling deep: {alone('compiling', 'deep'):.1f} ms")
    for name in SCALES:
        print(f"a step over {name}: slope {alone('slope', name):.2f}", flush=True)
    for contender in ("planned", "eager", *(["torch1"] if importlib.util.find_spec("torch") else [])):
        print(f"wide, {contender}: {alone('peak', contender):.1f} MB", flush=True)
