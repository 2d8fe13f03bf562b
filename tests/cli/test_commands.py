"""The command line: what each command prints, its exit codes, and that it is quick."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from nnviz.cli.commands import command
from nnviz.cli.show import summary
from nnviz.errors import DataError, NnvizError, OperandError
from nnviz.files.opened import open_model
from nnviz.files.saved import save_state, state_of
from nnviz.files.state import read_state
from nnviz.network import PRESETS, Network
from nnviz.nn import layers
from nnviz.registry import Spec
from nnviz.run import Run, Trainer

LINE = "spiral 2-8-2 tanh adam:0.01 seed:1"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=lambda *model: print("screen", *model))


def output(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in which `nnviz` is the command."""
    words = f'nnviz() {{ {sys.executable} -m nnviz "$@"; }}\n{script}'
    return subprocess.run(["bash", "-c", words], cwd=folder, capture_output=True, text=True, check=False)


def test_without_a_command_the_screen_opens() -> None:
    assert output() == "screen\n"
    assert output(LINE) == f"screen {LINE}\n"
    assert output("model.toml") == "screen model.toml\n"


@pytest.mark.parametrize("name", ["new", "summary", "order", "train", "check", "curves", "export"])
def test_help_has_examples(name: str) -> None:
    assert f"Examples:\n    nnviz {name}" in output(name, "--help").replace("      ", "    ")
    assert f"\n  {name} " in output("--help")


def test_new_writes_every_preset_and_lines(tmp_path: Path) -> None:
    listed = [row.split()[0] for row in output("new", "--list").splitlines()]
    assert len(listed) == len(PRESETS)
    for name, preset in zip(listed, PRESETS, strict=True):
        path = tmp_path / f"{name}.toml"
        output("new", name, "-o", str(path))
        assert open_model(path).network == preset.make()
        assert output("new", preset.name) == path.read_text()
    result = run("new", LINE, "-o", str(path))
    assert isinstance(result.exception, NnvizError)
    assert result.exception.message == f"{path} exists already"


def test_summary_counts_as_torchinfo_does() -> None:
    found = json.loads(output("summary", "spiral 2-16-16-2 tanh", "--json"))
    assert found["layers"][0] == {
        "number": 1, "layer": "Linear(2, 16)", "input": [10, 2], "output": [10, 16], "parameters": 48, "multiply_adds": 480,
    }  # fmt: skip
    assert (found["parameters"], found["multiply_adds"], found["bytes"]) == (354, 3_540, 1_416)
    assert output("summary", "spiral 2-16-16-2 tanh").endswith(
        "354 parameters, 1,416 bytes, 3,540 multiply-adds a batch\n"
    )


def test_a_convolution_counts_at_each_place_of_its_output(tmp_path: Path) -> None:
    path = str(tmp_path / "cnn.toml")
    output("new", "digits-convolutions", "-o", path)
    rows = json.loads(output("summary", path, "--json"))["layers"]
    assert rows[0]["multiply_adds"] == 32 * (8 * 9 + 8) * 8 * 8


def test_the_totals_are_those_that_torchinfo_gave() -> None:
    """Of torchinfo 1.8 with PyTorch 2.13, for 32 images of 8x8."""
    stack = [
        ("Conv2d", {"in_channels": 1, "out_channels": 8, "kernel_size": 3, "padding": 1}), ("BatchNorm2d", {"num_features": 8}),
        ("ReLU", {}), ("MaxPool2d", {}), ("Flatten", {}), ("LayerNorm", {"normalized_shape": 128}), ("PReLU", {}),
        ("Linear", {"in_features": 128, "out_features": 10}),
    ]  # fmt: skip
    base = next(preset for preset in PRESETS if preset.name == "Digits, convolutions").make()
    specs = tuple(layers.check(Spec(name, tuple(arguments.items()))) for name, arguments in stack)
    found = summary(Network(specs, base.settings))
    assert (found["multiply_adds"], found["parameters"]) == (213_856, 1_643)


def test_a_stack_with_a_fault_exits_with_1_and_tells_it(tmp_path: Path) -> None:
    output("new", "broken", "-o", str(tmp_path / "b.toml"))
    result = shell("nnviz summary b.toml --json", tmp_path)
    assert result.returncode == 1
    found = json.loads(result.stdout)
    assert found["fault"]["layer"] == 1
    assert found["fault"]["message"] == "mat1 and mat2 shapes cannot be multiplied (10x2 and 3x16)"
    assert found["fault"]["repairs"][0] == "layer 1 Linear: in_features = 2"
    assert result.stderr.startswith("nnviz: layer 1: mat1 and mat2 shapes cannot be multiplied")
    assert result.stderr.count("\n") == 1


@pytest.mark.long
def test_a_message_is_in_the_encoding_of_its_stream(tmp_path: Path) -> None:
    for encoding, words in (("utf-8", "Fläche"), ("latin-1", "Fläche"), ("ascii", "Fl\\xe4che")):
        found = subprocess.run(
            [sys.executable, "-m", "nnviz", "summary", "Fläche.toml"],
            cwd=tmp_path, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": encoding},
        )  # fmt: skip
        assert found.stderr.decode(encoding).startswith(f"nnviz: {words}.toml: there is no such file: pass")
        found = subprocess.run(
            [sys.executable, "-m", "nnviz", "order", LINE, "--backward"],
            cwd=tmp_path, capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": encoding},
        )  # fmt: skip
        assert found.stderr == b""


def test_help_of_a_model_is_that_of_the_program() -> None:
    assert output("model.toml", "--help") == output("--help")


def test_order_is_topological_both_ways() -> None:
    rows = json.loads(output("order", LINE, "--json"))
    assert rows[0] == {"number": 1, "operation": "transpose", "waits_for": ["weight"], "output": [2, 8], "layer": 1}
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["layer"] for row in rows] == [1, 1, 1, 2, 3, 3, 3, None, None, None]
    assert output("order", LINE).splitlines()[-1].split()[-1] == "loss"
    both = json.loads(output("order", LINE, "--backward", "--json"))
    assert {row["layer"] for row in both[len(rows) :] if row["operation"] in ("d mean", "d nll")} == {None}
    assert both[: len(rows)] == rows
    done = {f"{row['number']} {row['operation']}" for row in rows}
    for row in both[len(rows) :]:
        assert all(name in done for name in row["waits_for"])
        done.add(f"d {row['of']} {row['operation'].removeprefix('d ')}")
    planned = json.loads(output("order", LINE, "--plan", "--json"))
    assert planned[0]["operation"] == "linear"
    assert planned[0]["covers"] == [1, 2, 3]
    assert "waits for" in output("order", LINE)
    assert "of tape" in output("order", LINE, "--plan")


def test_training_in_parts_is_the_unbroken_training(tmp_path: Path) -> None:
    whole, parts = str(tmp_path / "whole"), str(tmp_path / "parts")
    output("train", LINE, "--steps", "60", "-o", whole, "--seed", "5")
    output("train", LINE, "--steps", "37", "-o", parts, "--seed", "5")
    output("train", parts, "--steps", "23", "--resume")
    for name in ("model.toml", "weights.safetensors", "state.safetensors", "history.csv"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes(), name
    rows = list(csv.DictReader(output("export", whole, "--to", "history").splitlines()))
    assert [row["step"] for row in rows] == ["0", "25", "50"]


def test_training_prints_lines_or_json(tmp_path: Path) -> None:
    text = output("train", LINE, "--epochs", "2")
    assert text.startswith("epoch 0  step 0  loss ")
    assert text.endswith("not saved: -o DIR saves the weights\n")
    rows = [json.loads(line) for line in output("train", "plane 2-4-1 tanh", "--epochs", "2", "--json").splitlines()]
    assert [row["step"] for row in rows] == [0, 25, 50, 50]
    assert rows[-1]["done"] is True
    assert rows[-1]["files"] == []
    assert all(row["test_accuracy"] is None for row in rows)


def test_a_reader_that_has_enough_stops_and_saves(tmp_path: Path) -> None:
    result = shell("nnviz train 'spiral 2-4-2 tanh' --epochs 100000 -o run --json | head -3", tmp_path)
    assert result.stderr == ""
    assert [json.loads(row)["step"] for row in result.stdout.splitlines()] == [0, 25, 50]
    state = read_state(tmp_path / "run" / "state.safetensors")
    assert state.checkpoint is not None
    assert 75 <= state.checkpoint.step < 2_500_000


def test_a_model_file_of_another_name_has_its_own_run(tmp_path: Path) -> None:
    """Several can share a folder, also with one that train wrote."""
    output("train", "spiral 2-4-2 tanh", "--steps", "30", "-o", str(tmp_path))
    mine = tmp_path / "mine.toml"
    run_ = Run(open_model("spiral 2-5-2 relu").network)
    save_state(state_of(run_, None), mine)
    assert output("export", str(mine), "--to", "history").splitlines()[1].startswith("0,")
    said = output("train", str(mine), "--resume", "--steps", "5").splitlines()[-1]
    assert "mine.toml" in said
    assert "mine.state.safetensors" in said
    state = read_state(tmp_path / "mine.state.safetensors", run_.network)
    assert state.checkpoint is not None
    assert state.checkpoint.step == 5
    assert len(output("export", str(tmp_path), "--to", "history").splitlines()) == 3
    (tmp_path / "new.toml").write_text(mine.read_text())
    for arguments in (["train", "--resume"], ["export", "--to", "history"]):
        result = run(arguments[0], str(tmp_path / "new.toml"), *arguments[1:])
        assert isinstance(result.exception, DataError)
        assert "there is no" in result.exception.message


def test_replaced_weights_are_not_passed_over(tmp_path: Path) -> None:
    output("train", "spiral 2-4-2 tanh", "--steps", "3", "-o", str(tmp_path))
    weights = tmp_path / "weights.safetensors"
    old = weights.read_bytes()
    output("train", str(tmp_path), "--resume", "--steps", "3")
    weights.write_bytes(old)
    result = run("train", str(tmp_path), "--resume")
    assert isinstance(result.exception, DataError)
    assert result.exception.message.startswith("weights.safetensors was replaced since ")
    assert "remove weights.safetensors" in result.exception.hint
    weights.unlink()
    output("train", str(tmp_path), "--resume", "--steps", "3")
    state = read_state(tmp_path / "state.safetensors")
    assert state.checkpoint is not None
    assert state.checkpoint.step == 9
    (tmp_path / "model.toml").write_text((tmp_path / "model.toml").read_text().replace("seed = 1", "seed = 2"))
    result = run("export", str(tmp_path), "--to", "history")
    assert isinstance(result.exception, DataError)
    assert "is of another network" in result.exception.message


def test_a_changed_model_is_not_resumed(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    output("train", LINE, "--epochs", "1", "-o", str(folder))
    model = folder / "model.toml"
    model.write_text(model.read_text().replace("batch = 10", "batch = 20"))
    result = run("train", str(folder), "--resume")
    assert isinstance(result.exception, NnvizError)
    assert "was changed since" in result.exception.message
    # What needs no weights still works.
    assert "(20, 2)" in output("summary", str(folder))


def test_a_run_that_diverges_saves_and_exits_with_1(tmp_path: Path) -> None:
    result = shell("nnviz train 'plane 2-8-8-1 sgd:1e30' --epochs 2 -o run --json", tmp_path)
    assert result.returncode == 1
    assert "is not a finite number" in result.stderr
    assert result.stderr.count("\n") == 1
    assert json.loads(result.stdout.splitlines()[-1])["done"] is True
    assert open_model(tmp_path / "run").warnings == ()


@pytest.mark.parametrize(
    "error", [OperandError("out of range", "put a Sigmoid last"), MemoryError("no room")], ids=repr
)
def test_a_step_that_fails_is_told_and_what_was_learned_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    forward = Trainer._forward

    def failing(trainer: Trainer, rows: np.ndarray) -> object:
        if trainer.step == 30:
            raise error
        return forward(trainer, rows)

    monkeypatch.setattr(Trainer, "_forward", failing)
    result = run("train", LINE, "--epochs", "2", "-o", str(tmp_path / "run"), "--json")
    assert isinstance(result.exception, NnvizError)
    assert str(error) in str(result.exception)
    assert result.exception.hint
    *_, before, end = map(json.loads, result.stdout.splitlines())
    assert end == {**before, "done": True, "files": end["files"]}
    assert len(end["files"]) == 4
    checkpoint = read_state(tmp_path / "run" / "state.safetensors").checkpoint
    assert checkpoint is not None
    assert checkpoint.step == 30


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_saves_and_is_the_exit_code(tmp_path: Path, number: signal.Signals) -> None:
    arguments = [sys.executable, "-m", "nnviz", "train", LINE, "--steps", "1000000000", "-o", "run", "--json"]
    # Where the tests themselves run with nohup, the program would rightly ignore SIGHUP.
    before = signal.signal(number, signal.SIG_DFL) if number == signal.SIGHUP else None
    try:
        process = subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    finally:
        if before is not None:
            signal.signal(number, before)
    with process:
        assert process.stdout is not None
        for _ in range(3):
            process.stdout.readline()
        process.send_signal(number)
        rest = process.stdout.read().splitlines()
    assert process.returncode == 128 + number
    last = json.loads(rest[-1])
    assert last["done"] is True
    assert sorted(os.listdir(tmp_path / "run")) == sorted(Path(name).name for name in last["files"])  # noqa: PTH208
    output("train", str(tmp_path / "run"), "--resume", "--steps", "1")


def test_the_gradients_of_every_preset_are_right(tmp_path: Path) -> None:
    for name in ("the-lessons-model", "digits-convolutions", "residual"):
        path = str(tmp_path / f"{name}.toml")
        output("new", name, "-o", path)
        found = json.loads(output("check", path, "--json"))
        assert found["passed"] is True
        assert found["worst"] < 1e-5
        assert found["parameters"][0]["parameter"] == "0.weight"


def test_a_wrong_gradient_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from nnviz.nn import Tanh

    monkeypatch.setattr(Tanh, "forward", lambda self, x: x * x.detach())
    result = run("check", LINE)
    assert isinstance(result.exception, NnvizError)
    assert "wrong gradients: 0.weight" in result.exception.message
    assert "0.weight" in result.stdout
    assert "WRONG" in result.stdout


def test_curves_are_drawn() -> None:
    text = output("curves", "tanh", "relu", "--range", "-2", "2")
    assert "Tanh" in text
    assert "ReLU" in text
    result = run("curves", "linear")
    assert isinstance(result.exception, NnvizError)
    assert "'linear' is no activation function of one number" in result.exception.message
    for entry in layers:
        if entry.category == "activation" and "oftmax" not in entry.name:
            assert entry.name in output("curves", entry.name)
    assert run("curves", "tanh", "--range", "2", "1").exit_code == 2


def test_the_table_of_curves() -> None:
    """All activations of the registry without a name, or those that are named; sorted by a column."""
    lines = output("curves").splitlines()
    assert [line.split()[0] for line in lines[1:]] == [one.name for one in layers if one.category == "activation"]
    assert "time" not in lines[0]
    sigmoid, relu = output("curves", "--table", "sigmoid", "RELU").splitlines()[1:]
    assert sigmoid.split()[:7] == ["Sigmoid", "no", "0.50", "0.21", "everywhere", "(0,", "1)"]
    assert relu.split()[:7] == ["ReLU", "convex", "0.40", "0.58", "not", "at", "0"]
    means = [float(line.split()[2].replace("−", "-")) for line in output("curves", "--sort", "mean").splitlines()[1:]]
    assert means == sorted(means)
    assert len(means) == len(lines) - 1
    timed = output("curves", "--table", "--time", "tanh").splitlines()
    assert timed[0].split().index("time") == 4
    assert timed[1].split()[4].endswith("×")
    assert "straight" in output("curves", "--table", "leakyrelu", "--slope", "1")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("train", 2, "Missing argument 'MODEL'. Try nnviz train --help."),
        ("summary missing.toml", 1, "missing.toml: there is no such file"),
        ("new spirals -o no/m.toml", 1, "does not exist: create the folder first"),
        ("trian 'spiral 2-2'", 2, "No command is called 'trian'. Did you mean train? Try nnviz --help."),
        ("residual", 2, "No command is called 'residual'. It is a preset: nnviz new residual. Try nnviz --help."),
        (
            "order broken",
            1,
            "broken: there is no such file: it is the name of a preset: nnviz new broken -o broken.toml",
        ),
        ("curves --sort nothing", 1, "'nothing' is no column of the table: there are: name, convex, mean"),
        ("curves tanh --sort mean", 2, "--sort and --time are of the table: add --table."),
        ("curves --slope nan", 2, "--slope wants a finite number."),
        ("export 'spiral 2-2'", 2, "Missing option '--to'. Choose from: torch, onnx, numpy, history, svg, asciicast"),
        ("train 'spiral 2-2' --resume", 1, "there is no state.safetensors to resume from"),
        ("train 'spiral 2-2' --epochs 1 --steps 1", 2, "cannot be combined"),
        ("train 'spiral 2-2' -o /dev/null/x", 1, "cannot be made"),
        ("summary $'a\\e]0;title\\a[/]\\x9b.toml'", 1, "a␛]0;title␇[/]"),
        ("summary Fläche.toml", 1, "nnviz: Fläche.toml: there is no such file"),
        ("summary 'spiral 2-2 '$'\\e[31m[@click=app.quit]'", 1, "no activation, loss or optimizer is called"),
        # Of a kind with those above.
        *(pytest.param(*case, marks=pytest.mark.long) for case in (
            ("new nothing", 1, "no preset is called 'nothing'"),
            ("summry", 2, "No command is called 'summry'. Did you mean summary?"),
            ("nosuchcmd --help", 2, "No command is called 'nosuchcmd'. There are: new, summary, order, train, predict,"),
            ("train --epochs x 'spiral 2-2'", 2, "Try nnviz train --help."),
            ("curves nothing", 1, "'nothing' is no activation function of one number: there are: Sigmoid, Tanh"),
            ("curves tahn", 1, "'tahn' is no activation function of one number: did you mean Tanh?"),
            ("curves --table tahn", 1, "did you mean Tanh?"),
            ("export 'spiral 2-2' --to pickle", 2, "'pickle' is not one of"),
            ("export 'spiral 2-2' --to history", 1, "there is no history"),
            ("train 'spiral 2-3' --epochs -1", 2, "-1"),
        )),
    ],
)  # fmt: skip
def test_faults_are_told_in_one_line(tmp_path: Path, arguments: str, code: int, words: str) -> None:
    result = shell(f"nnviz {arguments}", tmp_path)
    assert result.returncode == code
    assert words in result.stderr
    assert result.stderr.startswith("nnviz: ")
    assert result.stderr.count("\n") == 1
    assert result.stderr.rstrip("\n").isprintable()


def test_the_text_of_a_model_file_does_not_reach_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('format = 1\ndata = "spiral"\n[[layers]]\nname = "\\u001b]52;c;x\\u0007[/]"\n')
    result = shell("nnviz summary m.toml", tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("nnviz: m.toml, line 4: layer 1: no layer is called ")
    assert result.stderr.rstrip("\n").isprintable()


@pytest.mark.long
def test_a_loop_picks_the_best_of_three(tmp_path: Path) -> None:
    script = """
    for act in tanh relu sigmoid; do
      nnviz train "circle 2-8-2 $act" --epochs 3 -o $act --json | tail -1 > $act.json
    done
    python3 -c 'import json, glob; print(max(glob.glob("*.json"), key=lambda f: json.load(open(f))["test_accuracy"]))'
    """
    result = shell(script, tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() in ("tanh.json", "relu.json", "sigmoid.json")
    best = json.loads((tmp_path / result.stdout.strip()).read_text())
    others = [json.loads(path.read_text()) for path in tmp_path.glob("*.json")]
    assert best["test_accuracy"] == max(one["test_accuracy"] for one in others)
    assert (tmp_path / "tanh" / "weights.safetensors").is_file()


@pytest.mark.parametrize("name", ["summary", "order", "new"])
def test_commands_import_no_screen(tmp_path: Path, name: str) -> None:
    code = f"""
import sys
from nnviz.cli.commands import command
from nnviz.cli.show import summary
command.main([{name!r}, {LINE!r}], standalone_mode=False)
sys.exit("textual" in sys.modules or "nnviz.run" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)
