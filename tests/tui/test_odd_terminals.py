"""Terminals and streams as one finds them: a picture, or one line and an exit code; and the end when they go away."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.terminal import PATIENCE, Terminal, children

READY = "ready: press space"
PROGRAM = (sys.executable, "-m", "nnviz")
NEEDS_TERMINAL = "nnviz: needs a terminal: run it in one, with neither input nor output redirected\n"

SOON = 2.0
"""Seconds after which the program has ended: half a second of grace, and what a loaded machine adds."""

FOCUS_OUT, FOCUS_IN = "\x1b[O", "\x1b[I"


def surroundings(**changes: str) -> dict[str, str]:
    """The environment of a program in a terminal; the configuration is empty."""
    known = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "TERM")}
    return known | {"TERM": "xterm-256color", "XDG_CONFIG_HOME": "/nonexistent"} | changes


# Streams


def redirected(redirections: str, folder: Path, **changes: str) -> tuple[int, str]:
    """The exit code, and what the terminal shows, of a program that ends by itself."""
    ours, theirs = pty.openpty()
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -m nnviz {redirections}', sys.executable],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=surroundings(PYTHONPATH=os.pathsep.join(sys.path), **changes), timeout=PATIENCE, check=False,
    )  # fmt: skip
    os.set_blocking(ours, False)
    try:
        shown = os.read(ours, 1 << 16)
    except BlockingIOError:
        shown = b""
    os.close(ours)
    os.close(theirs)
    return done.returncode, shown.decode().replace("\r\n", "\n")


INPUTS = ("", "</dev/null", "<empty", "<&-")
OUTPUTS = ("", ">/dev/null", ">out", ">&-")
ERRORS = ("", "2>/dev/null", "2>err", "2>&-")
REFUSED = [combination for combination in itertools.product(INPUTS, OUTPUTS, ERRORS) if any(combination[:2])]
FEW = [
    (i, o, e)
    for i, o, e in REFUSED
    if (bool(i) != bool(o) and e == "2>err") or (i, o) == ("<&-", ">&-") or (i, o, e) == ("</dev/null", "", "2>&-")
]


def refusal_is_one_line(combination: tuple[str, str, str], folder: Path) -> None:
    (folder / "empty").write_text("")
    for name in ("out", "err"):
        (folder / name).write_text("")
    code, shown = redirected(" ".join(combination), folder)
    assert code == 2
    _, output, error = combination
    assert (folder / "out").read_text() == ""
    assert (folder / "err").read_text() == (NEEDS_TERMINAL if error == "2>err" else "")
    # Where standard error is closed the terminal is told, if there is one.
    assert shown == (NEEDS_TERMINAL if not error or (error == "2>&-" and not output) else "")


@pytest.mark.parametrize("combination", FEW, ids=" ".join)
def test_streams_that_lead_elsewhere_are_refused_in_one_line(combination: tuple[str, str, str], tmp_path: Path) -> None:
    refusal_is_one_line(combination, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("combination", [each for each in REFUSED if each not in FEW], ids=" ".join)
def test_all_streams_that_lead_elsewhere_are_refused_in_one_line(combination: tuple[str, str, str], tmp_path: Path) -> None:  # fmt: skip
    refusal_is_one_line(combination, tmp_path)


def test_pipes_are_refused_in_one_line(tmp_path: Path) -> None:
    assert redirected("| cat", tmp_path)[1] == NEEDS_TERMINAL
    assert redirected("2>&1 | cat >out", tmp_path)[1] == ""
    assert (tmp_path / "out").read_text() == NEEDS_TERMINAL
    assert redirected("2>/dev/full </dev/null", tmp_path) == (2, NEEDS_TERMINAL)


DATA_SETS = "circle, xor, gauss, spiral, plane, multi-gaussian, function, lesson, digits, iris, file"
COMMANDS = "There are: new, summary, order, train, predict, check, curves, export"
MISSING = "there is no such file: pass a model file, a folder that train wrote, or a line: 'spiral 2-16-2 tanh'\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("--zzz", 2, "nnviz: No such option '--zzz'. Try nnviz --help.\n"),
        ("stray", 2, f"nnviz: No command is called 'stray'. {COMMANDS}; or pass a model file. Try nnviz --help.\n"),
        ("stray.toml", 1, f"nnviz: stray.toml: {MISSING}"),
        ("\"$(printf '\\033[31m\\nx')\"", 1, f"nnviz: no data set is called '\\x1b[31m': there are: {DATA_SETS}\n"),
        ("--version >/dev/full", 1, "nnviz: the output could not be written: No space left on device\n"),
        ("--version | head -0", 0, ""),
        ("--version >&-", 0, ""),
    ],
)
def test_the_command_line_answers_in_one_line(tmp_path: Path, arguments: str, code: int, words: str) -> None:
    assert redirected(arguments, tmp_path) == (code, words)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"TERM": "dumb"}, "nnviz: needs a terminal with cursor positioning, but TERM is 'dumb': set TERM, or use another terminal\n"),
        ({"TEXTUAL_DRIVER": "nowhere:Driver"}, "nnviz: TEXTUAL_DRIVER names no driver of Textual: No module named 'nowhere': unset it"),
        ({"TEXTUAL_DRIVER": "json:JSONDecoder"}, "nnviz: TEXTUAL_DRIVER names no driver of Textual: "),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_with_is_refused_in_one_line(tmp_path: Path, variables: dict[str, str], words: str) -> None:  # fmt: skip
    code, shown = redirected("", tmp_path, **variables)
    assert code == 2
    assert shown.startswith(words)
    assert shown.count("\n") == 1


def test_an_interrupt_before_the_picture_leaves_no_traceback() -> None:
    code = "import os; from nnviz import cli; cli.run = lambda: os.kill(os.getpid(), 2); cli.main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")


# Terminals in which it opens


def opens(terminal: Terminal, columns: int = 120) -> None:
    """The program stands in its terminal, and keys are obeyed."""
    terminal.until(READY)
    terminal.until("q quit")
    assert terminal.lines[1].rstrip().endswith("╮")
    assert len(terminal.lines[1].rstrip()) == columns
    assert b"\\u25" not in terminal.bytes
    terminal.press("a")
    terminal.until("╭─ Add")
    terminal.press("escape")
    terminal.until(lambda screen: "╭─ Add" not in screen)


LATIN = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "latin-1"}


@pytest.mark.long
def test_encodings_sizes_and_bytes_from_elsewhere(tmp_path: Path) -> None:
    """Standard error in a file, a locale without UTF-8, sizes in the environment, and bytes that are no UTF-8."""
    shell = ("sh", "-c", f'exec "$0" -m nnviz 2>{tmp_path}/err', sys.executable)
    with Terminal(environment=LATIN | {"COLUMNS": "80", "LINES": "24"}, command=shell) as terminal:
        opens(terminal)
        terminal.resize(100, 34)
        terminal.until(lambda _: terminal.lines[1].rstrip().endswith("╮") and len(terminal.lines[1].rstrip()) == 100)
        terminal.process.send(b"\xe9\xff\x80\xc3")
        # A key beyond the last character, a size of nothing and of far too much, and a click after it.
        terminal.process.send(b"\x1b[1114112u\x1b[55296u\x1b[48;0;0;0;0t\x1b[<0;300;1M\x1b[<0;300;1m")
        terminal.press("a")
        terminal.until("╭─ Add")
        terminal.process.send(b"\x1b[200~rel\xe9\xc2\x9b31m\x1b[201~")
        terminal.until("rel�")
        assert "\x9b".encode() not in terminal.bytes
        terminal.press("escape", "escape")
        terminal.until(lambda screen: "╭─ Add" not in screen)
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    assert (tmp_path / "err").read_bytes() == b""


NO_USER = "import pwd; pwd.getpwuid = lambda uid: {}[uid]; from nnviz.cli import main; main()"


UNSIGNALED = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGWINCH})
from nnviz.cli import main
main()
"""


@pytest.mark.long
def test_a_size_that_no_signal_tells_is_found() -> None:
    with Terminal(80, 24, command=(sys.executable, "-c", UNSIGNALED)) as terminal:
        terminal.until("q quit")
        terminal.resize(100, 30)
        terminal.until(lambda text: "q quit" in text.splitlines()[-1])
        terminal.press("q")
        assert terminal.wait_for_end(10) == 0


@pytest.mark.long
def test_a_user_whom_nobody_knows_in_a_terminal_that_is_out_of_focus() -> None:
    """Neither an entry in passwd nor HOME nor TERM, standard error closed, and the focus elsewhere when it starts."""
    shell = ("sh", "-c", 'unset HOME TERM XDG_CONFIG_HOME; exec "$0" -c "$1" 2>&-', sys.executable, NO_USER)
    with Terminal(environment={"TEXTUAL_COLOR_SYSTEM": "nonsense", "TEXTUAL_DRIVER": ""}, command=shell) as terminal:
        while b"\x1b[?1004h" not in terminal.bytes:
            terminal.read()
        terminal.press(FOCUS_OUT)
        opens(terminal)
        terminal.press(FOCUS_OUT)
        terminal.press(FOCUS_IN, "j", "d")
        terminal.until("together they")
        assert "Train" in terminal.text
        assert "▌" not in terminal.text.replace("▌ Layer", "")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


@pytest.mark.long
@pytest.mark.parametrize(
    "variables",
    [
        LATIN, {"PYTHONIOENCODING": "ascii:strict"}, {"PYTHONIOENCODING": "utf-16"}, {"LC_ALL": "xx_YY.nonsense"}, {"LANG": ""},
        {"COLUMNS": "nonsense", "LINES": "-5"}, {"TERM": ""}, {"TERM": "nonsense"}, {"NO_COLOR": "1"},
        {"HOME": "/nonexistent"}, {"HOME": ""}, {"HOME": "/dev/null"}, {"XDG_CONFIG_HOME": ""}, {"XDG_CONFIG_HOME": "~"},
        {"XDG_CONFIG_HOME": "/dev/zero"}, {"XDG_CONFIG_HOME": "/" + "x" * 5000}, {"TEXTUAL_THEME": "nonsense"}, {"TEXTUAL_FPS": "x", "ESCDELAY": "-1"},
    ],
    ids=str,
)  # fmt: skip
def test_it_opens_whatever_the_environment_says(variables: dict[str, str]) -> None:
    with Terminal(environment=variables) as terminal:
        opens(terminal)


@pytest.mark.long
@pytest.mark.parametrize("error", ["2>/dev/null", "2>err", "2>&-", "2>/dev/full", "2>&1"])
def test_it_opens_wherever_standard_error_leads(tmp_path: Path, error: str) -> None:
    # A folder of its own: the configuration of the tests lies beside it.
    place = tmp_path / "here"
    place.mkdir()
    shell = ("sh", "-c", f'cd "$1"; exec "$0" -m nnviz {error}', sys.executable, str(place))
    with Terminal(environment={"PYTHONPATH": os.pathsep.join(sys.path)}, command=shell) as terminal:
        opens(terminal)
    assert all(file.read_bytes() == b"" for file in place.iterdir())


@pytest.mark.long
@pytest.mark.parametrize("size", [(0, 0), (1, 1), (65535, 65535), (1, 500), (500, 1)])
def test_it_opens_and_ends_in_a_terminal_of_any_size(size: tuple[int, int]) -> None:
    with Bare(*size) as program:
        program.until(b"\x1b[?1004h")
        os.kill(program.pid, signal.SIGTERM)
        assert program.end() == 128 + signal.SIGTERM


# The end


class Bare:
    """The program in a terminal whose far end can be closed, or not be read any more.

    Args:
        columns, rows: the size.
    """

    def __init__(self, columns: int = 120, rows: int = 40) -> None:
        self.pid, self.far = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execve(PROGRAM[0], PROGRAM, surroundings())  # noqa: S606 (no shell is wanted)
        self.shown = b""
        self._seen = 0
        self.code: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        with contextlib.suppress(OSError):
            os.close(self.far)

    def read(self) -> bool:
        """Take what is there, waiting a little for it; whether anything was."""
        fresh = b""
        if select.select([self.far], [], [], 0.01)[0]:
            with contextlib.suppress(OSError):
                fresh = os.read(self.far, 1 << 16)
        self.shown += fresh
        return bool(fresh)

    def until(self, words: bytes) -> None:
        """Read until the words are shown anew."""
        end = time.monotonic() + PATIENCE
        while (place := self.shown.find(words, self._seen)) < 0:
            assert time.monotonic() < end, self.shown[-500:]
            self.read()
        self._seen = place + len(words)

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self.far, keys)

    def until_state(self, state: str) -> None:
        """Read until the process is in that state, by its letter in /proc."""
        end = time.monotonic() + PATIENCE
        while state_of(self.pid) != state:
            assert time.monotonic() < end
            self.read()

    def end(self, reads: bool = True) -> int:
        """The exit code; the process and those it started are gone soon."""
        below = children(self.pid)
        limit = time.monotonic() + SOON
        while self.code is None:
            assert time.monotonic() < limit, "still there"
            if reads:
                self.read()
            else:
                time.sleep(0.005)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if pid else None
        while any(state_of(pid) not in "XZ" for pid in below):
            assert time.monotonic() < limit, "its children are still there"
            time.sleep(0.005)
        return self.code


def state_of(pid: int) -> str:
    """The letter of a process's state; X where it is gone."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def opening(program: Bare) -> None:
    program.until(b"\x1b[?1004h")


def ready(program: Bare) -> None:
    program.until(b"ready: press")


def training(program: Bare) -> None:
    ready(program)
    program.press(b" ")
    program.until("▶ epoch".encode())


def dialog(program: Bare) -> None:
    ready(program)
    program.press(b"a")
    program.until(b"Add a layer")


def walk(program: Bare) -> None:
    ready(program)
    program.press(b"nw")
    program.until(b"forward")


def much_to_write(program: Bare) -> None:
    ready(program)
    program.press(b"t" * 30)


def quitting(program: Bare) -> None:
    training(program)
    program.press(b"q")


def close(program: Bare) -> None:
    os.close(program.far)


def told(number: signal.Signals) -> Callable[[Bare], None]:
    def tell(program: Bare) -> None:
        os.kill(program.pid, number)

    tell.__name__ = number.name
    return tell


TERM, HUP, INT, QUIT = (told(number) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT))
CODES = {TERM: 143, HUP: 129, INT: 130, QUIT: 131, close: 129}
MOMENTS = (opening, ready, training, dialog, walk, much_to_write, quitting)
WRITING = (training, much_to_write)
"""Where a terminal that takes nothing matters most: it is tried with every signal; elsewhere with every other one."""
ENDS = [
    (moment, how, reads)
    for at, moment in enumerate(MOMENTS)
    for number, how in enumerate(CODES)
    for reads in (True, False)
    # Nobody reads what is closed.
    if (not reads if how is close else moment in WRITING or reads == ((at + number) % 2 == 0))
]
SOME = [(opening, INT, True), (training, TERM, True), (much_to_write, close, False)]


def ends(moment: Callable[[Bare], None], how: Callable[[Bare], None], reads: bool) -> None:
    with Bare() as program:
        moment(program)
        how(program)
        code = program.end(reads and how is not close)
        assert code == CODES[how] or (moment is quitting and code == 0)
        assert b"Traceback" not in program.shown
        if reads and how is not close:
            while program.read():
                pass
            assert b"\x1b[?1049l" in program.shown
            assert b"\x1b[?25h" in program.shown


def named(value: object) -> str:
    return getattr(value, "__name__", "reads" if value else "stalled")


@pytest.mark.parametrize(("moment", "how", "reads"), SOME, ids=named)
@pytest.mark.long
def test_it_ends_soon_whatever_is_under_way(moment: Callable[[Bare], None], how: Callable[[Bare], None], reads: bool) -> None:  # fmt: skip
    ends(moment, how, reads)


@pytest.mark.long
@pytest.mark.parametrize(("moment", "how", "reads"), [each for each in ENDS if each not in SOME], ids=named)
def test_it_ends_soon_at_every_moment(moment: Callable[[Bare], None], how: Callable[[Bare], None], reads: bool) -> None:  # fmt: skip
    ends(moment, how, reads)


@pytest.mark.long
def test_it_is_suspended_comes_back_and_ends_while_it_is_suspended() -> None:
    with Bare() as program:
        ready(program)
        for stop in (lambda: program.press(b"\x1a"), lambda: os.kill(program.pid, signal.SIGTSTP)):
            stop()
            program.until_state("T")
            program.until(b"\x1b[?1049l")
            os.kill(program.pid, signal.SIGCONT)
            program.until(b"\x1b[?1049h")
            program.until(" → 16".encode())
        program.press(b"a")
        program.until(b"Add a layer")
        os.kill(program.pid, signal.SIGTSTP)
        program.until_state("T")
        os.kill(program.pid, signal.SIGTERM)
        os.kill(program.pid, signal.SIGCONT)
        assert program.end() == 143


def test_a_training_process_in_a_long_step_ends_with_a_program_that_is_killed() -> None:
    step = "; from nnviz.engine import server; server.Server.run = lambda self: time.sleep(600); server.serve({end})"
    code = f"""
import time
from nnviz.engine import process
process.START = "import sys, time; sys.path[:] = {{path!r}}{step}"
training = process.TrainingProcess(print)
training.start()
print(training.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        pid = int(program.stdout.readline())
        program.kill()
    limit = time.monotonic() + PATIENCE
    while state_of(pid) not in "XZ":
        assert time.monotonic() < limit
        time.sleep(0.005)


# Another program that shows this one


@contextlib.contextmanager
def hosted() -> Iterator[subprocess.Popen[bytes]]:
    """The program as one that talks to it through pipes starts it."""
    variables = surroundings(TEXTUAL_DRIVER="textual.drivers.web_driver:WebDriver", COLUMNS="100", ROWS="30")
    pipe = subprocess.PIPE
    with subprocess.Popen(PROGRAM, stdin=pipe, stdout=pipe, stderr=pipe, env=variables, bufsize=0) as program:
        try:
            yield program
        finally:
            program.kill()


def send(program: subprocess.Popen[bytes], kind: bytes, data: bytes) -> None:
    assert program.stdin is not None
    program.stdin.write(kind + len(data).to_bytes(4, "big") + data)


def shown(program: subprocess.Popen[bytes], words: bytes) -> bytes:
    """What the program writes until it has written the words."""
    assert program.stdout is not None
    found, end = b"", time.monotonic() + PATIENCE
    while words not in found:
        fresh = program.stdout.read(1 << 16) if select.select([program.stdout], [], [], 1)[0] else b""
        assert fresh or time.monotonic() < end, found[-500:]
        found += fresh or b""
    return found


@pytest.mark.long
def test_it_opens_in_another_program_by_its_driver_and_ends_with_it() -> None:
    with hosted() as program:
        assert shown(program, b"ready: press").startswith(b"__GANGLION__\nD")
        send(program, b"M", json.dumps({"type": "resize", "width": 120, "height": 40}).encode())
        send(program, b"D", b"a")
        shown(program, b"Add a layer")
        below = children(program.pid)
        assert program.stdout is not None
        program.stdout.close()
        assert program.wait(PATIENCE) == 129
        assert program.stderr is not None
        assert program.stderr.read() == b""
        limit = time.monotonic() + SOON
        while any(state_of(pid) not in "XZ" for pid in below):
            assert time.monotonic() < limit
            time.sleep(0.005)
