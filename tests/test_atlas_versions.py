"""`layercheck differ before.json after.json`: what two runs of the atlas answer otherwise."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from layercheck.atlas.versions import answers_of, changes, moved, read
from layercheck.cli.commands.differ import command
from layercheck.errors import UsageError

ROOT = Path(__file__).parents[1]


def answered(**words: str) -> dict[str, Any]:
    """A file's contents with one row."""
    seen = {name: {"words": told, "values": "", "error": ""} for name, told in words.items()}
    return {"versions": {"torch": "2.12"}, "rows": [{"op": "relu", "id": "a", "seen": seen}]}


def test_what_no_longer_agrees_stands_first_and_what_was_not_asked_last() -> None:
    before = answered(torch="refuses: no", keras="agrees", jax="agrees", tensorflow="differs: dx")
    after = answered(torch="refuses: yes", keras="differs: out", tensorflow="agrees")
    made = changes(answers_of(before), answers_of(after))
    assert [one.route for one in made] == ["keras", "tensorflow", "torch", "jax"]
    assert made[0].told == "relu a: keras: agrees -> differs: out"
    assert made[-1].after == "not asked"


def test_the_published_answers_are_those_of_themselves() -> None:
    whole = read(ROOT / "reports" / "atlas.json")
    assert len(whole.words) > 2000
    assert changes(whole, whole) == []
    assert moved(whole.versions, whole.versions) == ""


def test_versions_that_moved_are_named() -> None:
    told = moved({"torch": "1", "numpy": "2", "keras": "3"}, {"torch": "2", "numpy": "2"})
    assert told == "torch 1 -> 2, keras 3 -> none"


def write(folder: Path, name: str, data: Any) -> str:
    path = folder / name
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return str(path)


def test_the_command_tells_versions_changes_and_counts(tmp_path: Path) -> None:
    before = answered(torch="agrees", keras="agrees")
    after = copy.deepcopy(before) | {"versions": {"torch": "2.13"}}
    after["rows"][0]["seen"]["torch"]["words"] = "crashes: \x1b[1mSIGFPE"
    files = [write(tmp_path, "b.json", before), write(tmp_path, "a.json", after)]
    said = CliRunner().invoke(command, files, standalone_mode=False)
    assert said.output.splitlines() == [
        "torch 2.12 -> 2.13",
        r"relu a: torch: agrees -> crashes: \x1b[1mSIGFPE",
        "1 of 2 answers changed",
    ]
    said = CliRunner().invoke(command, [*files, "--op", "tanh"], standalone_mode=False)
    assert said.output.splitlines()[-1] == "0 of 2 answers changed"


def test_routes_are_told_apart_by_the_answers_of_another_machine() -> None:
    told = ["torch", "torch/cuda", "--answers", str(ROOT / "reports" / "atlas_h200.json")]
    said = CliRunner().invoke(command, [*told, "--op", "conv2d"], standalone_mode=False)
    lines = said.output.splitlines()
    assert lines[0].startswith("answers of torch 2.11.0")
    assert "  torch/cuda  differs: out" in lines  # TF32
    assert lines[-1].startswith("3 differences; ")
    said = CliRunner().invoke(command, [*told[:2], "--op", "conv2d"], standalone_mode=False)
    assert isinstance(said.exception, UsageError)
    assert "the atlas has no answers of torch/cuda" in str(said.exception)


SPOILT = {
    "no JSON": "{",
    "another form": "[]",
    "no rows": '{"versions": {}}',
    "a word that is none": json.dumps(answered(torch="x")).replace('"x"', "3"),
    "a version that is none": json.dumps({"versions": {"torch": 2}, "rows": []}),
    "too deep": "[" * 100_000,
}


@pytest.mark.parametrize("text", SPOILT.values(), ids=SPOILT)
def test_what_holds_no_answers_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no answers; expected what `layercheck atlas"):
        read(Path(write(tmp_path, "x.json", text)))


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read .*: No such file"):
        read(tmp_path / "none.json")
    with pytest.raises(UsageError, match="cannot read"):
        read(tmp_path)
