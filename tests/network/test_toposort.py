"""Kahn's counters: of a walk's own stops, and of what is shown where layers are folded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.network import PRESETS, opening, outline

STACKS = {p.name: p.make() for p in PRESETS if p.name not in ("Broken", "Empty")}


@pytest.mark.parametrize("name", STACKS)
@given(share=st.floats(0, 1), folds=st.sets(st.integers(0, 11)))
def test_what_waits_for_nothing_is_ready_and_the_next_stop_always_is(name: str, share: float, folds: set[int]) -> None:
    order = outline(STACKS[name]).toposort(tuple((layer, f"folded {layer}") for layer in sorted(folds)))
    at = ([0, *order.stops])[int(share * len(order.stops))]
    ready = order.ready(at)
    later = [position for position in order.stops if position > at]
    if later:
        assert later[0] in ready
    for position in order.stops:
        assert all(need < position and need in order.stops for need in order.needs(position))
        waits = order.waiting(position, at)
        assert all(need > at for need in waits)
        assert (position in ready) == (position > at and not waits)


def test_a_folded_layer_waits_for_what_its_operations_read_of_others() -> None:
    """Linear, Tanh, Linear, Tanh, Linear, all folded: each waits for the one above, the first for nothing."""
    found = outline(opening())
    order = found.toposort(tuple(enumerate(("one", "two", "three", "four", "five"))))
    ahead = [position for position in order.stops if position <= found.forward]
    assert [order.name(position) for position in ahead[:3]] == ["3 one", "4 two", "7 three"]
    assert [order.needs(position) for position in ahead[:5]] == [(), (3,), (4,), (7,), (8,)]
    assert order.ready(0) == [3]
    assert order.ready(3) == [4]
    assert [order.name(position) for position in order.stops[-4:]] == ["∂ 1 one", "Δ 2 one", "Δ 4 three", "Δ 6 five"]
    assert [order.name(need) for need in order.needs(order.stops[-1])] == ["∂ 9 five"]
