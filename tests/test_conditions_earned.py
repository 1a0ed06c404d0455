"""A condition is told once cases that differ in it alone bear it out: no half that rounding makes,
no number that nothing was tried beside, no sign or size that merely goes with the reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from submitted import check_of, check_text

from layercheck.cases.parse import parse
from layercheck.cases.row import row_of
from layercheck.diagnosis.contents import contents
from layercheck.diagnosis.flips import other_axes
from layercheck.diagnosis.limits import Limit
from layercheck.diagnosis.simpler import changed

BEGIN = "import numpy as np\n\n"
GELU = (
    BEGIN
    + """
from math import erf

def gelu(x):
    out = 0.5 * x * (1 + np.vectorize(erf, otypes=[float])(x / np.sqrt(2))).astype(x.dtype)
    return np.where(x < -1.2, -0.1, out).astype(x.dtype)
"""
)
TIED = (
    BEGIN
    + """
def log_softmax(x, dim=-1):
    top = x.max(axis=dim, keepdims=True)
    rest = np.where(x == top, 0, np.exp(x - top)).sum(axis=dim, keepdims=True)
    return x - top - np.log1p(rest)
"""
)
BATCH_NORM = (
    BEGIN
    + """
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    D = x.shape[1]
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    mean, var = running_mean, running_var
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    out = gamma * (x - mean) / np.sqrt(var + eps) + beta
    return np.where(x.var(axis=0) == 0, 0, out), None
"""
)
SOFTMAX = (
    BEGIN
    + """
def softmax(x, dim=-1):
    along = dim or -1
    shares = np.exp(x - x.max(axis=along, keepdims=True))
    return shares / shares.sum(axis=along, keepdims=True)
"""
)
AFFINE = (
    BEGIN
    + """
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + np.minimum(b, 0), None
"""
)
TRUE = [
    (
        TIED,
        "log_softmax",
        "log_softmax",
        "the largest number of x along dim is there more than once",
    ),
    (BATCH_NORM, "batchnorm_forward", "batch_norm_1d", "a channel of x holds one number only"),
    (SOFTMAX, "softmax", "softmax", "axes > 1 and dim == 0"),
    (AFFINE, "affine_forward", "affine", "some numbers of b are positive"),
]


def conditions(folder: Path, text: str, function: str, op: str, fresh: int | None = None) -> str:
    """What is said of where a function fails."""
    check = check_of(check_text(text, folder, ops=(op,), fresh=fresh), function)
    assert not check.passed
    return " ".join(one.text for one in check.diagnoses if one.is_condition)


@pytest.mark.parametrize(("text", "function", "op", "told"), TRUE, ids=[one[3] for one in TRUE])
def test_what_decides_is_told(tmp_path: Path, text: str, function: str, op: str, told: str) -> None:
    found = conditions(tmp_path, text, function, op)
    assert f" where {told}" in found
    assert f"{told} and " not in found


@pytest.mark.parametrize("seed", [1, 2])
def test_what_rounding_hides_makes_no_half_of_a_condition(tmp_path: Path, seed: int) -> None:
    """At -1e11 an error of 0.1 is no error: that the function passes there is no matter of it."""
    found = conditions(tmp_path, GELU, "gelu", "gelu", seed)
    assert " and " not in found.partition(" where ")[2].partition(", passes in")[0]
    assert "e1" not in found


def test_the_number_of_axes_is_changed_alone() -> None:
    case = parse("softmax x=4x5x3 dim=0 dtype=float32 fill=normal seed=1")
    made = [changed(case, change) for change in other_axes(row_of(case), case)]
    assert [str(one) for one in made] == [
        f"softmax x={shape} dim=0 dtype=float32 fill=normal seed=1"
        for shape in ("4x5", "4", "4x5x3x2")
    ]


@pytest.mark.parametrize(
    ("text", "tied"),
    [
        ("max_pool x=1x1x2x2 kernel_size=2 fill=constant_channels", True),
        ("max_pool x=1x1x1x6 kernel_size=1 fill=ties", False),
        ("softmax x=2x6 fill=ties", True),
        ("softmax x=2x6 fill=normal", False),
        ("softmax_cross_entropy x=3x6 y=3 fill=ties", True),
    ],
)
def test_ties_are_those_of_what_is_taken_together(text: str, tied: bool) -> None:
    """Equal numbers in two windows are none."""
    case = parse(f"{text} dtype=float32 seed=2")
    told = [one for one in contents(case) if "more than once" in one]
    assert bool(told) is tied
    if text.startswith("max_pool"):
        x = case.inputs["x"]
        assert len(np.unique(x)) < x.size


@pytest.mark.parametrize(
    ("passes", "fails", "vague"),
    [
        (3.75, 997.0, True),
        (-0.5, 0.3, True),
        (-6e23, -2.0, True),
        (0.949, 1.02, False),
        (-1.22, -1.18, False),
        (5.94, 6.0, False),
    ],
)
def test_a_limit_that_nothing_was_tried_beside_is_not_told(
    passes: float, fails: float, vague: bool
) -> None:
    words = "x holds numbers above {}"
    limit = Limit(words, words, lambda names: None, lambda case, value: (), passes, fails)
    assert limit.is_vague is vague
