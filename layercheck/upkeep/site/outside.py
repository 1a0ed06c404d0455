"""Pages that stand elsewhere in the project, and links of the documentation to files there."""

from __future__ import annotations

import os
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]

PAGES = {
    "README.md": "readme.md",
    "CHANGELOG.md": "changelog.md",
    "reports/README.md": "reports.md",
    "benchmarks/RESULTS.md": "speed.md",
    "examples/ci/README.md": "ci.md",
    "examples/homework/README.md": "homework.md",
}
"""The Markdown files outside docs/ that the site has, by the name that they have there."""

LINK = re.compile(r"\[([^\]]*)\]\(([^)#:\s]+)(#[^)]*)?\)")


def pages(folder: Path) -> dict[str, str]:
    """Their texts, with links as they have to be in the folder of the site."""
    return {
        name: relinked((ROOT / source).read_text(encoding="utf-8"), ROOT / source, folder / name)
        for source, name in PAGES.items()
    }


def relinked(text: str, source: Path, page: Path) -> str:
    """A page's text with its links as they lead from another place; to a page that the site has, to
    that one."""
    docs = page.parent if page.parent.name == "docs" else page.parent.parent

    def moved(match: re.Match[str]) -> str:
        target = (source.parent / match[2]).resolve()
        if not target.exists():
            return match[0]
        if target.is_dir():
            return match[1]
        name = PAGES.get(os.path.relpath(target, ROOT))
        target = docs / "generated" / name if name else as_in(docs, target)
        there = Path(os.path.relpath(target, page.parent)).as_posix()
        return f"[{match[1]}]({there}{match[3] or ''})"

    return LINK.sub(moved, text)


def as_in(docs: Path, target: Path) -> Path:
    """A file of docs/, where the site is built from a copy of it."""
    own = ROOT / "docs"
    return docs / target.relative_to(own) if target.is_relative_to(own) else target
