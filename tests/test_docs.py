"""What the documents say is still so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from layercheck.cli.group import Commands
from layercheck.upkeep.samples import SAMPLE, renewed, run

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "reports" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?(?![\w.])")


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
    assert len(texts) == 5
    assert all(line in texts[file] for file, line in lines)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        is_of_site = target.startswith("generated/")  # tests/test_site.py follows those
        assert is_of_site or (page.parent / target).exists(), target


SHOWN = re.compile(
    r"(?:^(?: {4,}|\$ )|`|&& )(?:\S*/)?layercheck ([a-z-]+)([^`\n]*)(?:`|$)", re.MULTILINE
)
"""A command in a block or in backquotes, with its arguments."""


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_that_are_shown_exist_with_their_options(page: Path) -> None:
    group = Commands()
    for name, given in SHOWN.findall(page.read_text().replace("\\\n", " ")):
        command = group.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None, name
        parts = [command, *getattr(command, "commands", {}).values()]
        known = {text for one in parts for p in one.params for text in (*p.opts, *p.secondary_opts)}
        arguments = given.partition("&&")[0].partition("#")[0]
        options = re.findall(r"(?<!\S)--[a-z][\w-]*", arguments)
        assert {*options} <= {*known, "--help"}, f"{name}{given}"


def test_code_that_is_named_exists() -> None:
    """A path in backquotes: `layercheck/cases/levels/`."""
    for page in PAGES:
        for path in re.findall(
            r"`((?:layercheck|oracles|ref_layers|tests)/[\w/.]+)`", page.read_text()
        ):
            assert (ROOT / path).exists(), f"{page.name}: {path}"


# ---------------------------------------------------------------------- samples


def settled(output: str) -> str:
    """Without what depends on the machine: isolation, and the numbers, which are compared apart."""
    return NUMBER.sub("#", re.sub(r"isolation: [\w, ]+", "isolation: any", output))


WITH_SAMPLES = [page for page in PAGES if SAMPLE.search(page.read_text())]
PRINTED = re.compile(r"^ +(?:WRONG|ok) {6,}|^(?:passed|FAILED): ", re.MULTILINE)


def test_what_the_tool_says_is_shown_below_the_command_that_says_it() -> None:
    assert {page.name for page in WITH_SAMPLES} >= {"README.md", "start-student.md"}
    for page in PAGES:
        assert not PRINTED.search(SAMPLE.sub("", page.read_text())), page.name


@pytest.mark.parametrize("page", WITH_SAMPLES, ids=lambda p: p.name)
def test_a_page_shows_what_the_tool_says(page: Path) -> None:
    """Letter by letter; computed numbers up to the rounding of the machine."""
    for arguments, shown in SAMPLE.findall(page.read_text()):
        said = run(arguments)
        assert settled(said) == settled(shown)
        mine, theirs = (list(map(float, NUMBER.findall(text))) for text in (said, shown))
        assert mine == pytest.approx(theirs, rel=1e-3)


def test_a_stale_sample_is_renewed_and_seen() -> None:
    page = (
        "a\n```console\n$ layercheck ops\nold\n```\nb\n```console\n$ layercheck cases\nolder\n```\n"
    )
    new = renewed(page, lambda arguments: f"{arguments} {len(arguments)}\n")
    assert new == page.replace("older", "cases 5").replace("old\n", "ops 3\n")
    assert settled("is 3 of 4") != settled("was 3 of 4")
