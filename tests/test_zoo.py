"""Functions by people who did not know what is asked: wrong ones under a condition, right ones in
odd styles.

`zoo/wrong` says of each function that is wrong, in its docstring, when; `zoo/missed.txt` lists those
that pass all the same. Everything in `zoo/right` is right; `zoo/unstable.txt` lists what is blamed
all the same. Both lists give the reason, and a line that no longer holds fails.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from submitted import layercheck

from layercheck.reporting.formats import json
from layercheck.reporting.verdict import Verdict

ZOO = Path(__file__).parent / "zoo"
SEEN = 0.93
"""The share of the wrong functions that has to be seen at least."""


def files(folder: str) -> list[Path]:
    return [p for p in sorted((ZOO / folder).glob("*.py")) if not p.stem.startswith("helper")]


@cache
def listed(name: str) -> dict[str, str]:
    """What a list excepts: `file:function`, with the reason."""
    lines = (ZOO / name).read_text().splitlines()
    pairs = (line.partition("  # ") for line in lines if line.strip())
    return {entry.strip(): reason.strip() for entry, _, reason in pairs}


def checks_of(path: Path, folder: Path) -> dict[str, bool]:
    """Whether each function of a file, or of a module, passes; no framework is asked."""
    out = folder / "report.json"
    if path.stem.startswith("module"):
        arguments = [path.stem, "--oracle", "exact", "--grid", "quick", "--hints", "none"]
        run = layercheck("check", *arguments, "--json", str(out), cwd=path.parent, path=paths(path))
    else:
        run = layercheck("check", str(path), "--hints", "none", "--json", str(out))
    assert out.exists(), run.stderr
    checks = json.read(out)["checks"]
    return {c["target"]: c["passed"] for c in checks if c["verdict"] != Verdict.SKIPPED}


def paths(path: Path) -> str:
    return f"{Path(__file__).parents[1]}:{path.parent}"


def wrong_functions(path: Path) -> Iterator[str]:
    """The functions whose docstring says when they are wrong."""
    for node in ast.parse(path.read_text()).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        for function in inner:
            if isinstance(function, ast.FunctionDef) and says_wrong(function):
                of = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
                yield of + function.name


def says_wrong(function: ast.FunctionDef) -> bool:
    lines = (ast.get_docstring(function) or "").splitlines()
    return any(line.strip().startswith("Wrong:") for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("path", files("wrong"), ids=lambda path: path.stem)
def test_wrong_functions_are_seen(path: Path, tmp_path: Path) -> None:
    passed = checks_of(path, tmp_path)
    missed = {f"{path.stem}:{n}" for n in wrong_functions(path) if passed.get(n, True)}
    assert missed == {entry for entry in listed("missed.txt") if entry.startswith(f"{path.stem}:")}


@pytest.mark.slow
@pytest.mark.parametrize("path", files("right"), ids=lambda path: path.stem)
def test_right_functions_are_not_blamed(path: Path, tmp_path: Path) -> None:
    passed = checks_of(path, tmp_path)
    assert passed
    blamed = {f"{path.stem}:{name}" for name, passes in passed.items() if not passes}
    due = {entry for entry in listed("unstable.txt") if entry.startswith(f"{path.stem}:")}
    assert blamed == due


def test_hardly_any_wrong_function_is_missed() -> None:
    every = [f"{path.stem}:{name}" for path in files("wrong") for name in wrong_functions(path)]
    assert len(every) >= 150
    assert listed("missed.txt").keys() <= set(every)
    assert len(listed("missed.txt")) <= (1 - SEEN) * len(every)
    assert all(listed("missed.txt").values())
