"""Completion of words in a shell, as the README says to switch it on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nnviz.cli.commands import TARGETS
from nnviz.network import PRESETS
from tests.data.own import WINE, written


def completed(words: str, at: int, shell: str = "bash") -> list[str]:
    """What the program answers a shell that asks for the word at this place."""
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(at), "_NNVIZ_COMPLETE": f"{shell}_complete"}
    found = subprocess.run(
        [sys.executable, "-m", "nnviz"], env={**os.environ, **asked}, check=True, capture_output=True, text=True
    )
    assert found.stderr == ""
    return found.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "at", "expected"),
    [
        ("nnviz su", 1, ["plain,summary"]),
        ("nnviz mod", 1, ["file,mod"]),
        ("nnviz summary mod", 2, ["file,mod"]),
        ("nnviz train mod", 2, ["file,mod"]),
        ("nnviz new digits-", 2, ["plain,digits-dense", "plain,digits-convolutions"]),
        ("nnviz export run --to ", 4, [f"plain,{target}" for target in TARGETS]),
        ("nnviz export run -o pic", 4, ["file,pic"]),
        ("nnviz export --to", 2, ["plain,--to"]),
        ("nnviz curves Softp", 2, ["plain,softplus"]),
        ("nnviz curves tanh hardt", 3, ["plain,hardtanh"]),
    ],
)
def test_words_are_completed(words: str, at: int, expected: list[str]) -> None:
    assert completed(words, at) == expected


@pytest.mark.parametrize(
    ("words", "at", "expected"),
    [
        ("nnviz train --data wi", 3, ["file,wi"]),
        ("nnviz train wine.csv --target ", 4, ["plain,acid", "plain,2", "plain,colour", "plain,quality"]),
        ("nnviz train wine.csv --target co", 4, ["plain,colour"]),
        ("nnviz train m.toml --data wine.csv --target QU", 6, ["plain,quality"]),
        ("nnviz summary wine.csv --ignore acid --ignore q", 6, ["plain,quality"]),
        ("nnviz new wine.csv --target a", 4, ["plain,acid", "plain,2"]),
        ("nnviz --data wine.csv --target ac", 4, ["plain,acid"]),
        ("nnviz train missing.csv --target a", 4, [""]),
        ("nnviz train --target a", 3, [""]),
    ],
)
def test_columns_of_the_file_named_before_are_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, at: int, expected: list[str]
) -> None:
    written(tmp_path, WINE.replace("ash", "ash of it"))
    monkeypatch.chdir(tmp_path)
    assert completed(words, at) == expected


def test_without_a_word_there_are_all_commands_and_presets() -> None:
    commands = [line.removeprefix("plain,") for line in completed("nnviz ", 1)]
    assert commands == ["check", "curves", "export", "new", "order", "predict", "summary", "train"]
    assert len(completed("nnviz new ", 2)) == len(PRESETS)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_its_script(shell: str) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "nnviz"],
        env={**os.environ, "_NNVIZ_COMPLETE": f"{shell}_source"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert "_nnviz_completion" in found.stdout
    assert f"_NNVIZ_COMPLETE={shell}_complete" in found.stdout


def test_bash_completes_by_the_line_of_the_readme(tmp_path: Path) -> None:
    program = tmp_path / "nnviz"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m nnviz "$@"\n')
    program.chmod(0o755)
    script = """
    eval "$(_NNVIZ_COMPLETE=bash_source nnviz)"
    complete -p nnviz
    COMP_WORDS=(nnviz new res) COMP_CWORD=2
    _nnviz_completion nnviz
    echo "${COMPREPLY[@]}"
    """
    surroundings = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    found = subprocess.run(["bash", "-c", script], env=surroundings, check=True, capture_output=True, text=True)
    assert found.stdout.splitlines() == ["complete -o nosort -F _nnviz_completion nnviz", "residual"]
