"""Images side by side with a cursor, in half blocks; only those in view are made and painted."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from nnviz.tui.text import clean
from nnviz.tui.widgets.guarded import Guarded
from nnviz.tui.widgets.sample_card import picture_lines
from nnviz.views.gallery import Gallery, Shelves, Shown, shelves

Lines = list[list[Segment]]


class ImageGallery(Guarded, can_focus=True):
    """The listed images; the arrow keys or the mouse choose one."""

    class Chosen(Message):
        """Another image was chosen."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "gallery--title", "gallery--wrong", "gallery--cursor", "gallery--resting",
    }  # fmt: skip
    DEFAULT_CSS = """
    ImageGallery {
        height: 1fr;
        & > .gallery--title { color: $text-muted; }
        & > .gallery--wrong { color: $text-error; text-style: bold; }
        & > .gallery--resting { background: $foreground 15%; color: $foreground; text-style: bold; }
        & > .gallery--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Image", show=False),
        Binding("right", "move(1)", "Image", show=False),
        Binding("up,k", "shelf(-1)", "Image", show=False),
        Binding("down,j", "shelf(1)", "Image", show=False),
        Binding("pageup", "page(-1)", "Images", show=False),
        Binding("pagedown", "page(1)", "Images", show=False),
        Binding("home", "end(-1)", "First", show=False),
        Binding("end", "end(1)", "Last", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._found: Gallery | None = None
        self._first = 0
        self._pictures: dict[int, Lines] = {}
        self._lines: tuple[Size, bool, list[Strip]] | None = None

    def show(self, found: Gallery | None) -> None:
        """Show these images; None if there are none."""
        if found is None or self._found is None or found.source is not self._found.source:
            self._pictures = {}
        self._found, self._lines = found, None
        self.refresh()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._pictures, self._lines = {}, None

    def notify_style_update(self) -> None:
        """The styles have changed."""
        super().notify_style_update()
        self._pictures, self._lines = {}, None

    def render_line(self, y: int) -> Strip:
        """One line."""
        if self._lines is None or self._lines[:2] != (self.size, self.has_focus):
            plain, width = self.rich_style, self.size.width
            self._lines = self.size, self.has_focus, [
                Strip(line).adjust_cell_length(width, plain) for line in self._draw(plain)
            ]  # fmt: skip
        found = self._lines[2]
        return found[y] if y < len(found) else Strip.blank(self.size.width, self.rich_style)

    def _grid(self, found: Gallery) -> Shelves:
        """The shelves at this size, with the cursor in view."""
        grid = shelves(found.shape, *self.size)
        at, last = found.cursor // grid.across, max(found.count - 1, 0) // grid.across
        self._first = min(max(self._first, at - grid.seen + 1), at, max(last - grid.seen + 1, 0))
        return grid

    def _draw(self, plain: Style) -> Lines:
        found = self._found
        if found is None or not found.count or self.size.width < 1 or self.size.height < 2:
            return []
        grid = self._grid(found)
        lines: Lines = []
        for shelf in range(self._first, self._first + grid.seen):
            places = range(shelf * grid.across, min((shelf + 1) * grid.across, found.count))
            lines += self._shelf([(place, found.image(place)) for place in places], grid, plain)
        return lines

    def _shelf(self, images: list[tuple[int, Shown]], grid: Shelves, plain: Style) -> Lines:
        """One line of images: titles, and below them the pictures."""
        lines: Lines = [[] for _ in range(grid.lines)]
        for place, image in images:
            lines[0] += [self._title(place, image, grid.columns), Segment(" ", plain)]
            for line, cells in zip(lines[1:], self._picture(image, grid, plain), strict=True):
                line += [*cells, Segment(" ", plain)]
        return lines

    def _title(self, place: int, image: Shown, columns: int) -> Segment:
        assert self._found is not None  # noqa: S101 (drawn where there is one)
        words = clean(f"{'✗' if image.wrong else ''}{image.words}", 80)
        if cell_len(words) > columns:
            words = f"{set_cell_size(words, columns - 1)}…"
        chosen = "cursor" if self.has_focus else "resting"
        name = chosen if place == self._found.cursor else "wrong" if image.wrong else "title"
        return Segment(set_cell_size(words, columns), self.get_component_rich_style(f"gallery--{name}"))

    def _picture(self, image: Shown, grid: Shelves, plain: Style) -> Lines:
        """The lines of a picture, filled up to the size of all."""
        if image.number not in self._pictures:
            app = self.app
            colored = not (app.no_color or (app.console.color_system is None and not app.is_headless))
            drawn = picture_lines(image.picture, grid.rows, grid.columns, colored, plain)[: grid.rows]
            drawn += [[] for _ in range(grid.rows - len(drawn))]
            self._pictures[image.number] = [
                [*line, Segment(" " * (grid.columns - sum(cell.cell_length for cell in line)), plain)] for line in drawn
            ]
        return self._pictures[image.number]

    def _choose(self, place: int) -> None:
        if self._found is not None and self._found.count:
            self.post_message(self.Chosen(min(max(place, 0), self._found.count - 1)))

    def action_move(self, by: int) -> None:
        """Choose an image beside."""
        if self._found is not None:
            self._choose(self._found.cursor + by)

    def action_shelf(self, by: int) -> None:
        """Choose the image below or above."""
        self._leap(by * self._across)

    def action_page(self, by: int) -> None:
        """Choose an image as many lines further as are in view."""
        if self._found is not None:
            self._leap(by * self._across * shelves(self._found.shape, *self.size).seen)

    def _leap(self, by: int) -> None:
        """Choose an image in another line; in the first and the last line there is none beyond."""
        if self._found is not None and (0 <= self._found.cursor + by < self._found.count or abs(by) > self._across):
            self._choose(self._found.cursor + by)

    @property
    def _across(self) -> int:
        return 1 if self._found is None else shelves(self._found.shape, *self.size).across

    def action_end(self, way: int) -> None:
        """Choose the first image or the last."""
        if self._found is not None:
            self._choose(0 if way < 0 else self._found.count - 1)

    def on_click(self, event: Click) -> None:
        """Choose the image under the mouse."""
        if self._found is None:
            return
        grid = self._grid(self._found)
        column, line = event.x // (grid.columns + 1), event.y // grid.lines
        place = (self._first + line) * grid.across + column
        if column < grid.across and line < grid.seen and place < self._found.count:
            self._choose(place)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Go on by a line."""
        event.stop()
        self.action_shelf(1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Go back by a line."""
        event.stop()
        self.action_shelf(-1)
