"""Moments for a pipe: an observation that has not changed since the last moment is not sent again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nnviz.engine.messages import Moment
from nnviz.run import Observation, Query

Observations = dict[Query[Observation], Observation]


@dataclass(frozen=True, eq=False)
class Same(Observation):
    """Stands for the observation that was sent last."""


class Packer:
    """The sending end."""

    def __init__(self) -> None:
        self._sent: Observations = {}

    def pack(self, moment: Moment) -> Moment:
        """The moment as it is sent."""
        packed = {
            query: Same() if self._sent.get(query) is found else found for query, found in moment.observations.items()
        }
        self._sent = dict(moment.observations)
        return replace(moment, observations=packed)


class Unpacker:
    """The receiving end. It must receive all moments, in sequence."""

    def __init__(self) -> None:
        self._received: Observations = {}

    def unpack(self, moment: Moment) -> Moment:
        """The moment as it was."""
        self._received = {
            query: self._received[query] if isinstance(found, Same) else found
            for query, found in moment.observations.items()
        }
        return replace(moment, observations=self._received)
