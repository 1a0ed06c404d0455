"""The page in a real browser: it opens from a file, offline, without errors, on a phone too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reports.html import write_html
from test_reports import bad, failing, large

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium")
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that fails the test if it logs an error or asks for anything but the file."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    seen: list[str] = []
    page.on("console", lambda message: seen.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: seen.append(f"error: {error}"))
    page.on("request", lambda request: seen.append(f"request: {request.url}"))
    yield page
    context.close()
    assert len(seen) == 1, seen
    assert seen[0].startswith("request: file://")


def opened(page: Any, report: Any, tmp_path: Path) -> Any:
    write_html(report, tmp_path / "report.html")
    page.goto((tmp_path / "report.html").as_uri())
    return page


def test_the_matrix_says_verdict_cases_and_headroom_in_words(page: Any, tmp_path: Path) -> None:
    opened(page, failing(), tmp_path)
    heads = page.locator(".matrix thead th").all_inner_texts()
    assert heads == ["Op", "torch", "tensorflow"]
    cells = [" ".join(text.split()) for text in page.locator(".matrix td").all_inner_texts()]
    assert cells == ["× wrong 1 of 2 fail headroom 3.1e4", "× wrong 1 of 1 fail headroom 3.1e4"]


def test_the_header_and_the_failure_say_what_happened(page: Any, tmp_path: Path) -> None:
    opened(page, failing(), tmp_path)
    assert page.get_by_role("heading", level=1).inner_text() == "hw.py"
    assert "Failed" in page.locator(".result").inner_text()
    failure = page.locator("#failures .failure").inner_text()
    assert "Fails in 2 of 2 cases, in dx; out and dw pass." in failure
    assert "got 0.5, expected 1 at [0, 1, 2, 0]" in failure


def test_a_copy_button_copies_its_replay_line(page: Any, tmp_path: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, failing(), tmp_path)
    button = page.get_by_role("button", name="Copy").first
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copied").wait_for()
    line = page.locator(".replay code").first.inner_text()
    assert page.evaluate("navigator.clipboard.readText()") == line
    assert line.startswith('layercheck replay "conv2d ')


def test_a_link_of_the_matrix_opens_the_worst_cases_of_its_op(page: Any, tmp_path: Path) -> None:
    opened(page, large(5), tmp_path)
    details = page.locator("details").nth(2)
    assert details.get_attribute("open") is None
    page.locator(".matrix a").nth(2).click()
    page.locator("details:nth-of-type(3)[open]").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_screen(
    page: Any, tmp_path: Path, width: int, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    report = large(5)
    report.comparisons.append(bad("conv2d " + "x" * 400, subject=report.subject))
    opened(page, report, tmp_path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_text_runs_nothing(page: Any, tmp_path: Path) -> None:
    report = failing()
    hostile = "<script>document.title='x'</script><img src=x onerror=\"document.title='x'\">"
    report.comparisons.append(bad(hostile, op="conv2d", reason=hostile))
    opened(page, report, tmp_path)
    assert page.title() == "Failed: hw.py – layercheck report"
    assert hostile in page.locator("#worst").inner_text()
