"""Pictures of a part of the screen: what stands in a panel or a dialog, whatever stands around it."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console
from rich.segment import Segment, Segments
from textual.pilot import Pilot
from textual.widget import Widget


async def picture(pilot: Pilot[Any], of: str) -> str:
    """The region of the widget `of` on the top screen, as an SVG."""
    await pilot.pause()
    await pilot.wait_for_scheduled_animations()
    await pilot.pause()
    screen = pilot.app.screen
    region = screen.query_one(of, Widget).region.intersection(screen.region)
    strips = screen._compositor.render_strips()[region.y : region.bottom]
    console = Console(
        width=region.width, height=region.height, file=io.StringIO(), record=True, force_terminal=True, color_system="truecolor",
        legacy_windows=False, safe_box=False,
    )  # fmt: skip
    for strip in strips:
        console.print(Segments([*strip.crop(region.x, region.right), Segment.line()]), end="")
    return console.export_svg(title="", unique_id="terminal")
