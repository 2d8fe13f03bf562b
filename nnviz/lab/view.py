"""The commands on what is shown."""

from __future__ import annotations

from dataclasses import replace

from nnviz.lab.command import Result
from nnviz.lab.effects import GoToPanel, Help, LeaveWalk, NextTheme, Open, OpenPalette, Quit, Show
from nnviz.lab.lab import Lab


def panel(lab: Lab, number: int) -> Result:
    """Go to a panel; pressed again, it fills the screen, and once more gives it back."""
    return lab, (GoToPanel(number),)


def plan_view(lab: Lab) -> Result:
    """The graph as a picture, or tape and plan side by side."""
    lab = lab.with_walk(playing=False)
    if lab.graph == "walk":
        return replace(lab, graph="picture"), (LeaveWalk(), Show("graph"))
    return replace(lab, graph="plan" if lab.graph == "picture" else "picture"), (Show("graph"),)


def log_scale(lab: Lab) -> Result:
    """The loss on a logarithmic axis, or a plain one."""
    return replace(lab, log_scale=not lab.log_scale), ()


def select(lab: Lab, row: int) -> Result:
    """Select this row."""
    return lab.select(row), ()


def select_by(lab: Lab, by: int) -> Result:
    """Select another row."""
    return lab.select(lab.row + by), ()


def palette(lab: Lab) -> Result:
    """Find a command by name."""
    return lab, (OpenPalette(),)


def theme(lab: Lab) -> Result:
    """The next theme."""
    return lab, (NextTheme(),)


def show_help(lab: Lab) -> Result:
    """What to look for in this panel, how to begin, and all keys."""
    return lab, (Open(Help()),)


def leave_program(lab: Lab) -> Result:
    """End the program."""
    return lab, (Quit(),)
