"""The commands, found by themselves: each is the `command` of a file in `commands/`."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from difflib import get_close_matches
from pathlib import Path

import click

from layercheck.errors import UsageError
from layercheck.pipeline.spec import is_file

from . import commands


class Commands(click.Group):
    """A command is imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of their names."""
        return sorted(m.name.replace("_", "-") for m in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of them; None for a name that is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{commands.__name__}.{cmd_name.replace('-', '_')}")
        found: click.Command = module.command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What each is for, as its text says: to import all of them takes its time."""
        names = self.list_commands(ctx)
        room = formatter.width - 6 - max(map(len, names))
        told = [click.Command(name, help=docstring_of(name)) for name in names]
        rows = [(str(one.name), one.get_short_help_str(room)) for one in told]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names; raises UsageError for none."""
        known = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in known:
            alike = get_close_matches(args[0], known, 1)
            hint = f"; did you mean {alike[0]}?" if alike else ""
            if is_file(args[0]):
                hint = f"; to check it: layercheck check {args[0]}"
            raise UsageError(f"got command {args[0]!r}{hint}; expected one of: {', '.join(known)}")
        return super().resolve_command(ctx, args)


def docstring_of(name: str) -> str:
    """The docstring of a command's function, read and not run."""
    places = [Path(folder) / f"{name.replace('-', '_')}.py" for folder in commands.__path__]
    for node in ast.parse(next(filter(Path.exists, places)).read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == "command":
            return ast.get_docstring(node) or ""
    return ""
