"""`layercheck otter make`: test files for otter-grader."""

from __future__ import annotations

from pathlib import Path

import click

from layercheck.errors import UsageError
from layercheck.pipeline.options import Options

from ..kept import save_bytes
from ..options import hints_option, strict_option
from ..several import counted, require_options, tell_doubtful


@click.group()
def command() -> None:
    """Make what otter-grader runs."""


@command.command()
@require_options
@strict_option
@hints_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="The folder of an assignment's tests, such as tests.",
)
def make(require: str, score: str, strict: bool, hints: str, out: Path) -> int:
    """Make a test file for each function that counts, in otter's exception-based format."""
    from layercheck.reporting.classroom.platforms.calls import Calls
    from layercheck.reporting.classroom.platforms.otter import tests_of

    required = counted("otter make", require, score, Options(strict=strict, hints=hints))
    files = {out / n: t for n, t in tests_of(required, Calls(False, hints, strict)).items()}
    for path in files:
        check_test_place(path)
    tell_doubtful(required)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {out}: {error.strerror}") from None
    for path, text in files.items():
        save_bytes(path, text.encode())
    tell_made(out, files, required.partial)
    return 0


def tell_made(out: Path, files: dict[Path, str], is_partial: bool) -> None:
    """Say what was written, and what is otherwise than a teacher may think."""
    click.echo(f"wrote {len(files)} test files into {out}")
    if is_partial:
        click.echo("otter's tests pass or fail: partial = true gives no points here", err=True)
    for path in sorted(out.glob("*.py")):
        if path not in files and is_test(path):
            click.echo(f"{path} is of an earlier time, and counts while it is there", err=True)


def check_test_place(path: Path) -> None:
    """Raise UsageError where a test would take the place of anything but one of ours."""
    if path.exists() and not is_test(path):
        raise UsageError(f"--out: {path} is there and none of our tests; choose another folder")


def is_test(path: Path) -> bool:
    """Whether a file is one that this command made."""
    from layercheck.reporting.classroom.platforms.otter import HEAD

    try:
        return path.read_bytes().startswith(HEAD.encode())
    except OSError:
        return False
