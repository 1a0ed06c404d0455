"""A report as JSON: nothing is lost, each record a line, and the form is what its schema says."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any, get_args

import pytest
from conftest import required
from large_report import large
from sample_reports import LARGE, SMALL, bad, failing, homework, passing, report_of, unmeasured

from layercheck.pipeline.options import Options
from layercheck.pipeline.run import check
from layercheck.reporting import records
from layercheck.reporting import report as whole
from layercheck.reporting.fields import VERDICTS
from layercheck.reporting.formats import formats, html
from layercheck.reporting.formats import json as json_format
from layercheck.reporting.formats.json import plain_report, read, schema, write
from layercheck.reporting.plain import LEFT_OUT
from layercheck.reporting.records import Change

ROOT = Path(__file__).parents[1]
HOMEWORK = ROOT / "examples" / "homework"


def validate(data: Any) -> None:
    jsonschema = required("jsonschema")
    jsonschema.validate(data, schema(), cls=jsonschema.Draft202012Validator)


def odd() -> whole.Report:
    """A report with figures that JSON has no numbers for, and with a comparison without any."""
    strange = bad(SMALL, max_abs=math.inf, got=-math.inf, limit_used=math.nan, expected=math.nan)
    return report_of([strange, unmeasured(LARGE, "error", "raised")], [])


# ---------------------------------------------------------------------- what is written


@pytest.mark.parametrize("make", [passing, failing, homework, odd, lambda: large(3)])
def test_json_round_trips_and_fits_its_schema(make: Any, tmp_path: Path) -> None:
    report = make()
    write(report, tmp_path / "report.json")
    data = read(tmp_path / "report.json")
    assert data == plain_report(report)
    validate(data)


def test_numbers_that_json_lacks_are_text() -> None:
    data = plain_report(odd())
    strange, raised = data["failures"]
    assert [strange[k] for k in ("max_abs", "got", "limit_used", "expected")] == [
        *("inf", "-inf", "nan", "nan")
    ]
    assert raised.keys() == {
        *("case", "op", "array", "part", "subject", "against", "dtype", "verdict", "reason"),
        "compared",
    }
    columns = data["comparisons"]
    assert (columns["max_abs"], columns["limit_used"]) == (["inf", None], ["nan", None])


@pytest.mark.parametrize("name", json_format.BY_LINE)
def test_json_has_a_record_a_line(name: str) -> None:
    report = homework()
    report.defects = failing().defects
    report.changes = [Change("gone", "relu", "exact", "not checked", is_regression=True)]
    text, expected = json_format.render(report), plain_report(report)[name]
    assert expected
    lines = text.partition(f'"{name}":[\n')[2].partition("\n]")[0].splitlines()
    assert [json.loads(line.rstrip(",")) for line in lines] == expected


def test_json_has_a_column_a_line_and_every_comparison_in_it() -> None:
    report = failing()
    columns = plain_report(report)["comparisons"]
    lines = json_format.render(report).splitlines()
    for name, values in columns.items():
        assert any(line.rstrip(",") == f'"{name}":{json_format.compact(values)}' for line in lines)
        assert name == "names" or len(values) == len(report.comparisons) == 6
    told = [(e.array, e.against, e.verdict, e.case) for e in report.entries()]
    assert told[3:5] == [("dx", "torch", "wrong", LARGE), ("dx", "tensorflow", "wrong", SMALL)]


def test_a_hundred_thousand_comparisons_are_at_most_6_mb() -> None:
    """By columns: a tenth of them, in a tenth of the room."""
    report = large(196)
    assert len(report.comparisons) > 9_990
    assert len(json_format.render(report).encode()) < 600_000


@pytest.mark.parametrize("name", formats())
def test_a_write_that_fails_leaves_the_old_report_and_no_other_file(
    name: str, tmp_path: Path
) -> None:
    form, path = formats()[name], tmp_path / "report"
    form.write(passing(), path)
    before = path.read_bytes()
    report = passing()
    report.environment["odd"] = Unprintable()
    report.checks = report.comparisons = Unprintable()  # type: ignore[assignment]
    with pytest.raises((TypeError, AttributeError)):
        form.write(report, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


class Unprintable:
    """Has no text and no JSON."""

    def __str__(self) -> str:
        raise TypeError("no text")


@pytest.mark.parametrize("text", ['{"version": 99}', '{"version": 1}', "[]"])
def test_another_format_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(ValueError, match="expected 2"):
        read(tmp_path / "report.json")


def test_formats_are_found_with_their_suffixes() -> None:
    found = {name: form.SUFFIX for name, form in formats().items()}
    assert found.items() >= {"html": ".html", "json": ".json", "csv": ".csv"}.items()
    files = (ROOT / "layercheck" / "reporting" / "formats").glob("[a-z]*.py")
    assert set(found) == {file.stem for file in files}
    assert len(set(found.values())) == len(found)
    assert formats()["html"] is html


# ---------------------------------------------------------------------- what version 1 had


def test_fields_of_version_1_keep_their_names_and_meaning() -> None:
    """What a script for version 1 reads of `failing`, written down as version 1 had it."""
    data = json.loads(json_format.render(failing()))
    assert data["summary"] == {
        "passed": False,
        "cases": 2,
        "comparisons": 6,
        "verdicts": {**dict.fromkeys(VERDICTS, 0), "wrong": 2},
    }
    read_by_scripts = ("target", "op", "verdict", "passed", "cases", "failed")
    assert [[c[name] for name in read_by_scripts] for c in data["checks"]] == [
        ["conv2d", "conv2d", "rounding", True, 2, 0],
        ["conv2d_backward", "conv2d", "wrong", False, 2, 2],
    ]
    right, wrong = data["checks"]
    assert right["first_wrong"] is None
    assert wrong["first_wrong"] == {
        **{"case": SMALL, "op": "conv2d", "array": "dx", "part": "backward"},
        **{"subject": "hw.py", "against": "tensorflow", "dtype": "float32", "verdict": "wrong"},
        **{"shape": "2x5x4x3", "expected_shape": "2x5x4x3", "compared": 120},
        **{"max_abs": 0.625, "max_rel": 3e-6, "max_ulp": 4.2e6, "limit_used": 31234.0},
        **{"of_worst": 812.0, "needed_tolerance": 0.25, "worst_index": [0, 1, 2, 0]},
        **{"got": 0.5, "expected": 1.0, "error": 0.5},
    }


# ---------------------------------------------------------------------- the schema

RECORDS = [
    made
    for module in (records, whole)
    for made in vars(module).values()
    if dataclasses.is_dataclass(made) and made is not whole.Entry
]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.pop("summary"),
        lambda data: data.update(extra=1),
        lambda data: data.update(version=1),
        lambda data: data["failures"][0].update(verdict="fine"),
        lambda data: data["failures"][0].update(max_abs=-1.0),
        lambda data: data["failures"][0].update(max_abs="-inf"),
        lambda data: data["failures"][0].update(part="sideways"),
        lambda data: data["failures"][0].pop("case"),
        lambda data: data["checks"][0].update(cases="2"),
        lambda data: data["checks"][0].pop("passed"),
        lambda data: data["checks"][0].update(verdict="fine"),
        lambda data: data["checks"][0].update(verdicts={"fine": 1}),
        lambda data: data["checks"][1]["first_wrong"].update(extra=1),
        lambda data: data["summary"]["verdicts"].pop("wrong"),
        lambda data: data["manifest"].update(skipped={"why": -1}),
        lambda data: data["manifest"].update(passing=["fine"]),
        lambda data: data["cases"].update(verdict=["fine"]),
        lambda data: data["comparisons"].pop("names"),
        lambda data: data["comparisons"].update(limit_used=[-1.0]),
        lambda data: data["comparisons"].update(case=[-1]),
        lambda data: data["defects"][0].pop("known"),
    ],
)
def test_the_schema_rejects_what_is_no_report(spoil: Any) -> None:
    data = plain_report(failing())
    validate(data)
    spoil(data)
    with pytest.raises(required("jsonschema").ValidationError):
        validate(data)


def test_the_schema_is_one_and_says_so() -> None:
    required("jsonschema").Draft202012Validator.check_schema(schema())
    assert schema()["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("record", dict.fromkeys(RECORDS), ids=lambda record: record.__name__)
def test_the_schema_names_the_fields_that_a_record_has(record: Any) -> None:
    named = schema() if record is whole.Report else schema()["$defs"][record.__name__]
    fields = {field.name for field in dataclasses.fields(record)}
    assert set(named["properties"]) == fields
    assert set(named["required"]) == fields - (LEFT_OUT if record is records.Comparison else set())
    assert named["additionalProperties"] is False


def test_the_schema_names_the_verdicts_that_there_are() -> None:
    definitions = schema()["$defs"]
    assert set(definitions["Verdict"]["enum"]) == set(VERDICTS)
    assert tuple(definitions["Summary"]["properties"]["verdicts"]["required"]) == VERDICTS
    parts = definitions["Comparison"]["properties"]["part"]["enum"]
    assert tuple(parts) == get_args(records.Part)


def test_schema_and_page_are_what_the_records_generate() -> None:
    """`python -m layercheck.upkeep.schema` writes them."""
    required("pydantic")
    from layercheck.upkeep import schema as generated

    text = generated.SCHEMA.read_text(encoding="utf-8")
    assert text == json.dumps(generated.schema(), indent=2) + "\n"
    assert generated.PAGE.read_text(encoding="utf-8") == generated.page()


def test_the_page_on_the_schema_describes_every_field_and_verdict() -> None:
    page = (ROOT / "docs" / "report-schema.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for name, part in {"Report": schema(), **schema()["$defs"]}.items():
        section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        for field, told in part.get("properties", {}).items():
            assert f"| `{field}`" in section
            assert told["description"].replace("|", "\\|") in section
    assert all(any(row.startswith(f"| `{verdict}` |") for row in rows) for verdict in VERDICTS)


# ---------------------------------------------------------------------- reports of real runs

RUNS = {
    "a module": ("ref_layers", {"oracles": ("exact",), "ops": ("relu",), "grid": "quick"}),
    "a file": (str(HOMEWORK / "layers_with_mistakes.py"), {"ops": ("relu", "conv2d")}),
    "a file, strictly": (str(HOMEWORK / "layers.py"), {"ops": ("max_pool",), "strict": True}),
}


@pytest.mark.parametrize("name", RUNS)
def test_the_report_of_a_run_fits_the_schema(name: str) -> None:
    spec, options = RUNS[name]
    report = check(spec, Options(**options))
    data = json.loads(json_format.render(report))
    validate(data)
    assert data["checks"]
    assert data["manifest"]["strict"] is bool(options.get("strict"))
    assert ("convention" in data["manifest"]["passing"]) is not options.get("strict", False)


def test_a_file_that_cannot_be_read_has_a_report_that_fits_too(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def relu_forward(x:\n")
    report = check(str(tmp_path / "broken.py"), Options())
    data = json.loads(json_format.render(report))
    validate(data)
    assert not data["summary"]["passed"]
