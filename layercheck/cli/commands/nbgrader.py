"""`layercheck nbgrader make`: cells that nbgrader grades."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from layercheck.errors import UsageError
from layercheck.pipeline.options import Options

from ..kept import save_bytes
from ..options import hints_option, strict_option
from ..several import counted, require_options, tell_doubtful

SUFFIX = ".ipynb"


@click.group()
def command() -> None:
    """Make what nbgrader runs."""


@command.command()
@require_options
@strict_option
@hints_option
@click.option(
    "--notebook",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The source notebook behind whose cells they stand; without it they stand alone.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="The notebook that is written, such as source/ps1/layers.ipynb.",
)
def make(
    require: str, score: str, strict: bool, hints: str, notebook: Path | None, out: Path
) -> int:
    """Make a notebook with a graded cell for each function that counts."""
    from layercheck.reporting.classroom.platforms.calls import Calls
    from layercheck.reporting.classroom.platforms.nbgrader import EMPTY, notebook_of

    required = counted("nbgrader make", require, score, Options(strict=strict, hints=hints))
    check_notebook_place(out)
    tell_doubtful(required)
    source = EMPTY if notebook is None else read_notebook(notebook)
    made = notebook_of(required, Calls(required.partial, hints, strict), source)
    save_bytes(out, (json.dumps(made, indent=1, ensure_ascii=False) + "\n").encode())
    click.echo(f"wrote {out}: a source notebook for nbgrader generate_assignment")
    return 0


def read_notebook(path: Path) -> dict[str, Any]:
    """A notebook of nbformat 4; raises UsageError for anything else."""
    from layercheck.submissions.sources import read_bytes

    expected = "expected a notebook of nbformat 4"
    try:
        found = json.loads(read_bytes(path, expected=expected))
    except (ValueError, RecursionError):
        raise UsageError(f"cannot read {path}: it is no JSON; {expected}") from None
    version = found.get("nbformat") if isinstance(found, dict) else None
    if version != 4 or not isinstance(found.get("cells"), list):
        raise UsageError(f"got {path} of nbformat {version}; {expected}")
    return found  # type: ignore[no-any-return]


def check_notebook_place(path: Path) -> None:
    """Raise UsageError where a notebook cannot lie, or would take the place of anything but one
    that has cells of ours."""
    from layercheck.reporting.classroom.platforms.nbgrader import is_ours

    if path.suffix.lower() != SUFFIX:
        raise UsageError(f"--out {path}: expected a name that ends in {SUFFIX}")
    if path.exists() and not any(map(is_ours, read_notebook(path)["cells"])):
        raise UsageError(f"--out: {path} is there, with no cells of ours; choose another name")
