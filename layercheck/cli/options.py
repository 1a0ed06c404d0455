"""Options that several commands have, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from layercheck.cases.case import DTYPES, Case
from layercheck.cases.grids import GRIDS
from layercheck.cases.where import condition, none_fits
from layercheck.errors import UsageError, unknown
from layercheck.pipeline.options import ALLOWED
from layercheck.reporting.hints import HINTS
from ref_layers import OPS

Decorator = Callable[[Any], Any]


def readable_table(context: click.Context, option: click.Parameter, value: str) -> str:
    """A file of declarations has to hold some, before anything runs."""
    if value:
        from layercheck.submissions.sources import declared_at, declared_in

        declared_in(declared_at(value))
    return value


op_option = click.option(
    "--op", "ops", multiple=True, metavar="NAME", help="Only this op (repeatable)."
)
oracle_option = click.option(
    "--oracle",
    "oracles",
    multiple=True,
    metavar="NAME",
    help="Compare with this oracle, beside the exact result (repeatable; default: torch and "
    "tensorflow; `exact` alone: no framework).",
)
profile_option = click.option(
    "--profile", default="", metavar="NAME", help="How a file's functions are called."
)
declared_option = click.option(
    "--declared",
    default="",
    metavar="FILE",
    callback=readable_table,
    help="A TOML file of yours that says which functions a file has, and how they are called.",
)
strict_option = click.option(
    "--strict",
    is_flag=True,
    help="Let no other convention pass, nor float64 for float32, nor what goes beyond a contract, "
    "nor lines that were never run.",
)

allow_option = click.option(
    "--allow",
    type=click.Choice(ALLOWED),
    multiple=True,
    help="Let this verdict pass too (repeatable).",
)

hints_option = click.option(
    "--hints",
    type=click.Choice(HINTS),
    default="full",
    help="How much is told of why a function fails: nothing, the condition under which it does, "
    "what is wrong, or where to look, too (default).",
)


def file_option(name: str, what: str) -> Decorator:
    """`--json FILE`."""
    return click.option(
        f"--{name}",
        f"{name}_file",
        type=click.Path(path_type=Path, allow_dash=True),
        metavar="FILE",
        help=f"Write the report as {what} here; - is standard output.",
    )


baseline_option = click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Compare with this earlier JSON report, and fail where anything got worse.",
)
update_option = click.option(
    "--update", is_flag=True, help="Write the report to --baseline FILE; tells what is looser."
)
report_option = click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT[=FILE]",
    help="Write the report in this format: json, jsonl, html, csv, markdown, junit or github "
    "(repeatable; github needs no file).",
)


def not_empty(context: click.Context, option: click.Parameter, value: str) -> str:
    """An option that was given has to say something."""
    given = context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
    if given and not value.strip():
        raise click.BadParameter("got nothing; expected a condition such as 'stride > 1'")
    if value:
        condition(value)  # before anything runs
    return value


def check_for_files(name: str, given: Any, subject: str) -> None:
    """Raise UsageError for an option that means nothing for a module or an oracle."""
    if given:
        raise UsageError(f"--{name} is for files; {subject!r} is a module or an oracle")


def case_options(function: Any) -> Any:
    """Options that choose cases, the same for check and cases."""
    where = "Only cases where this holds, e.g. 'stride > 1 and groups == 1'."
    grid = "Which cases (default: standard for modules, quick for files)."
    options = [
        click.option("--grid", type=click.Choice(list(GRIDS)), help=grid),
        click.option(
            "--op",
            "ops",
            multiple=True,
            metavar="NAME",
            help="Only this op with its gradient, or this function; a name that is both means the "
            "op, and with () behind it the function (repeatable).",
        ),
        click.option("--dtype", type=click.Choice(DTYPES[:2]), help="Only this dtype."),
        click.option("--where", default="", callback=not_empty, metavar="CONDITION", help=where),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def check_ops(names: Sequence[str]) -> None:
    """Raise UsageError for the first that is no op."""
    for name in names:
        if name not in OPS:
            raise unknown("op", name, OPS)


def choose_cases(ops: Sequence[str], dtype: str, where: str, grid: str) -> list[Case]:
    """The cases of a grid that the options leave; raises UsageError if none is."""
    check_ops(ops)
    holds = condition(where) if where else lambda case: True
    chosen = [c for c in GRIDS[grid](ops or None) if dtype in ("", c.dtype) and holds(c)]
    if not chosen:
        raise none_fits(grid, where, GRIDS[grid](ops or None))
    return chosen
