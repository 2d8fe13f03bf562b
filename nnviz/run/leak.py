"""How many of the test samples a run was trained on before its test share was changed."""

from __future__ import annotations

from nnviz.data import Schema
from nnviz.network import job_of
from nnviz.run.run import Run


def trained_before(run: Run, step: int, now: Schema) -> int | None:
    """How many of the test samples were trained on in earlier steps; None where some were, but not known how many.

    The samples stand in one order, of which the training set is the first part: of two training sets, the smaller lies
    in the larger one. Where the samples at the end are held back in place of random ones, the order is another.

    Args:
        run: the run.
        step: how many steps were taken.
        now: the data as they are now.
    """
    taken = [run.network, *(change.network for change in run.changes if change.step < step)] if step else []
    schemas = [job_of(network).schema for network in taken]
    if any(schema.test_last != now.test_last for schema in schemas):
        return None
    return max([schema.train - now.train for schema in schemas] + [0])
