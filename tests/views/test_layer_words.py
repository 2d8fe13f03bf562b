"""What the layer page says of a weight, without a screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nnviz.lab import Lab
from nnviz.network import opening
from nnviz.run import Run, Trainer
from nnviz.run.queries import LayerParameter, NeuronsSeen, ParameterSeen, spread_of
from nnviz.views import layer, why
from nnviz.views.neurons import neuron_view


def seen_after(steps: int) -> ParameterSeen:
    trainer = Trainer(Run(opening()))
    trainer.recorder.on = True
    taken = trainer.steps()
    for _ in range(steps):
        next(taken)
    return trainer.observe(LayerParameter(trainer.network.ids[0]))


def test_the_share_of_a_move_is_not_called_a_gradient() -> None:
    seen = seen_after(2)
    words = why.sentence((0, 0), seen)
    assert " by gradient" in words
    assert "gradient −" not in words
    assert "gradient +" not in words


def test_after_an_edit_it_is_not_said_that_no_step_was_recorded_yet() -> None:
    edited = replace(seen_after(2), moved=None)
    assert "step 2 is not known" in layer.why_lines(Lab(opening()), edited)[0]
    assert layer.why_lines(Lab(opening()), replace(edited, step=0)) == [layer.NO_STEP]


def test_a_unit_that_gives_one_number_says_it() -> None:
    maps, image = np.array([1.25, -0.5]).reshape(2, 1, 1), np.ones((1, 2, 2))
    spreads = tuple(spread_of(one.ravel()) for one in maps)
    made = NeuronsSeen("image", maps, (), 2, spreads, np.zeros(2), 0, 9, image, np.arange(8.0).reshape(2, 4))
    found = neuron_view(Lab(opening()), 0, made)
    assert found is not None
    tiles = [tile for group in found.tiles[1:] for tile in group]
    assert [tile.title for tile in tiles] == ["w 0 → 1.250", "w 1 → −0.500"]
    assert [tile.titled(6) for tile in tiles] == ["1.250", "−0.500"]
