"""Arrays that torch cannot take as they lie in memory are copied; none ends the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layercheck
from layercheck.implementations.arrays import as_numpy
from layercheck.implementations.frameworks import load
from layercheck.submissions.profiles.memory import Copied, laid

ROOT = Path(__file__).parents[1]
CHECK = """
import layercheck, torch
report = layercheck.check(relu=lambda x: torch.relu(torch.from_dlpack(x)).numpy())
assert report.passed, report.text()
"""


def test_a_function_that_uses_dlpack_does_not_end_the_process() -> None:
    pytest.importorskip("torch")
    ran = subprocess.run(
        [sys.executable, "-c", CHECK], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def odd() -> dict[str, Any]:
    """Arrays that lie in memory in odd ways."""
    plain = np.arange(6.0).reshape(2, 3)
    return {
        "negative strides": plain[::-1, ::-1],
        "one axis": plain.ravel()[::-1],
        "no axis": np.array(3.0),
        "byte-swapped": plain.astype(plain.dtype.newbyteorder()),
        "swapped and turned": plain.astype(plain.dtype.newbyteorder())[::-1],
        "read-only": laid(plain, "read-only"),
        "one number many times": np.broadcast_to(np.float32(2), (2, 3)),
        "empty": plain[:0],
    }


@pytest.mark.parametrize("how", odd())
def test_an_array_is_handed_on_by_dlpack(how: str) -> None:
    torch = pytest.importorskip("torch")
    value = odd()[how]
    made = torch.from_dlpack(value.view(Copied))
    assert made.tolist() == value.tolist()


@pytest.mark.parametrize("how", odd())
def test_a_function_of_torch_is_given_any_array(how: str) -> None:
    pytest.importorskip("torch")
    value = odd()[how]
    outs, pullback = load("torch").vjp(lambda leaves: leaves["x"] * 2, {"x": value}, ["x"])
    assert np.array_equal(as_numpy(outs[0]), 2 * value)
    (gradient,) = pullback(value)
    assert np.array_equal(as_numpy(gradient), 2 * value)


def test_numbers_that_numpy_does_not_have_are_told() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match="whose numbers NumPy does not have"):
        as_numpy(torch.ones(3, dtype=torch.bfloat16))


def test_reversed_views_lie_so_and_are_arrays() -> None:
    value = laid(np.arange(6.0).reshape(2, 3), "reversed")
    assert value.strides == (-24, -8)
    assert isinstance(value, np.ndarray)


class Tanh:
    """Of which nothing is a copy."""

    def forward(self, x: Any) -> Any:
        self.out = np.tanh(x)
        return self.out

    def backward(self, dout: Any) -> Any:
        return dout * (1 - self.out**2)


def test_what_comes_of_such_arrays_is_an_array() -> None:
    pytest.importorskip("torch")
    assert layercheck.check(Tanh(), ops="tanh").passed
