"""A report as JUnit XML, as Jenkins and Surefire have it: a test case for each function."""

from __future__ import annotations

import os
from xml.etree import ElementTree as ET

from ..files import write_text
from ..records import Change, Check
from ..report import Report
from ..verdict import Verdict
from ..words import (
    error_there,
    gap,
    headline,
    largest_errors,
    on_one_line,
    pattern,
    place,
    replay_line,
    values_at_worst,
    visible,
)

SUFFIX = ".xml"
NAME = "layercheck"


def render(report: Report) -> str:
    """The document as text."""
    failing = report.failing_checks
    errors = [check for check in failing if check.verdict is Verdict.ERROR]
    failed = len(failing) - len(errors) + len(report.new_defects) + len(report.regressions)
    cases = [case_of(report, check) for check in report.checks]
    cases += [defect_of(one.oracle, visible(one.what)) for one in report.new_defects]
    cases += [regression_of(change) for change in report.regressions]
    cases += [skipped_of(report, one.name, visible(one.reason)) for one in report.not_checked]
    counted = {"tests": len(cases), "failures": failed, "errors": len(errors)}
    told = {name: str(count) for name, count in counted.items()}
    root = ET.Element("testsuites", {"name": NAME, **told})
    own = {"name": on_one_line(report.subject), **told, "skipped": str(len(report.not_checked))}
    suite = ET.SubElement(root, "testsuite", own)
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = visible(headline(report))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, "unicode")}\n'


def case_of(report: Report, check: Check) -> ET.Element:
    """One function; where it does not pass, with its failing record."""
    made = named(report.subject, check.target)
    if check.file:
        made.attrib |= {"file": visible(check.file), "line": str(check.line)}
    if not check.passed:
        kind = "error" if check.verdict is Verdict.ERROR else "failure"
        given = {"type": str(check.verdict), "message": visible(pattern(check))}
        ET.SubElement(made, kind, given).text = told(check)
    return made


def told(check: Check) -> str:
    """The failing record, line by line."""
    wrong = check.first_wrong
    if wrong is None:
        return visible(check.note or gap(check))
    texts = (wrong.case, place(wrong), wrong.reason, values_at_worst(wrong), error_there(wrong))
    more = (largest_errors(wrong), wrong.called, check.note)
    replay = replay_line(wrong.case, check.replay, wrong.probe)
    return visible("\n".join(filter(None, (*texts, *more, replay))))


def defect_of(oracle: str, what: str) -> ET.Element:
    """A new defect of an oracle, which fails the run."""
    made = named(f"oracle:{oracle}", "new defect")
    ET.SubElement(made, "failure", {"type": "defect", "message": what})
    return made


def regression_of(change: Change) -> ET.Element:
    """What got worse than in the baseline, which fails the run."""
    made = named("baseline", f"{change.kind}: {change.what}")
    message = f"{change.before} -> {change.after}"
    given = {"type": "regression", "message": visible(message)}
    ET.SubElement(made, "failure", given).text = visible(change.told)
    return made


def skipped_of(report: Report, name: str, reason: str) -> ET.Element:
    """A function that no check is about."""
    made = named(report.subject, name)
    ET.SubElement(made, "skipped", {"message": reason})
    return made


def named(subject: str, target: str) -> ET.Element:
    """A test case."""
    return ET.Element("testcase", {"classname": on_one_line(subject), "name": on_one_line(target)})


def write(report: Report, path: str | os.PathLike[str]) -> None:
    """Write it; raises OSError, and then leaves what was at `path` before as it was."""
    write_text(path, render(report))
