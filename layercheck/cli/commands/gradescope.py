"""`layercheck gradescope make`: an autograder, ready to be uploaded."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from layercheck.errors import UsageError
from layercheck.pipeline.options import Options

from ..kept import save_bytes
from ..options import hints_option, strict_option
from ..several import counted, require_options, tell_doubtful

SUFFIX = ".zip"


@click.group()
def command() -> None:
    """Make what Gradescope runs."""


@command.command()
@require_options
@strict_option
@hints_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="The archive, such as autograder.zip.",
)
def make(require: str, score: str, strict: bool, hints: str, out: Path) -> int:
    """Make an autograder: setup.sh, run_autograder, the table of what counts, and layercheck."""
    from layercheck.pipeline.classroom.autograder import made

    required = counted("gradescope make", require, score, Options(strict=strict, hints=hints))
    check_archive_place(out)
    tell_doubtful(required)
    options = ["--hints", hints, *(["--strict"] if strict else [])]
    save_bytes(out, made(required, shlex.join(options)))
    click.echo(f"wrote {out}: upload it as the assignment's autograder")
    return 0


def check_archive_place(path: Path) -> None:
    """Raise UsageError where an archive cannot lie, or would take the place of anything but an
    autograder."""
    if path.suffix.lower() != SUFFIX:
        raise UsageError(f"--out {path}: expected a name that ends in {SUFFIX}")
    if path.exists() and not is_autograder(path):
        raise UsageError(f"--out: {path} is there and no autograder; choose another name")


def is_autograder(path: Path) -> bool:
    """Whether an archive is one that this command made."""
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            return "run_autograder" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False
