"""The house stays fit to live in: short files and functions, one way of formatting."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("ref_layers", "oracles", "layercheck", "benchmarks", "examples")
ENGINE = sorted((ROOT / "layercheck").rglob("*.py"))
MOST_LINES, MEDIAN_LINES, MOST_FUNCTION_LINES = 300, 110, 40


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function of a file with its number of lines, decorators left out."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def test_a_file_of_the_engine_is_read_in_one_go() -> None:
    sizes = {path: lines(path) for path in ENGINE}
    assert {p: n for p, n in sizes.items() if n > MOST_LINES} == {}
    assert statistics.median(sizes.values()) <= MEDIAN_LINES


def test_a_function_of_the_engine_fits_on_a_screen() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{name}": count
        for path in ENGINE
        for name, count in functions(path)
        if count > MOST_FUNCTION_LINES
    }
    assert long == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_formatter_has_its_way(package: str) -> None:
    bypassed = [p for p in (ROOT / package).rglob("*.py") if "fmt: " in p.read_text()]
    assert bypassed == []


def test_every_folder_of_code_is_a_package() -> None:
    """A folder without `__init__.py` can be imported, and is left out of wheels and contracts."""
    folders = {path.parent for path in ENGINE}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_no_example_stands_where_pytest_does_not_look() -> None:
    """Collecting an oracle would bring its framework into every worker."""
    looked_at = ROOT / "oracles" / "__init__.py"
    examples = [p for p in (ROOT / "oracles").rglob("*.py") if ">>> " in p.read_text()]
    assert examples == [looked_at]
