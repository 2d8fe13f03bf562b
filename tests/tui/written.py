"""What tests draw is also put into the words of a terminal, which Textual does only where there is one.

A place of the screen that nothing covers raises there, and nowhere before.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.screen import Screen


@pytest.fixture(autouse=True, scope="session")
def written() -> Iterator[None]:
    """Programs without a terminal fail as they would in one."""
    display = App._display

    def write(app: App[object], screen: Screen[object], drawn: RenderableType | None) -> None:
        if isinstance(drawn, CompositorUpdate) and app._running and not (app._batch_count or app._closed):
            try:
                drawn.render_segments(app.console)
            except Exception as error:
                app._handle_exception(error)
        display(app, screen, drawn)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(App, "_display", write)
        yield
