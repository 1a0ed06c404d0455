"""`layercheck defects`: what the frameworks themselves get wrong."""

from __future__ import annotations

import click


@click.command()
def command() -> None:
    """List the frameworks' known defects, each with a script that shows it."""
    from layercheck.judging.defects import known_defects

    for defect in known_defects():
        head = f"{defect.id}: {defect.framework} {defect.versions}, {defect.kind}: {defect.what}"
        click.echo(head)
        click.echo(f"  when {defect.condition}\n  as far as {defect.cap}\n  why {defect.reason}")
        click.echo(f"  shown by {defect.case}")
        script = "\n".join(f"    {line}" for line in defect.script.strip().splitlines())
        click.echo(f"  script:\n{script}")
