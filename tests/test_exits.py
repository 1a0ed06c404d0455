"""Whatever code under check raises is its error, and no end of the run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import ROOT
from command_line import layercheck as command

import layercheck
from layercheck.errors import UsageError
from layercheck.implementations.raised import is_interruption

LAYERS = """
import numpy as np

def relu(x):
    if x.shape[0] == 1:
        {leave}
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)

def tanh(x):
    y = np.tanh(x)
    return y, y

def tanh_backward(dout, y):
    {leave}
"""
EXACT = ("--grid", "quick", "--oracle", "exact")
WAYS = ["raise SystemExit(0)", "raise KeyboardInterrupt", "raise GeneratorExit('gone')"]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return command("check", *arguments, cwd=folder, PYTHONPATH=str(ROOT))


@pytest.mark.parametrize("leave", WAYS)
@pytest.mark.parametrize("more", [(), ("--jobs", "2")])
def test_an_exit_is_the_functions_error(tmp_path: Path, leave: str, more: tuple[str, ...]) -> None:
    (tmp_path / "leaving.py").write_text(LAYERS.format(leave=leave))
    done = run(tmp_path, "leaving", *EXACT, *more, "--json", "report.json")
    assert done.returncode == 1, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    checks = {check["target"]: check for check in report["checks"]}
    assert [checks[name]["verdict"] for name in ("relu", "tanh_backward")] == ["error", "error"]
    assert checks["tanh"]["passed"]


@pytest.mark.parametrize("leave", WAYS)
def test_an_exit_at_import_is_told(tmp_path: Path, leave: str) -> None:
    (tmp_path / "leaving_at_once.py").write_text(leave)
    done = run(tmp_path, "leaving_at_once", *EXACT)
    assert done.returncode == 2
    assert "cannot be imported" in done.stderr


def test_so_is_one_of_a_submodule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "leaving_below"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "relu.py").write_text("raise SystemExit(0)")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UsageError, match=r"leaving_below\.relu cannot be imported \(SystemExit: 0"):
        layercheck.check("leaving_below", oracles="exact")


def test_a_process_that_ends_is_told(tmp_path: Path) -> None:
    (tmp_path / "ending.py").write_text(LAYERS.format(leave="__import__('os')._exit(0)"))
    done = run(tmp_path, "ending", *EXACT, "--jobs", "2")
    assert done.returncode == 1
    assert "ended without an answer, as by os._exit()" in done.stderr
    assert "layercheck's fault" not in done.stderr


def test_functions_and_objects_of_a_program_do_not_end_it() -> None:
    def relu(x: np.ndarray) -> np.ndarray:
        sys.exit(0)

    report = layercheck.check(relu=relu, relu_backward=lambda dout, cache: dout, oracles="exact")
    assert report.checks[0].verdict == "error"

    class ReLU:
        def forward(self, x: np.ndarray) -> np.ndarray:
            raise KeyboardInterrupt

        def backward(self, dout: np.ndarray) -> np.ndarray:
            return dout

    assert layercheck.check(ReLU, oracles="exact").checks[0].verdict == "error"


def test_what_comes_between_instructions_is_an_interruption() -> None:
    import _thread

    def caught(by: str) -> BaseException:
        try:
            if by == "statement":
                raise KeyboardInterrupt
            _thread.interrupt_main()
            for _ in range(10**6):
                pass
        except KeyboardInterrupt as error:
            return error
        raise AssertionError

    assert not is_interruption(caught("statement"))
    assert is_interruption(caught("signal"))
    assert not is_interruption(SystemExit(0))
