"""The command line: check, replay, lockstep, ops, cases, defects."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
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
INSTALL = "install them with: python -m pip install 'layercheck[torch,tensorflow]'"
WORTH_A_PROCESS = 500
"""How many cases pay for a further process, which takes a second to start."""

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
        click.option("--grid", type=click.Choice(list(grids.GRIDS)), default=None,
                     help="Which cases (default: standard for modules, quick for files)."),
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
@click.argument("subjects", metavar="SUBJECT...", nargs=-1, required=True)
@click.option("--oracle", "oracles", multiple=True, metavar="NAME",
              help=ORACLE_HELP)  # fmt: skip
@case_options
@click.option("--profile", metavar="NAME", help="How a file's functions are called.")
@click.option("--live", is_flag=True,
              help="Ask the frameworks about a file, not their recorded answers.")  # fmt: skip
@click.option("--fresh", type=click.IntRange(0), metavar="SEED",
              help="Judge a file by values of this seed, which nobody has seen.")  # fmt: skip
@click.option("--allow", type=click.Choice(["inaccurate"]), help="Let this verdict pass too.")
@click.option("--strict", is_flag=True, help="Do not let another convention pass.")
@click.option("--jobs", type=click.IntRange(1),
              help="How many processes (default: one for each core where it pays).")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(path_type=Path), metavar="FILE",
              help="Write the report as JSON here.")  # fmt: skip
@click.option("--html", "html_file", type=click.Path(path_type=Path), metavar="FILE",
              help="Write the report as a page here.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Write report.json and report.html into this folder; of several files, one of "
                   "each a file and a summary.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="Only the last line.")
def check(subjects: tuple[str, ...], out: Path | None, **options: Any) -> int:
    """Check SUBJECT: a file (layers.py, homework.ipynb), a module (ref_layers) or an oracle.

    An oracle is named oracle:torch. Several files make a report each and a summary.
    """
    files = destinations(options["json_file"], options["html_file"], out)
    if any(is_file(subject) for subject in subjects):
        from .cli_files import check_files

        return check_files([Path(subject) for subject in subjects], files, out, options)
    if len(subjects) > 1:
        raise UsageError(f"got {len(subjects)} modules or oracles; expected one, or files")
    return check_module(subjects[0], files, options)


def default_jobs(work: int, worth: int) -> int:
    """A process for each core that this one may use, and for each `worth` of work."""
    usable = getattr(os, "sched_getaffinity", None)
    cores = len(usable(0)) if usable else os.cpu_count() or 1
    return max(1, min(cores, work // worth))


def all_installed(oracles: Sequence[str]) -> bool:
    """Whether the frameworks of these oracles are there; they are not imported for it."""
    return all(find_spec(name) is not None for name in oracles)


def is_file(subject: str) -> bool:
    """Whether a subject means a file: by its ending, or because there is one."""
    return subject.endswith((".py", ".ipynb")) or Path(subject).is_file()


def check_module(subject: str, files: dict[str, Path], options: dict[str, Any]) -> int:
    """Check a trusted module or an oracle over a grid."""
    from .run import check as run_check
    from .subject import implemented

    for name in ("profile", "live", "fresh", "allow", "strict"):
        if options[name]:
            raise UsageError(f"--{name} is for files; {subject!r} is a module or an oracle")
    ops = options["ops"] or implemented(subject)
    oracles = choose_oracles(subject, options["oracles"])
    recorded = not (options["oracles"] or subject.startswith("oracle:") or all_installed(oracles))
    grid = options["grid"] or ("quick" if recorded else "standard")
    if recorded and grid != "quick":
        raise UsageError(f"--grid {grid} needs live frameworks; {INSTALL}, or name --oracle exact")
    cases = choose_cases(ops, options["dtype"], options["where"], grid)
    with progress(len(cases), options["quiet"]) as step:
        jobs = options["jobs"] or default_jobs(len(cases), WORTH_A_PROCESS)
        report = run_check(subject, cases, oracles, jobs, step, recorded)
    write(report, files)
    tell(report, files, options["quiet"])
    if report.partial:
        return 130
    return 0 if report.passed else 1


@commands.command()
@click.argument("case")
@click.argument("subject", default="ref_layers")
@click.option("--oracle", "oracles", multiple=True, metavar="NAME",
              help=ORACLE_HELP)  # fmt: skip
@click.option("--profile", metavar="NAME", help="How a file's functions are called.")
def replay(case: str, subject: str, oracles: tuple[str, ...], profile: str | None) -> int:
    """Print inputs, answers and comparison of one CASE (its text, in quotes) for SUBJECT."""
    from .replay import print_case, print_submitted_case

    asked = parse(case)
    check_case(asked)
    if is_file(subject):
        path = Path(subject)
        if not path.is_file():
            raise UsageError(f"no file {path}; expected a Python file or a notebook")
        return 0 if print_submitted_case(asked, path, profile) else 1
    return 0 if print_case(asked, subject, choose_oracles(subject, oracles)) else 1


@commands.command()
@click.argument("net")
@click.option("--oracle", "oracles", multiple=True, metavar="NAME",
              help="Train beside it (repeatable; default: torch and tensorflow).")  # fmt: skip
@click.option(
    "--steps", type=click.IntRange(1), default=100, show_default=True, help="Batches to train on."
)
@click.option("--json", "json_file", type=click.Path(path_type=Path), metavar="FILE",
              help="Write the report as JSON here.")  # fmt: skip
@click.option("--html", "html_file", type=click.Path(path_type=Path), metavar="FILE",
              help="Write the report, with a plot for each array, as a page here.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="Only the conclusion.")
def lockstep(net: str, oracles: tuple[str, ...], steps: int, json_file: Path | None,
             html_file: Path | None, quiet: bool) -> int:  # fmt: skip
    """Train NET in NumPy, torch and TensorFlow side by side; compare every step."""
    from reports import lockstep as told

    from .lockstep import Plan, run

    files = destinations(json_file, html_file, None)
    report = run(Plan(net, steps=steps), list(dict.fromkeys(oracles or DEFAULT_ORACLES)))
    for kind, path in files.items():
        (told.write_json if kind == "json" else told.write_html)(report, path)
    click.echo(report.conclusion if quiet else told.text(report))
    for path in files.values():
        click.echo(f"wrote {path}")
    return 0 if report.passed else 1


@commands.command()
def ops() -> None:
    """List the ops with their arrays and attributes."""
    from .replay import describe_op

    for op in OPS.values():
        click.echo(describe_op(op))


@commands.command()
@case_options
def cases(grid: str | None, ops: tuple[str, ...], dtype: str | None, where: str | None) -> None:
    """List the cases of a grid (by default the standard one), one a line."""
    for case in choose_cases(ops, dtype, where, grid or "standard"):
        click.echo(str(case))


@commands.command()
def doctor() -> None:
    """Say which protections this machine gives when it runs other people's code."""
    from .doctor import print_doctor

    print_doctor()


@commands.command()
@click.option("--op", "ops", multiple=True, metavar="NAME", help="Only this op (repeatable).")
@click.option("--grid", type=click.Choice(["standard", "quick"]), default="standard")
def mistakes(ops: tuple[str, ...], grid: str) -> int:
    """Hold every named mistake against the grid: each must be rejected."""
    from .mutation import print_outcomes

    check_ops(ops)
    return print_outcomes(ops or list(OPS), grids.GRIDS[grid], click.echo)


@commands.command("choose-quick")
@click.option("--op", "ops", multiple=True, metavar="NAME", help="Only this op (repeatable).")
def choose_quick(ops: tuple[str, ...]) -> None:
    """Choose the quick grid anew and write it into the package (for maintainers)."""
    from .quick_grid import FOLDER
    from .quick_grid import write as write_quick

    check_ops(ops)
    for op in ops or OPS:
        click.echo(f"{op}: {write_quick(op, FOLDER)} cases")


@commands.command()
@click.option("--op", "ops", multiple=True, metavar="NAME", help="Only this op (repeatable).")
def record(ops: tuple[str, ...]) -> None:
    """Record torch, TensorFlow and the exact result over the quick grid (for maintainers)."""
    from .recordings import record_all

    check_ops(ops)
    record_all(ops or list(OPS), click.echo)


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


def choose_cases(
    ops: Sequence[str], dtype: str | None, where: str | None, grid: str = "standard"
) -> list[Case]:
    """The cases of a grid that the options leave; raises UsageError if none is."""
    check_ops(ops)
    holds = condition(where) if where is not None else lambda case: True
    chosen = grids.GRIDS[grid](ops or None)
    found = [c for c in chosen if dtype in (None, c.dtype) and holds(c)]
    if not found:
        raise UsageError(
            f"no case of the {grid} grid fits the options; loosen --where, --op or --dtype"
        )
    return found


def check_ops(names: Sequence[str]) -> None:
    """Raise UsageError for the first that is no op."""
    for name in names:
        if name not in OPS:
            raise UsageError(f"unknown op {name!r}; expected one of: {', '.join(OPS)}")


def check_oracles(names: Sequence[str]) -> None:
    """Raise UsageError for the first that is no oracle."""
    from .subject import check_oracle

    for name in names:
        check_oracle(name)


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
    """Print the report, a submission's function by function, and where its files are."""
    from rich.console import Console

    from reports.functions import print_functions
    from reports.terminal import print_report
    from reports.words import headline

    console = Console(soft_wrap=True, width=None if sys.stdout.isatty() else LOG_WIDTH)
    if quiet:
        console.print(headline(report))
    elif report.profile:
        print_functions(report, console)
    else:
        print_report(report, console)
    for path in files.values():
        console.print(f"wrote {path}", highlight=False)
