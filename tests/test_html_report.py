"""The page in a real browser: it opens from a file, offline, without errors, on a phone too."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import lacking, required
from large_report import large
from sample_reports import bad, failing, failing_with, homework, passing, printed, report_of

from layercheck.reporting.classroom.page import render as render_class
from layercheck.reporting.classroom.records import Class, Grade, Mark, Required
from layercheck.reporting.formats import json as json_format
from layercheck.reporting.formats.html import write
from layercheck.reporting.page.breaks import LONGEST
from layercheck.reporting.report import Report

playwright = required("playwright.sync_api")
CHROMIUM = shutil.which("chromium")
ARGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PATIENCE = 300_000
"""Milliseconds: a busy machine is no reason to fail."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        lacking("no chromium on this machine")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that fails the test if it logs an error or asks for anything but the file."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    seen: list[str] = []
    page.on("console", lambda message: seen.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: seen.append(f"error: {error}"))
    page.on("request", lambda request: seen.append(f"request: {request.url}"))
    yield page
    context.close()
    assert len(seen) == 1, seen
    assert seen[0].startswith("request: file://")


def opened(page: Any, report: Report, tmp_path: Path) -> Any:
    write(report, tmp_path / "report.html")
    page.goto((tmp_path / "report.html").as_uri())
    return page


def words_of(locator: Any) -> list[str]:
    """The texts of all that a locator finds, each with single spaces."""
    return [" ".join(text.split()) for text in locator.all_inner_texts()]


# ---------------------------------------------------------------------- what it says


def test_the_matrix_says_verdict_cases_and_share_of_the_limit_in_words(
    page: Any, tmp_path: Path
) -> None:
    opened(page, failing(), tmp_path)
    assert words_of(page.locator(".matrix thead th")) == ["Op", "torch", "tensorflow"]
    assert words_of(page.locator(".matrix td")) == [
        "× wrong 1 of 2 fails of limit 3.1e4",
        "× wrong 1 of 1 fails of limit 3.1e4",
    ]


def test_the_header_and_the_failure_say_what_happened(page: Any, tmp_path: Path) -> None:
    opened(page, failing(), tmp_path)
    assert page.get_by_role("heading", level=1).inner_text() == "hw.py"
    assert "Failed" in page.locator(".result").inner_text()
    assert "conv2d_backward wrong, 1 new defect" in page.locator(".result").inner_text()
    failure = page.locator("#failures .failure").inner_text()
    assert "Fails in 2 of 2 cases, in dx; dw passes." in failure
    assert "got 0.5, expected 1 at [0, 1, 2, 0]" in failure


def test_a_passing_report_says_so_and_shows_no_failure(page: Any, tmp_path: Path) -> None:
    opened(page, passing(), tmp_path)
    assert words_of(page.locator(".result")) == ["✓ Passed 2 cases, 3 comparisons"]
    assert page.locator(".failure").count() == 0


WATCH_FOR_COPIED = """button => {
  window.copied = new Promise(done => new MutationObserver(
    () => button.textContent === "Copied" && done(true)
  ).observe(button, {childList: true, characterData: true, subtree: true}));
}"""


def test_a_copy_button_copies_its_replay_line(page: Any, tmp_path: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, failing(), tmp_path)
    button = page.get_by_role("button", name="Copy").first
    page.evaluate(WATCH_FOR_COPIED, button.element_handle())  # it says so for a moment only
    button.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("window.copied")
    line = page.locator(".replay code").first.inner_text()
    assert page.evaluate("navigator.clipboard.readText()") == line
    assert line.startswith('layercheck replay "conv2d ')


def test_a_link_of_the_matrix_opens_the_worst_cases_of_its_op(page: Any, tmp_path: Path) -> None:
    opened(page, large(5), tmp_path)
    details = page.locator("#worst details").nth(2)
    assert details.get_attribute("open") is None
    page.locator(".matrix a").nth(2).click()
    page.locator("#worst details:nth-of-type(3)[open]").wait_for()


# ---------------------------------------------------------------------- the same everywhere


def articles(page: Any) -> dict[str, Any]:
    """The articles on failing functions, by name."""
    found = page.locator("#failures .failure")
    names = words_of(page.locator("#failures .failure h3 code"))
    return {name: found.nth(i) for i, name in enumerate(names)}


@pytest.mark.parametrize("make", [failing, homework, lambda: large(5)])
def test_page_terminal_and_json_show_the_same_failing_record(
    make: Any, page: Any, tmp_path: Path
) -> None:
    report = make()
    opened(page, report, tmp_path)
    said, data = printed(report, 400), json.loads(json_format.render(report))
    failed = [check for check in data["checks"] if not check["passed"]]
    assert list(articles(page)) == [check["target"] for check in failed]
    for check, made in zip(failed, report.failing_checks, strict=True):
        article, wrong = articles(page)[check["target"]], check["first_wrong"]
        if wrong is None:
            assert article.locator(".pairs").count() == 0
            continue
        pairs = dict(
            zip(words_of(article.locator("dt")), words_of(article.locator("dd")), strict=True)
        )
        assert pairs["Smallest failing case"] == wrong["case"]
        assert wrong["array"] in article.locator("h3").inner_text()
        assert wrong["against"] in pairs["Compared"]
        (line,) = words_of(article.locator(".replay code"))
        assert line == f'layercheck replay "{wrong["case"]}" {check["replay"]}'
        assert line in said
        shown = values_in(article.inner_text())
        assert shown == values_in(block_before(said, line, made.target))
        assert shown == ([(wrong["got"], wrong["expected"])] if "got" in wrong else [])


def values_in(text: str) -> list[tuple[float, float]]:
    """Each `got 0.5, expected 1` in a text."""
    told = re.findall(r"got (-?[\d.e-]+), expected (-?[\d.e-]+) at", text)
    return [(float(got), float(expected)) for got, expected in told]


def block_before(text: str, line: str, target: str) -> str:
    """What stands between a function's name and its replay line."""
    end = text.index(line)
    return text[text.rindex(f"{target} ", 0, end) : end]


def skips_on(page: Any) -> list[list[str]]:
    """The rows of the page's skips: number and reason."""
    return [words_of(row.locator("td")) for row in page.locator("#skipped tbody tr").all()]


def test_the_page_tells_skips_as_the_terminal_does(page: Any, tmp_path: Path) -> None:
    opened(page, failing(), tmp_path)
    said = printed(failing()).partition("\nskipped: ")[2].partition("\n\n")[0].splitlines()
    assert skips_on(page) == [line.strip().split("  ", 1) for line in said[1:]]
    in_all = page.locator("#skipped p").inner_text()
    assert in_all.startswith(f"{said[0]} in all: nothing was compared")
    assert "never passes" in in_all


def test_the_page_of_a_file_tells_the_skips_of_its_manifest(page: Any, tmp_path: Path) -> None:
    report = homework()
    opened(page, report, tmp_path)
    assert skips_on(page) == [[str(n), reason] for reason, n in report.manifest.skipped.items()]


def test_a_page_without_skips_says_so(page: Any, tmp_path: Path) -> None:
    opened(page, passing(), tmp_path)
    assert "Nothing was skipped." in page.locator("#skipped").inner_text()


# ---------------------------------------------------------------------- on a narrow screen

WIDER = """
width => [...document.body.querySelectorAll("*")]
  .filter(e => !e.closest("svg, thead, #said") && e.getClientRects().length)
  .filter(e => e.getBoundingClientRect().right > width + 0.5 || e.scrollWidth > Math.max(e.clientWidth, 1) + 1 && getComputedStyle(e).display != "inline")
  .map(e => `${e.tagName}.${e.className}: ${e.textContent.slice(0, 60)}`)
"""
"""Elements that reach over the edge, or whose content does."""

BROKEN = """
longest => {
  const broken = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node; node = walker.nextNode();) {
    if (node.parentElement.closest("style, script, svg, thead, #said")) continue;
    for (const word of node.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
      if (word[0].length > longest) continue;
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map(r => Math.round(r.top)));
      if (lines.size > 1) broken.push(`${word[0]} in ${node.data.slice(0, 60)}`);
    }
  }
  return broken;
}
"""
"""Words, or parts of names between their joints, that stand on two lines."""

REPORTS = {
    "module": failing,
    "file": homework,
    "large": lambda: large(5),
    "long case": lambda: failing_with(bad("conv2d " + "x" * 400)),
}
SCREENS = [(width, scheme) for width in (320, 360, 768, 1280) for scheme in ("light", "dark")]


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_is_wider_than_the_screen_and_no_name_is_broken_in_the_middle(
    name: str, page: Any, tmp_path: Path
) -> None:
    opened(page, REPORTS[name](), tmp_path)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    for width, scheme in SCREENS:  # one page, resized: opening it is what takes the time
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        overflow = page.evaluate("document.documentElement.scrollWidth") - width
        found = overflow, page.evaluate(WIDER, width), page.evaluate(BROKEN, LONGEST)
        assert (width, scheme, *found) == (width, scheme, 0, [], [])


def test_hostile_text_runs_nothing(page: Any, tmp_path: Path) -> None:
    hostile = "<script>document.title='x'</script><img src=x onerror=\"document.title='x'\">"
    wrong = bad(f"conv2d {hostile}", op="conv2d", reason=hostile)
    report = report_of([wrong], failing().checks)
    opened(page, report, tmp_path)
    assert page.title() == "Failed: hw.py – layercheck report"
    assert hostile in page.locator("#worst").inner_text()


# ---------------------------------------------------------------------- a class


def a_class() -> Class:
    """Three students, two functions."""
    marks = {
        "anna": [("exact", 3.0), ("wrong", 0.0)],
        "bob": [("missing", 0.0), ("rounding", 1.0)],
        "cy": [("exact", 3.0), ("rounding", 1.0)],
    }
    required = Required({"conv_forward_naive": 3.0, "relu_forward": 1.0})
    grades = [
        Grade(
            name,
            marks=[
                Mark(function, verdict, points > 0, points, most)
                for (function, most), (verdict, points) in zip(
                    required.points.items(), given, strict=True
                )
            ],
        )
        for name, given in marks.items()
    ]
    return Class(required, True, grades)


@pytest.mark.parametrize("width", [1280, 360])
def test_a_class_is_sorted_and_searched(width: int, page: Any, tmp_path: Path) -> None:
    (tmp_path / "class.html").write_text(render_class(a_class()), encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((tmp_path / "class.html").as_uri())
    names = page.locator("#class tbody tr:visible th")
    assert words_of(names) == ["anna", "bob", "cy"]
    page.locator("#class thead button").nth(1).click()
    assert words_of(names) == ["bob", "anna", "cy"]
    page.locator("#class thead button").nth(1).click()
    assert words_of(names) == ["cy", "anna", "bob"]
    page.locator("#search").fill("conv_forward_naive:missing")
    assert words_of(names) == ["bob"]
    assert words_of(page.locator("#said")) == ["1 of 3 shown"]
    page.locator("#search").fill("")
    assert len(words_of(names)) == 3
    assert page.evaluate("document.documentElement.scrollWidth") <= width
