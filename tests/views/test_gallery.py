"""The listed images side by side: the grid fits, and the images are those of the list in its order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nnviz.files.opened import open_model
from nnviz.lab import Lab
from nnviz.lab.lab import Entry
from nnviz.lab.samples import gallery
from nnviz.run import Run, Trainer
from nnviz.run.queries import Judgements, SamplesOf
from nnviz.views import data
from nnviz.views.gallery import shelves
from tests.lab.test_lab import moment


@given(st.tuples(st.integers(1, 256), st.integers(1, 256)), st.integers(1, 200), st.integers(2, 60))
def test_a_grid_fits_into_its_place(shape: tuple[int, int], width: int, height: int) -> None:
    grid = shelves(shape, width, height)
    assert min(grid) >= 1
    assert grid.across * (grid.columns + 1) <= width + 1
    assert grid.seen * grid.lines <= height


def test_the_images_are_those_of_the_list() -> None:
    lab = Lab(Entry(Run(open_model("digits 64-8-10 relu seed:1").network)))
    trainer = Trainer(lab.run)
    queries = (Judgements("test"), SamplesOf("test"))
    seen = replace(moment(0, 0, False), observations={query: trainer.observe(query) for query in queries})
    for place in ({}, {"wrong": True}, {"order": "confidence"}, {"cell": (3, 3), "row": 5}):
        found = data.view(lab.with_data(**place), seen)
        images = found.gallery
        assert images is not None
        assert [images.image(at).number for at in range(images.count)] == found.rows.tolist()
        if not images.count:
            continue
        assert found.sample is not None
        shown = images.image(images.cursor)
        assert shown.number == found.sample.number
        assert shown.wrong == ("✗ wrong" in found.sample.lines[2])
        assert ("→" in shown.words) == shown.wrong
        np.testing.assert_array_equal(shown.picture.pixels, found.sample.picture.pixels)  # type: ignore[union-attr]


def test_where_there_are_no_images_it_is_said() -> None:
    points = Lab(Entry(Run(open_model("spiral 2-8-2 tanh").network)))
    after, (said,) = gallery(points)
    assert after is points
    assert "no images" in said.text  # type: ignore[union-attr]
    images = Lab(Entry(Run(open_model("digits 64-8-10 relu").network))).with_data(matrix=True)
    assert gallery(images)[0].data == replace(images.data, gallery=True, matrix=False)
