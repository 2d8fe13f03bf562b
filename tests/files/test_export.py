"""Exported scripts give in PyTorch what nnviz gives: PyTorch's outputs are stored, see make_exports."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from nnviz.errors import DataError
from nnviz.files.export import history_csv, torch_script
from nnviz.files.opened import Opened, open_model
from nnviz.files.plain import network_of
from nnviz.network import PRESETS
from nnviz.run import Evaluation
from tests.values.make_exports import FILE, inputs, ours, trained

STORED = json.loads(FILE.read_text())


@pytest.mark.parametrize("case", STORED, ids=range(len(STORED)))
def test_pytorch_gave_what_nnviz_gives(case: dict[str, object]) -> None:
    network = network_of(case["network"])
    seed = case["seed"]
    assert isinstance(seed, int)
    opened = trained(network)
    compile(torch_script(opened), "script", "exec")
    found = ours(opened, inputs(network, seed).astype(np.float64))
    # Three float32 steps of training may round otherwise on another processor.
    np.testing.assert_allclose(found, np.array(case["output"]), rtol=1e-4, atol=1e-5)


def test_a_script_names_layers_and_nothing_else_of_the_user() -> None:
    script = torch_script(open_model("spiral 2-4-2 tanh"))
    assert "nn.Linear(in_features=2, out_features=4, bias=True)" in script
    assert "(x - mean) / std" in script


def test_a_network_with_an_error_is_not_exported() -> None:
    broken = next(preset for preset in PRESETS if preset.name == "Broken").make()
    with pytest.raises(DataError, match="mat1 and mat2 shapes cannot be multiplied"):
        torch_script(Opened(broken))


def test_a_history_leaves_cells_without_a_value_empty() -> None:
    row = Evaluation(25, 1.0, 0.5, float("inf"), float("nan"), 1.0)
    lines = history_csv([row, replace(row, step=50)]).splitlines()
    assert lines[0] == "step,epoch,train_loss,test_loss,train_accuracy,test_accuracy"
    assert lines[1:] == ["25,1.0,0.5,,,1.0", "50,1.0,0.5,,,1.0"]
