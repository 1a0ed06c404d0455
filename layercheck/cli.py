"""The command line: check, replay, ops, cases, defects."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click

from ref_layers import OPS
from reports.report import Report

from . import grids
from .case import DTYPES, Case, parse
from .errors import UsageError
from .where import condition

HELP = {"help_option_names": ["-h", "--help"]}
LOG_WIDTH = 120
"""How wide a table is where there is no terminal."""

ORACLE_HELP = (
    "Compare with this oracle, beside the exact result (repeatable; default: torch and tensorflow; "
    "`exact` alone: no framework)."
)
DEFAULT_ORACLES = ("torch", "tensorflow")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. Exit status: 0 all passed, 1 something failed, 2 wrong usage."""
    try:
        status = commands.main(arguments, prog_name="layercheck", standalone_mode=False)
    except (UsageError, click.ClickException) as error:
        text = error.format_message() if isinstance(error, click.ClickException) else str(error)
        click.echo(f"layercheck: {' '.join(text.split())}", err=True)
        status = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("layercheck: interrupted", err=True)
        status = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status or 0)


@click.group(context_settings=HELP)
@click.version_option(package_name="layercheck")
def commands() -> None:
    """Check neural-network layers against torch, TensorFlow and the exact result."""


def case_options(function: Any) -> Any:
    """Options that choose cases, the same for check and cases."""
    options = [
        click.option("--op", "ops", multiple=True, metavar="NAME",
                     help="Only this op (repeatable)."),
        click.option("--dtype", type=click.Choice(DTYPES[:2]), help="Only this dtype."),
        click.option("--where", metavar="CONDITION",
                     help="Only cases where this holds, e.g. 'stride > 1 and groups == 1'."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@commands.command()
@click.argument("subject")
@click.option("--oracle", "oracles", multiple=True, metavar="NAME",
              help=ORACLE_HELP)  # fmt: skip
@case_options
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True,
              help="Processes for the exact results and a module's answers.")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(path_type=Path), metavar="FILE",
              help="Write the report as JSON here.")  # fmt: skip
@click.option("--html", "html_file", type=click.Path(path_type=Path), metavar="FILE",
              help="Write the report as a page here.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Write report.json and report.html into this folder.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="Only the last line.")
def check(
    subject: str,
    oracles: tuple[str, ...],
    ops: tuple[str, ...],
    dtype: str | None,
    where: str | None,
    jobs: int,
    json_file: Path | None,
    html_file: Path | None,
    out: Path | None,
    quiet: bool,
) -> int:
    """Check SUBJECT: a module (ref_layers), or an oracle (oracle:torch)."""
    from .run import check as run_check
    from .subject import implemented

    cases = choose_cases(ops or implemented(subject), dtype, where)
    files = destinations(json_file, html_file, out)
    with progress(len(cases), quiet) as step:
        report = run_check(subject, cases, choose_oracles(subject, oracles), jobs, step)
    write(report, files)
    tell(report, files, quiet)
    if report.partial:
        return 130
    return 0 if report.passed else 1


@commands.command()
@click.argument("case")
@click.argument("subject", default="ref_layers")
@click.option("--oracle", "oracles", multiple=True, metavar="NAME",
              help=ORACLE_HELP)  # fmt: skip
def replay(case: str, subject: str, oracles: tuple[str, ...]) -> int:
    """Print inputs, answers and comparison of one CASE (its text, in quotes)."""
    from .replay import print_case

    asked = parse(case)
    check_case(asked)
    return 0 if print_case(asked, subject, choose_oracles(subject, oracles)) else 1


@commands.command()
def ops() -> None:
    """List the ops with their arrays and attributes."""
    from .replay import describe_op

    for op in OPS.values():
        click.echo(describe_op(op))


@commands.command()
@case_options
def cases(ops: tuple[str, ...], dtype: str | None, where: str | None) -> None:
    """List the cases of the standard grid, one a line."""
    for case in choose_cases(ops, dtype, where):
        click.echo(str(case))


@commands.command()
def defects() -> None:
    """List the frameworks' known defects, each with a script that shows it."""
    from .defects import known_defects

    for defect in known_defects():
        click.echo(
            f"{defect.id}: {defect.framework} {defect.versions}, {defect.kind}: {defect.what}"
        )
        click.echo(f"  when {defect.condition}\n  why {defect.reason}\n  shown by {defect.case}")
        click.echo(
            "  script:\n" + "\n".join(f"    {s}" for s in defect.script.strip().splitlines())
        )


def choose_cases(ops: Sequence[str], dtype: str | None, where: str | None) -> list[Case]:
    """The cases of the standard grid that the options leave; raises UsageError if none is."""
    for name in ops:
        if name not in OPS:
            raise UsageError(f"unknown op {name!r}; expected one of: {', '.join(OPS)}")
    holds = condition(where) if where is not None else lambda case: True
    found = [c for c in grids.cases(ops or None) if dtype in (None, c.dtype) and holds(c)]
    if not found:
        raise UsageError(
            "no case of the standard grid fits the options; loosen --where, --op or --dtype"
        )
    return found


def check_case(case: Case) -> None:
    try:
        case.question  # noqa: B018 (drawing the values is the check)
    except (ValueError, TypeError) as error:
        raise UsageError(f"case: {error}") from None


def choose_oracles(subject: str, names: Sequence[str]) -> list[str]:
    """Each oracle once; the subject is not held against itself. `exact` takes part in any case."""
    chosen = dict.fromkeys(names or DEFAULT_ORACLES)
    own = subject.removeprefix("oracle:")
    if subject.startswith("oracle:") and own in names:
        raise UsageError(f"oracle {own!r} cannot be held against itself; name another --oracle")
    return [name for name in chosen if f"oracle:{name}" != subject and name != "exact"]


def progress(total: int, quiet: bool) -> AbstractContextManager[Any]:
    """A progress bar on a terminal, plain lines otherwise."""
    if quiet:
        return nullcontext(lambda judged: None)
    from .progress import show

    return show(total)


def destinations(
    json_file: Path | None, html_file: Path | None, out: Path | None
) -> dict[str, Path]:
    """Where the report goes, by kind; raises UsageError where that cannot be written."""
    files = {}
    if out is not None:
        files = {"json": out / "report.json", "html": out / "report.html"}
    files.update({k: f for k, f in (("json", json_file), ("html", html_file)) if f is not None})
    for path in files.values():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot make the folder of {path}: {error.strerror}") from None
        if path.is_dir() or not os.access(path.parent, os.W_OK):
            raise UsageError(f"cannot write {path}; choose another file")
    return files


def write(report: Report, files: dict[str, Path]) -> None:
    """Write the report's files."""
    if "json" in files:
        from reports.json_report import write_json

        write_json(report, files["json"])
    if "html" in files:
        from reports.html import write_html

        write_html(report, files["html"])


def tell(report: Report, files: dict[str, Path], quiet: bool) -> None:
    """Print the report, and where its files are."""
    from rich.console import Console

    from reports.terminal import print_report
    from reports.words import headline

    console = Console(soft_wrap=True, width=None if sys.stdout.isatty() else LOG_WIDTH)
    if quiet:
        console.print(headline(report))
    else:
        print_report(report, console)
    for path in files.values():
        console.print(f"wrote {path}", highlight=False)
