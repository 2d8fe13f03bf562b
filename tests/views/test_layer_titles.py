"""The title of the layer page at the widths that it has: never cut where a shorter one says which parameter it is."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.engine import Moment
from nnviz.files.opened import open_model
from nnviz.lab import Lab
from nnviz.lab.lab import Entry
from nnviz.run import Run, Trainer
from nnviz.run.queries import LayerParameter
from nnviz.views import layer
from tests.lab.test_lab import moment


def seen(lab: Lab) -> Moment:
    trainer = Trainer(lab.run)
    trainer.recorder.on = True
    next(trainer.steps())
    query = layer.query_of(lab)
    assert isinstance(query, LayerParameter)
    found = moment(0, 1, False)
    found.observations[query] = trainer.observe(query)  # type: ignore[index]
    return found


@pytest.mark.parametrize("line", ["spiral 2-16-2 tanh", "digits 64-128-10 relu"])
def test_titles_and_norms_are_as_wide_as_the_page(line: str) -> None:
    lab = Lab(Entry(Run(open_model(line).network)))
    lab = lab.select(2 if "digits" in line else 1)
    found = seen(lab)
    wide = layer.view(lab, found, 200)
    assert "weight, 1 of 2 parameters" in wide.title
    for width in range(33, 120):
        shown = layer.view(lab, found, width)
        assert len(shown.title) <= width - layer.BORDER
        assert "weight" in shown.title
        norms = [text for text in shown.numbers if "‖" in text]
        assert [text.split()[-1] for text in norms[:2]] == [text.split()[-1] for text in wide.numbers[1:3]]
        assert all(len(text.partition("  steps")[0]) <= width for text in norms)
    assert np.isfinite(float(wide.strong.split(" = ")[1].split(";")[0]))
