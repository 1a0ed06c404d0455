"""The documentation site, built and opened from disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from conftest import made_once, required
from test_html_report import browser  # noqa: F401

from ref_layers import OPS

required("sphinx")
required("furo")

ROOT = Path(__file__).parents[1]
SHOWN = ("relu", "conv2d")

pytestmark = pytest.mark.slow


class Links(HTMLParser):
    """What a page leads to, and the places in it that others may lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.to: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.names.add(value)
            elif name in ("href", "src") and value and tag != "link":
                self.to.append(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, with the mistakes of two ops alone."""
    return made_once(tmp_path_factory, "documentation", build) / "site"


def build(folder: Path) -> None:
    ignored = shutil.ignore_patterns("generated")
    docs = shutil.copytree(ROOT / "docs", folder / "docs", ignore=ignored)
    sphinx = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    environment = {**os.environ, "LAYERCHECK_GALLERY": " ".join(SHOWN), "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONWARNINGS", None)
    run = subprocess.run(
        [*sphinx, str(docs), str(folder / "site")],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Links]:
    """Every page, read."""
    found = {}
    for path in site.rglob("*.html"):
        found[path] = Links()
        found[path].feed(path.read_text(encoding="utf-8"))
    return found


def test_every_link_leads_somewhere_on_disk(pages: dict[Path, Links]) -> None:
    assert len(pages) > 80
    for page, links in pages.items():
        for to in links.to:
            where, _, name = to.partition("?v=")[0].partition("#")
            if ":" in where:
                continue
            target = (page.parent / unquote(where)).resolve() if where else page
            assert target.is_file(), f"{page.name}: {to}"
            if name and target in pages:
                assert unquote(name) in pages[target].names, f"{page.name}: {to}"


def test_every_layer_has_its_formula_beside_its_code(site: Path) -> None:
    for op in OPS:
        text = (site / "generated" / "layers" / f"{op}.html").read_text(encoding="utf-8")
        assert text.count('class="beside') == 2, op
        assert f'id="{op.replace("_", "-")}-backward"' in text


def test_mistakes_have_pictures_conditions_and_hints(site: Path) -> None:
    text = (site / "generated" / "mistakes" / "conv2d.html").read_text(encoding="utf-8")
    assert text.count('class="drawings"') > 20
    assert "It shows in " in text
    assert "all those where" in text
    assert "Look: " in text


@pytest.mark.parametrize("width", [1800, 1280, 360])
@pytest.mark.parametrize(
    "page",
    ["index", "start-student", "bounds", "generated/mistakes/conv2d", "generated/layers/conv2d"],
)
def test_pages_open_from_disk_wide_and_narrow(
    browser: Any,  # noqa: F811
    site: Path,
    page: str,
    width: int,
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    opened = context.new_page()
    failures: list[str] = []
    opened.on("console", lambda m: m.type == "error" and failures.append(m.text))
    opened.on("requestfailed", lambda r: failures.append(r.url))
    opened.on("request", lambda r: r.url.startswith("file:") or failures.append(r.url))
    opened.goto((site / f"{page}.html").as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert failures == []
    context.close()


def test_search_finds_without_a_server(browser: Any, site: Path) -> None:  # noqa: F811
    context = browser.new_context()
    opened = context.new_page()
    opened.goto((site / "search.html").as_uri() + "?q=dilation")
    opened.wait_for_selector("#search-results li a")
    context.close()
