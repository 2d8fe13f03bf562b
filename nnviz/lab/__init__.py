"""The state of the program as one frozen value, and the commands that compute the next state from it."""

from nnviz.lab.command import Command, Result
from nnviz.lab.commands import COMMANDS, clashes
from nnviz.lab.lab import EPOCH_A_PICTURE, PACES, DataPlace, Entry, Lab, PendingChange, Status, WalkPlace
from nnviz.lab.texts import literal, with_keys

__all__ = [
    "COMMANDS",
    "EPOCH_A_PICTURE",
    "PACES",
    "Command",
    "DataPlace",
    "Entry",
    "Lab",
    "PendingChange",
    "Result",
    "Status",
    "WalkPlace",
    "clashes",
    "literal",
    "with_keys",
]
