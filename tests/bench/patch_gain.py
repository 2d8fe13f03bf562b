"""What each patch of Textual for speed gains. Run by hand: python tests/bench/patch_gain.py [--keys 30]

The program runs in pseudo-terminals of 120x40, once as it is and once for each patch without that patch. All get the
same keys in turn, so that a drift of the machine meets all alike. What counts is the processor time of the program's
own process from a key until nothing more is written; its trainer is another process. Linux only: the time is read
from /proc in nanoseconds. The last contender differs in nothing from the first: what it seems to gain is noise.
"""

from __future__ import annotations

import statistics
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import click

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.key_time import CASES, LONGEST, SILENT, rest
from tests.terminal import Terminal

START = """
import sys
{without}
from nnviz.cli import main
sys.argv = ["nnviz"]
main()
"""
WITHOUT = {
    "all patches": "",
    "-PlainMaximized": """
from nnviz.tui.patches import PlainMaximized
del PlainMaximized._watch_maximized
""",
    "-PartFirst": """
from nnviz.tui.patches import PartFirst
del PartFirst._compositor_refresh, PartFirst.render_lines
""",
    "-SparingScreen": """
from nnviz.tui.patches import SparingScreen
del SparingScreen.__init__, SparingScreen._compositor_refresh
""",
    "the same again": "",
}
"""By what is left out: the code that leaves it out."""


def spent(terminal: Terminal) -> float:
    """Milliseconds of processor time that the program has taken in all its threads."""
    tasks = Path(f"/proc/{terminal.process.pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6


def costs(contenders: dict[str, Terminal], keys: tuple[str, str], count: int) -> dict[str, list[tuple[float, float]]]:
    """For each contender and key: milliseconds of processor time, and until the first byte of the picture."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for number in range(count):
        for name, terminal in contenders.items():
            before, begin = spent(terminal), perf_counter()
            terminal.press(keys[number % 2])
            while not SILENT.sub(b"", terminal.take(0.001)):
                if perf_counter() - begin > LONGEST:
                    break
            first = 1e3 * (perf_counter() - begin)
            rest(terminal)
            found[name].append((spent(terminal) - before, first))
    every = 2 if keys[1] == "escape" else 1
    return {name: each[::every] for name, each in found.items()}


@click.command()
@click.option("--keys", default=30, help="how many keys are pressed in each case")
@click.option("--cases", default="another row,fill the screen,open a list,open a form,open settings")
@click.option("--only", default="", help="contenders, separated by commas; all where left out")
def main(keys: int, cases: str, only: str) -> None:
    """The table."""
    wanted = ["all patches", *only.split(","), "the same again"] if only else list(WITHOUT)
    for case in cases.split(","):
        first, pair = CASES[case]
        with ExitStack() as stack:
            home = stack.enter_context(TemporaryDirectory())
            contenders = {}
            for name in wanted:
                command = (sys.executable, "-c", START.format(without=WITHOUT[name]))
                contenders[name] = stack.enter_context(Terminal(environment={"XDG_STATE_HOME": home}, command=command))
            for terminal in contenders.values():
                terminal.until(lambda text: "ready: press space" in text and "q quit" in text, 60)
                rest(terminal)
                for key in (*first, *pair, *pair):
                    terminal.press(key)
                    rest(terminal)
            found = costs(contenders, pair, keys)
        middle = {
            name: [statistics.median(column) for column in zip(*each, strict=True)] for name, each in found.items()
        }
        base = middle["all patches"]
        for name, (cpu, seen) in middle.items():
            print(
                f"{case:16} {name:16} CPU {cpu:6.1f} ms ({cpu - base[0]:+6.1f})   first {seen:6.1f} ms ({seen - base[1]:+6.1f})",
                flush=True,
            )


if __name__ == "__main__":
    main()
