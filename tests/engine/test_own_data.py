"""A file of data in the engine's own process: it loads it, and says so if the file is gone."""

from __future__ import annotations

from pathlib import Path

from nnviz.data import file_spec
from nnviz.engine import Train
from nnviz.engine.messages import Failed
from nnviz.network import on_data
from nnviz.run import Run, Trainer
from tests.data.own import WINE, written
from tests.engine.test_process_engine import Heard, heard

__all__ = ["heard"]  # the fixture


def test_it_trains_as_in_this_process(heard: Heard, tmp_path: Path) -> None:
    run = Run(on_data(file_spec(written(tmp_path, WINE))))
    heard.engine.start(1, run, train=Train(steps=12))
    there = heard.moment(lambda moment: moment.step == 12 and not moment.running)
    here = Trainer(run)
    steps = here.steps()
    for _ in range(12):
        next(steps)
    assert there.now == here.evaluate()


def test_a_file_that_is_gone_is_named(heard: Heard, tmp_path: Path) -> None:
    path = written(tmp_path, WINE)
    run = Run(on_data(file_spec(path)))
    Path(path).unlink()
    heard.engine.start(1, run, train=Train())
    failed = heard.until(lambda event: isinstance(event, Failed))
    assert isinstance(failed, Failed)
    assert "wine.csv: there is no such file" in failed.message
