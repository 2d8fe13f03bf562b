"""An exception while a panel is drawn or handles a message replaces that panel's picture; the program goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import perf_counter

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from nnviz.tui.patches import GuardedHandlers
from nnviz.tui.report import in_words, where_to_report, write_report


def error_text(error: BaseException) -> str:
    """What is shown in place of a picture: what went wrong, that the rest goes on, and where to report it."""
    report = where_to_report(write_report(error))
    return f"✗ This could not be drawn: {in_words(error)}. The rest goes on, and nothing is lost. {report}"


class OnPage(GuardedHandlers):
    """A widget whose page shows the exceptions of its message handlers."""

    def handling(self, message: Message) -> AbstractContextManager[None]:
        """Catch what a handler raises, where the widget is on a page."""
        page = page_of(self)
        return nullcontext() if page is None else page.errors.catch(f"{id(self)}.{message.handler_name}")


class Guarded(OnPage):
    """A widget that shows an error in its own place when its rendering raises.

    The picture returns as soon as it can be rendered again. List this class after a Textual base class: styles are
    inherited through the first base only.
    """

    _unpainted: str | None = None
    _kept: dict[str, Style] | None = None

    def part(self, name: str = "") -> Style:
        """The style of a component, or of all else; kept, because Textual computes it from all ancestors each time."""
        kept = self._kept = {} if self._kept is None else self._kept
        if name not in kept:
            kept[name] = self.get_component_rich_style(name) if name else self.rich_style
        return kept[name]

    def notify_style_update(self) -> None:
        """The styles have changed."""
        super().notify_style_update()
        self._kept = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Render the widget, or the error."""
        before, begin = self._unpainted, perf_counter()
        try:
            lines = super().render_lines(crop)
            self._unpainted = None
        except Exception as error:
            self._unpainted = error_text(error)
            lines = _text_lines(self._unpainted, crop, self.rich_style)
        _charge(self, begin)
        if self._unpainted != before:
            # This render may have covered only a part of the widget.
            self.call_later(self.refresh)
        return lines


def _charge(widget: Widget, begin: float) -> None:
    """Note on the page of a widget that it has been painted since then."""
    if (page := page_of(widget)) is not None:
        page.painting += perf_counter() - begin


def _text_lines(text: str, crop: Region, style: Style) -> list[Strip]:
    """The lines of a wrapped text within `crop`."""
    width = crop.right
    texts = [line.plain for line in Content(text).wrap(width)] if width > 0 else []
    strips = [Strip([Segment(text, style)]).adjust_cell_length(width, style) for text in texts]
    strips += [Strip.blank(width, style)] * max(crop.bottom - len(strips), 0)
    return [strip.crop(crop.x, crop.right) for strip in strips[crop.y : crop.bottom]]


class Trouble(Static):
    """The text that covers a page that could not be drawn."""

    DEFAULT_CSS = """
    Trouble { layer: trouble; width: 100%; height: 100%; background: $background; color: $text-error; }
    """


class ErrorOverlay:
    """Covers a page with the error while a part of it cannot be drawn.

    Args:
        page: the widget to cover.
    """

    def __init__(self, page: Widget) -> None:
        self._page = page
        self._errors: dict[str, str] = {}
        self._depth = 0
        self._over: Trouble | None = None

    @contextmanager
    def catch(self, part: str, whole: bool = False) -> Iterator[None]:
        """Show what the block raises.

        Args:
            part: what the block draws. Drawing the same part again without an error removes the error.
            whole: whether the block draws the whole page, which removes the errors of all parts but handlers.
        """
        before = dict(self._errors)
        if whole and not self._depth:
            # The error of a handler stays until that handler runs again.
            self._errors = {one: text for one, text in self._errors.items() if "." in one}
        self._errors.pop(part, None)
        self._depth += 1
        try:
            yield
        except Exception as error:
            self._errors[part] = error_text(error)
        finally:
            self._depth -= 1
        if not self._depth and self._errors != before:
            self._update()

    def _update(self) -> None:
        """Show the first error, or uncover the page if there is none."""
        text = next(iter(self._errors.values()), None)
        if text is None:
            if self._over is not None:
                self._over.display = False
        elif self._over is None:
            self._over = Trouble(Content(text))
            # A page that is being removed needs no text.
            if self._page.is_attached:
                self._page.call_later(self._page.mount, self._over)
        else:
            self._over.update(Content(text))
            self._over.display = True


class Page(OnPage):
    """A part of the screen that can fail alone.

    Attributes:
        errors: shows what its drawing and the handlers of its widgets raise.
        painting: seconds that its widgets have been painted since it was drawn last.
    """

    DEFAULT_CSS = "Page { layers: default trouble; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.errors = ErrorOverlay(self)
        self.painting = 0.0


def page_of(widget: Widget) -> Page | None:
    """The page that contains a widget, or the widget itself if it is one."""
    return next((node for node in widget.ancestors_with_self if isinstance(node, Page)), None)
