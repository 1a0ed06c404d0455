"""`layercheck compare`: what changed from one report to another."""

from __future__ import annotations

from pathlib import Path

import click

from layercheck.errors import UsageError
from layercheck.reporting.files import write_text
from layercheck.reporting.words import on_one_line

from ..options import file_option
from ..places import check_kept, check_writable

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@file_option("markdown", "Markdown")
@file_option("html", "a page")
def command(old: Path, new: Path, markdown_file: Path | None, html_file: Path | None) -> int:
    """Tell what changed from report OLD to report NEW, the worst first; 1 if anything got worse."""
    from layercheck.reporting.compare import text
    from layercheck.reporting.compare.changes import changes

    from ..baseline import read

    made = changes(read(old), read(new))
    if made.old != made.new:
        told = f"{on_one_line(made.old)} and {on_one_line(made.new)}"
        click.echo(f"compared: {told}, which are not called alike", err=True)
    for path, render in ((markdown_file, text.markdown), (html_file, text.html)):
        if path is not None:
            write_one(path, render(made), [old, new])
    if "-" not in map(str, (markdown_file, html_file)):
        click.echo(text.render(made).rstrip())
    return 1 if made.regressions else 0


def write_one(path: Path, told: str, subjects: list[Path]) -> None:
    """Write a file; raises UsageError where that would destroy anything, or fails."""
    if str(path) != "-":
        check_kept([path], subjects)
        check_writable(path)
    try:
        write_text(path, told)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None
