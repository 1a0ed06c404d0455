"""`layercheck lockstep`: a net trained beside the frameworks, every step compared."""

from __future__ import annotations

from pathlib import Path

import click

from oracles import ESTABLISHED

from ..options import file_option
from ..output import destinations, free_stream, tell_written, written


@click.command()
@click.argument("net")
@click.option(
    "--oracle",
    "oracles",
    multiple=True,
    metavar="NAME",
    help="Train beside it (repeatable; default: torch and tensorflow).",
)
@click.option(
    "--steps", type=click.IntRange(1), default=100, show_default=True, help="Batches to train on."
)
@file_option("json", "JSON")
@file_option("html", "a page with a plot for each array")
@click.option("--quiet", is_flag=True, help="Only the conclusion.")
def command(
    net: str,
    oracles: tuple[str, ...],
    steps: int,
    json_file: Path | None,
    html_file: Path | None,
    quiet: bool,
) -> int:
    """Train NET in NumPy, torch and TensorFlow side by side; compare every step."""
    from layercheck.reporting.lockstep import html, json, text
    from layercheck.training.lockstep import Plan, run

    files = destinations(json_file, html_file)
    report = run(Plan(net, steps=steps), list(dict.fromkeys(oracles or ESTABLISHED)))
    with written(report, files, {"json": json.render, "html": html.render}) as there:
        click.echo(report.conclusion if quiet else text.render(report), file=free_stream(files))
        tell_written(there)
    return 0 if report.passed else 1
