"""A file does not choose its questions: what its decorator leaves away is told, and no pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import check_of, check_text

from layercheck.errors import UsageError
from layercheck.pipeline.many import check_file
from layercheck.pipeline.options import Options
from layercheck.reporting.verdict import Verdict

IDENTITY = """
import layercheck

@layercheck.implements("max_pool", backward="back", {settings})
def pool(x, kernel_size, stride=None, padding=0):
    return x.copy(), None

def back(dout, cache):
    return dout.copy()
"""
CONV = """
import layercheck
import numpy as np

@layercheck.implements("conv2d", {settings})
def conv(x, w, b=None, stride=1):
    s = stride if isinstance(stride, tuple) else (stride, stride)
    views = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
    out = np.einsum("nchwij,fcij->nfhw", views[:, :, :: s[0], :: s[1]], w)
    return out if b is None else out + b.reshape(-1, 1, 1)
"""
LEFT = "fixed={'kernel_size': 1, 'stride': 1, 'padding': 0}"
TABLE = """
[tool.layercheck.max_pool]
forward = "pool"
backward = "back"
fixed = {kernel_size = 1, stride = 1, padding = 0}
"""


def test_what_passes_by_questions_of_its_own_is_narrowed(tmp_path: Path) -> None:
    report = check_text(IDENTITY.format(settings=LEFT), tmp_path)
    assert not report.passed
    for name in ("pool", "back"):
        check = check_of(report, name)
        assert check.verdict is Verdict.NARROWED
        assert LEFT.replace(" ", "") in check.note.replace(" ", "")


def test_the_grader_may_allow_it_and_is_told_all_the_same(tmp_path: Path) -> None:
    report = check_text(IDENTITY.format(settings=LEFT), tmp_path, allow=("narrowed",))
    assert report.passed
    assert "narrows what may be asked" in check_of(report, "pool").note


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        ("kinds={'stride': ['int']}", Verdict.NARROWED),
        ("required=['b']", Verdict.NARROWED),
        ("absent=['b']", Verdict.NARROWED),
        ("fixed={'groups': 1, 'dilation': 1}", Verdict.ROUNDING),
        ("layout='NCHW'", Verdict.ROUNDING),
    ],
)
def test_what_leaves_questions_away_counts_and_what_the_signature_says_anyway_does_not(
    settings: str, verdict: Verdict, tmp_path: Path
) -> None:
    """Of a right function too: nobody knows what it makes of the rest."""
    report = check_text(CONV.format(settings=settings), tmp_path)
    assert check_of(report, "conv").verdict is verdict


def test_a_table_of_the_graders_narrows_and_passes(tmp_path: Path) -> None:
    (tmp_path / "table.toml").write_text(TABLE)
    declared = str(tmp_path / "table.toml")
    assert check_text(IDENTITY.format(settings=LEFT), tmp_path, declared=declared).passed


def test_a_table_beside_the_file_is_the_submitters_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(TABLE)
    report = check_text(IDENTITY.format(settings="padding='padding'"), tmp_path)
    assert check_of(report, "pool").verdict is Verdict.ERROR  # it is asked everything
    told = {one.name: one.reason for one in report.not_checked}
    assert "--declared pyproject.toml" in told["pyproject.toml"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = [", "cannot read"),
        ("x = " + 3000 * "[", "nested too deeply"),
        ("[tool.layercheck" + 9999 * ".a" + "]", "a line of over 4096 characters"),
        ("[tool.layercheck" + 99 * ".a" + "]\nx = 1", "it is nested over 20 times"),
        ("[tool.layercheck.conv2d]\nforward = 1979-05-27", "got 1979-05-27; expected texts"),
        ("[tool]\nlayercheck = 3", "has no table"),
        ("tool = 1", "has no table"),
        ("[tool.layercheck]\nconv2d = 1", "expected forward"),
        ("[tool.layercheck.convolution]\nforward = 'f'", "expected one of: add, "),
    ],
)
def test_a_table_that_says_nothing_is_told(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "table.toml").write_text(text)
    path = tmp_path / "layers.py"
    path.write_text("def f(x):\n    return x\n")
    with pytest.raises(UsageError, match=message):
        check_file(path, Options(declared=str(tmp_path / "table.toml")))


def test_what_would_take_the_machine_is_not_asked(tmp_path: Path) -> None:
    """A case of padding 20000 would take 100 GB before anybody could be blamed."""
    text = CONV.format(settings="fixed={'padding': 20000}")
    (check,) = check_text(text, tmp_path).checks
    assert not check.passed
    assert "padding=20000: at most 64 is asked" in check.note


def test_of_very_many_layers_the_first_are_asked(tmp_path: Path) -> None:
    names = [f"relu_{number}" for number in range(300)]
    text = "from layercheck import implements\n" + "".join(
        f"@implements('relu')\ndef {name}(x):\n    return x * (x > 0)\n" for name in names
    )
    report = check_text(text, tmp_path, where="x and N == 1 and dtype == 'float32'")
    left = [one for one in report.checks if "at most 200" in one.note]
    assert not report.passed
    assert len(report.checks) == len(names)
    assert len(left) == 100


RELU = "return np.maximum(x, 0), x > 0"
AFFINE = """
def affine_forward({arguments}):
    {first}
    return x.reshape(len(x), -1) @ w + {scale} * b, (x, w, b)

def affine_backward(dout, cache):
    {other}
    x, w, b = cache
    dw = x.reshape(len(x), -1).T @ dout
    return (dout @ w.T).reshape(x.shape), {scale} * dw, dout.sum(0)
"""
UNASKED = {
    "a backward that is asked for another op": (
        f'@layercheck.implements("relu", backward="affine_backward")\ndef own(x):\n    {RELU}\n'
        + AFFINE.format(
            arguments="x, w, b",
            first="",
            scale=1,
            other="if not isinstance(cache, tuple):\n        return dout * cache",
        ).replace("1 * dw", "3 * dw"),
        "affine_backward",
    ),
    "a forward that a declared one mentions": (
        f'@layercheck.implements("relu")\ndef own(x):\n    affine_forward\n    {RELU}\n'
        + AFFINE.format(arguments="x, w, b", first="", scale=2, other=""),
        "affine_forward",
    ),
    "a forward that is declared to be another op": (
        '@layercheck.implements("relu")'
        + AFFINE.format(
            arguments="x, w=None, b=None",
            first="if w is None:\n        return np.maximum(x, 0)",
            scale=2,
            other="",
        ),
        "affine_forward",
    ),
}
"""Wrong functions of an assignment that somebody declares to be something else, and their names."""


@pytest.mark.parametrize(("text", "name"), UNASKED.values(), ids=UNASKED)
def test_what_is_declared_takes_no_question_away(text: str, name: str, tmp_path: Path) -> None:
    report = check_text(f"import layercheck\nimport numpy as np\n\n{text}", tmp_path)
    check = check_of(report, name)
    assert check.verdict is Verdict.WRONG, check


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [("one", "one", "the forward itself"), ("two", "one", "takes no dout")],
)
def test_a_declared_backward_that_cannot_be_asked_is_refused(
    first: str, second: str, why: str, tmp_path: Path
) -> None:
    text = "import layercheck\nimport numpy as np\n"
    for name, backward in (("one", first), ("two", second)):
        mark = f'@layercheck.implements("relu", backward="{backward}")'
        text += f"\n{mark}\ndef {name}(x, *rest):\n    return np.maximum(x, 0), x\n"
    report = check_text(text, tmp_path)
    assert not report.passed
    assert any(why in check.note for check in report.checks if not check.passed)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("fixed={'negative_slope': 'a'}", "a value such as 0.01"),
        ("fixed={'negative_slope': True}", "a value such as 0.01"),
        ("fixed={'slope': 1.0}", "expected any of: negative_slope"),
        ("absent=['x']", "all its arrays are given"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(
    settings: str, told: str, tmp_path: Path
) -> None:
    text = f'import layercheck\n@layercheck.implements("leaky_relu", {settings})\n'
    report = check_text(f"{text}def own(x, negative_slope=0.01):\n    return x, x\n", tmp_path)
    (check,) = report.checks
    assert check.verdict is Verdict.ERROR
    assert told in check.note
