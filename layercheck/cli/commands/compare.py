"""`layercheck compare`: what changed from one report to another."""

from __future__ import annotations

from pathlib import Path

import click

from layercheck.pipeline.places import check_places
from layercheck.reporting.files import STDOUT
from layercheck.reporting.words import on_one_line

from ..options import file_option
from ..output import written

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

    given = {"markdown": markdown_file, "html": html_file}
    files = {name: path for name, path in given.items() if path is not None}
    check_places(files, [old, new])
    made = changes(read(old), read(new))
    if made.old != made.new:
        told = f"{on_one_line(made.old)} and {on_one_line(made.new)}"
        click.echo(f"compared: {told}, which are not called alike", err=True)
    with written(made, files, {"markdown": text.markdown, "html": text.html}):
        if STDOUT not in map(str, files.values()):
            click.echo(text.render(made).rstrip())
    return 1 if made.regressions else 0
