"""Two reports compared: what got worse is told first, and fails."""

from __future__ import annotations

import copy
import itertools
import json
import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from command_line import layercheck
from large_report import large
from sample_reports import failing, passing

from layercheck.cli import commands
from layercheck.reporting.compare import text
from layercheck.reporting.compare.changes import ORDER, Changes, changes
from layercheck.reporting.formats import formats, github, junit, markdown
from layercheck.reporting.formats.json import MOST, plain_report
from layercheck.reporting.report import Report


def spoilt(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """The report with one thing changed."""
    made = copy.deepcopy(data)
    check, columns = made["checks"][0], made["comparisons"]
    if kind == "gone":
        made["checks"].pop(0)
    elif kind in ("worse", "wrong"):
        check.update(verdict="wrong", passed=False, failed=1)
    elif kind == "defect":
        made["defects"] = [{"oracle": "torch", "case": "c", "what": "w", "known": None}]
    elif kind in ("grown", "smaller"):
        factor = 2.5 if kind == "grown" else 0.1
        columns["limit_used"] = [v and v * factor for v in columns["limit_used"]]
    elif kind == "fewer":
        places = [i for i, place in enumerate(columns["case"]) if place == 0]
        made["cases"]["text"][0] = "another case"
        assert places
    elif kind == "new":
        made["checks"].append({**check, "target": "more"})
    elif kind == "better":
        check.update(verdict="exact")
    return made


REGRESSIONS = {"gone", "worse", "defect", "grown"}


@pytest.mark.parametrize("kind", ORDER)
def test_each_kind_of_change_is_told_and_counts_where_it_should(kind: str) -> None:
    old = plain_report(passing())
    made = changes(old, spoilt(kind, old))
    assert {one.kind for one in made.found} == {kind}
    assert bool(made.regressions) is (kind in REGRESSIONS)


def test_a_verdict_that_no_longer_passes_counts() -> None:
    """As where less is allowed, or lines that were never run count."""
    old = plain_report(passing())
    new = copy.deepcopy(old)
    new["checks"][0]["passed"] = False
    (change,) = changes(old, new).regressions
    assert (change.kind, change.after.rpartition(", ")[2]) == ("worse", "does not pass")
    assert not changes(new, old).regressions


BESIDE = [
    ({"verdict": "convention"}, {"verdict": "exact"}, "worse", True),
    ({"verdict": "rounding"}, {"verdict": "exact"}, "worse", False),
    (
        {"beyond": {"where": "some numbers are infinite", "cases": 2, "failed": 1}},
        {"beyond": {"where": "some numbers are infinite", "cases": 2, "failed": 0}},
        "worse",
        True,
    ),
    ({"arrays_right": ["out"]}, {"arrays_right": ["out", "db"]}, "gone", True),
    ({"never_run": ["line 3"]}, {"never_run": []}, "fewer", False),
]


@pytest.mark.parametrize(("after", "before", "kind", "counts"), BESIDE)
def test_what_changes_beside_a_verdict_is_told(
    after: dict[str, Any], before: dict[str, Any], kind: str, counts: bool
) -> None:
    old, new = plain_report(passing()), plain_report(passing())
    old["checks"][0].update(before)
    new["checks"][0].update(after)
    (change,) = changes(old, new).found
    assert change.kind == kind
    assert change.is_regression is counts


def test_nothing_changes_between_a_report_and_itself() -> None:
    for report in (passing(), failing(), large(3)):
        data = plain_report(report)
        made = changes(data, data)
        assert made.found == []
        assert made.shared == len(data["cases"]["text"])


def test_twice_the_error_is_not_yet_told() -> None:
    old = plain_report(passing())
    new = copy.deepcopy(old)
    new["comparisons"]["limit_used"] = [v and 2 * v for v in old["comparisons"]["limit_used"]]
    assert changes(old, new).found == []
    new["comparisons"]["max_ulp"] = [v and 2.1 * v for v in old["comparisons"]["max_ulp"]]
    assert {one.what.partition(", ")[2] for one in changes(old, new).found} == {"error in ulp"}


@pytest.mark.parametrize("wrong_in", ["old", "new"])
def test_an_error_counts_where_it_passes_in_both(wrong_in: str) -> None:
    """What was wrong has no earlier error, and is not larger for being right."""
    old = plain_report(passing())
    new = copy.deepcopy(old)
    columns, names = new["comparisons"], new["comparisons"]["names"]
    places = [i for i, used in enumerate(columns["limit_used"]) if used]
    columns["limit_used"][places[0]] *= 50
    assert {one.kind for one in changes(old, new).found} == {"grown"}
    other = {"old": old, "new": new}[wrong_in]["comparisons"]
    other["names"] = [*names, "wrong"]
    other["verdict"][places[0]] = len(names)
    assert changes(old, new).found == []


def test_the_worst_comes_first_in_every_form() -> None:
    old = plain_report(passing())
    made = changes(old, spoilt("defect", spoilt("worse", spoilt("new", spoilt("fewer", old)))))
    kinds = [one.kind for one in made.found]
    assert kinds == ["worse", "defect", "fewer", "new"]
    lines = text.render(made).splitlines()
    assert lines[0].startswith("REGRESSION worse")
    assert lines[-1].startswith("2 regressions, 2 other changes; ")
    table = [line for line in text.markdown(made).splitlines() if line.startswith(("| ❌", "| ·"))]
    assert [line.split()[2] for line in table] == kinds
    page = text.html(made)
    assert page.index("worse") < page.index("fewer")


def test_hostile_names_are_text() -> None:
    old = plain_report(passing())
    new = copy.deepcopy(old)
    new["checks"][0].update(target="<script>|\x1b", verdict="wrong", passed=False)
    made = changes(old, new)
    assert isinstance(made, Changes)
    assert "<script>" not in text.html(made)
    assert "\x1b" not in text.render(made) + text.markdown(made)


# ---------------------------------------------------------------------- the commands


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, [*arguments], standalone_mode=False)


def save(path: Path, data: dict[str, Any]) -> str:
    path.write_text(json.dumps(data))
    return str(path)


def test_compare_fails_on_a_regression_alone(tmp_path: Path) -> None:
    old = plain_report(passing())
    first = save(tmp_path / "old.json", old)
    assert run("compare", first, first).return_value == 0
    better = save(tmp_path / "better.json", spoilt("better", old))
    assert run("compare", first, better).return_value == 0
    worse = save(tmp_path / "worse.json", spoilt("worse", old))
    told = run("compare", first, worse, "--html", str(tmp_path / "c.html"), "--markdown", "-")
    assert told.return_value == 1
    assert told.stdout.startswith("## layercheck: ")
    assert (tmp_path / "c.html").read_text().startswith("<!doctype html>")


BROKEN: list[tuple[str, Any]] = [
    ("checks", None),
    ("checks", [{}]),
    ("manifest", 5),
    ("subject", None),
    ("subject", 5),
    ("checks", [{**plain_report(passing())["checks"][0], "target": 5}]),
    ("comparisons", {}),
    ("cases", {"text": []}),
    ("checks", [{**plain_report(passing())["checks"][0], "verdict": "odd"}]),
]
"""Fields of a report that somebody edited."""


@pytest.mark.parametrize(
    "data",
    [
        *("[]", '{"version": 2}', "no json", '{"version": 1}', "[" * 200_000),
        *(json.dumps({**plain_report(passing()), name: value}) for name, value in BROKEN),
    ],
    ids=lambda data: data[:20],
)
def test_what_is_no_report_is_refused(data: str, tmp_path: Path) -> None:
    file = tmp_path / "odd.json"
    file.write_text(data)
    ran = layercheck("compare", str(file), str(file))
    assert ran.returncode == 2
    assert "is no report of this version" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_what_is_no_regular_file_or_too_large_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(MOST + 1)
    for name in ("/dev/zero", str(tmp_path / "pipe.json"), str(tmp_path / "huge.json")):
        ran = layercheck("compare", name, name)
        assert ran.returncode == 2
        assert len(ran.stderr.splitlines()) == 1
        assert re.search("no regular file|at most 256 MB", ran.stderr)


def test_a_name_that_no_file_can_have_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps(plain_report(passing())))
    file = str(tmp_path / "r.json")
    ran = layercheck("compare", file, file, "--markdown", f"{tmp_path}/{'a' * 300}.md")
    assert ran.returncode == 1
    assert "File name too long" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_what_came_and_went_is_told_in_the_reports_own_order() -> None:
    old = plain_report(passing())
    names = [f"f{number}" for number in range(40)]
    new = {**old, "checks": [{**old["checks"][0], "target": name} for name in names]}
    assert [one.what for one in changes(old, new).found if one.kind == "new"] == names
    assert [one.what for one in changes(new, old).found if one.kind == "gone"] == names


def test_reports_without_a_case_in_common_say_so() -> None:
    old = plain_report(passing())
    other = {**old, "cases": {**old["cases"], "text": ["relu x=1"] * len(old["cases"]["text"])}}
    assert changes(old, other).headline.endswith(
        "0 cases in both: the verdicts alone were compared"
    )


def test_two_forms_of_a_comparison_need_a_file_each(tmp_path: Path) -> None:
    first = save(tmp_path / "old.json", plain_report(passing()))
    ran = layercheck("compare", first, first, "--html", "x", "--markdown", "x")
    assert ran.returncode == 2
    assert "would both go to x" in ran.stderr


FEW = ["ref_layers", "--oracle", "exact", "--op", "relu", "--grid", "quick", "--quiet"]


def test_a_baseline_is_made_held_and_renewed(tmp_path: Path) -> None:
    base = tmp_path / "base.json"
    lacking = layercheck("check", *FEW, "--baseline", str(base))
    assert lacking.returncode == 2
    assert f"cannot read {base}" in lacking.stderr
    assert layercheck("check", *FEW, "--update").returncode == 2
    assert run("check", *FEW, "--baseline", str(base), "--update").return_value == 0
    held = run("check", *FEW, "--baseline", str(base))
    assert held.return_value == 0
    assert "no regression, 0 other changes; 20 cases in both" in held.output
    stricter = json.loads(base.read_text())
    stricter["checks"].append({**stricter["checks"][0], "target": "gelu"})
    base.write_text(json.dumps(stricter))
    assert run("check", *FEW, "--baseline", str(base)).return_value == 1
    renewed = run("check", *FEW, "--baseline", str(base), "--update")
    assert f"wrote {base}; LOOSER than before: gelu" in renewed.output
    assert run("check", *FEW, "--baseline", str(base)).return_value == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--json", "base.json"], "the json and the baseline report would both go to base.json"),
        (["--report", "json=./base.json"], "the json and the baseline report would both go to"),
        (["--out", "."], "the json and the baseline report would both go to"),
        (["--baseline", "-", "--update"], "got --baseline -; expected a file"),
        (["--baseline", "none.json"], "there is none; make it with --baseline FILE --update"),
        (["--json", "a.json", "--report", "json=b.json"], "got --json and --report json; expected"),
    ],
)
def test_a_baseline_is_not_overwritten_before_it_is_read(
    options: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a run would be held against itself."""
    monkeypatch.chdir(tmp_path)
    name = "report.json" if "--out" in options else "base.json"
    base = Path(save(tmp_path / name, plain_report(passing())))
    before = base.read_bytes()
    ran = run("check", *FEW, "--baseline", name, *options)
    assert ran.return_value is None
    assert told in str(ran.exception)
    assert base.read_bytes() == before


# ---------------------------------------------------------------------- every output, one outcome


def worse() -> Report:
    """A report that passes by itself, held against one that was better in two ways."""
    made = passing()
    old = plain_report(made)
    return made.held_against(changes(spoilt("smaller", old), old).found)


def test_every_format_tells_what_got_worse_since_the_baseline() -> None:
    report = worse()
    count = len(report.regressions)
    assert count > 0
    assert passing().passed
    assert not report.passed
    lines = github.render(report).splitlines()
    assert sum(line.startswith("::error ") for line in lines) == count
    assert "::FAILED: " in lines[-1]
    assert "regression" in lines[-1]
    root = ElementTree.fromstring(junit.render(report))
    assert root.get("failures") == str(count) == str(len(root.findall(".//failure")))
    told = {one.told for one in report.regressions}
    assert {one.text for one in root.iterfind(".//failure")} == told
    page = formats()["html"].render(report)
    data = json.loads(formats()["json"].render(report))
    assert data["summary"]["passed"] is False
    assert sum(one["is_regression"] for one in data["changes"]) == count
    streamed = [json.loads(line) for line in formats()["jsonl"].render(report).splitlines()]
    assert [one["change"] for one in streamed if "change" in one] == data["changes"]
    text_of = formats()["markdown"].render(report)
    assert text_of.count("❌ regression, ") == count
    for change in report.regressions:
        assert change.before in page
        assert markdown.plain(change.told) in text_of
    assert "× Failed" in page
    assert "FAILED" in text_of


def test_a_run_tells_its_files_what_it_tells_its_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("check", *FEW, "--baseline", "base.json", "--update").return_value == 0
    better = json.loads(Path("base.json").read_text())
    better["checks"].append({**better["checks"][0], "target": "gelu"})
    Path("base.json").write_text(json.dumps(better))
    held = run(
        *("check", *FEW, "--baseline", "base.json", "--json", "new.json"),
        *("--report", "junit=j.xml", "--report", "github=g.txt", "--report", "jsonl=l.jsonl"),
    )
    assert held.return_value == 1
    assert "FAILED: 1 regression against the baseline; " in held.output
    assert Path("g.txt").read_text().startswith("::error title=regression%3A gelu::gelu: ")
    assert ElementTree.parse("j.xml").getroot().get("failures") == "1"
    assert json.loads(Path("new.json").read_text())["summary"]["passed"] is False
    last = Path("l.jsonl").read_text().splitlines()[-1]
    assert json.loads(last)["summary"]["passed"] is False


def test_the_error_that_grew_most_comes_first_whatever_the_order_of_a_set() -> None:
    old = plain_report(large(3))
    new = copy.deepcopy(old)
    used = new["comparisons"]["limit_used"]
    new["comparisons"]["limit_used"] = [v and v * (2.5 + i % 7) for i, v in enumerate(used)]
    grown = [one for one in changes(old, new).found if one.kind == "grown"]
    factors = [float(one.after) / float(one.before) for one in grown]
    assert len(factors) > 2
    assert all(a >= b * 0.98 for a, b in itertools.pairwise(factors))


# ---------------------------------------------------------------------- what is no longer asked

LEAKY = """
import numpy as np

def leaky_relu(x, negative_slope=0.01):
    return np.where(x > 0, x, x * x.dtype.type(negative_slope)), x
"""

GELU = """
import numpy as np

def gelu(x, approximate="none"):
    REFUSED
    if approximate == "tanh":
        inner = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
        return (0.5 * x * (1 + np.tanh(inner))).astype(x.dtype), x
    from math import erf
    at = np.vectorize(erf, otypes=[float])(x / np.sqrt(2.0))
    return (0.5 * x * (1 + at)).astype(x.dtype), x
"""
REFUSED = "if approximate == 'tanh': raise NotImplementedError('tanh')"

LOST = [
    (LEAKY, ("negative_slope=0.01):", "):\n    negative_slope = 0.01"), "negative_slope"),
    (GELU, ("REFUSED", REFUSED), "other values of approximate"),
]


def of_file(text: str, *options: str) -> dict[str, Any]:
    """The JSON report of a file called layers.py here."""
    Path("layers.py").write_text(text)
    run("check", "layers.py", "--quiet", "--json", "out.json", *options)
    data: dict[str, Any] = json.loads(Path("out.json").read_text())
    return data


@pytest.mark.parametrize(("text_of", "change", "lost"), LOST, ids=["signature", "refusal"])
def test_what_a_function_is_no_longer_asked_is_named_and_counts(
    text_of: str,
    change: tuple[str, str],
    lost: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    before, after = of_file(text_of.replace("REFUSED", "pass")), of_file(text_of.replace(*change))
    name = before["checks"][0]["target"]
    told = [one.what for one in changes(before, after).regressions]
    assert f"{name} is no longer asked {lost}" in told
    assert not changes(after, after).regressions


def test_what_the_options_leave_out_is_no_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = of_file(LEAKY)
    for options in (
        ["--where", "negative_slope == 0.01"],
        ["--dtype", "float64"],
        ["--fresh", "3"],
        ["--op", "leaky_relu"],
    ):
        assert not changes(before, of_file(LEAKY, *options)).regressions, options


@pytest.mark.parametrize(
    ("was", "now", "lost"),
    [
        ({"varied": ["stride"]}, {"not_accepted": ["stride"]}, "stride"),
        ({"not_varied": ["stride"]}, {"not_accepted": ["stride"]}, "stride"),
        ({"varied": ["stride"]}, {"not_varied": ["stride"]}, "other values of stride"),
        (
            {"words": {"padding": ["same", "valid"]}},
            {"words": {"padding": ["valid"]}},
            "padding=same",
        ),
        ({"inputs": ["x", "w", "b"]}, {"inputs": ["x", "w"]}, "b"),
    ],
)
def test_each_kind_of_loss_is_told_unless_the_options_are_other_ones(
    was: dict[str, Any], now: dict[str, Any], lost: str
) -> None:
    old, new = plain_report(passing()), plain_report(passing())
    old["checks"][0]["attributes"].update(was)
    new["checks"][0]["attributes"].update(now)
    name = old["checks"][0]["target"]
    (change,) = changes(old, new).regressions
    assert change.what == f"{name} is no longer asked {lost}"
    new["manifest"]["narrowing"] = "of dtype float32"
    assert bool(changes(old, new).regressions) is ("not_accepted" in now)
