"""Many submissions: a report each, a summary of all, and only what is missing when run again."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from reports.files import write_text
from reports.report import PASSING, Report

from .errors import UsageError
from .grade import Grading, grade
from .isolation import Limits
from .recordings import ORACLES
from .submission import read
from .worker import Worker


@dataclass(frozen=True)
class Options:
    """What a run of submissions was asked for; the same options give the same report."""

    profile: str | None = None
    grid: str = "quick"
    oracles: tuple[str, ...] = ORACLES
    live: bool = False
    fresh: int | None = None
    passing: tuple[str, ...] = tuple(sorted(PASSING))
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Row:
    """One submission in the summary."""

    subject: str
    profile: str
    passed: bool
    functions: int
    functions_passed: int
    failing: str
    problem: str = ""


_workers: dict[str, Worker] = {}


def grading_of(options: Options) -> Grading:
    """The same as a Grading; live frameworks are started once a process."""
    if options.live:
        for name in options.oracles:
            _workers.setdefault(name, Worker(name)).start()
    live = {name: _workers[name] for name in options.oracles} if options.live else {}
    return Grading(
        options.grid,
        options.oracles,
        live,
        options.fresh,
        frozenset(options.passing),
        options.limits,
    )


def end_workers() -> None:
    """End the frameworks that this process started."""
    for worker in _workers.values():
        worker.stop()
    _workers.clear()


def check_file(path: Path, options: Options) -> Report:
    """The report of one submission; raises UsageError where there is nothing to check."""
    report = grade(read(path, options.profile), grading_of(options))
    report.manifest["digest"] = digest(path, options)
    return report


def digest(path: Path, options: Options) -> str:
    """A fingerprint of what a report depends on."""
    told = json.dumps([asdict(options), version("layercheck")], sort_keys=True, default=str)
    return hashlib.sha256(path.read_bytes() + told.encode()).hexdigest()[:32]


# ---------------------------------------------------------------------- many


def check_many(
    paths: Sequence[Path], options: Options, jobs: int, out: Path, say: Callable[[str], None]
) -> list[Row]:
    """Check every file, `jobs` at a time; one that cannot be checked never stops the others."""
    out.mkdir(parents=True, exist_ok=True)
    names = report_names(paths)
    rows: dict[Path, Row] = {}
    due = []
    for path in paths:
        kept = kept_row(path, options, out / f"{names[path]}.json")
        if kept is None:
            due.append(path)
        else:
            rows[path] = kept
    if rows:
        say(f"{len(rows)} of {len(paths)} reports are there already")
    for path, row in run_all(due, options, jobs, out, names):
        rows[path] = row
        say(f"{len(rows)}/{len(paths)} {path}: {told(row)}")
        write_summary([rows[p] for p in paths if p in rows], out, names)
    ordered = [rows[path] for path in paths]
    write_summary(ordered, out, names)
    return ordered


def run_all(
    due: Sequence[Path], options: Options, jobs: int, out: Path, names: dict[Path, str]
) -> Iterator[tuple[Path, Row]]:
    if jobs <= 1 or len(due) <= 1:
        for path in due:
            yield path, check_and_write(path, options, out / names[path])
        end_workers()
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        futures = {
            pool.submit(check_and_write, path, options, out / names[path]): path for path in due
        }
        for future in as_completed(futures):
            yield futures[future], future.result()


def check_and_write(path: Path, options: Options, base: Path) -> Row:
    """Check one file and write its report; what cannot be checked is told in its row."""
    from reports.html import write_html
    from reports.json_report import write_json

    try:
        report = check_file(path, options)
    except UsageError as error:
        return Row(str(path), "", False, 0, 0, "", str(error))
    except Exception as error:  # a mistake of ours must not lose the other submissions
        return Row(str(path), "", False, 0, 0, "", f"{type(error).__name__}: {error}")
    write_html(report, base.with_name(base.name + ".html"))
    write_json(report, base.with_name(base.name + ".json"))
    return row_of(report.to_json())


def kept_row(path: Path, options: Options, file: Path) -> Row | None:
    """The row of a report that was written earlier for the same file and options."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        fresh = data["manifest"]["digest"] == digest(path, options)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return row_of(data) if fresh else None


def row_of(data: dict[str, Any]) -> Row:
    checks = data["checks"]
    failing = [check["target"] for check in checks if not check["passed"]]
    return Row(
        data["subject"], data.get("profile", ""), data["summary"]["passed"], len(checks),
        len(checks) - len(failing), " ".join(failing),
    )  # fmt: skip


def told(row: Row) -> str:
    if row.problem:
        return row.problem
    passed = "passed" if row.passed else "FAILED"
    return f"{passed}, {row.functions_passed} of {row.functions} functions"


def report_names(paths: Sequence[Path]) -> dict[Path, str]:
    """A file name for each report: the path below what all have in common."""
    resolved = {path: path.resolve() for path in paths}
    root = Path(os.path.commonpath([p.parent for p in resolved.values()]))
    return {
        path: "__".join(full.relative_to(root).with_suffix("").parts)
        + full.suffix.replace(".", "-")
        for path, full in resolved.items()
    }


# ---------------------------------------------------------------------- the summary


COLUMNS = ("subject", "profile", "passed", "functions", "functions_passed", "failing", "problem")


def write_summary(rows: Sequence[Row], out: Path, names: dict[Path, str]) -> None:
    """summary.csv and summary.html, in the order of the files."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([safe(getattr(row, name)) for name in COLUMNS] for row in rows)
    write_text(out / "summary.csv", table.getvalue())
    links = {str(path): f"{name}.html" for path, name in names.items()}
    write_text(out / "summary.html", page(rows, links))


def safe(value: Any) -> Any:
    """A spreadsheet takes a cell that begins with one of these for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def page(rows: Sequence[Row], links: dict[str, str]) -> str:
    from reports.html import summary_text

    return summary_text(rows, links)
