"""The user's configuration: what is wrong in it is named, and every command keeps a key that works."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.tui.commands import all_commands
from nnviz.tui.config import config_path, read_config
from nnviz.tui.keys import NAMED, SIGNS, key_named
from tests.tui.conftest import ready, running, toasts, until

USUAL = {command.id: command.keys for command in all_commands()}
WHERE = {command.id: command.where for command in all_commands()}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the configuration is read from, by the fixture that all tests of the screen share."""
    return tmp_path / "config.toml"


# As written in the file, and a piece of what is said of it; in each the command keeps its usual key.
WRONG = {
    '" "': 'unknown key " ": write "space"',
    '","': 'unknown key ",": write "comma"',
    '"F5"': 'unknown key "F5": write "f5"',
    '"Ctrl+D"': 'unknown key "Ctrl+D": write "ctrl+d"',
    '"Ctrl-D"': 'write "ctrl+d"',
    '"^d"': 'write "ctrl+d"',
    '"spacebar"': 'write "space"',
    '"Page Down"': 'write "pagedown"',
    '"shift+z"': 'write "Z"',
    '"ctrl+i"': 'write "tab"',
    '"ctrl+["': 'write "escape"',
    '"escpe"': 'write "escape"',
    '"cmd+k"': "keys are written",
    '"alt+x"': "keys are written",
    '"ctrl+1"': "keys are written",
    '"f25"': "keys are written",
    '"z,"': "keys are written",
    '"z,Foo"': 'unknown key "Foo"',
    '"<any>"': "keys are written",
    '"[/]"': 'unknown key "[/]"',
    r'"\u001b"': 'unknown key "␛"',
    r'"\u009b"': "unknown key",
    f'"{"x" * 10_000}"': "unknown key",
    '""': "must be keys as text",
    "3": "must be keys as text",
    "true": "must be keys as text",
    '["z"]': "must be keys as text",
    "{a = 1}": "must be keys as text",
    '"d"': "the key d is assigned to delete and duplicate; duplicate keeps y",
    '"?"': "the key question_mark is assigned to duplicate and help",
    '"j"': "the key j moves in lists",
    '"tab"': "the key tab goes to the next panel",
    '"ctrl+q"': "the key ctrl+q quits",
    '"ctrl+p"': "the key ctrl+p opens the palette",
}  # fmt: skip


@pytest.mark.parametrize("written", WRONG, ids=lambda written: written[:20])
def test_a_key_that_would_not_work_is_named_and_the_usual_one_stays(file: Path, written: str) -> None:
    file.write_text(f'theme = "nord"\n[keys]\nduplicate = {written}\nundo = "z"\n', "utf-8")
    config = read_config(["nord"])
    trouble = next(each for each in config.troubles)
    assert WRONG[written] in trouble
    assert "duplicate" in trouble
    assert len(config.troubles) == 1 and len(trouble) < 200  # noqa: PT018 (one trouble, in few words)
    assert trouble.isprintable()
    # What is right beside it holds.
    assert config.keys == {"undo": "z"}
    assert config.theme == "nord"


RIGHT = {
    '"z"': "z",
    '" z , f5 "': "z,f5",
    '"Z"': "Z",
    '"/"': "slash",
    '"slash"': "slash",
    '"é"': "é",
    '"ctrl+d"': "ctrl+d",
    '"shift+f5"': None,
    '"ctrl+@"': "ctrl+@",
    '"shift+home"': "shift+home",
    '"f24"': "f24",
}


@pytest.mark.parametrize("written", RIGHT)
def test_a_key_by_its_name_is_taken(file: Path, written: str) -> None:
    file.write_text(f"[keys]\nduplicate = {written}\n", "utf-8")
    config = read_config([])
    if RIGHT[written] is None:
        assert config.troubles
    else:
        assert config == type(config)({"duplicate": str(RIGHT[written])})


@pytest.mark.parametrize(
    ("text", "keys", "troubles"),
    [
        ('undo = "d"\ndelete = "u"', {"undo": "d", "delete": "u"}, 0),
        ('undo = "z"\nredo = "z"', {"undo": "z"}, 1),
        ('undo = "d"\nredo = "d"', {}, 2),
        # The one takes the key that the other gave up, and has to give it back.
        ('undo = "a"\nadd = "f"', {}, 2),
        ('walk_previous = "p"\nduplicate = "comma"', {"walk_previous": "p", "duplicate": "comma"}, 0),
        ('palette = "ctrl+p, f9"', {"palette": "ctrl+p,f9"}, 0),
    ],
)
def test_no_key_has_two_meanings(file: Path, text: str, keys: dict[str, str], troubles: int) -> None:
    file.write_text(f"[keys]\n{text}\n")
    config = read_config([])
    assert config.keys == keys
    assert len(config.troubles) == troubles


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(USUAL)), st.one_of(st.sampled_from([*USUAL.values(), "z", ",", " ", "F5"]), st.text(max_size=5)), max_size=8))  # fmt: skip
def test_whatever_is_written_every_command_has_a_key_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, str]
) -> None:
    folder = tmp_path_factory.mktemp("config")
    lines = ["[keys]"]
    for name, value in table.items():
        quoted = "".join(f"\\U{ord(character):08x}" for character in value)
        lines.append(f'{name} = "{quoted}"')
    (folder / "config.toml").write_text("\n".join(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nnviz.tui.config.user_config_path", lambda *_, **__: folder)
        config = read_config([])
    sent = NAMED | SIGNS | {key_named(character) for value in table.values() for character in value} - {None}
    owners: dict[tuple[str, str], str] = {}
    for name, usual in USUAL.items():
        for key in config.keys.get(name, usual).split(","):
            assert key in sent
            assert owners.setdefault((WHERE[name], key), name) == name


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\xff\xfe[\x00k\x00", "not UTF-8 text"),
        (b"[keys", "Expected ']'"),
        (b"a = " + b"[" * 5000, "recursion"),
        (b"a = " + b"1" * 5000, "digits"),
        (b"a" * 1_000_001, "larger than 1,000,000 bytes"),
        (b"keys = 3", "keys must be a table"),
        (b"theme = [1]", "unknown theme"),
        (b"theme = '\\u001b[31m'", "unknown theme"),
        (b"color = 1", "unknown entry color"),
        (b"\n".join(b"k%d = 1" % number for number in range(1000)), "996 more problems"),
        (b"", ""),
        (b"\xef\xbb\xbftheme = 'nord'\r\n", ""),
    ],
)
def test_a_file_that_cannot_be_meant_is_named(file: Path, raw: bytes, words: str) -> None:
    file.write_bytes(raw)
    config = read_config(["nord"])
    assert bool(config.troubles) == bool(words)
    assert words in (config.troubles or ("",))[-1]
    assert all(trouble.isprintable() for trouble in config.troubles)
    assert config.keys == {}


def test_what_is_no_file_is_neither_waited_for_nor_read_without_end(file: Path) -> None:
    file.mkdir()
    assert "it is not a regular file" in read_config([]).troubles[0]
    file.rmdir()
    os.mkfifo(file)
    assert "it is not a regular file" in read_config([]).troubles[0]
    file.unlink()
    file.symlink_to("/dev/zero")
    assert "it is not a regular file" in read_config([]).troubles[0]
    file.unlink()
    file.symlink_to(file)
    assert "Too many levels" in read_config([]).troubles[0]
    file.unlink()
    assert read_config([]).troubles == ()


@pytest.mark.parametrize("home", [None, "", "relative", "/nonexistent", "/dev/null"])
def test_a_user_whom_the_system_does_not_know_has_the_usual_keys(
    monkeypatch: pytest.MonkeyPatch, home: str | None
) -> None:
    def unknown(_uid: int) -> None:
        raise KeyError("uid not found")

    monkeypatch.undo()
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    if home is not None:
        monkeypatch.setenv("HOME", home)
    path = config_path()
    assert path is None or path.is_absolute()
    assert read_config([]) == type(read_config([]))()


@pytest.mark.parametrize("folder", ["", "relative", "~", "/dev/null", "/dev/zero", "/nonexistent"])
def test_a_folder_of_configurations_that_is_none_is_as_good_as_empty(
    monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.setenv("XDG_CONFIG_HOME", folder)
    assert read_config([]).troubles == ()


async def test_the_program_opens_with_the_worst_of_configurations_and_all_keys_work(file: Path) -> None:
    file.write_text('[keys]\ntrain = " "\nduplicate = ","\nundo = "F5"\nredo = "Ctrl+D"\n')
    async with running() as pilot:
        screen = await ready(pilot)
        told = toasts(pilot)
        assert all(f"keys.{name}:" in told for name in ("train", "duplicate", "undo", "redo"))
        await pilot.press("y")
        assert len(screen.lab.network.layers) == 6
        await pilot.press("u")
        assert len(screen.lab.network.layers) == 5
        await pilot.press("U")
        assert len(screen.lab.network.layers) == 6
        await pilot.press("u", "space")
        await until(pilot, lambda: screen.lab.status.running)
