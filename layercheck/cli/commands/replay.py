"""`layercheck replay`: one case, told in full."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.errors import UsageError
from layercheck.pipeline.options import Options
from layercheck.pipeline.probes.names import PROBES
from layercheck.pipeline.spec import is_file

from ..bounds import in_bounds
from ..kept import check_kept_places, save_arrays, save_bytes
from ..options import (
    check_for_files,
    declared_option,
    hints_option,
    oracle_option,
    profile_option,
    strict_option,
)
from ..output import tell_written
from ..streams import console


@click.command()
@click.argument("case")
@click.argument("subject", default="ref_layers")
@oracle_option
@click.option("--op", default="", metavar="NAME", help="This function of a file.")
@profile_option
@strict_option
@declared_option
@hints_option
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    metavar="FILE.npz",
    help="Keep inputs, got and expected as arrays.",
)
@click.option(
    "--script",
    type=click.Path(path_type=Path),
    metavar="FILE.py",
    help="Write a script that shows the failure with NumPy and the file alone.",
)
@click.option("--full", is_flag=True, help="Print every array and every comparison, too.")
@click.option(
    "--probe",
    type=click.Choice(list(PROBES)),
    default=None,
    help="Put this probe, too: a further question about what is kept between calls.",
)
def command(
    case: str,
    subject: str,
    oracles: tuple[str, ...],
    op: str,
    profile: str,
    strict: bool,
    declared: str,
    hints: str,
    probe: str | None,
    full: bool,
    save: Path | None,
    script: Path | None,
) -> int:
    """Ask SUBJECT one CASE (its text, in quotes): the verdict, why, what differs, and a picture."""
    from layercheck.pipeline.one import ask_one
    from layercheck.reporting.replay import arrays_of, print_replay

    asked = parse(case)
    check_case(asked)
    if not is_file(subject):
        check_for_files("profile", profile, subject)
        check_for_files("declared", declared, subject)
    ops = (op,) if op else ()
    options = Options(
        profile=profile, oracles=oracles or None, strict=strict, ops=ops, declared=declared
    )
    options = replace(options, hints=hints)
    check_kept_places({"--save": save, "--script": script})
    with in_bounds(subject):
        one = ask_one(subject, asked, options, probe or "", script)
    print_replay(console(sys.stdout), one, full)
    if save is not None:
        save_arrays(save, arrays_of(one))
    if script is not None:
        save_bytes(script, one.script.encode())
    tell_written({str(path): path for path in (save, script) if path is not None})
    return 0 if one.passed else 1


def check_case(case: Case) -> None:
    """Raise UsageError where the op rejects the case."""
    try:
        case.question  # noqa: B018 (drawing the values is the check)
    except (ValueError, TypeError) as error:
        raise UsageError(f"case: {error}") from None
