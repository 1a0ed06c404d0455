"""The pages of the documentation site that are made from the code: `docs/conf.py` calls `write`."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import click

from ref_layers import OPS

from . import commands, gallery, interface, layers, outside


def write(
    folder: Path, package: ModuleType, group: click.Group, gallery_of: Sequence[str] = ()
) -> None:
    """Write every page anew into docs/generated.

    package, group: the Python interface and the command line · gallery_of: the ops whose mistakes
    are shown, all by default: each has to be found and shrunk, some 0.2 s a mistake.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shown = gallery_of or tuple(OPS)
    pages = {
        "interface.md": interface.page(package),
        "commands.md": commands.page(group),
        **{f"layers/{name}.md": layers.page(op, name in shown) for name, op in OPS.items()},
        "layers/index.md": layers.index(),
        **{f"mistakes/{name}.md": gallery.page(name) for name in shown},
        "mistakes/index.md": gallery.index(shown),
        **outside.pages(folder),
    }
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
