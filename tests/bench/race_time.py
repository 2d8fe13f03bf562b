"""A step of 32 runs together, beside one run, 32 one by one, JAX and PyTorch. Run by hand:

    python tests/bench/race_time.py [--workloads playground,digits] [--rounds 3]

The runs are those of the preset with other seeds: each has weights and batches of its own. A step takes a batch of each
run as numpy arrays, and gives the losses as one: forward, cross-entropy, backward, and the preset's optimizer, which is
SGD on *playground* and Adam on *digits*. `together` is `CompiledSteps`, `one` a single plan, `alone` 32 of them one after
the other, `jax` is `jax.jit(jax.vmap(...))`, `torch` is `torch.func.vmap`. Ratios are to `one`. See beside.py for how it
is measured; libraries that are not installed are left out.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import click
import numpy as np
from beside import Step, measure

RUNS = 32
WORKLOADS: dict[str, tuple[list[int], int, str, str, float]] = {
    "playground": ([2, 4, 2, 2], 10, "Tanh", "SGD", 0.03),
    "digits": ([64, 64, 10], 32, "ReLU", "Adam", 0.01),
}
B1, B2, EPS = 0.9, 0.999, 1e-8


def batches(widths: list[int], batch: int) -> tuple[np.ndarray, np.ndarray]:
    drawn = np.random.default_rng(0)
    x = drawn.standard_normal((RUNS, batch, widths[0])).astype(np.float32)
    return x, drawn.integers(0, widths[-1], (RUNS, batch))


def models(
    widths: list[int], act: str, optimizer: str, rate: float, count: int
) -> tuple[list[Any], list[Any], list[Any]]:
    import nnviz
    from nnviz import nn, optim

    found = []
    for seed in range(count):
        nnviz.manual_seed(seed)
        layers: list[Any] = []
        for n, m in pairwise(widths):
            layers += [nn.Linear(n, m), getattr(nn, act)()]
        found.append(nn.Sequential(*layers[:-1]))
    made = [getattr(optim, optimizer)(one.parameters(), lr=rate) for one in found]
    return found, [nn.CrossEntropyLoss() for _ in found], made


def together(widths: list[int], batch: int, act: str, optimizer: str, rate: float) -> Step:
    from nnviz.plan.lockstep import CompiledSteps

    steps = CompiledSteps(*models(widths, act, optimizer, rate, RUNS))
    x, y = batches(widths, batch)
    return lambda: float(steps(x, y).mean())


def alone(widths: list[int], batch: int, act: str, optimizer: str, rate: float, count: int = RUNS) -> Step:
    from nnviz import compile_step

    steps = [compile_step(*parts) for parts in zip(*models(widths, act, optimizer, rate, count), strict=True)]
    x, y = batches(widths, batch)
    return lambda: sum(float(step(x[at], y[at])) for at, step in enumerate(steps)) / count


def one(*workload: Any) -> Step:
    return alone(*workload, count=1)


def starts(widths: list[int]) -> list[tuple[np.ndarray, np.ndarray]]:
    """The weights of all runs for the other libraries: (RUNS, n, m) and (RUNS, m) for each layer."""
    drawn = np.random.default_rng(1)
    return [
        ((drawn.uniform(-1, 1, (RUNS, n, m)) / n**0.5).astype(np.float32), np.zeros((RUNS, m), np.float32))
        for n, m in pairwise(widths)
    ]


def jax(widths: list[int], batch: int, act: str, optimizer: str, rate: float) -> Step:
    import jax as peer
    import jax.numpy as jnp

    kind: Callable[[Any], Any] = {"Tanh": jnp.tanh, "ReLU": peer.nn.relu}[act]
    x, y = batches(widths, batch)

    def loss_of(parameters: Any, x: Any, y: Any) -> Any:
        h = x
        for at, (w, b) in enumerate(parameters):
            h = h @ w + b
            h = kind(h) if at + 1 < len(parameters) else h
        return -jnp.take_along_axis(peer.nn.log_softmax(h), y[:, None], 1).mean()

    tree = peer.tree_util.tree_map

    def update(parameters: Any, kept: Any, number: Any, x: Any, y: Any) -> Any:
        loss, g = peer.value_and_grad(loss_of)(parameters, x, y)
        if optimizer == "SGD":
            return tree(lambda p, g: p - rate * g, parameters, g), kept, loss
        m = tree(lambda m, g: B1 * m + (1 - B1) * g, kept[0], g)
        v = tree(lambda v, g: B2 * v + (1 - B2) * g * g, kept[1], g)
        size = rate / (1 - B1**number)
        root = jnp.sqrt(1 - B2**number)
        moved = tree(lambda p, m, v: p - size * m / (jnp.sqrt(v) / root + EPS), parameters, m, v)
        return moved, (m, v), loss

    step = peer.jit(peer.vmap(update, (0, 0, None, 0, 0)), donate_argnums=(0, 1))
    parameters = tree(jnp.array, starts(widths))
    state = {"p": parameters, "kept": (tree(jnp.zeros_like, parameters), tree(jnp.zeros_like, parameters)), "t": 0.0}

    def take() -> float:
        state["t"] += 1
        state["p"], state["kept"], losses = step(state["p"], state["kept"], state["t"], x, y)
        return float(np.asarray(losses).mean())

    return take


def torch(widths: list[int], batch: int, act: str, optimizer: str, rate: float) -> Step:
    import torch as peer

    peer.set_num_threads(1)
    kind = {"Tanh": peer.tanh, "ReLU": peer.relu}[act]
    x, y = batches(widths, batch)

    def loss_of(parameters: Any, x: Any, y: Any) -> Any:
        h = x
        for at, (w, b) in enumerate(parameters):
            h = h @ w + b
            h = kind(h) if at + 1 < len(parameters) else h
        return peer.nn.functional.cross_entropy(h, y)

    both = peer.func.vmap(peer.func.grad_and_value(loss_of))
    parameters = [tuple(map(peer.from_numpy, pair)) for pair in starts(widths)]
    flat = [one for pair in parameters for one in pair]
    m, v = ([peer.zeros_like(one) for one in flat] for _ in range(2))
    taken = 0

    def take() -> float:
        nonlocal taken
        taken += 1
        gradients, losses = both(parameters, peer.from_numpy(x), peer.from_numpy(y))
        g = [one for pair in gradients for one in pair]
        if optimizer == "SGD":
            peer._foreach_add_(flat, g, alpha=-rate)
        else:
            peer._foreach_lerp_(m, g, 1 - B1)
            peer._foreach_mul_(v, B2)
            peer._foreach_addcmul_(v, g, g, 1 - B2)
            roots = peer._foreach_sqrt(v)
            peer._foreach_div_(roots, (1 - B2**taken) ** 0.5)
            peer._foreach_add_(roots, EPS)
            peer._foreach_addcdiv_(flat, m, roots, -rate / (1 - B1**taken))
        return float(losses.mean())

    return take


CONTENDERS: dict[str, tuple[str, Callable[..., Step]]] = {
    "one": ("nnviz", one),
    "together": ("nnviz", together),
    "alone": ("nnviz", alone),
    "jax": ("jax", jax),
    "torch": ("torch", torch),
}


def race_of_widths(steps: int, workers: bool) -> float:
    """Seconds that a race of four widths takes in a training process."""
    import queue
    from time import perf_counter

    from nnviz.engine import BeginRace, Raced, TrainingProcess, process
    from nnviz.network import opening
    from nnviz.network.variants import variants
    from nnviz.run import Lane

    if not workers:
        alone = "; import nnviz.engine.server as s; s.RacePool = lambda: None; serve({end})"
        process.START = process.START.replace("; serve({end})", alone)
    events: queue.SimpleQueue[Raced] = queue.SimpleQueue()
    trained = TrainingProcess(lambda event: events.put(event) if isinstance(event, Raced) else None)
    trained.start()
    lanes = tuple(Lane(label, network) for label, network in variants(opening(), "width"))
    try:
        # The first race opens what the process needs.
        for number, count in enumerate((1, steps)):
            begin = perf_counter()
            trained.send(BeginRace(number, lanes, count))
            while not (event := events.get()).over or event.number != number:
                pass
        return perf_counter() - begin
    finally:
        trained.stop()


@click.command()
@click.option("--widths", default=0, help="measure a race of four widths of so many steps instead")
@click.option("--by", type=click.Choice(["turns", "workers"]), hidden=True)
@click.option("--workloads", "wanted", default=",".join(WORKLOADS), help="which, separated by commas")
@click.option("--rounds", default=3, help="how often each is measured")
@click.option("--seconds", default=1.0, help="how long each time")
@click.option("--one", "single", nargs=2, hidden=True)
def main(widths: int, by: str | None, wanted: str, rounds: int, seconds: float, single: Sequence[str] | None) -> None:
    """Print a line for each workload."""
    if by:
        print(race_of_widths(widths, by == "workers"))
        return
    if widths:
        times: dict[str, list[float]] = {"turns": [], "workers": []}
        for _ in range(rounds):
            for name, own in times.items():
                command = [sys.executable, __file__, "--widths", str(widths), "--by", name]
                own.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
        print(
            f"{widths:,} steps of four widths", *(f"{name} {min(own):.2f} s" for name, own in times.items()), sep="  "
        )
        return
    if single:
        print(json.dumps(measure(CONTENDERS[single[0]][1], WORKLOADS[single[1]], seconds)))
        return
    there = [name for name, (module, _) in CONTENDERS.items() if importlib.util.find_spec(module)]
    for name in CONTENDERS.keys() - there:
        print(f"{name} is not installed, and left out")
    for workload in wanted.split(","):
        found: dict[str, list[float]] = {name: [] for name in there}
        for _ in range(rounds):
            for name in there:
                command = [sys.executable, __file__, "--one", name, workload, "--seconds", str(seconds)]
                found[name].append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
        best = {name: min(times) for name, times in found.items()}
        figures = (f"{name} {us:,.0f} µs ({us / best['one']:.2f})" for name, us in best.items())
        print(f"{workload:11}", *figures, sep="  ", flush=True)


if __name__ == "__main__":
    main()
