"""A chain of operations from 10^3 to 10^6: built, sorted, run backward, freed. Run by hand: python tests/bench/chain.py

Each length runs in a process of its own. The slope is that of the logarithms: 1 means in proportion.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
from time import perf_counter

LENGTHS = (1_000, 10_000, 100_000, 1_000_000)


def measure(length: int) -> dict[str, float]:
    from nnviz.autograd import permutation, tensor

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    x = tensor([1.0], requires_grad=True)
    times = [perf_counter()]
    out = x
    for _ in range(length):
        out = out * 1.0
    times.append(perf_counter())
    assert out.node is not None
    assert len(permutation(out.node)) == length
    times.append(perf_counter())
    out.backward()
    times.append(perf_counter())
    assert x.grad is not None
    assert x.grad.item() == 1.0
    del out
    times.append(perf_counter())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    names = ("build", "sort", "backward", "free")
    spent = {name: end - begin for name, begin, end in zip(names, times, times[1:], strict=False)}
    return {"length": length, "MB": peak / 1024} | spent


def main() -> None:
    rows = []
    for length in LENGTHS:
        done = subprocess.run([sys.executable, __file__, str(length)], capture_output=True, text=True, check=True)
        rows.append(json.loads(done.stdout))
        print("  ".join(f"{name} {value:,.4g}" for name, value in rows[-1].items()), flush=True)
    decades = math.log10(LENGTHS[-1] / LENGTHS[1])
    for name in ("build", "sort", "backward", "MB"):
        print(f"{name}: slope {math.log10(rows[-1][name] / rows[1][name]) / decades:.2f} from 10^4 to 10^6")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]))))
    else:
        main()
