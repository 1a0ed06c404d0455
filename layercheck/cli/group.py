"""The commands, found by themselves: each is the `command` of a file in `commands/`."""

from __future__ import annotations

import importlib
import pkgutil

import click

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
