"""Many files at once, and how the command is used for files."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from submitted import (
    AFFINE,
    HOMEWORK,
    HONEST,
    ROOT,
    WRONG_FORWARD,
    layercheck,
)

from layercheck.pipeline import many
from layercheck.pipeline.many import (
    check_and_write,
    check_file,
    check_many,
    kept_row,
    report_names,
    reports_at,
)
from layercheck.pipeline.options import Options
from layercheck.reporting.formats import json as json_format
from layercheck.reporting.sealing import write_sealed
from layercheck.reporting.summary import SUMMARY, row_of

# ---------------------------------------------------------------------- many


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "good.py": HONEST + AFFINE,
        "bad.py": WRONG_FORWARD + AFFINE,
        "broken.py": "def f(:\n",
        "empty.py": "",
        "binary.py": "\0\1\2",
    }.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def reports_of(folder: Path, out: Path, jobs: int) -> dict[str, Any]:
    check_many(sorted(folder.glob("*.py")), Options(), jobs, out, lambda text: None)
    return {p.name: p.read_bytes() for p in sorted(out.iterdir()) if p.suffix != ".html"}


def test_many_files_make_a_report_each_and_a_summary(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = layercheck("check", *(str(p) for p in sorted(folder.glob("*.py"))), "--out", str(out))
    assert run.returncode == 1, run.stderr
    table = (out / "summary.csv").read_text().splitlines()
    rows = {Path(r["subject"]).name: r for r in csv.DictReader(table)}
    assert len(rows) == 5
    assert {name for name, row in rows.items() if row["passed"] == "True"} == {"good.py"}
    assert rows["bad.py"]["failing"] == "relu_forward"
    assert "defines no function" in rows["empty.py"]["problem"]
    assert "good-py.html" in (out / "summary.html").read_text()
    assert json.loads((out / "good-py.json").read_text())["profile"] == "cs231n"


def test_one_and_two_jobs_write_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    one, two = (reports_of(folder, tmp_path / str(jobs), jobs) for jobs in (1, 2))
    assert {"good-py.json", "bad-py.json", "summary.csv"} <= one.keys()
    assert one == two


def test_started_again_it_does_only_what_is_missing(folder: Path, tmp_path: Path) -> None:
    out, said = tmp_path / "out", []
    paths = sorted(folder.glob("[bg]*d.py"))
    check_many(paths, Options(), 1, out, said.append)
    times = {p.name: p.stat().st_mtime_ns for p in out.glob("*.json")}
    said.clear()
    (folder / "bad.py").write_text(WRONG_FORWARD + AFFINE + "\n# changed\n")
    check_many(paths, Options(), 1, out, said.append)
    assert said[0] == "1 of 2 reports are there already"
    again = {p.name: p.stat().st_mtime_ns for p in out.glob("*.json")}
    assert again["good-py.json"] == times["good-py.json"]
    assert again["bad-py.json"] != times["bad-py.json"]


DAMAGES = {
    "cut.json": lambda data: data[: len(data) // 2],
    "nested.json": lambda data: b"[" * 100_000,
    "bytes.json": lambda data: data.replace(b'"version"', b"\xff\xfe", 1),
    "lacking.json": lambda data: data.replace(b'"checks"', b'"cheques"', 1),
    "partial.json": lambda data: data.replace(b'"partial":false', b'"partial":true', 1),
    "page.html": lambda data: data[: len(data) // 2],
}


def test_a_damaged_report_is_made_anew(tmp_path: Path) -> None:
    out, said = tmp_path / "out", list[str]()
    texts = {name: f"{HONEST}\n# {name}\n" for name in [*DAMAGES, "lost", "kept"]}
    paths = [tmp_path / f"{name.partition('.')[0]}.py" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text)
    check_many(paths, Options(ops=("relu",)), 2, out, said.append)
    whole = {file.name: file.read_bytes() for file in out.iterdir()}
    for name, damage in DAMAGES.items():
        file = out / name.replace(".", "-py.")
        file.write_bytes(damage(file.read_bytes()))
        assert file.read_bytes() != whole[file.name]
    (out / "lost-py.html").unlink()
    said.clear()
    check_many(paths, Options(ops=("relu",)), 2, out, said.append)
    assert said[0] == f"1 of {len(paths)} reports are there already"
    assert {file.name: file.read_bytes() for file in out.iterdir()} == whole


@pytest.mark.parametrize("what", ["options", "helper", "new helper", "table", "version"])
def test_what_a_report_depends_on_is_in_its_fingerprint(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever of it is another one, the report is made anew."""
    file, helper, table = (tmp_path / name for name in ("hw.py", "helper.py", "table.toml"))
    file.write_text("import helper, later\n" + HONEST)
    helper.write_text("")
    table.write_text("[tool.layercheck.relu]\nforward = 'relu_forward'\n")
    options = Options(ops=("relu",), declared=str(table))
    base, report = tmp_path / "hw-py", check_file(file, options)
    write_sealed(report, *reports_at(base))
    assert kept_row(file, options, base) is not None
    if what == "options":
        options = replace(options, strict=True)
    elif what == "helper":
        helper.write_text("# another\n")
    elif what == "new helper":
        (tmp_path / "later.py").write_text("")
    elif what == "table":
        table.write_text(table.read_text() + "# another\n")
        options = Options(ops=("relu",), declared=str(table))
    else:
        monkeypatch.setattr(np, "__version__", "1.0")
    assert kept_row(file, options, base) is None


def test_a_report_is_made_plain_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For its file and for its row in the summary: a class has hundreds."""
    made, plain_report = [], json_format.plain_report
    monkeypatch.setattr(
        json_format, "plain_report", lambda report: made.append(report) or plain_report(report)
    )
    file = tmp_path / "hw.py"
    file.write_text(HONEST)
    row = check_and_write(file, Options(), tmp_path / "hw-py")
    assert row == row_of(json_format.read(reports_at(tmp_path / "hw-py")[1]))
    assert len(made) == 1


def test_no_two_reports_have_one_name() -> None:
    """Nor that of the summary, on no system: `A.py` is `a.py` on some."""
    names = [
        "alice/hw.py",
        "alice__hw.py",
        "alice/hw.ipynb",
        "Alice/hw.py",
        "ALICE/hw.py",
        "summary.py",
        "summary",
    ]
    names += [
        "alice/hw-py.py",
        "alice/hw-py",
        "ü/a.py",
        "ö/a.py",
        "x" * 200 + "1.py",
        "x" * 200 + "2.py",
    ]
    paths = [Path("/submissions", name) for name in names]
    found = report_names(paths)
    assert len({name.casefold() for name in [*found.values(), SUMMARY]}) == len(paths) + 1
    assert max(map(len, found.values())) < 200
    two = report_names([Path("/submissions/Alice.py"), Path("/submissions/ALICE.py")])
    assert len({name.casefold() for name in two.values()}) == 2


def test_a_file_that_is_named_twice_is_judged_once(tmp_path: Path) -> None:
    path = tmp_path / "hw.py"
    path.write_text(HONEST)
    twice = [path, tmp_path / "." / "x" / ".." / "hw.py", path]
    summed = check_many(twice, Options(ops=("relu",)), 1, tmp_path / "out", lambda _: None)
    assert summed.count == len(summed.rows) == 1


def test_what_nobody_foresaw_costs_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise IndexError("list index")

    monkeypatch.setattr(many, "check_file", failing)
    (tmp_path / "hw.json").write_text("what an earlier run left")
    row = many.check_and_write(tmp_path / "hw.py", Options(), tmp_path / "hw")
    assert "IndexError: list index" in row.problem
    assert "layercheck's fault" in row.problem


# ---------------------------------------------------------------------- usage


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing_here.py"], "no file nothing_here.py"),
        (
            ["examples/homework/layers.py", "--profile", "cs999"],
            "unknown profile 'cs999'; expected one of",
        ),
        (["examples/homework/layers.py", "--op", "cheese"], "unknown op 'cheese'; expected one of"),
        (
            ["examples/homework/layers.py", "--op", "tanh"],
            "examples/homework/layers.py has nothing for tanh; it has: affine_backward, ",
        ),
        (
            ["examples/homework/layers.py", "examples/homework/layers_with_mistakes.py"],
            "need --out DIR",
        ),
        (["ref_layers", "--live"], "--live is for files"),
    ],
)
def test_wrong_usage_is_one_clear_line(arguments: list[str], told: str) -> None:
    run = layercheck("check", *arguments)
    assert run.returncode == 2, run.stdout + run.stderr
    assert told in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1


def test_it_works_where_there_is_nothing_but_numpy(tmp_path: Path) -> None:
    """No framework, no python-flint: stand-ins that cannot be imported shadow them."""
    for name in ("torch", "tensorflow", "keras", "flint", "scipy"):
        (tmp_path / f"{name}.py").write_text(
            f"raise ModuleNotFoundError(\"No module named '{name}'\")\n"
        )
    shutil.copy(HOMEWORK / "layers.py", tmp_path / "mine.py")
    run = layercheck("check", "mine.py", cwd=tmp_path, path=f"{tmp_path}:{ROOT}")
    assert run.returncode == 0, run.stdout + run.stderr
