"""Fixes: edits that remove an error, each tried on shapes alone before it is offered."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from nnviz import nn
from nnviz.network.candidates import Candidate, candidates_for, last_resorts, last_sized, set_on, sets
from nnviz.network.description import Network
from nnviz.network.diagnostic import Fix
from nnviz.network.job import job_of
from nnviz.network.trace import Trace, trace


def next_error(fix: Fix) -> str:
    """The location of the first error that remains after `fix`; empty if there is none."""
    after = trace(fix.network)
    if after.faulty is None:
        return ""
    if after.faulty == len(after.rows):
        return "the loss is next"
    return f"layer {after.faulty + 1} {fix.network.layers[after.faulty].name[:40]} is next"


def fixes(network: Network) -> list[Fix]:
    """Every fix of the first error that works, the best first; empty if there is no error.

    Each is applied to a copy and traced before it is offered.
    """
    found = trace(network)
    if found.faulty is None:
        return []
    at = found.faulty
    if at == len(network.layers):
        return _that_help(network, at, _with_probabilities(_of_loss(network, found)))
    return _that_help(network, at, candidates_for(network, found, at)) or _that_help(
        network, at, last_resorts(network, at)
    )


def _that_help(network: Network, at: int, candidates: Iterable[Candidate]) -> list[Fix]:
    """The candidates after which the layers up to position `at` run, without duplicates."""
    offers: dict[Network, Fix] = {}
    for text, changed in candidates:
        if _helps(changed, at + len(changed.layers) - len(network.layers)):
            offers.setdefault(changed, Fix(text, changed))
    return list(offers.values())


def _with_probabilities(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """The same, with what makes probabilities at the end where the loss takes those and nothing makes them."""
    for text, changed in candidates:
        loss = nn.loss_class(changed.settings.loss)
        made = bool(changed.layers) and nn.facts_of(changed.layers[-1]).probabilities
        if loss is not None and loss.wants == "probabilities" and loss.made_by is not None and not made:
            last = nn.usual.plain(loss.made_by)
            changed = changed.insert(len(changed.layers), last)
            text = f"{text}, and add {last.name}"
        yield text, changed


def fix_all(network: Network) -> tuple[Network, list[str]]:
    """Apply the first fix of each error in turn until none is left or none helps; and what was done, in words."""
    done: list[str] = []
    # Each fix moves the first error further down, so there are at most as many as rows.
    for _ in range(2 * len(network.layers) + 2):
        options = fixes(network)
        if not options:
            break
        done.append(options[0].text)
        network = options[0].network
    return network, done


def fit_to_data(network: Network) -> tuple[Network, list[str]]:
    """Make a stack fit its data set: the loss for its task, as many outputs as it has classes, and every fix."""
    if not network.layers:
        return _with_loss_for_task(network)
    network, done = _with_loss_for_task(network)
    network, more = fix_all(network)
    outputs, last = _outputs(network), last_sized(network)
    if last is not None and network.layers[last]["out_features"] != outputs:
        network = set_on(network, last, out_features=outputs)
        more.append(sets(network, last, out_features=outputs))
    network, rest = fix_all(network)
    return network, done + more + rest


def _helps(network: Network, at: int) -> bool:
    """Whether the layers up to position `at` have no error."""
    faulty = trace(network).faulty
    return faulty is None or faulty > at


def _of_loss(network: Network, found: Trace) -> Iterator[Candidate]:
    fitting, done = _with_loss_for_task(network)
    if done:
        yield done[0], fitting
        last, needed = last_sized(fitting), _outputs(fitting)
        if last is not None and fitting.layers[last]["out_features"] != needed:
            text = f"{done[0]}, and {sets(fitting, last, out_features=needed)}"
            yield text, set_on(fitting, last, out_features=needed)
    outputs = _outputs(network)
    first = next((i for i, spec in enumerate(network.layers) if nn.facts_of(spec).linear), None)
    if found.output is not None and len(found.output) > 2 and first is not None and found.rows[first].input is not None:
        features = math.prod((found.rows[first].input or ())[1:])
        flatten = nn.usual.flatten()
        flat = network.insert(first, flatten)
        text = f"insert {flatten.name} above layer {first + 1}, in_features = {features}"
        yield text, set_on(flat, first + 1, in_features=features)
    last = last_sized(network)
    readings = list(read_out(network, found.output, outputs)) if found.output is not None else []
    if ends_hidden(network):
        yield from readings
    if last is not None and network.layers[last]["out_features"] != outputs:
        yield sets(network, last, out_features=outputs), set_on(network, last, out_features=outputs)
    yield from readings


def ends_hidden(network: Network) -> bool:
    """Whether the stack ends in an activation that hidden layers have, so that what reads it out is missing."""
    last = network.layers[-1] if network.layers else None
    if last is None or last.name not in nn.layers or nn.layers[last.name].category != "activation":
        return False
    facts = nn.facts_of(last)
    return not facts.probabilities and not facts.log_probabilities


def read_out(network: Network, shape: tuple[int, ...], outputs: int) -> Iterator[Candidate]:
    """What makes any output as many numbers as are wanted: a linear layer, of an image below what flattens it."""
    end = len(network.layers)
    features = math.prod(shape[1:])
    last, flatten = nn.usual.linear(features, outputs), nn.usual.flatten()
    added = nn.layers.label(last)
    if len(shape) > 2:
        yield f"add {flatten.name} and {added}", network.insert(end, flatten).insert(end + 1, last)
    elif len(shape) == 2:
        yield f"add {added}", network.insert(end, last)


def _with_loss_for_task(network: Network) -> tuple[Network, list[str]]:
    settings, job = network.settings, job_of(network)
    task = job.schema.task
    loss = nn.usual.loss_for(task)
    if (job.loss.target != "values") == (task == "classification"):
        return network, []
    return network.configure(replace(settings, loss=loss)), [f"use {loss.name}, made for {task}"]


def _outputs(network: Network) -> int:
    """How many numbers the last layer must give."""
    return job_of(network).outputs
