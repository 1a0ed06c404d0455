"""`check MODULE --strict`: another convention, float64 for float32, numbers beyond the ordinary."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import ROOT, layercheck

from layercheck.implementations.module import Module
from layercheck.pipeline.options import Options
from layercheck.pipeline.run import check
from layercheck.reporting.records import Check

Checked = Callable[[str, bool], dict[str, Check]]

RELU = """
import numpy as np

def relu(x):
    return {forward}, x

def relu_backward(dout, cache):
    return {backward}
"""

AFFINE = """
import numpy as np

def affine(x, w, b=None):
    flat = np.asarray(x.reshape(len(x), -1), {dtype})
    return flat @ w + (0 if b is None else b), (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    flat = x.reshape(len(x), -1)
    db = None if b is None else dout.sum(axis=0)
    return (dout @ w.T).reshape(x.shape), flat.T @ dout, db
"""


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checked:
    """The checks of a module of this text, over the quick grid."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def check_text(text: str, strict: bool) -> dict[str, Check]:
        monkeypatch.delitem(sys.modules, "strictly_mine", raising=False)
        (tmp_path / "strictly_mine.py").write_text(text)
        options = Options(grid="quick", oracles=(), strict=strict)
        return {made.target: made for made in check("strictly_mine", options).checks}

    return check_text


def relu(forward: str = "np.maximum(x, 0)", backward: str = "dout * (cache > 0)") -> str:
    return RELU.format(forward=forward, backward=backward)


def test_what_is_right_passes_strictly(checked: Checked) -> None:
    for strict in (False, True):
        assert all(one.passed for one in checked(relu(), strict).values())


def test_another_convention_is_no_pass_strictly(checked: Checked) -> None:
    text = relu(backward="dout * (cache >= 0)")
    made = checked(text, False)["relu_backward"]
    assert (made.verdict, made.passed) == ("convention", True)
    made = checked(text, True)["relu_backward"]
    assert (made.verdict, made.passed) == ("convention", False)


def test_numbers_beyond_the_ordinary_count_strictly(checked: Checked) -> None:
    text = relu(forward="np.where(np.isinf(x), 1, np.maximum(x, 0)).astype(x.dtype)")
    made = checked(text, False)["relu"]
    assert made.passed
    assert "beyond ordinary numbers: fails in" in made.note
    made = checked(text, True)["relu"]
    assert (made.verdict, made.passed) == ("wrong", False)


def test_what_is_beyond_is_not_told_of_a_function_that_fails_within(checked: Checked) -> None:
    """It fails there for the same reason, most likely."""
    text = relu(forward="np.where(np.isinf(x) | (x > 1), 1, np.maximum(x, 0)).astype(x.dtype)")
    made = checked(text, False)["relu"]
    assert not made.passed
    assert "beyond" not in made.note


@pytest.mark.parametrize("strict", [False, True])
def test_float64_is_a_modules_habit_or_a_mistake(strict: bool, checked: Checked) -> None:
    """Cast back with a note where the whole module has it, an error if another op keeps float32."""
    alone = checked(AFFINE.format(dtype='"float64"'), strict)["affine"]
    if strict:
        assert (alone.verdict, alone.passed) == ("error", False)
        assert alone.first_wrong is not None
        assert "dtype: got float64, expected float32" in alone.first_wrong.reason
    else:
        assert alone.passed
        assert "float64 comes out of float32; cast back" in alone.note
    beside = checked(AFFINE.format(dtype='"float64"') + relu(), strict)
    assert (beside["affine"].verdict, beside["affine"].passed) == ("error", False)
    assert beside["relu"].passed
    kept = checked(AFFINE.format(dtype="x.dtype") + relu(), strict)
    assert [
        (one.target, str(one.verdict), one.note) for one in kept.values() if not one.passed
    ] == []


def test_a_wrong_number_in_float64_stays_wrong(checked: Checked) -> None:
    text = AFFINE.format(dtype='"float64"').replace("flat @ w +", "flat @ w * 1.001 +")
    assert checked(text, False)["affine"].verdict == "wrong"


def test_another_process_is_as_strict() -> None:
    again = pickle.loads(pickle.dumps(Module("ref_layers", strict=True)))
    assert again.strict
    assert not pickle.loads(pickle.dumps(Module("ref_layers"))).strict
    assert Module("ref_layers").keeps_dtype


def test_the_command_takes_it_for_a_module(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(relu(backward="dout * (cache >= 0)"))
    asked = ("check", "mine", "--oracle", "exact", "--grid", "quick", "--quiet")
    environment = {"PYTHONPATH": str(ROOT)}
    assert layercheck(*asked, cwd=tmp_path, **environment).returncode == 0
    assert layercheck(*asked, "--strict", cwd=tmp_path, **environment).returncode == 1


def test_what_of_a_module_no_case_ran_is_told_on_the_terminal(tmp_path: Path) -> None:
    text = relu().replace(
        "def relu(x):", "def relu(x):\n    if x.ndim == 7:\n        return None", 1
    )
    (tmp_path / "mine.py").write_text(text)
    asked = ("check", "mine", "--oracle", "exact", "--grid", "quick")
    said = layercheck(*asked, cwd=tmp_path, PYTHONPATH=str(ROOT)).stdout
    assert "(if x.ndim == 7) never run" in said
