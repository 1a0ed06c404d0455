"""`layercheck lockstep`: a net trained beside the frameworks, every step compared."""

from __future__ import annotations

from pathlib import Path

import click

from oracles import ESTABLISHED

from ..options import file_option
from ..output import destinations


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
    from layercheck.reporting import lockstep as told
    from layercheck.training.lockstep import Plan, run

    files = destinations(json_file, html_file)
    report = run(Plan(net, steps=steps), list(dict.fromkeys(oracles or ESTABLISHED)))
    for kind, path in files.items():
        (told.write_json if kind == "json" else told.write_html)(report, path)
    click.echo(report.conclusion if quiet else told.text(report))
    for path in files.values():
        click.echo(f"wrote {path}")
    return 0 if report.passed else 1
