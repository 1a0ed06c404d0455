"""The command line: one file a command in `commands/`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from layercheck.errors import UsageError

from .group import Commands

HELP = {"help_option_names": ["-h", "--help"]}
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. Exit status: 0 all passed, 1 something failed, 2 wrong usage."""
    os.environ["PYTHONSAFEPATH"] = "1"  # for processes of ours that the standard library starts
    try:
        status = commands.main(arguments, prog_name="layercheck", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        status = 0
    except (UsageError, click.ClickException) as error:
        text = error.format_message() if isinstance(error, click.ClickException) else str(error)
        click.echo(f"layercheck: {' '.join(text.split())}", err=True)
        status = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("layercheck: interrupted", err=True)
        status = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status or 0)


@click.group(cls=Commands, context_settings=HELP)
@click.version_option(package_name="layercheck")
def commands() -> None:
    """Check neural-network layers against torch, TensorFlow and the exact result."""
