"""The command line: one file a command in `commands/`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import click

from layercheck.errors import JudgingFailed, UsageError
from layercheck.reporting.words import visible

from .ahead import sandbox_begun
from .group import Commands
from .signals import Stopped, stoppable
from .streams import BROKEN_PIPE, OutputError, standard_streams

HELP = {"help_option_names": ["-h", "--help"]}
INTERRUPTED = 130
DEBUG = "LAYERCHECK_DEBUG"
"""Set, an error that was not foreseen shows where it came from."""

STDERR = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. Exit status: 0 all passed, 1 something failed, 2 wrong usage, or an
    output that takes nothing; 141 where the output's reader went away."""
    os.environ["PYTHONSAFEPATH"] = "1"  # for processes of ours that the standard library starts
    try:
        with standard_streams():
            status = run(arguments)
    except OutputError as error:
        status = error.status
        if status != BROKEN_PIPE:
            with suppress(OSError):  # not by a stream, which would keep what it cannot write
                os.write(STDERR, f"layercheck: {error}\n".encode())
    sys.exit(status)


def run(arguments: Sequence[str] | None) -> int:
    """Run a command; the exit status. What a user got wrong is told in one line."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        with stoppable(), sandbox_begun(given):
            status = commands.main(given, prog_name="layercheck", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except (click.Abort, KeyboardInterrupt) as error:
        return interrupted(error if isinstance(error, Stopped) else error.__cause__)
    except OutputError:
        raise
    except (UsageError, click.ClickException) as error:
        complain(told_of(error))
        return 2
    except (Exception, SystemExit) as error:  # none of ours exits: it is a run that did not end
        if os.environ.get(DEBUG):
            raise
        complain(told_of(error))
        return 1
    return status or 0


def told_of(error: BaseException) -> str:
    """What a user is told of what ended the run."""
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, (UsageError, JudgingFailed)):
        return str(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory for what was asked; ask for less"
    if isinstance(error, OSError):
        return f"{error.filename or 'the system'}: {error.strerror or error}"
    return unforeseen(error)


def unforeseen(error: BaseException) -> str:
    """What is told of an error that nobody thought of."""
    if isinstance(error, RuntimeError) and "new thread" in str(error):
        return "the system allows no further thread; end some processes, or raise the limit"
    told = f"{type(error).__name__}: {error}"[:200]
    return (
        f"{told}: this was not foreseen, and is layercheck's fault; please report it with what "
        f"{DEBUG}=1 makes it print"
    )


def interrupted(by: BaseException | None) -> int:
    """Tell what ended the run; the exit status."""
    if isinstance(by, Stopped):
        complain(f"ended by {by}")
        return by.status
    complain("interrupted")
    return INTERRUPTED


def complain(text: str) -> None:
    """A line on standard error."""
    click.echo(f"layercheck: {visible(' '.join(text.split()))}", err=True)


@click.group(cls=Commands, context_settings=HELP)
@click.version_option(package_name="layercheck")
def commands() -> None:
    """Check neural-network layers against torch, TensorFlow and the exact result."""
