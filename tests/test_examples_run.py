"""Every piece of Python that a document shows is run, page by page and from top to bottom."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import required
from submitted import PLUGIN

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if BLOCK.search(page.read_text(encoding="utf-8"))
]
FRAMEWORKS = ("torch", "keras", "jax")


def names_of(page: Path) -> dict[str, Any]:
    """What the page's code defines, once it has run."""
    module = ModuleType(page.stem)
    for number, block in enumerate(BLOCK.findall(page.read_text(encoding="utf-8"))):
        for name in FRAMEWORKS:
            if f"import {name}" in block or f", {name}" in block:
                required(name)
        exec(compile(block, f"{page.name}, block {number}", "exec"), vars(module))
    return vars(module)


def test_there_are_pages() -> None:
    assert {page.name for page in PAGES} >= {"README.md", "api.md", "pytest.md"}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    found = names_of(page)
    tests = [name for name in found if name.startswith("test_")]
    file = tmp_path / "test_page.py"
    file.write_text("\n".join(BLOCK.findall(page.read_text(encoding="utf-8"))))
    if tests:
        pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *PLUGIN]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        subprocess.run([*pytest, str(file)], cwd=tmp_path, check=True, env=environment)


def test_a_page_that_says_what_is_not_so_is_seen(tmp_path: Path) -> None:
    copy = tmp_path / "page.md"
    copy.write_text("```python\nassert 1 == 2\n```\n")
    with pytest.raises(AssertionError):
        names_of(copy)
