"""What is wrong with the present network and its run: one list, the most harmful first, for the screen and for `f`."""

from __future__ import annotations

from nnviz.lab.lab import Lab
from nnviz.lab.remedies import diagnose, smaller_rate
from nnviz.network import Diagnostic, Fix, Network, lint
from nnviz.run import Health

STOPPED = 11
"""The harm of what has stopped training: more than that of anything else."""


HOPELESS = 9
"""From this harm on, nothing can be learned whatever the numbers of the run are: they only follow from it."""


def diagnostics_of(network: Network, health: Health | None) -> tuple[Diagnostic, ...]:
    """What is wrong with a network that can run, from its description and from its run, the most harmful first."""
    found = list(lint(network))
    if health is not None and all(one.harm < HOPELESS for one in found):
        found += diagnose(network, health)
    return tuple(sorted(found, key=lambda one: -one.harm))


def diagnostics(lab: Lab) -> tuple[Diagnostic, ...]:
    """What is wrong with the present network and its run, the most harmful first; empty where it has an error."""
    if not lab.valid:
        return ()
    failure, health = lab.status.failure, lab.status.health
    if failure is not None and failure.diverged:
        fix = smaller_rate(lab.network, health)
        return (Diagnostic(failure.message, failure.hint, fix, harm=STOPPED), *diagnostics_of(lab.network, None))
    return diagnostics_of(lab.network, health)


def suggested_fixes(lab: Lab) -> list[Fix]:
    """What would repair it, the most harmful first."""
    return [one.fix for one in diagnostics(lab) if one.fix is not None]
