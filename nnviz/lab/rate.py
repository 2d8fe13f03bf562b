"""The learning rate by a key each way, also while the network trains."""

from __future__ import annotations

import math
from dataclasses import replace

from nnviz import optim
from nnviz.lab.command import Result
from nnviz.lab.edits import edit, edit_toast, replace_run, resume_after, revised
from nnviz.lab.effects import EndRow, Toast
from nnviz.lab.lab import Lab, PendingChange
from nnviz.network import Network, with_rate

LEAST, MOST = 1e-8, 1e3
"""The keys go no further; the settings take any rate."""


def stepped(rate: float, by: int) -> float:
    """The next rate of 1, 3, 10, 30, ... above `rate`, or below it.

    Args:
        rate: more than 0.
        by: 1 for the next above, −1 for the next below.
    """
    exponent = math.floor(math.log10(rate))
    # Written as decimals, so that ten steps up and ten down lead to the same number.
    ladder = [float(f"{digit}e{exponent + more}") for more in (-1, 0, 1, 2) for digit in (1, 3)]
    if by > 0:
        return next(one for one in ladder if one > rate * (1 + 1e-9))
    return next(one for one in reversed(ladder) if one < rate * (1 - 1e-9))


def usual_rate(network: Network) -> float:
    """The default rate of the network's optimizer."""
    name = network.settings.optimizer.name
    usual = optim.optimizers[name].arguments if name in optim.optimizers else ()
    return next((float(str(one.default)) for one in usual if one.name == "lr"), 0.001)


def rate(lab: Lab, by: int) -> Result:
    """The next rate up or down. Presses in a row one way are one edit, and one mark on the loss."""
    optimizer = lab.network.settings.optimizer
    now = float(str(optimizer.get("lr")))
    if now == 0 and by < 0:
        return lab, (Toast("The rate is 0 already.", "{rate_up} raises it."),)
    chosen = stepped(now, by) if now else usual_rate(lab.network)
    if now and not LEAST <= chosen <= MOST:
        return lab, (Toast(f"The keys go no further than a rate of {now:g}.", "{settings} takes any."),)
    network = with_rate(lab.network, chosen)
    if _same_row(lab, now, by):
        present = revised(lab, PendingChange(network, {}, lab.present.planned, joined=True))
        after, effects = replace_run(replace(lab, present=present, future=()), lab)
        after = resume_after(after, lab)
    else:
        after, effects = edit(lab, network)
    after = replace(after, stepping=len(after.past))
    return after, (*effects, *edit_toast(after, f"The rate is {chosen:g}."), EndRow())


def _same_row(lab: Lab, now: float, by: int) -> bool:
    """Whether a press belongs to the row before: the way back is another, because there is a peak to be seen."""
    if lab.stepping != len(lab.past) or not lab.past:
        return False
    began = float(str(lab.past[-1].network.settings.optimizer.get("lr")))
    return (now - began) * by >= 0


def end_row(lab: Lab) -> Result:
    """No key of the rate was pressed for a while: the next one is another edit."""
    return replace(lab, stepping=None), ()
