"""Whatever goes wrong while a page is made or painted ends that page's picture, not the program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from nnviz.tui.patches import GuardedHandlers
from nnviz.tui.report import in_words, where_to_report, write_report


def words_for(error: BaseException) -> str:
    """What stands in place of a picture: what went wrong, that the rest goes on, and where to report it."""
    report = where_to_report(write_report(error))
    return f"✗ This could not be drawn: {in_words(error)}. The rest goes on, and nothing is lost. {report}"


class Guarded(GuardedHandlers):
    """A widget that may fail alone: where its painting raises, the words of the error stand in its place.

    Of several bases it stands behind Textual's own: styles are inherited by way of the first alone.

    As soon as it can be painted, its picture stands there again. What raises while it handles a message is the affair
    of the page it stands on.
    """

    _unpainted: str | None = None

    def handling(self, message: Message) -> AbstractContextManager[None]:
        """What a handler raises is told on the page."""
        page = page_of(self)
        return nullcontext() if page is None else page.surviving(f"{id(self)}.{message.handler_name}")

    def render_lines(self, crop: Region) -> list[Strip]:
        """The picture, or why there is none."""
        before = self._unpainted
        try:
            lines = super().render_lines(crop)
            self._unpainted = None
        except Exception as error:
            self._unpainted = words_for(error)
            lines = self._excuse(self._unpainted, crop)
        if self._unpainted != before:
            # A part of it may have been painted alone.
            self.call_later(self.refresh)
        return lines

    def _excuse(self, words: str, crop: Region) -> list[Strip]:
        """These words instead of the lines within `crop`."""
        width, style = crop.right, self.rich_style
        texts = [line.plain for line in Content(words).wrap(width)] if width > 0 else []
        strips = [Strip([Segment(text, style)]).adjust_cell_length(width, style) for text in texts]
        strips += [Strip.blank(width, style)] * max(crop.bottom - len(strips), 0)
        return [strip.crop(crop.x, crop.right) for strip in strips[crop.y : crop.bottom]]


class Trouble(Static):
    """The words that lie over a page that could not be made."""

    DEFAULT_CSS = """
    Trouble { layer: trouble; width: 100%; height: 100%; background: $background; color: $text-error; }
    """


class Page(Guarded):
    """A part of the screen whose making may fail alone: words lie over it then, until it can be made again."""

    DEFAULT_CSS = "Page { layers: default trouble; }"
    _depth = 0

    def __init__(self, *children: Widget, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(*children, id=id, classes=classes)
        self._troubles: dict[str, str] = {}
        self._over: Trouble | None = None

    @contextmanager
    def surviving(self, part: str, whole: bool = False) -> Iterator[None]:
        """What raises within is told on the page.

        Args:
            part: what is made; that it can be made again ends its trouble.
            whole: whether all of the page is made anew, so that older troubles are over.
        """
        before = dict(self._troubles)
        if whole and not self._depth:
            # What a handler met stays until that is called again.
            self._troubles = {one: words for one, words in self._troubles.items() if "." in one}
        self._troubles.pop(part, None)
        self._depth += 1
        try:
            yield
        except Exception as error:
            self._troubles[part] = words_for(error)
        finally:
            self._depth -= 1
        if not self._depth and self._troubles != before:
            self._tell()

    def _tell(self) -> None:
        """Lay the words of the first trouble over the page, or take them away."""
        words = next(iter(self._troubles.values()), None)
        if words is None:
            if self._over is not None:
                self._over.display = False
        elif self._over is None:
            self._over = Trouble(Content(words))
            # A page that goes away needs no words.
            if self.is_attached:
                self.call_later(self.mount, self._over)
        else:
            self._over.update(Content(words))
            self._over.display = True


def page_of(widget: Widget) -> Page | None:
    """The page that a widget stands on; itself where it is one."""
    return next((node for node in widget.ancestors_with_self if isinstance(node, Page)), None)
