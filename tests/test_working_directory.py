"""The working directory is on the path of no process of ours: a module that lies there is not run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest
from submitted import AFFINE, HONEST, ROOT, layercheck

pytestmark = pytest.mark.slow
OWN = ("layercheck", "ref_layers", "oracles")
SITE = ("sitecustomize", "usercustomize")
"""What Python itself runs as it starts, from wherever it finds them."""

SHADOW = """
import sys
with open({mark!r}, "a") as file:
    file.write(__name__ + " in " + " ".join(sys.argv)[:200] + chr(10))
raise ImportError("the working directory's own " + __name__)
"""


def shadowed() -> Iterator[str]:
    """Every module that could be meant: the standard library's, the installed ones, ours."""
    yield from sys.stdlib_module_names
    yield from packages_distributions()
    yield from (path.stem for name in OWN for path in (ROOT / name).rglob("*.py"))
    yield from (*OWN, *SITE, "torch", "tensorflow", "tomli", "flint", "scipy")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two homework files among shadows of all modules."""
    made = tmp_path_factory.mktemp("submissions")
    for name in {n for n in shadowed() if n.isidentifier()}:
        (made / f"{name}.py").write_text(SHADOW.format(mark=str(made / "ran.txt")))
    for name in ("hw1.py", "hw2.py"):
        (made / name).write_text(HONEST + AFFINE)
    return made


def ran(folder: Path) -> str:
    """What ran, since it was last asked."""
    mark = folder / "ran.txt"
    found = mark.read_text() if mark.exists() else ""
    mark.unlink(missing_ok=True)
    return found


def started(way: str) -> list[str]:
    """The command `layercheck`, as it is installed, or Python with its module."""
    if way == "command":
        code = "import sys; from layercheck.cli import main; main()"
        script = shutil.which("layercheck")
        return [sys.executable, "-P", "-c", code] if script is None else [sys.executable, script]
    return [sys.executable, "-m", "layercheck"]


def run_in(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """As a user does who has set nothing."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**kept, "PYTHONPATH": str(ROOT)},
    )


def test_a_shadow_runs_where_python_looks_there(folder: Path) -> None:
    """The test can fail."""
    for name in ("csv", "click", "layercheck"):
        run_in(folder, sys.executable, "-c", f"import {name}")
        assert f"{name} in" in ran(folder)


@pytest.fixture
def without_pythons(folder: Path) -> Iterator[None]:
    """Without what Python itself runs of the working directory, with `-m`, before a line of ours."""
    taken = {"layercheck": ""}
    (folder / "nothing_at_all.py").touch()
    while taken:
        for name in taken:
            (folder / f"{name}.py").rename(folder / f"{name}.txt")
        run_in(folder, sys.executable, "-m", "nothing_at_all")
        taken = {line.partition(" ")[0]: "" for line in ran(folder).splitlines()}
    yield
    for path in folder.glob("*.txt"):
        path.rename(path.with_suffix(".py"))


@pytest.mark.parametrize("arguments", [["hw1.py"], ["hw1.py", "hw2.py", "--jobs", "2"]])
def test_the_command_runs_no_module_of_the_working_directory(
    arguments: list[str], folder: Path, tmp_path: Path
) -> None:
    run = run_in(folder, *started("command"), "check", *arguments, "--out", str(tmp_path / "out"))
    assert ran(folder) == ""
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("arguments", [["hw1.py"], ["hw1.py", "hw2.py", "--jobs", "2"]])
def test_nor_does_the_module(
    arguments: list[str], folder: Path, tmp_path: Path, without_pythons: None
) -> None:
    run = run_in(folder, *started("module"), "check", *arguments, "--out", str(tmp_path / "out"))
    assert ran(folder) == ""
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_trusted_modules_folder_comes_last(folder: Path) -> None:
    """Also in the processes that share its cases: what is there without it is not taken from it."""
    (folder / "my_layers.py").write_text(HONEST.replace("relu_forward", "relu"))
    chosen = ["--op", "relu", "--oracle", "exact", "--grid", "quick", "--jobs", "2"]
    run = run_in(folder, *started("command"), "check", "my_layers", *chosen)
    told = {line.partition(" ")[0] for line in ran(folder).splitlines()}
    assert [name for name in told if find_spec(name) is not None] == []
    assert run.returncode == 0, run.stdout + run.stderr


PACKAGE = "open('ran.txt', 'w').write('')\n"


@pytest.mark.parametrize("spelling", ["them", "./them", "them/"])
def test_a_folder_of_submissions_is_no_package(spelling: str, tmp_path: Path) -> None:
    """Though one of them is called so that Python would take it for one: nothing of it runs here."""
    (tmp_path / "them").mkdir()
    (tmp_path / "them" / "__init__.py").write_text(PACKAGE)
    (tmp_path / "them" / "hw.py").write_text(HONEST)
    done = layercheck("check", spelling, "--out", "out", "--op", "relu", cwd=tmp_path)
    assert not (tmp_path / "ran.txt").exists()
    if spelling == "them":
        assert done.returncode == 2
        assert "expected ./them for a folder of submissions" in done.stderr
    else:
        assert "1 of 2 pass" in done.stdout


@pytest.mark.parametrize("item", ["", ".", "./", "../{name}", "link"])
def test_a_search_path_that_leaves_the_working_directory_open_makes_no_package(
    item: str, tmp_path: Path
) -> None:
    """In whatever words: it is set once, and any directory may be the one that is worked in."""
    (tmp_path / "them").mkdir()
    (tmp_path / "them" / "__init__.py").write_text(PACKAGE)
    (tmp_path / "link").symlink_to(tmp_path)
    paths = f"{ROOT}{os.pathsep}{item.format(name=tmp_path.name)}"
    done = layercheck("check", "them", "--out", "out", cwd=tmp_path, path=paths)
    assert done.returncode == 2
    assert "expected ./them for a folder of submissions" in done.stderr
    assert not (tmp_path / "ran.txt").exists()
