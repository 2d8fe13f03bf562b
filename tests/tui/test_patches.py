"""Every private name of Textual stands in one file, and each is still what it was when that was written."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import numpy as np
import pyte
import pytest
from rich.segment import Segment
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Label

import nnviz.tui
from nnviz.tui import patches
from nnviz.tui.precedence import Precedence, precedence_of
from tests.tui.conftest import until

HOME = Path(nnviz.tui.__file__).parent
LIBRARIES = ("textual", "rich")

NAMES = {
    "textual.app.App._batch_count": None,
    "textual.app.App._fatal_error": "self",
    "textual.app.App._handle_exception": "self error",
    "textual.app.App._print_error_renderables": "self",
    "textual.app.App._refresh_notifications": "self",
    "textual.app.App._shutdown": "self",
    "textual.drivers.linux_driver.LinuxDriver._file": None,
    "textual.drivers.linux_driver.LinuxDriver._get_terminal_size": "self",
    "textual.drivers.linux_driver.LinuxDriver._in_band_window_resize": None,
    "textual.message_pump.MessagePump._dispatch_message": "self message",
    "textual.message_pump.MessagePump._on_invoke_later": "self message",
    "textual.screen.Screen._compositor": None,
    "textual.screen.Screen._compositor_refresh": "self",
    "textual.screen.Screen._dirty_widgets": None,
    "textual.screen.Screen._invoke_later": "self callback sender",
    "textual.screen.Screen._layout_required": None,
    "textual.screen.Screen._on_timer_update": "self",
    "textual.screen.Screen._watch_maximized": "self previously_maximized maximized",
    "textual._compositor.ChopsUpdate": "chops spans chop_ends",
    "textual._compositor.Compositor": "",
    "textual._compositor.Compositor._dirty_regions": None,
    "textual._compositor.Compositor._get_renders": "self crop",
    "textual._xterm_parser.XTermParser": "debug",
}
"""Where Textual has each name that patches.py uses, and its parameters; None of what is no function."""


def found(name: str) -> object:
    """What has this name in Textual; the name of an attribute that instances get when they are made."""
    parts = name.split(".")
    at = next(i for i, part in enumerate(parts) if part[0].isupper())
    thing: object = None
    try:
        thing = import_module(".".join(parts[:at]))
        for part in parts[at:]:
            given = isinstance(thing, type) and not hasattr(thing, part) and part in given_by(thing)
            thing = part if given else getattr(thing, part)
    except (ImportError, AttributeError) as error:
        pytest.fail(f"Textual has no {name} any more ({error}): see who uses it in nnviz/tui/patches.py")
    return thing


@pytest.mark.parametrize("name", NAMES)
def test_textual_has_it_still_and_it_takes_the_same(name: str) -> None:
    thing, parameters = found(name), NAMES[name]
    if parameters is not None:
        assert callable(thing), f"{name} of Textual is no function any more"
        now = " ".join(inspect.signature(thing).parameters)
        assert now == parameters, (
            f"{name} of Textual takes ({now}) now, and took ({parameters}): see nnviz/tui/patches.py"
        )


def test_the_file_uses_each_of_them_and_no_other() -> None:
    tree = ast.parse(Path(patches.__file__).read_text("utf-8"))
    named = {name.rpartition(".")[2] for name in NAMES}
    used = set(reached_for(tree)) | {name for name, _ in imported(tree)}
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for node in classes:
        used |= borrowed(getattr(patches, node.name), node)
    assert used == named


def test_textual_still_asks_for_the_words_of_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    class Failing(patches.GuardedApp):
        def on_mount(self) -> None:
            raise ValueError("the cause")

    app = Failing()
    app.run(headless=True)
    assert app.return_code == 1, "Textual no longer calls _handle_exception"
    assert not app._exit_renderables, "Textual no longer calls _fatal_error"
    assert capfd.readouterr().err == "ValueError: the cause\n", "Textual no longer calls _print_error_renderables"


async def test_textual_still_hands_every_message_to_dispatch_message() -> None:
    class Heard(patches.GuardedHandlers):
        heard = 0

        def handling(self, message: Message):  # type: ignore[no-untyped-def]
            self.heard += 1
            return super().handling(message)

    async with App[None]().run_test() as pilot:
        widget = Heard()
        await pilot.app.mount(widget)
        await pilot.pause()
        before = widget.heard
        assert before, "Textual no longer calls _dispatch_message"
        widget.post_message(Sent())
        await pilot.pause()
        assert widget.heard > before, "Textual no longer calls _dispatch_message"


async def test_textual_still_gives_callbacks_to_the_screen_on_top() -> None:
    taken: list[Callable[[], object]] = []
    called: list[str] = []

    class Dialog(ModalScreen[None]):
        def _invoke_later(self, callback: Callable[[], object], _: object) -> None:  # type: ignore[override]
            taken.append(callback)

    class Kept(patches.KeptCallbacks):
        pass

    async with App[None]().run_test() as pilot:
        plain, kept = Widget(), Kept()
        await pilot.app.mount(plain, kept)
        await pilot.app.push_screen(Dialog())
        plain.call_after_refresh(called.append, "plain")
        kept.call_after_refresh(called.append, "kept")
        await pilot.pause()
        assert called == ["kept"]
        for callback in taken:
            callback()
        assert called == ["kept", "plain"], "Textual no longer gives callbacks to the screen on top"


async def test_textual_still_calls_watch_maximized() -> None:
    class Large(Widget):
        ALLOW_MAXIMIZE = True

    async with App[None]().run_test() as pilot:
        screen, panel = patches.PlainMaximized(), Large()
        await pilot.app.push_screen(screen)
        await screen.mount(panel)
        assert screen.maximize(panel, container=False)
        await pilot.pause()
        assert screen.maximized is panel
        assert not panel.has_class("-maximized"), "Textual no longer calls _watch_maximized"


class Halved(patches.PartFirst[None]):
    """A screen whose left half is painted first."""

    def part(self) -> list[Region]:
        return [Region(0, 0, 40, 90)]


class Shown(App[None]):
    """Keeps what is written of the screen that is halved: columns and rows, None of what is written whole."""

    written: ClassVar[list[tuple[int, int] | None]] = []

    def _display(self, screen: Screen[object], renderable: object) -> None:
        if isinstance(screen, Halved):
            spans = renderable.spans if isinstance(renderable, ChopsUpdate) else None
            self.written.append(spans and (max(end for _, _, end in spans), len(spans)))
        super()._display(screen, renderable)  # type: ignore[arg-type]


async def test_textual_still_paints_by_compositor_refresh_what_is_in_dirty_regions() -> None:
    async with Shown().run_test(size=(80, 24)) as pilot:
        await pilot.app.push_screen(Halved())
        await pilot.pause()
    assert Shown.written[0] == (40, 24), "Textual no longer paints what is in _compositor._dirty_regions"
    assert len(Shown.written) > 1, "Textual no longer calls _compositor_refresh"
    assert None in Shown.written


class Counted(Widget):
    """A widget of letters that counts the lines that it is asked for."""

    DEFAULT_CSS = "Counted { height: 1fr; }"
    letter, asked = "a", 0

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 (all are alike)
        return Strip([Segment(self.letter * self.size.width)])

    def render_lines(self, crop: Region) -> list[Strip]:
        self.asked += crop.height
        return super().render_lines(crop)


class Sparing(patches.SparingScreen[None]):
    """A screen of three widgets one below the other."""

    def compose(self) -> ComposeResult:
        yield from (Counted(), Counted(), Counted())


class Written(App[None]):
    """An app of which a terminal keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.terminal = pyte.Screen(*SIZE)
        self._stream, self.updates = pyte.Stream(self.terminal), 0

    def get_default_screen(self) -> Screen[None]:
        return Sparing()

    def _display(self, screen: Screen[object], renderable: object) -> None:
        if isinstance(renderable, ChopsUpdate | LayoutUpdate):
            self._stream.feed(renderable.render_segments(self.console))
            self.updates += 1
        super()._display(screen, renderable)  # type: ignore[arg-type]

    def change(self, letter: str, *regions: tuple[int, Region]) -> None:
        """Let the widgets of these numbers have another letter, and be painted in these regions."""
        widgets = list(self.screen.query(Counted))
        for number, region in regions:
            widgets[number].letter = letter
            widgets[number].refresh(region)


SIZE = (90, 36)


async def test_textual_still_paints_what_get_renders_gives() -> None:
    async with Written().run_test(size=SIZE) as pilot:
        app = pilot.app
        assert isinstance(app, Written)
        await until(pilot, lambda: set("".join(app.terminal.display)) == {"a"})
        await pilot.pause()
        widgets = list(app.screen.query(Counted))
        before = [widget.asked for widget in widgets]
        # The first line of the screen, and the last.
        app.change("b", (0, Region(0, 0, 90, 1)), (2, Region(0, 11, 90, 1)))
        await until(pilot, lambda: app.terminal.display[-1] == "b" * 90)
        assert app.terminal.display[0] == "b" * 90
        assert all(line == "a" * 90 for line in app.terminal.display[1:-1])
        asked = [widget.asked - was for widget, was in zip(widgets, before, strict=True)]
        assert asked == [1, 0, 1], "Textual no longer paints by _get_renders, from what is in _dirty_regions"


async def test_much_is_painted_in_pieces_and_what_has_the_focus_comes_first() -> None:
    async with Written().run_test(size=SIZE) as pilot:
        app, whole = pilot.app, Region(0, 0, 90, 12)
        assert isinstance(app, Written)
        await until(pilot, lambda: set("".join(app.terminal.display)) == {"a"})
        last = list(app.screen.query(Counted))[2]
        last.can_focus = True
        app.screen.set_focus(last)
        await pilot.pause()
        seen: list[list[str]] = []
        shown = app._display

        def display(screen: Screen[object], renderable: object) -> None:
            shown(screen, renderable)
            seen.append(app.terminal.display)

        app._display = display  # type: ignore[assignment]
        app.change("b", (0, whole), (1, whole), (2, whole))
        await until(pilot, lambda: set("".join(app.terminal.display)) == {"b"})
        assert seen[0] == ["a" * 90] * 24 + ["b" * 90] * 12
        changed = [sum(a != b for a, b in zip(*pair, strict=True)) for pair in pairwise(seen)]
        assert sum(changed) == 24
        assert all(90 * lines <= patches.PIECE for lines in changed)


async def test_while_a_key_is_on_its_way_nothing_is_painted_but_what_has_the_focus(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nnviz.tui.precedence.LONGEST", 60.0)
    async with Written().run_test(size=SIZE) as pilot:
        app, whole = pilot.app, Region(0, 0, 90, 12)
        precedence = precedence_of(app)
        assert isinstance(app, Written)
        assert isinstance(app.screen, Sparing)
        await until(pilot, lambda: set("".join(app.terminal.display)) == {"a"})
        first, _, last = app.screen.query(Counted)
        last.can_focus = True
        app.screen.set_focus(last)
        await pilot.pause()
        precedence.claim()
        app.change("b", (0, whole), (1, whole), (2, whole))
        first.styles.height = 3
        for _ in range(20):
            await asyncio.sleep(0.002)
        assert set("".join(app.terminal.display)) == {"a"}, "Textual no longer paints by _on_timer_update"
        app.screen.pieces.refresh_focused()
        assert app.terminal.display == ["a" * 90] * 24 + ["b" * 90] * 12
        precedence.release()
        await until(pilot, lambda: set("".join(app.terminal.display)) == {"b"})
        await until(pilot, lambda: first.size.height == 3)
        await until(pilot, lambda: app.terminal.display == [strip.text for strip in patches.screen_strips(app.screen)])


async def test_the_pieces_that_are_left_wait_for_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnviz.tui.precedence.LONGEST", 60.0)
    async with Written().run_test(size=SIZE) as pilot:
        app, whole = pilot.app, Region(0, 0, 90, 12)
        assert isinstance(app, Written)
        await until(pilot, lambda: set("".join(app.terminal.display)) == {"a"})
        await pilot.pause()
        shown = app._display

        def display(screen: Screen[object], renderable: object) -> None:
            shown(screen, renderable)
            precedence_of(app).claim()

        app._display = display  # type: ignore[assignment]
        app.change("b", (0, whole), (1, whole), (2, whole))
        await until(pilot, lambda: precedence_of(app).claimed)
        one = list(app.terminal.display)
        for _ in range(20):
            await asyncio.sleep(0.002)
        assert app.terminal.display == one
        assert set("".join(one)) == {"a", "b"}
        app._display = shown  # type: ignore[method-assign]
        precedence_of(app).release()
        await until(pilot, lambda: set("".join(app.terminal.display)) == {"b"})


def test_a_key_that_takes_long_holds_nothing_back_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("nnviz.tui.precedence.perf_counter", lambda: now)
    precedence = Precedence()
    assert not precedence.claimed
    precedence.claim()
    assert precedence.claimed
    now = 0.04
    # Another key that comes meanwhile does not prolong it.
    precedence.claim()
    assert precedence.claimed
    now = 0.06
    assert not precedence.claimed
    precedence.release()
    precedence.claim()
    assert precedence.claimed
    precedence.release()
    assert not precedence.claimed


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_changes_in_pieces_the_terminal_shows_in_the_end(seed: int) -> None:
    generator = np.random.default_rng(seed)
    async with Written().run_test(size=SIZE) as pilot:
        app = pilot.app
        assert isinstance(app, Written)
        for letter in "bcdefghij":
            for number in generator.permutation(3)[: generator.integers(1, 4)]:
                y, height = generator.integers(0, 12).item(), generator.integers(1, 13).item()
                app.change(letter, (number.item(), Region(0, y, 90, height)))
            if letter == "e":
                # A layout, while pieces may be left.
                next(iter(app.screen.query(Counted))).styles.height = 5
            if generator.random() < 0.5:
                await pilot.pause()
        await until(pilot, lambda: app.terminal.display == [strip.text for strip in patches.screen_strips(app.screen)])
        assert app.updates > 3


# What follows looks for private names elsewhere.


class Through(patches.SeenThrough[None]):
    """A screen with a word."""

    def compose(self) -> ComposeResult:
        yield Label("before")


class Between(ModalScreen[None]):
    """A dialog."""


async def test_textual_still_passes_changes_to_the_top_screen_alone() -> None:
    async with App[None]().run_test(size=(80, 24)) as pilot:
        below = Through()
        for screen in (below, Between(), Between()):
            await pilot.app.push_screen(screen)
        await pilot.pause()
        label = below.query_one(Label)
        label.update("after!")
        for _ in range(50):
            await pilot.pause(0.02)
            shown = "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
            if "after!" in shown:
                break
        assert "after!" in shown, "Textual no longer calls _compositor_refresh with what is in _dirty_regions"


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """What is imported by a private name, or from a private module, of a library: name and module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                path = f"{node.module}.{alias.name}"
                if path.startswith(LIBRARIES) and any(map(is_private, path.split("."))):
                    yield alias.name, path
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith(LIBRARIES) and any(map(is_private, alias.name.split("."))):
                    yield alias.name, alias.name


def defined(tree: ast.AST) -> set[str]:
    """Private names that are given a meaning here: functions, and what is assigned to."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            of_self = isinstance(node, ast.Name) or ast.unparse(node.value) == "self"
            names |= {node.id if isinstance(node, ast.Name) else node.attr} if of_self else set()
    return {name for name in names if is_private(name)}


def reached_for(tree: ast.AST) -> Iterator[str]:
    """Private attributes of anything but `self` that this file does not give to its own classes."""
    own = defined(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            of = ast.unparse(node.value)
            if of == "super()" or (
                of not in ("self", "cls") and node.attr not in own and (of, node.attr) != ("os", "_exit")
            ):
                yield node.attr


@cache
def given_by(cls: type) -> frozenset[str]:
    """Private names that a class of a library gives to its instances."""
    return frozenset(filter(is_private, re.findall(r"self\.(_\w+)(?::[^=\n]+)? =", inspect.getsource(cls))))


def borrowed(cls: type, node: ast.ClassDef) -> set[str]:
    """Private names of a library that a class of ours overrides, or uses of itself."""
    names = {
        each.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute) and ast.unparse(each.value) in ("self", "cls")
    }
    for each in node.body:
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(each.name)
        elif isinstance(each, ast.Assign | ast.AnnAssign):
            targets = each.targets if isinstance(each, ast.Assign) else [each.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    theirs: set[str] = set()
    for base in cls.__mro__:
        if base.__module__.startswith(LIBRARIES):
            theirs |= vars(base).keys() | given_by(base)
    return {name for name in names if is_private(name)} & theirs


def faults(tree: ast.AST, module: ModuleType) -> list[str]:
    """What a file has of a library that is private."""
    said = [f"imports {path}" for _, path in imported(tree)] + [f"reaches for {name}" for name in reached_for(tree)]
    for node in ast.walk(tree):
        cls = getattr(module, node.name, None) if isinstance(node, ast.ClassDef) else None
        if isinstance(node, ast.ClassDef) and isinstance(cls, type):
            said += [f"{node.name} has {name}" for name in sorted(borrowed(cls, node))]
    return said


FILES = [path for path in sorted(HOME.rglob("*.py")) if path.name != "patches.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOME)))
def test_no_other_file_has_a_private_name_of_textual(path: Path) -> None:
    parts = path.relative_to(HOME.parent.parent).with_suffix("").parts
    module = import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    assert not faults(ast.parse(path.read_text("utf-8")), module), f"{path.name}: that belongs into patches.py"


class Sent(Message):
    """Any message."""


class Prying(Screen[None]):
    """As one must not write it."""

    def _on_resize(self) -> None:  # type: ignore[override]
        self._own = self._compositor
        self._size = self.app._driver  # type: ignore[assignment]


def test_a_private_name_is_found_however_it_is_used() -> None:
    source = textwrap.dedent(inspect.getsource(Prying))
    imports = "import textual._context\nfrom textual.widgets._toast import Toast\nfrom textual.keys import _character_to_key\n"
    said = faults(ast.parse(imports + source), inspect.getmodule(Prying))  # type: ignore[arg-type]
    assert said == [
        "imports textual._context", "imports textual.widgets._toast.Toast", "imports textual.keys._character_to_key",
        "reaches for _driver", "Prying has _compositor", "Prying has _on_resize", "Prying has _size",
    ]  # fmt: skip


def test_what_textual_no_longer_has_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Widget, "_on_focus")
    with pytest.raises(pytest.fail.Exception, match=r"textual\.widget\.Widget\._on_focus"):
        found("textual.widget.Widget._on_focus")
    with pytest.raises(pytest.fail.Exception, match=r"textual\._gone\.Thing"):
        found("textual._gone.Thing")
