"""Exports carry the names and units of the data: what each input is, each class, and how values are scaled."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import numpy as np
import pytest

from nnviz import Tensor, no_grad
from nnviz.cli.own import DataChoice
from nnviz.files.export import torch_script
from nnviz.files.numpy_script import numpy_script
from nnviz.files.onnx_model import onnx_model
from nnviz.files.opened import Opened, open_model
from nnviz.files.units import Units, assigned, units_of
from nnviz.network import job_of
from nnviz.run import Trainer

TOWNS = ["Ulm", "Köln", 'it\'s "A"\\']


def houses(folder: Path, rows: int = 40) -> Path:
    """A table whose target is far from 0 and 1."""
    generator = np.random.default_rng(1)
    lines = ["size,town,price,loud"]
    for number in range(rows):
        size, town = generator.normal(120, 30), TOWNS[number % 3]
        quoted = '"' + town.replace('"', '""') + '"'
        lines.append(
            f"{size:.1f},{quoted},{3_000 * size + generator.normal(0, 100):.0f},{'no' if size < 120 else 'yes'}"
        )
    path = folder / "houses.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def opened(folder: Path, target: str) -> Opened:
    """A trained network on the table."""
    found = DataChoice(str(houses(folder)), (("target", target), ("ignore", "loud" if target == "price" else "price")))
    network = found.open(None).network
    trainer = Trainer(Opened(network).run)
    steps = trainer.steps()
    for _ in range(300):
        next(steps)
    return Opened(network, trainer.checkpoint().parameters)


def constants(script: str) -> dict[str, object]:
    """The constants of a script, read without running it."""
    found: dict[str, object] = {}
    for node in ast.parse(script).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id != "SHAPES":
            value = node.value.args[0] if isinstance(node.value, ast.Call) else node.value
            found[node.targets[0].id] = ast.literal_eval(value)
    return found


def test_the_names_and_scales_of_a_regression(tmp_path: Path) -> None:
    model = opened(tmp_path, "price")
    units, data = units_of(model), job_of(model.network).data()
    assert units.inputs == ("size", "town=Köln", "town=Ulm", "town=it's 'A'\N{REPLACEMENT CHARACTER}")
    assert (units.classes, units.targets) == ((), ("price",))
    assert data.targets is not None
    for script in (torch_script(model), numpy_script(model)):
        found = constants(script)
        assert found["INPUTS"] == list(units.inputs)
        assert found["TARGETS"] == ["price"]
        assert "CLASSES" not in found
        assert found["MEAN"] == data.inputs.mean.tolist()
        assert found["STD"] == data.inputs.std.tolist()
        assert found["TARGET_MEAN"] == data.targets.mean.tolist()
        assert found["TARGET_STD"] == data.targets.std.tolist()
    assert "* TARGET_STD + TARGET_MEAN" in torch_script(model)


def test_the_names_of_a_classification(tmp_path: Path) -> None:
    model = opened(tmp_path, "loud")
    for script in (torch_script(model), numpy_script(model)):
        found = constants(script)
        assert found["CLASSES"] == ["no", "yes"]
        assert "TARGETS" not in found
        assert "TARGET_MEAN" not in found
    assert "return torch.softmax(out, 1)" in torch_script(model)


def test_the_functions_of_a_numpy_script_give_the_units_of_the_data(tmp_path: Path) -> None:
    model = opened(tmp_path, "price")
    data = job_of(model.network).data()
    script: dict[str, object] = {"__name__": "exported"}
    exec(compile(numpy_script(model), "step.py", "exec"), script)  # noqa: S102 (our own)
    standardized, in_units = script["standardized"], script["in_units"]
    assert callable(standardized)
    assert callable(in_units)
    raw = data.dataset.inputs
    np.testing.assert_array_equal(standardized(raw), data.inputs.apply(raw))
    with no_grad():
        out = model.module().eval()(Tensor(data.inputs.apply(raw))).array
    np.testing.assert_allclose(in_units(out), Trainer(model.run).evaluator.predict(raw), rtol=1e-5)
    np.testing.assert_allclose(in_units(out), data.dataset.targets, rtol=0.2)


def test_an_onnx_model_has_them_as_metadata(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    model = opened(tmp_path, "price")
    found = {one.key: json.loads(one.value) for one in onnx.load_from_string(onnx_model(model)).metadata_props}
    assert found == {name.lower(): value for name, value in units_of(model).constants.items()}


def test_images_have_one_scale_and_classes() -> None:
    units: Units = units_of(open_model("digits 64-10"))
    assert (units.inputs, units.mean.shape, units.classes) == ((), (), tuple("0123456789"))
    found = constants(torch_script(open_model("digits 64-10")))
    assert isinstance(found["MEAN"], float)
    assert "INPUTS" not in found


def test_one_output_for_two_classes_gives_both(tmp_path: Path) -> None:
    script = torch_script(open_model("spiral 2-4-1 tanh bcewithlogitsloss"))
    assert "return both(torch.sigmoid(out))" in script
    assert script.index("def both(p)") < script.index("def predict(")


@pytest.mark.parametrize(
    "value", [[f"a long name of column {at} 'x' \\ \"" for at in range(9)], [0.1 * at for at in range(99)], ["x"], 1.5]
)
def test_a_long_constant_is_written_in_several_lines_and_is_the_same(value: object) -> None:
    for wrap in ("{}", "np.array({})"):
        text = assigned("NAME", value, wrap)
        assert constants(text) == {"NAME": value}
        assert max(map(len, text.splitlines())) <= 100
