"""What the program does with the network that was kept when it ended by a fault."""

from __future__ import annotations

from pathlib import Path

from nnviz.errors import NnvizError
from nnviz.tui.text import clean
from nnviz.tui.workbench import Workbench


class RescueActions(Workbench):
    """Offer to open it."""

    def offer_rescued(self) -> None:
        """Ask whether to open the network that was kept, if one was."""
        # Imported when it is asked for, so that the program opens sooner.
        from nnviz.tui.rescue import rescued_path

        path = rescued_path()
        if path is None or not path.is_file():
            return
        from nnviz.tui.screens.choices import Choice, ChoiceScreen

        choices = [
            Choice(
                "Open the network it had", "Its layers, settings and what it had learned. Undo brings this one back."
            ),
            Choice("Begin with this one", f"The file stays as {clean(_aside(path), 300)}, and is not offered again."),
        ]

        def done(number: int | None) -> None:
            if number is not None:
                self._take_rescued(path, opens=number == 0)

        self.app.push_screen(ChoiceScreen("The program was ended by a fault", choices), done)

    def _take_rescued(self, path: Path, opens: bool) -> None:
        from nnviz.tui.rescue import read_rescued, refusal

        aside = _aside(path)
        try:
            # Before it is opened: if that ends the program, it is not tried again at every start.
            path.replace(aside)
            if opens:
                self.begin(read_rescued(aside), 1)
                self.say("This is the network that was kept.", "{undo} brings the other one back.")
        except (NnvizError, OSError) as error:
            self.say(f"{clean(path.name)} was not opened: {clean(refusal(error), 300)}.", severity="error")


def _aside(path: Path) -> Path:
    """Where the file goes once it was offered."""
    return path.with_name("rescued-before.safetensors")
