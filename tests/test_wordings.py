"""What is told of an odd input says what was got, what was expected and what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import ROOT
from command_line import layercheck as command

from layercheck.reporting.terminal.lines import LONGEST_NAME, shorter

RELU = "import numpy as np\n\ndef relu_forward(x):\n    return np.maximum(x, 0), x\n"
LAYERS = str(ROOT / "examples/homework/layers.py")
OPTIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "division by zero": (("--where", "stride > 1 / 0"), "divides by 0; expected another number"),
    "remainder by zero": (("--where", "stride % 0 == 1"), "divides by 0; expected another number"),
    "compared with a word": (
        ("--where", "stride > 'a'"),
        "makes no sense for any case: '>' not supported between instances of 'int' and 'str'",
    ),
    "in a number": (("--where", "N in 3"), "makes no sense for any case: "),
    "an oracle without a name": (("--oracle", ""), "unknown oracle ''; expected one of: exact, "),
    "declared by a device": (
        ("--declared", "/dev/null"),
        "/dev/null is no regular file; expected a TOML file with tables [tool.layercheck.OP]",
    ),
}


@pytest.mark.parametrize(("options", "told"), OPTIONS.values(), ids=OPTIONS)
def test_an_option_that_cannot_be_meant_is_told(
    tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    run = command("check", LAYERS, *options, "--out", str(tmp_path / "out"))
    assert run.returncode == 2
    assert told in run.stderr


@pytest.mark.parametrize("minutes", ["-1", "0", "nan", "inf"])
def test_a_search_takes_some_time(tmp_path: Path, minutes: str) -> None:
    run = command("search", "--minutes", minutes, "--out", str(tmp_path / "search"))
    assert run.returncode == 2
    assert "expected a number above 0" in run.stderr
    assert not (tmp_path / "search").exists()


def test_a_division_by_a_size_is_no_mistake(tmp_path: Path) -> None:
    where = ("--op", "relu", "--where", "N / H > 0 and N % 2 == 0")
    assert command("check", LAYERS, *where, "--out", str(tmp_path / "out")).returncode == 0


def test_points_for_a_function_without_a_name_are_refused(tmp_path: Path) -> None:
    table = tmp_path / "points.toml"
    table.write_text('[score]\n"" = 1\n')
    (tmp_path / "class").mkdir()
    (tmp_path / "class/layers.py").write_text(RELU)
    given = (str(tmp_path / "class"), "--require", str(table), "--out", str(tmp_path / "out"))
    run = command("check", *given)
    assert run.returncode == 2
    assert "'' = 1; expected a function's name" in run.stderr


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"# -*- coding: klingon -*-\n", "it names the encoding 'klingon', which is not known"),
        (b"# caf\xe9\n", "it is no text in UTF-8, and names no other encoding"),
    ],
)
def test_an_encoding_that_cannot_be_read_is_told(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "layers.py"
    path.write_bytes(data + RELU.encode())
    run = command("check", str(path), "--out", str(tmp_path / "out"))
    assert run.returncode == 2
    assert told in run.stderr


SOURCES: dict[str, tuple[str, str, str]] = {
    "nul": ("utf-8", f"{RELU}\0", "a NUL stands in line 5; remove it"),
    "deep": ("utf-8", f"x = {'+'.join('1' * 50_000)}\n{RELU}", "it is nested too deeply"),
    "wide": ("utf-16", RELU, "it is text in UTF-16; save it as UTF-8"),
}


@pytest.mark.parametrize(("encoding", "text", "told"), SOURCES.values(), ids=SOURCES)
def test_what_is_no_source_is_told(tmp_path: Path, encoding: str, text: str, told: str) -> None:
    path = tmp_path / "layers.py"
    path.write_text(text, encoding=encoding)
    run = command("check", str(path), "--out", str(tmp_path / "out"))
    assert run.returncode in (1, 2)
    assert told in run.stdout + run.stderr


def test_half_a_character_in_a_cell_is_told(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": f"{RELU}# \ud800", "metadata": {}, "outputs": []}
    path = tmp_path / "layers.ipynb"
    made = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(made))
    run = command("check", str(path), "--out", str(tmp_path / "out"))
    assert "cell 1: not Python: half a character, '\\ud800', stands in line 5" in run.stdout


def test_a_long_name_leaves_room_for_what_is_told(tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text(f"{RELU}\ndef helper_{'a' * 3000}(x):\n    return x\n")
    run = command("check", str(path), "--out", str(tmp_path / "out"))
    assert max(map(len, run.stdout.splitlines())) < 300
    name = shorter("b" * 50 + "c" * 50)
    assert len(name) <= LONGEST_NAME
    assert name[0] + name[-1] == "bc"
    assert shorter("a" * LONGEST_NAME) == "a" * LONGEST_NAME
