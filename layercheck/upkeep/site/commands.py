"""The command line: what each command's --help says."""

from __future__ import annotations

import click

from .markdown import fenced

INTRODUCTION = """# The command line

Every command tells this itself: `layercheck COMMAND --help`. Exit status: 0 all passed, 1 something
failed, 2 wrong usage.
"""


def page(group: click.Group) -> str:
    """All commands, in the order of `layercheck --help`."""
    within = click.Context(group, info_name="layercheck", terminal_width=96)
    return "\n".join([INTRODUCTION, *help_of(group, within, 2)])


def help_of(group: click.Group, within: click.Context, level: int) -> list[str]:
    """A section for each command of a group, and below it for those of a group in it."""
    found = []
    for name in group.list_commands(within):
        command = group.get_command(within, name)
        if command is None or command.hidden:
            continue
        own = click.Context(command, within, name, terminal_width=96)
        text = fenced(command.get_help(own), "text")
        found.append(f"{'#' * level} {own.command_path}\n\n{text}")
        if isinstance(command, click.Group):
            found += help_of(command, own, level + 1)
    return found
