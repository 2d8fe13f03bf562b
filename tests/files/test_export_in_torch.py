"""Exported scripts, run in PyTorch where it is installed: python -m pytest -m long tests/files/test_export_in_torch.py

PyTorch is no dependency. In every other environment `test_export` compares with outputs of PyTorch's that are stored.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnviz import nn
from nnviz.files.export import torch_script
from nnviz.files.opened import open_model
from nnviz.network import PRESETS, job_of, trace
from nnviz.run import Trainer
from tests.values.make_exports import difference, inputs, ours, random_network, theirs, trained

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed"),
    pytest.mark.filterwarnings("ignore"),
]

NETWORKS = {
    **{preset.name: preset.make() for preset in PRESETS if preset.name not in ("Broken", "Empty")},
    **{f"random {seed}": random_network(seed) for seed in range(20)},
}


@pytest.mark.parametrize("name", NETWORKS)
def test_pytorch_gives_the_same_outputs(name: str) -> None:
    opened = trained(NETWORKS[name])
    x = inputs(NETWORKS[name], 1)
    assert difference(ours(opened, x.astype(np.float64)), theirs(opened, x.astype(np.float64))) < 1e-12
    # In float32 rounding differs; a LayerNorm of nearly equal numbers makes it larger.
    normalizes = any(spec.name == nn.LayerNorm.__name__ for spec in NETWORKS[name].layers)
    assert difference(ours(opened, x), theirs(opened, x)) < (1e-4 if normalizes else 2e-6)


def test_all_layers_that_a_network_can_hold_are_among_the_random_ones() -> None:
    used = {spec.name for seed in range(60) for spec in random_network(seed).layers}
    assert used == {entry.name for entry in nn.layers} - {"Embedding"}


@pytest.mark.parametrize("name", ["Spirals", "Digits, convolutions", "Residual", "random 11"])
def test_a_script_runs_as_it_is(tmp_path: Path, name: str) -> None:
    (tmp_path / "model.py").write_text(torch_script(trained(NETWORKS[name])))
    found = subprocess.run([sys.executable, "model.py"], cwd=tmp_path, check=True, capture_output=True, text=True)
    output: Any = trace(NETWORKS[name]).rows[-1].output
    assert found.stdout.splitlines()[-1] == f"torch.Size([{8 if name == 'random 11' else 1}, {output[1]}])"


@pytest.mark.parametrize(
    "line",
    [
        "plane 2-4-1 tanh",
        "spiral 2-4-2 tanh",
        "spiral 2-4-1 tanh bcewithlogitsloss",
        "digits 64-16-10 relu",
        "iris 4-8-3 relu nllloss",
    ],
)
def test_a_script_predicts_in_the_units_of_the_data(line: str) -> None:
    import torch

    opened = trained(open_model(line).network)
    raw = job_of(opened.network).data().dataset.inputs
    script: dict[str, Any] = {"__name__": "exported"}
    exec(compile(torch_script(opened), "exported.py", "exec"), script)  # noqa: S102 (our own)
    for given in (raw, torch.from_numpy(raw.copy()), raw.tolist()):
        found = script["predict"](given).numpy()
        np.testing.assert_allclose(found, Trainer(opened.run).evaluator.predict(raw), rtol=1e-4, atol=1e-5)
