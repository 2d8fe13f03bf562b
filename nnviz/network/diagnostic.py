"""What there is to say about a network, and what can be done about it: plain values."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.network.description import Network


@dataclass(frozen=True)
class Fix:
    """An edit that removes an error, or a weakness that `lint` reports.

    Attributes:
        text: what it does, in words.
        network: the network after it.
        restart: whether training starts again with it, from the initial weights; otherwise it goes on where it is.
    """

    text: str
    network: Network
    restart: bool = False


@dataclass(frozen=True)
class Diagnostic:
    """An error that keeps a network from running, or a remark on one that runs.

    Attributes:
        message: what is wrong and why it matters; of an error, in PyTorch's words.
        explanation: where the sizes in it come from.
        fix: what would remove it; None where the user must choose, or there is nothing to change.
        command: the id of the command to go on with; empty where there is none.
        harm: how harmful it is: 0 for a remark, up to 10 where nothing can be learned.
    """

    message: str
    explanation: str = ""
    fix: Fix | None = None
    command: str = ""
    harm: int = 0
