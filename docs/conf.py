"""The documentation site: `tox run -e docs` builds it into build/site, which works from disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import layercheck
from layercheck.cli.group import Commands
from layercheck.pipeline.options import version_of
from layercheck.upkeep import site
from layercheck.upkeep.site import outside
from layercheck.upkeep.site.markdown import toctree

project = "layercheck"
release = version_of("layercheck")
extensions = ["myst_parser"]
exclude_patterns = ["conf.py", "_build"]
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
nitpicky = True
suppress_warnings = ["myst.header", "misc.highlighting_failure"]

html_theme = "furo"
html_title = "layercheck"
html_static_path = [
    "_static",
    str(outside.ROOT / "layercheck/reporting/page/templates/picture.css"),
]
html_css_files = ["site.css", "picture.css"]
html_copy_source = False
html_show_copyright = False


def relinked(app: Any, name: str, content: list[str]) -> None:
    """Links of docs/ to files elsewhere in the project lead to where the site has them."""
    if not name.startswith("generated/"):
        page = f"{name}.md"
        source, here = outside.ROOT / "docs" / page, Path(app.srcdir) / page
        content[0] = outside.relinked(content[0], source, here)
    if name == "atlas":
        content[0] += toctree(["atlas/*"], is_pattern=True)


def written(app: Any) -> None:
    """The pages that are made from the code."""
    ops = os.environ.get("LAYERCHECK_GALLERY", "").split()
    group = Commands(name="layercheck")
    site.write(Path(app.srcdir) / "generated", layercheck, group, ops)


def setup(app: Any) -> None:
    """Sphinx asks for it."""
    app.connect("builder-inited", written)
    app.connect("source-read", relinked)
