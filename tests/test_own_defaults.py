"""Defaults of a function that is handed over are told as those of a file; they are no failure."""

from __future__ import annotations

from pathlib import Path
from runpy import run_path

import pytest
from submitted import check_of, check_text

import layercheck
from layercheck.reporting.report import Report
from layercheck.reporting.verdict import Verdict

POOL = """
import numpy as np

def max_pool(x, kernel_size={kernel}, stride={stride}):
    kh, kw = kernel_size if isinstance(kernel_size, tuple) else (kernel_size,) * 2
    sh, sw = stride if isinstance(stride, tuple) else (stride,) * 2
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(2, 3))
    return windows[:, :, ::sh, ::sw].max(axis=(4, 5))
"""
SLOPE = """
import numpy as np

def leaky_relu(x, negative_slope=0.2):
    return np.where(x > 0, x, x.dtype.type(negative_slope) * x), (x, negative_slope)

def leaky_relu_backward(dout, cache):
    x, slope = cache
    return np.where(x > 0, dout, dout.dtype.type(slope) * dout)
"""


def at_hand(text: str, folder: Path, strict: bool = False) -> Report:
    path = folder / "of_its_own.py"
    path.write_text(text)
    made = {n: f for n, f in run_path(str(path)).items() if callable(f)}
    return layercheck.check(**made, strict=strict)


@pytest.mark.parametrize(("kernel", "stride"), [("(2, 2)", "(2, 2)"), ("2", "2"), ("3", "(1, 2)")])
def test_a_pair_as_its_default_is_no_failure(kernel: str, stride: str, tmp_path: Path) -> None:
    text = POOL.format(kernel=kernel, stride=stride)
    for report in (check_text(text, tmp_path), at_hand(text, tmp_path)):
        assert check_of(report, "max_pool").passed, report.text()


def test_another_default_is_told_and_fails_where_conventions_do(tmp_path: Path) -> None:
    told = "where negative_slope is left away it is 0.2; 0.01 in torch"
    for ask in (check_text, at_hand):
        found = check_of(ask(SLOPE, tmp_path), "leaky_relu")
        assert found.passed
        assert told in found.note
        strict = check_of(ask(SLOPE, tmp_path, strict=True), "leaky_relu")
        assert (strict.verdict, strict.passed) == (Verdict.CONVENTION, False)
