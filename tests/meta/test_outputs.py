"""What a run writes: never over the user's files, never stale, and told where it cannot be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from blackbox import AFFINE, HEAD, RELU, ROOT, command, command_here

from layercheck.reporting.earlier import is_report
from layercheck.reporting.lockstep.html import render as page_of_training
from layercheck.reporting.lockstep.json import render as json_of_training
from layercheck.training import lockstep

NET = "three_layer_conv_net"
GOOD = HEAD + RELU + AFFINE
RUN = f"{sys.executable} -m layercheck"

# ---------------------------------------------------------------------- nothing of the user's


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A homework under several names, its helper, and a file that is neither."""
    sub = tmp_path / "sub"
    sub.mkdir()
    for name in ("layers.py", "report.json", "report.html", "sub/report.json"):
        (tmp_path / name).write_text(GOOD)
    (tmp_path / "helper.py").write_text("")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "summary.csv").write_text("name,grade\n")
    os.link(tmp_path / "layers.py", tmp_path / "hard.json")
    (tmp_path / "soft.json").symlink_to("layers.py")
    (tmp_path / "soft.html").symlink_to("helper.py")
    (tmp_path / "later.html").symlink_to("later.py")
    (tmp_path / "layers-py.json").write_text("{}")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("layers.py --json layers.py", "would overwrite layers.py, which is to be checked"),
        ("layers.py --html sub/../layers.py", "would overwrite layers.py"),
        ("layers.py --json hard.json", "would overwrite layers.py"),
        ("layers.py --json soft.json", "would overwrite layers.py"),
        ("soft.json --json layers.py", "would overwrite soft.json"),
        ("report.json --out .", "would overwrite report.json"),
        ("report.html --out .", "report.json: it is there and no report"),
        ("sub/report.json --out sub", "would overwrite sub/report.json"),
        ("layers.py --json helper.py", "a source's name"),
        ("layers.py --html soft.html", "a source's name"),
        ("layers.py --html later.html", "a source's name"),
        ("layers.py --json new.ipynb", "a source's name"),
        ("layers.py --json notes.txt", "it is there and no report"),
        ("ref_layers --json notes.txt", "it is there and no report"),
        ("layers.py --json x.json --html x.json", "would both go to x.json"),
        ("layers.py --json x.json --html sub/../x.json", "would both go to sub/../x.json"),
        ("layers.py --out new --json new/report.html", "would both go to new/report.html"),
        ("layers.py helper.py --out .", "layers-py.json: it is there and no report"),
        ("helper.py report.json --out .", "summary.csv: it is there and no report"),
    ],
)
def test_a_report_never_takes_the_place_of_anything_else(
    arguments: str, told: str, folder: Path
) -> None:
    before = contents(folder)
    run = command_here("check", *arguments.split(), cwd=folder)
    assert run.code == 2, run.out + run.err
    assert told in run.err
    assert "; expected " in run.err
    assert "choose another" in run.err
    assert len(run.err.splitlines()) == 1
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("--html r.json", "got r.json for the html report; expected a name that ends in .html"),
        ("--report csv=r.xml", "got r.xml for the csv report; expected a name that ends in .csv"),
        ("--baseline b.html --update", "got b.html for the json report; expected a name"),
        ("--html kept", "cannot write the html report to kept: a json report is there; expected"),
        ("--report csv=kept", "cannot write the csv report to kept: a json report is there"),
        ("--json nope/a.json", "cannot write nope/a.json: there is no folder nope; expected one"),
        ("--report csv=nope/x.csv", "cannot write nope/x.csv: there is no folder nope"),
        ("--baseline nope/b.json --update", "cannot write nope/b.json: there is no folder nope"),
        ("--out new --html nope/p.html", "cannot write nope/p.html: there is no folder nope"),
    ],
)
def test_a_format_keeps_to_its_own_files_and_to_folders_that_are_there(
    arguments: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / "layers.py").write_text(HEAD + RELU)
    (tmp_path / "kept").write_text(json_of_training(lockstep.run(lockstep.Plan(NET, steps=2), [])))
    before = contents(tmp_path)
    run = command_here("check", "layers.py", *arguments.split(), cwd=tmp_path)
    assert run.code == 2, run.out + run.err
    assert told in run.err
    assert "choose another" in run.err
    assert len(run.err.splitlines()) == 1
    assert contents(tmp_path) == before
    assert not (tmp_path / "nope").exists()


def test_a_training_never_takes_the_place_of_anything_else(folder: Path) -> None:
    arguments = ("lockstep", "three_layer_conv_net", "--json", "notes.txt")
    run = command_here(*arguments, cwd=folder)
    assert run.code == 2
    assert "it is there and no report" in run.err


def test_an_earlier_report_of_any_form_may_be_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(GOOD)
    (tmp_path / "b.py").write_text(HEAD + RELU)
    (tmp_path / "empty.json").write_text("")
    for arguments in (
        ["check", "a.py", "--json", "empty.json", "--html", "page"],
        ["check", "a.py", "b.py", "--out", "out"],
    ):
        for _ in range(2):
            run = command_here(*arguments, cwd=tmp_path)
            assert run.code == 0, run.out + run.err
    training = lockstep.run(lockstep.Plan("three_layer_conv_net", steps=2), [])
    (tmp_path / "l.json").write_text(json_of_training(training))
    (tmp_path / "l.html").write_text(page_of_training(training), encoding="utf-8")
    written = [*(tmp_path / "out").iterdir(), *(tmp_path / n for n in ("l.json", "l.html", "page"))]
    assert len(written) == 9
    assert all(map(is_report, written))
    assert not is_report(tmp_path / "a.py")


# ---------------------------------------------------------------------- nothing stale


@pytest.mark.parametrize(
    ("after", "options"),
    [("", []), (None, []), ("x = 1\n", []), (HEAD + AFFINE, ["--op", "relu"])],
    ids=["emptied", "removed", "nothing to check", "the function is gone"],
)
def test_no_older_report_outlives_its_subject(
    after: str | None, options: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "layers.py"
    file.write_text(GOOD)
    arguments = ("check", "layers.py", *options, "--out", "out", "--html", "page.html")
    assert command_here(*arguments, cwd=tmp_path).code == 0
    file.unlink()
    if after is not None:
        file.write_text(after)
    run = command_here(*arguments, cwd=tmp_path)
    assert run.code == 2
    assert "removed the report of an earlier run: out/report.json, page.html" in run.err
    assert [p for p in tmp_path.rglob("*") if p.suffix in (".json", ".html")] == []
    again = command_here(*arguments, cwd=tmp_path)
    assert "removed" not in again.err


def test_a_slip_of_the_pen_removes_no_report(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text(GOOD)
    assert command_here("check", "layers.py", "--out", "out", cwd=tmp_path).code == 0
    for slip in (["--oracle", "nosuch"], ["--where", "stride >"], ["--grid", "architectures"]):
        assert command_here("check", "layers.py", "--out", "out", *slip, cwd=tmp_path).code == 2
    assert is_report(tmp_path / "out" / "report.json")


def test_no_older_report_outlives_a_file_of_a_folder(tmp_path: Path) -> None:
    files = [tmp_path / "in" / name for name in ("y.py", "z.py")]
    files[0].parent.mkdir()
    for file in files:
        file.write_text(GOOD)
    assert command_here("check", "in", "--out", "out", cwd=tmp_path).code == 0
    files[1].write_text("")
    run = command_here("check", "in", "--out", "out", cwd=tmp_path)
    assert run.code == 1
    assert "removed the report of an earlier run: out/z-py.html, out/z-py.json" in run.err
    left = {path.name for path in (tmp_path / "out").iterdir()}
    whole = {"summary.csv", "summary.html", "grades.csv", "class.html"}
    assert left == {"y-py.html", "y-py.json", *whole}
    assert "removed the report" in (tmp_path / "out" / "summary.csv").read_text()


# ---------------------------------------------------------------------- outputs that fail


@pytest.mark.parametrize("columns", ["abc", "0", "-3", "1", "\u00b2", "9" * 30, ""])
def test_any_width_will_do(columns: str, tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text(HEAD + RELU)
    quiet = ["--quiet"] if columns != "abc" else []
    run = command("check", "layers.py", *quiet, cwd=tmp_path, COLUMNS=columns, LINES=columns)
    assert run.code == 0, run.err
    assert run.out.splitlines()[-1].startswith("passed: ")


def shell(line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "layers.py").write_text(HEAD + RELU)
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "", **environment},
    )


@pytest.mark.parametrize(
    ("line", "status", "told"),
    [
        ("check layers.py >&-", 2, "standard output is closed"),
        ("check layers.py --json x.json >&- <&-", 2, "standard output is closed"),
        ("check layers.py >/dev/full", 2, "cannot write to standard output: No space left"),
        ("check layers.py --json - >/dev/full", 2, "cannot write to standard output"),
        ("ops >/dev/full", 2, "cannot write to standard output"),
        ("--help >/dev/full", 2, "cannot write to standard output"),
        ("check layers.py --json /dev/full", 2, "cannot write /dev/full: No space left"),
        ("check nothing.py 2>/dev/full", 2, ""),
        ("check layers.py 2>&-", 0, ""),
        ("check layers.py | true", 141, ""),
        ("check layers.py --json - | true", 141, ""),
        ("cases --grid quick | head -1", 141, ""),
        ("--help | true", 141, ""),
    ],
)
def test_an_output_that_fails_is_told_without_a_traceback(
    line: str, status: int, told: str, tmp_path: Path
) -> None:
    run = shell(f"{RUN} {line}", tmp_path)
    assert run.returncode == status, run.stderr
    assert told in run.stderr
    assert len(run.stderr.splitlines()) == bool(told)
    assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize(("line", "status"), [("ops >/dev/full", 2), ("ops | true", 141)])
def test_an_unbuffered_output_fails_alike(line: str, status: int, tmp_path: Path) -> None:
    run = shell(f"{RUN} {line}", tmp_path, PYTHONUNBUFFERED="1")
    assert run.returncode == status
    assert "Traceback" not in run.stderr


def test_what_is_read_to_its_end_keeps_its_status(tmp_path: Path) -> None:
    assert shell(f"{RUN} check layers.py | cat >/dev/null", tmp_path).returncode == 0
    full = shell(f"{RUN} check layers.py --json - 2>&1 >x.json | cat", tmp_path)
    assert full.returncode == 0
    assert json.loads((tmp_path / "x.json").read_text())["summary"]["passed"] is True


# ---------------------------------------------------------------------- nothing that acts

ACTS = "\x1b[2J\x1b]0;title\x07\u202e\u200b\x9b\ud800\r\x00"
GIVEN = "\x1b[2J\u202e\r\udcff"
"""What a command's arguments can hold."""

HOSTILE = f"""
import numpy as np

def relu_forward(x):
    print({ACTS!r})
    raise ValueError({ACTS!r} + "=1+1")

def affine_forward(x, w, b):
    raise type({ACTS[:12]!r}, (Exception,), {{}})(*[{ACTS!r}] * 3)

def softmax_loss(x, y):
    {ACTS[:-1]!r} + 1
"""


def test_no_output_holds_what_acts_on_a_terminal(tmp_path: Path) -> None:
    """Escapes, marks that turn the direction of text, surrogates: errors and progress included."""
    odd = os.fsencode(tmp_path) + b"/h\x1b[2J\xff\xe2\x80\xae\nw.py"
    Path(os.fsdecode(odd)).write_text(HOSTILE)
    (tmp_path / "broken.py").write_text("def f(x):\n    '\x1b[2J' = \x1b[2J\n")
    runs = [
        command("check", os.fsdecode(odd), cwd=tmp_path),
        command_here("check", os.fsdecode(odd), "--op", GIVEN, cwd=tmp_path),
        command("check", ".", "--out", "out", "--jobs", "2", cwd=tmp_path),
        command("replay", "relu x=3 seed=1", os.fsdecode(odd), cwd=tmp_path),
        command_here("replay", f"relu x={GIVEN}", "broken.py", cwd=tmp_path),
        command_here("check", f"{GIVEN}.py", cwd=tmp_path),
    ]
    texts = [text for run in runs for text in (run.out, run.err)]
    texts += [(tmp_path / "out" / "summary.csv").read_text(encoding="utf-8")]
    assert "\\x1b[2J" in texts[-1]
    for text in texts:
        assert [c for c in text if not c.isprintable() and c != "\n"] == []
        assert "Traceback" not in text or "ValueError" in text
