"""A place is told of what is wrong only if it would hardly lie there by chance."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from submitted import check_of, check_text

from layercheck.cases.parse import parse
from layercheck.diagnosis.relations.places import by_chance
from layercheck.diagnosis.relations.shown import Shown
from layercheck.judging.bounds import Bound

FEW = """
import numpy as np

def silu(x):
    s = 1 / (1 + np.exp(-np.clip(x, -700, 700)))
    return x * s, (x, s)

def silu_backward(dout, cache):
    x, s = cache
    slope = s * (1 + x * (1 - s))
    return dout * np.where(x > 2.4, slope * 1.5, slope)
"""
IGNORED = """
import numpy as np

def cross_entropy(x, y, ignore_index=-100, reduction="mean"):
    z = x - x.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    kept = y != ignore_index
    at = np.where(kept, y, 0)
    each = -logp[np.arange(len(x)), at] * kept
    scale = {"none": 1, "sum": 1, "mean": 1 / max(kept.sum(), 1)}[reduction]
    out = each if reduction == "none" else each.sum() * scale
    return out, (logp, at, kept, reduction, scale)

def cross_entropy_backward(dout, cache):
    logp, at, kept, reduction, scale = cache
    d = np.exp(logp)
    d[np.arange(len(d)), at] -= 1
    d = d * (kept[:, None] if reduction != "sum" else 1)
    dout = np.reshape(dout, (-1, 1)) if reduction == "none" else dout
    return (d * dout * scale).astype(logp.dtype)
"""


def reasons(folder: Path, text: str, function: str) -> str:
    check = check_of(check_text(text, folder), function)
    assert not check.passed
    return " ".join(one.text for one in check.diagnoses if not one.is_condition)


def test_a_few_wrong_elements_are_at_no_border(tmp_path: Path) -> None:
    """Where x is above 2.4, which is now and then in a last row."""
    said = reasons(tmp_path, FEW, "silu_backward")
    assert not any(word in said for word in ("border", "row", "column", "sample", "channel"))


def test_ignored_samples_are_a_place(tmp_path: Path) -> None:
    said = reasons(tmp_path, IGNORED, "cross_entropy_backward")
    assert said.endswith("it is wrong only in samples that are ignored.")


@pytest.mark.parametrize(
    ("text", "wrong", "expected"),
    [
        ("dx is wrong only in the last column", [(0, 0, 0, 3), (0, 0, 1, 3)], 1 / 4),
        ("dx is wrong only at the border", [(0, 0, 0, 0)], 10 / 12),
        ("dx is 0 where it is wrong; it is wrong only in the last row", [(0, 0, 2, 1)], 1 / 3),
        ("dx is 2 times what it should be", [(0, 0, 2, 1)], 0),
    ],
)
def test_how_likely_a_place_is_by_chance(
    text: str, wrong: list[tuple[int, ...]], expected: float
) -> None:
    right = np.ones((1, 1, 3, 4))
    got = right.copy()
    for place in wrong:
        got[place] = 5
    case = parse("relu x=1x1x3x4 dtype=float64 fill=normal seed=0")
    small = np.full(right.shape, 1e-9)
    bounds = {"dx": Bound(small, small, 1e-16)}
    seen: Any = SimpleNamespace(
        case=case, question=case.question, facts=SimpleNamespace(bounds=bounds)
    )
    assert by_chance(text, Shown(seen, "dx", got, right)) == pytest.approx(expected)
