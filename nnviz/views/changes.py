"""What was changed in a run while it was trained: where, and in words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nnviz import nn
from nnviz.network import Network, Settings, job_of
from nnviz.registry import Spec, Value
from nnviz.run import Change, Changed, Run, place_in

WORDS = {"lr": "rate", "test_share": "test share"}
"""What an argument is called where that is not its name."""

MOST = 3
"""Differences that are named; where there are more, it says so."""


@lru_cache(maxsize=4)
def changes_of(run: Run) -> tuple[Changed, ...]:
    """The changes of a run, in the order of their steps."""
    found = list(run.earlier)
    epochs = used = step = 0
    if run.earlier:
        # The network of the run goes on from there.
        last, count = run.earlier[-1], job_of(run.network).schema.train
        step, (epochs, used) = last.step, divmod(round(last.epoch * count), count)
    former, planned = run.network, run.planned
    begin, begun = former, 0
    for change in run.changes:
        job = job_of(former)
        count = job.schema.train
        epochs, used = _advanced(epochs, used, change.step - step, job.batch, count)
        if not change.joined:
            begin, begun = former, len(found)
        # Those made in a row are one change, which stands where the first was made.
        first = next(iter(found[begun:]), None)
        del found[begun:]
        words = list(_differences(begin, change.network)) or list(_others(change, planned))
        more = f", {len(words) - MOST} more" if len(words) > MOST else ""
        other_loss = former.settings.loss != change.network.settings.loss
        # What was changed and changed back at one step is no change.
        if words:
            found.append(
                Changed(
                    step=first.step if first else change.step,
                    epoch=first.epoch if first else (epochs * count + used) / count,
                    within=first.within if first else used > 0,
                    words=", ".join(words[:MOST]) + more,
                    loss=other_loss,
                )
            )
        if former.settings.data != change.network.settings.data:
            used = place_in(used, count, job_of(change.network).schema.train)
        step, former, planned = change.step, change.network, change.planned
    return tuple(found)


def _advanced(epochs: int, used: int, steps: int, batch: int, count: int) -> tuple[int, int]:
    """Whole epochs and samples of the next one after so many steps, as `batch_bounds` has them."""
    while steps > 0:
        left = count - used
        # A single sample that would be left for the last batch is taken along with the batch before.
        joined = left % batch == 1 and batch > 1 and count % batch != 1
        to_end = max(left // batch, 1) if joined else -(-left // batch)
        if steps < to_end:
            return epochs, used + steps * batch
        epochs, used, steps = epochs + 1, 0, steps - to_end
        # From the beginning on every epoch has as many steps.
        whole = -(-count // batch)
        epochs, steps = epochs + steps // whole, steps % whole
    return epochs, used


def _differences(old: Network, new: Network) -> Iterator[str]:
    """What differs between two networks, a few words each."""
    yield from _settings(old.settings, new.settings)
    before = dict(zip(old.ids, old.layers, strict=True))
    after = dict(zip(new.ids, new.layers, strict=True))
    for at, (own, layer) in enumerate(zip(old.ids, old.layers, strict=True), 1):
        if own not in after:
            yield f"layer {at} {layer.name} deleted"
    for at, (own, layer) in enumerate(zip(new.ids, new.layers, strict=True), 1):
        if own not in before:
            yield f"layer {at} {layer.name} added"
        elif before[own].name != layer.name:
            yield f"layer {at} {before[own].name} → {layer.name}"
        elif before[own] != layer and not _renumbered(before[own], layer, old, new):
            yield f"layer {at} edited"
    if [own for own in old.ids if own in after] != [own for own in new.ids if own in before]:
        yield "layers moved"


def _renumbered(old: Spec, new: Spec, before: Network, after: Network) -> bool:
    """Whether a layer names the same rows as before, whose numbers alone differ, because other layers moved."""
    rows = {a.name for a in nn.layers[new.name].arguments if a.row} if new.name in nn.layers else set()
    names = {name for name, value in new.arguments if old.get(name) != value}
    return names <= rows and all(_row(before, old.get(name)) == _row(after, new.get(name)) for name in names)


def _row(network: Network, number: Value) -> Value:
    """The id of the layer in a row; the number itself where there is none, as for the input."""
    return network.ids[number - 1] if isinstance(number, int) and 0 < number <= len(network.ids) else number


def _settings(old: Settings, new: Settings) -> Iterator[str]:
    yield from _specs(old.data, new.data)
    yield from _specs(old.loss, new.loss)
    yield from _specs(old.optimizer, new.optimizer)
    if old.batch != new.batch:
        yield f"batch {_arrow(old.batch, new.batch)}"
    if old.l1 != new.l1:
        yield f"L1 {_arrow(old.l1, new.l1)}"


def _specs(old: Spec, new: Spec) -> Iterator[str]:
    """Another name, and the arguments that both have with other values."""
    if old.name != new.name:
        yield _arrow(old.name, new.name)
    for name, value in new.arguments:
        before = old.get(name, value)
        if before != value:
            yield f"{WORDS.get(name, name)} {_arrow(before, value)}"


def _others(change: Change, planned: bool) -> Iterator[str]:
    """What a change is where the network is the same."""
    if change.planned != planned:
        yield "tape → plan" if change.planned else "plan → tape"
    if change.weights:
        yield "weights set"


def _arrow(old: Value, new: Value) -> str:
    return " → ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in (old, new))
