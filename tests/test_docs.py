"""What the documents say is still so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def added_lines() -> list[tuple[str, str]]:
    """Each line that the diff in docs/adding-an-op.md adds, with its file."""
    found, file = [], ""
    for line in (ROOT / "docs" / "adding-an-op.md").read_text().splitlines():
        if line.startswith("+++ b/"):
            file = line.removeprefix("+++ b/")
        elif line.startswith("+") and line[1:].strip():
            found.append((file, line[1:]))
    return found


def test_the_diff_that_adds_an_op_is_the_real_one() -> None:
    lines = added_lines()
    assert len(lines) > 50
    texts = {file: (ROOT / file).read_text().splitlines() for file, _ in lines}
    assert len(texts) == 4
    assert all(line in texts[file] for file, line in lines)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_commands_that_are_shown_exist(page: Path) -> None:
    from layercheck.cli import commands

    for name in re.findall(r"^ {4}layercheck ([a-z-]+)", page.read_text(), re.MULTILINE):
        assert name in commands.commands
