"""The recipes of examples/ci, run as a library's CI runs them: from the built wheel, in a fresh
environment that has nothing of this checkout."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from functools import partial
from pathlib import Path

import pytest
from conftest import made_once, required

from layercheck.implementations.given.hints import AFFINE

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "examples" / "ci" / "stonework"
COMMAND = re.compile(r"^\s*(?:- )?(?:run:|entry:|commands =)\s*((?:layercheck|pytest) .*)$", re.M)
"""What the workflow, the hook and tox run, a command a line."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    required("hatchling")
    (made,) = made_once(tmp_path_factory, "wheel", build).glob("layercheck-*.whl")
    return made


def build(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "-q", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", str(folder), str(ROOT)], check=True, cwd=folder)


@pytest.fixture(scope="module")
def bin_of(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel; the libraries that it needs are this one's."""
    return made_once(tmp_path_factory, "environment", partial(install, wheel)) / "bin"


def install(wheel: Path, home: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    places = {"base": str(home), "platbase": str(home)}
    own = Path(sysconfig.get_path("purelib", "venv", vars=places))
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "-q", "install", "--no-deps"]
    subprocess.run([*pip, str(wheel)], check=True)
    (own / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    for name in ("pytest",):
        program = home / "bin" / name
        program.write_text(f"#!{python}\nimport sys, pytest\nsys.exit(pytest.console_main())\n")
        program.chmod(0o755)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LIBRARY, tmp_path / "stonework"))


def run(bin_of: Path, library: Path, command: str) -> subprocess.CompletedProcess[str]:
    clean = {n: v for n, v in os.environ.items() if not n.startswith(("PYTHON", "PYTEST", "COV"))}
    first, *rest = shlex.split(command.replace("{posargs}", ""))
    return subprocess.run(
        [str(bin_of / first), *rest],
        cwd=library,
        env={**clean, "PATH": f"{bin_of}{os.pathsep}{clean['PATH']}", "GITHUB_STEP_SUMMARY": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def commands() -> list[str]:
    """Every command of the recipes."""
    files = [p for p in LIBRARY.rglob("*") if p.suffix in (".yml", ".yaml", ".ini")]
    found = [command for file in sorted(files) for command in COMMAND.findall(file.read_text())]
    return sorted(found, key=lambda command: "--update" not in command)  # what others go by first


def test_the_wheel_has_all_that_it_needs(wheel: Path, bin_of: Path, tmp_path: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "layercheck/reporting/page/templates/compare.html.j2" in names
    assert not [name for name in names if name.startswith(("tests/", "examples/"))]
    told = run(bin_of, tmp_path, "layercheck --version")
    assert told.returncode == 0, told.stderr
    assert re.fullmatch(r"layercheck, version \d+\.\d+\.\d+\n", told.stdout)
    where = run(bin_of, tmp_path, "python -c 'import layercheck; print(layercheck.__file__)'")
    assert where.stdout.startswith(str(bin_of.parent))
    assert run(bin_of, tmp_path, "python -m layercheck --version").stdout == told.stdout
    ops = run(bin_of, tmp_path, "layercheck check ref_layers --op relu --oracle exact --quiet")
    assert ops.stdout.startswith("passed: "), ops.stderr


def test_there_is_a_command_of_each_kind() -> None:
    assert len(commands()) >= 5
    assert AFFINE["DM"] == (0, 1)


def test_every_command_of_the_recipes_passes(bin_of: Path, library: Path) -> None:
    ran = {command: run(bin_of, library, command) for command in dict.fromkeys(commands())}
    told = {c: one.stdout[-1500:] + one.stderr[-500:] for c, one in ran.items() if one.returncode}
    assert told == {}
    assert (library / "baseline.json").is_file()


PLANTED = ("dw = rows.T @ dout", "dw = 2 * rows.T @ dout")


def test_a_planted_regression_is_named_in_the_junit_file(bin_of: Path, library: Path) -> None:
    suites = required("junitparser").JUnitXml
    layers = library / "stonework" / "layers.py"
    made, held = (c for c in commands() if "--baseline" in c)
    assert run(bin_of, library, made).returncode == 0
    assert run(bin_of, library, held).returncode == 0
    before = run(bin_of, library, "pytest --junitxml=junit.xml -n 2")
    assert before.returncode == 0, before.stdout[-2000:]
    (green,) = suites.fromfile(str(library / "junit.xml"))
    assert green.failures == green.errors == 0
    assert green.tests > 60
    layers.write_text(layers.read_text().replace(*PLANTED))
    assert run(bin_of, library, held).returncode == 1
    after = run(bin_of, library, "pytest --junitxml=junit.xml")
    assert after.returncode == 1
    (red,) = suites.fromfile(str(library / "junit.xml"))
    failed = [case for case in red if not (case.is_passed or case.is_skipped)]
    assert failed
    assert all(case.name.startswith("affine of ") for case in failed)
    texts = [one.text for case in failed for one in case.result]
    assert all("affine_backward dw is wrong" in text for text in texts)


def test_the_sdist_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    build = required("hatchling.build")
    code = f"import hatchling.build as b; print(b.build_sdist({str(tmp_path)!r}))"
    made = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    source = tmp_path / made.stdout.split()[-1]
    shutil.unpack_archive(source, tmp_path / "source", filter="data")
    (root,) = (tmp_path / "source").iterdir()
    assert build is not None
    pip = [sys.executable, "-m", "pip", "-q", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", str(tmp_path / "again"), str(root)], check=True, cwd=tmp_path)
    (again,) = (tmp_path / "again").glob("*.whl")
    assert again.name == wheel.name
    both = [set(zipfile.ZipFile(path).namelist()) for path in (wheel, again)]
    assert both[0] == both[1]
