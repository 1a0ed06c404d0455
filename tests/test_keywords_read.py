"""Settings that a function reads from its `**kw` are its arguments, in a file and handed over."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from submitted import check_of, check_text, failing

import layercheck
from layercheck.reporting.verdict import Verdict
from layercheck.submissions.profiles.keywords import is_handed_on, reads_of

SLOPE = """
import numpy as np

def leaky_relu(x, **kw):
    {read}
    return np.where(x > 0, x, s * x).astype(x.dtype), (x, s)

def leaky_relu_backward(dout, cache):
    x, s = cache
    return (dout * np.where(x > 0, 1, {gradient})).astype(dout.dtype)
"""
READS = {
    "get": 's = kw.get("negative_slope", 0.01)',
    "pop": 's = kw.pop("negative_slope", 0.01)\n    assert not kw',
    "setdefault": 's = kw.setdefault("negative_slope", 0.01)',
    "in": 's = kw["negative_slope"] if "negative_slope" in kw else 0.01',
    "a key": 's = kw["negative_slope"]',
}
POOL = """
import numpy as np

def max_pool(x, kernel_size, **kw):
    stride = kw.pop("stride", None)
    if kw:
        raise TypeError(f"unexpected: {kw}")
    stride = kernel_size if stride is None else stride
    (kh, kx), (sh, sw) = ((n, n) if np.isscalar(n) else n for n in (kernel_size, stride))
    h, w = ((n - k) // s + 1 for n, k, s in zip(x.shape[2:], (kh, kx), (sh, sw)))
    out = np.empty((*x.shape[:2], h, w), x.dtype)
    for i in range(h):
        for j in range(w):
            out[:, :, i, j] = x[:, :, i * sh : i * sh + kh, j * sw : j * sw + kx].max((2, 3))
    return out
"""


def handed(text: str, folder: Path, *names: str) -> Any:
    path = folder / "own.py"
    path.write_text(text)
    made: dict[str, Any] = {}
    exec(compile(text, str(path), "exec"), made)
    return layercheck.check(**{name: made[name] for name in names})


@pytest.mark.parametrize("how", READS)
@pytest.mark.parametrize("gradient", ["s", "0.01"])
def test_a_setting_that_is_read_is_varied(how: str, gradient: str, tmp_path: Path) -> None:
    text = SLOPE.format(read=READS[how], gradient=gradient)
    for report in (
        check_text(text, tmp_path),
        handed(text, tmp_path, "leaky_relu", "leaky_relu_backward"),
    ):
        assert "negative_slope" in check_of(report, "leaky_relu").attributes.varied
        assert check_of(report, "leaky_relu").passed
        assert check_of(report, "leaky_relu_backward").passed is (gradient == "s")


def test_what_is_not_read_is_not_given(tmp_path: Path) -> None:
    text = POOL
    for report in (check_text(text, tmp_path), handed(text, tmp_path, "max_pool")):
        found = check_of(report, "max_pool")
        assert found.passed, found
        assert {*found.attributes.varied} >= {"stride"}
        assert "padding" in found.attributes.not_accepted


@pytest.mark.parametrize(
    ("body", "handed_on"),
    [
        ("return kw.get('a', 1), kw['b']", False),
        ("a = kw.pop('a')\n    if kw: raise TypeError(kw)", False),
        ("return g(**kw)", True),
        ("return g(kw, kw.get('a'))", True),
        ("return kw.get(name)", True),
    ],
)
def test_who_hands_keywords_on_may_take_any(body: str, handed_on: bool) -> None:
    (function,) = ast.parse(f"def f(x, **kw):\n    {body}\n").body
    assert isinstance(function, ast.FunctionDef)
    assert is_handed_on(function) is handed_on


def test_a_setting_without_a_default_has_to_be_given() -> None:
    text = "def f(x, **kw):\n    return kw['a'], kw.get('b'), kw.pop('c'), kw.pop('d', 2)\n"
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    found = {name: is_optional for name, _, is_optional in reads_of(function)}
    assert found == {"a": False, "b": True, "c": False, "d": True}


MERGED = """
import numpy as np

DEFAULTS = {"alpha": 1.0}

def elu(x, **kw):
    o = {**DEFAULTS, **kw}
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))

def max_pool(x, **kw):
    return pooled(x, **kw)

def pooled(x, kernel_size, stride=None, padding=0):
    raise AssertionError
"""


def test_keywords_that_are_not_read_by_their_names_are_told(tmp_path: Path) -> None:
    report = check_text(MERGED, tmp_path)
    assert failing(report) == {"max_pool": Verdict.SKIPPED}
    assert "**kw" in check_of(report, "elu").attributes.not_varied
    told = check_of(report, "max_pool").note
    assert "nothing says which setting of its **kw is kernel_size" in told
