"""Model files: round trips, a person's comments, and errors that name file, line and what would be right."""

from __future__ import annotations

import pickle
import time
import tomllib
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz import nn
from nnviz.data import FILE
from nnviz.errors import AccessError, FolderError, MissingFileError, NnvizError
from nnviz.files.model_file import ModelFileError, _short, _spec_of, model_text, parse_model, read_model, write_model
from nnviz.files.plain import REGISTRIES
from nnviz.files.toml_text import line_of_long_key, lines_of
from nnviz.network import PRESETS, Preset, opening, trace
from nnviz.registry import Registry, Spec
from tests.examples import examples
from tests.privileges import without_privileges
from tests.values.make_exports import random_network

TEXT = model_text(opening())
RICH = model_text(next(p for p in PRESETS if p.name == "Digits, convolutions").make())
HEAD = 'format = 1\ndata = "spiral"\n'


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_save_open_save_gives_the_same_bytes(preset: Preset, tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    write_model(preset.make(), path)
    first = path.read_bytes()
    network = read_model(path)
    assert network == preset.make()
    write_model(network, path)
    assert path.read_bytes() == first
    assert model_text(network).encode() == first


@pytest.mark.parametrize("seed", range(20))
def test_random_networks_come_back(seed: int) -> None:
    network = random_network(seed)
    text = model_text(network)
    assert parse_model(text.encode(), "m") == network
    # Over the file of another network, too.
    assert parse_model(model_text(network, RICH).encode(), "m") == network


def test_none_is_kept_where_it_is_not_the_default() -> None:
    layer = nn.layers.check(Spec.of("BatchNorm1d", num_features=2, momentum=None))
    network = opening().insert(0, layer)
    text = model_text(network)
    assert 'momentum = "none"' in text
    assert parse_model(text.encode(), "m") == network
    assert parse_model(model_text(network, TEXT).encode(), "m") == network


@pytest.mark.parametrize("registry", [nn.layers, *REGISTRIES.values()], ids=lambda registry: registry.noun)
def test_every_argument_comes_back_whatever_it_is(registry: Registry[object]) -> None:
    for entry in registry:
        if entry.name == FILE:
            continue  # its path is a file that must exist: test_own_files.py
        spec = registry.check(Spec(entry.name, tuple((a.name, a.default if not a.required else 3) for a in entry.arguments)))  # fmt: skip
        values = {bool: [True, False], int: [1, 2], float: [0.25, 1.0], str: []}
        for argument in entry.arguments:
            tried = [*values[argument.kind], *argument.choices, *([None] if argument.optional else [])]
            for value in tried:
                with suppress(NnvizError):
                    changed = registry.check(spec.replace(**{argument.name: value}))
                    assert _spec_of(registry, _short(registry, changed)) == changed


def test_comments_survive_a_save() -> None:
    text = TEXT.replace("seed = 1", "# my luck\nseed   =  1 # one").replace(
        'name = "Linear"\nin_features = 16\nout_features = 2', '# the last one\nname = "Linear"\nin_features = 16\nout_features = 2 # classes'
    )  # fmt: skip
    network = parse_model(text.encode(), "m")
    assert network == opening()
    assert model_text(network, text) == text
    changed = network.remove(1).change(0, nn.layers.check(Spec.of("Linear", in_features=2, out_features=8)))
    after = model_text(changed, text)
    assert parse_model(after.encode(), "m") == changed
    for kept in ("# my luck\nseed   =  1 # one", "# the last one", "out_features = 2 # classes"):
        assert kept in after
    # Whatever is done and undone, empty lines do not pile up.
    again = model_text(network, model_text(changed, model_text(network, after)))
    assert "\n\n\n" not in again
    assert parse_model(again.encode(), "m") == network


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("", 0, "the file is empty", "nnviz new"),
        ("# nothing\n", 1, "the key format is missing", "format = 1"),
        ('format = 2\ndata = "spiral"', 1, "expected format 1, got 2", "newer nnviz"),
        ('data = "spiral"\nformat = "1"', 2, "expected format 1, got '1'", "write format = 1"),
        ("format = 1\nformat = 1", 2, "not valid TOML", "toml.io"),
        ("format = 1\ndata =", 2, "not valid TOML", "toml.io"),
        ("format = 1\ndata = [[[", 2, "not valid TOML", "toml.io"),
        ("format = 1\n", 1, "the key data is missing", 'data = "spiral"'),
        ('format = 1\ndata = "spirall"', 2, "no data set is called 'spirall'", "did you mean spiral?"),
        (HEAD + "batchsize = 3", 3, "unknown key 'batchsize'", "batch"),
        (HEAD + "batch = 0", 3, "batch: expected a whole number from 1", "batch = 10"),
        (HEAD + "batch = true", 3, "batch: expected a whole number from 1 to 1,000,000, got true", ""),
        (HEAD + "seed = 0x" + "f" * 6_000, 3, "seed: expected a whole number", ""),
        (HEAD + "seed = " + "9" * 6_000, 0, "not valid TOML", ""),
        (HEAD + "loss = 3", 3, "loss: expected a name, got 3", "write a name"),
        (HEAD + 'optimizer = { name = "SGD", lr = "fast" }', 3, "lr: expected a number, at least 0, got 'fast'", ""),
        (HEAD + 'optimizer = { name = "SGD", rate = 1 }', 3, "SGD has no argument 'rate'", "lr"),
        (HEAD + 'optimizer = { name = "SGD", lr = nan }', 3, "lr: expected a finite number", ""),
        (HEAD + '[optimizer]\nname = "SGD"\nlr = -1', 5, "lr: expected a number, at least 0, got -1", ""),
        (HEAD + 'layers = 3', 3, "layers: expected [[layers]] tables, got 3", "[[layers]]"),
        (HEAD + '[[layers]]\nin_features = 2', 3, "layer 1: expected a name, got a table", 'name = "Linear"'),
        (HEAD + '[[layers]]\nname = "Tanh"\n\n[[layers]]\nname = "os.system"', 7, "no layer is called 'os.system'", "there are"),
        (HEAD + '[[layers]]\nname = "__class__"', 4, "no layer is called '__class__'", ""),
        (HEAD + '[[layers]]\nname = "Linear"\nin_features = 2\nout_features = 1000000000000000000', 6, "out_features: expected a whole number", ""),
        (HEAD + '[[layers]]\nname = "Linear"\nin_features = 2\nout_features = 1979-05-27', 6, "out_features: expected a number, true, false or text", ""),
        (HEAD + '[[layers]]\nname = "Linear"\nin_features = [2]\nout_features = 2', 5, "in_features: expected a number, true, false or text, got a list", ""),
        (HEAD + '[[layers]]\nname = "Linear"\nin_features = 2', 4, "Linear needs out_features", "whole number"),
        (
            HEAD + '[[layers]]\nname = "Linear"\nout_features = 3\nin_featurs = 2',
            6,
            "layer 1: Linear has no argument 'in_featurs'",
            "did you mean in_features?",
        ),
        (HEAD + '[[layers]]\nname = "Tanh"\nslope = 2', 5, "Tanh has no argument 'slope'", ""),
        (HEAD + "x = " + "[" * 100_000, 0, "not valid TOML", ""),
        (HEAD + "seed = " + "9" * 6_000, 0, "an integer has more than 4,300 digits", ""),
        (HEAD + ".".join(["a"] * 100_000) + " = 1", 3, "a key of more than 8 parts", "remove it"),
        (HEAD + "x = { y = 1, 'a' . " + " . ".join(['"b"'] * 100_000) + " = 1 }", 3, "a key of more than 8 parts", ""),
        (HEAD + "[" + "a." * 100_000 + "a]", 3, "a key of more than 8 parts", ""),
        (HEAD + '"a\\u001b\\nb" = 3', 3, r"unknown key 'a\x1b\nb'", ""),
        (HEAD + '[[layers]]\nname = "Tanh"\n"\\u001b" = [3]', 5, r"'\x1b': expected a number", ""),
        (HEAD + '[[layers]]\nname = "Tanh"\n' + "k" * 200_000 + " = 3", 5, f"has no argument '{'k' * 100}'", "none"),
        (HEAD + 'layers = [\n  { name = "Tanh" }, # one\n\n  { name = "Tahn" },\n]', 6, "layer 2: no layer is called 'Tahn'", "Tanh"),
        (HEAD + 'loss = """\nMSELoss"""\nbatch = """\nseed = 3"""', 5, "batch: expected", ""),
        (HEAD + "optimizer.name = 'SGD'\n# lr\noptimizer.lr = -1", 5, "lr: expected a number, at least 0", ""),
        (HEAD + '[[layers]]\nname = "Tanh"\n[optimizer]\nname = "SGD"\n[[layers]]\n"name" = "Tanhh"', 8, "layer 2: no layer", ""),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_a_fault_is_told_with_file_line_and_what_would_be_right(tmp_path: Path, text: str, line: int, message: str, hint: str) -> None:  # fmt: skip
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ModelFileError) as caught:
        read_model(path)
    assert caught.value.message.startswith(f"{path}, line {line}: " if line else str(path))
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_bytes(pickle.dumps({"format": 1}))
    with pytest.raises(ModelFileError, match="it is a pickle"):
        read_model(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.pkl", b"\x80\x04\xff")
    with pytest.raises(ModelFileError, match="it is a zip archive"):
        read_model(path)
    path.write_bytes(b'format = 1\ndata = "\xff"')
    with pytest.raises(ModelFileError, match="line 2: not valid UTF-8"):
        read_model(path)
    path.write_bytes(b"#" * (2**22 + 1))
    with pytest.raises(ModelFileError, match="larger than"):
        read_model(path)
    with pytest.raises(FolderError):
        read_model(tmp_path)
    with pytest.raises(MissingFileError):
        read_model(tmp_path / "missing.toml")


def test_a_file_without_permission_is_told(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(TEXT)
    path.chmod(0)
    with without_privileges(), pytest.raises(AccessError):
        read_model(path)


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    assert parse_model(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode(), "m") == opening()


def test_truncated_at_every_byte_it_is_another_network_or_told() -> None:
    data = TEXT.encode()
    for length in range(len(data)):
        try:
            parse_model(data[:length], "m")
        except ModelFileError:
            continue
        # What can be read is whole lines, or a shorter number at the end.
        assert data[:length].decode().count('"') % 2 == 0


TOKENS = st.sampled_from(
    ['"', "[", "]", "{", "}", "=", "\n", "[[layers]]", "[layers]", "name", "format", "1e400", "-1", "nan", "true", "9" * 20,
     "0xffffffffffffffffffff", '"Linear"', '"Add"', '"default"', "row = 5", "1979-05-27T07:32:00Z", "'''", "\x00", "\x1b", ".", ","]
)  # fmt: skip


@examples(quick=500, long=2_000)
@given(
    st.sampled_from([TEXT, RICH]),
    st.lists(
        st.tuples(st.integers(0, 2_000), st.integers(0, 12), TOKENS | st.text(max_size=4)), min_size=1, max_size=4
    ),
)
@pytest.mark.long
def test_of_a_mutated_file_only_our_named_errors_escape(text: str, edits: list[tuple[int, int, str]]) -> None:
    for at, length, put in edits:
        at %= len(text) + 1
        text = text[:at] + put + text[at + length :]
    data = text.encode("utf-8", "surrogatepass")
    try:
        network = parse_model(data, "m.toml")
    except ModelFileError:
        return
    trace(network)
    assert parse_model(model_text(network).encode(), "m") == network
    assert parse_model(model_text(network, data.decode("utf-8-sig")).encode(), "m") == network


def test_the_line_of_everything_in_a_text_is_found() -> None:
    text = """# a = 1
a . 'b.c' = [ # [
  { x = "}" }, 1.5, [[2]],

  \'\'\'
] = 1\'\'\', 1979-05-27 07:32:00,
]
[t.u]
v = "#"   # v = 2
[[l]]
k = +1_000
[[l.m]]
[[l]]
  [l.n]
"q\\"" = {}
"""
    assert lines_of(text) == {
        ("a",): 2, ("a", "b.c"): 2, ("a", "b.c", 0): 3, ("a", "b.c", 0, "x"): 3, ("a", "b.c", 1): 3, ("a", "b.c", 2): 3,
        ("a", "b.c", 2, 0): 3, ("a", "b.c", 2, 0, 0): 3, ("a", "b.c", 3): 5, ("a", "b.c", 4): 6, ("t", "u"): 8,
        ("t", "u", "v"): 9, ("l",): 10, ("l", 0): 10, ("l", 0, "k"): 11, ("l", 0, "m"): 12, ("l", 0, "m", 0): 12,
        ("l", 1): 13, ("l", 1, "n"): 14, ("l", 1, "n", 'q"'): 15,
    }  # fmt: skip
    assert tomllib.loads(text)


def test_dots_that_separate_no_keys_are_none_of_a_key() -> None:
    dots = "a" + ".a" * 20
    for text in (
        f"x = '{dots}'",
        f'x = """\n{dots}"""',
        f"x = 1 # {dots}",
        f"'{dots}' = 1",
        "x = [" + "1.5, " * 20 + "]",
    ):
        assert line_of_long_key(text) is None
        assert tomllib.loads(text)
    assert line_of_long_key("\n" + "a." * 7 + "a = 1") is None
    assert line_of_long_key("\n" + "a." * 8 + "a = 1") == 2


@pytest.mark.parametrize("piece", ["a ", '"\\', "'''", '""', '"""\\', "["])
def test_long_texts_are_scanned_in_time_that_grows_with_their_length(piece: str) -> None:
    text = piece * (2**20 // len(piece))
    begun = time.process_time()
    assert line_of_long_key(text) is None
    assert time.process_time() - begun < 10
