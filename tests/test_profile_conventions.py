"""Profiles and the ways to mean the same: conventions, layouts, names that were declared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loaded_files import HOMEWORK, ROOT, Submission, file_of, read
from submitted import check_of, check_text

import layercheck
from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.implementations.protocol import Answer
from layercheck.judging.drawn import facts_as_drawn, oddities
from layercheck.reporting.verdict import PASSING, Verdict
from layercheck.submissions.profiles import classes, declared
from layercheck.submissions.profiles.call import Call

# ---------------------------------------------------------------------- conventions


def dropout_case() -> Case:
    return parse("dropout x=3x4x5x6 p=0.3 mask_seed=1 dtype=float64")


@pytest.mark.parametrize(
    ("docstring", "keep", "noted"),
    [
        ("We keep each neuron output with probability p.", True, False),
        ("We drop each neuron output with probability p.", False, False),
        ("Dropout.", False, True),
    ],
)
def test_the_meaning_of_p_is_a_convention(docstring: str, keep: bool, noted: bool) -> None:
    share = "p" if keep else "(1 - p)"
    submission = Submission(f'''
import numpy as np
def dropout_forward(x, dropout_param):
    """{docstring}"""
    p = dropout_param["p"]
    mask = (np.random.rand(*x.shape) < {share}) / {share}
    return x * mask, mask
def dropout_backward(dout, cache):
    return dout * cache
''')
    answer, call = submission.ask(submission.targets[0], dropout_case())
    judged = facts_as_drawn(dropout_case(), Answer(answer)).compare_all("", Answer(answer))
    assert {c.array for c in judged} == {"out", "dx"}
    assert all(c.verdict in PASSING for c in judged)
    assert any(note.startswith("convention: ") for note in call.notes) is noted


POOL = """
import numpy as np

def max_pool_forward_naive(x, pool_param):
    return pooled(x, pool_param)[0], (x, pool_param)

def pooled(x, pool_param):
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    rows, columns = (x.shape[2] - h) // s + 1, (x.shape[3] - w) // s + 1
    taps = np.stack([
        x[:, :, u : u + s * (rows - 1) + 1 : s, v : v + s * (columns - 1) + 1 : s]
        for u in range(h) for v in range(w)])
    return taps.max(axis=0), taps

def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    out, taps = pooled(x, pool_param)
    wins = taps == out
    if h == w == s:
        shares = wins / wins.sum(axis=0).astype(x.dtype)
    else:
        shares = np.arange(h * w).reshape(-1, 1, 1, 1, 1) == wins.argmax(axis=0)
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            window = (shares[:, :, :, i, j] * dout[:, :, i, j]).astype(x.dtype)
            window = np.moveaxis(window, 0, -1).reshape(*x.shape[:2], h, w)
            dx[:, :, i * s : i * s + h, j * s : j * s + w] += window
    return dx
"""


@pytest.mark.parametrize("strict", [False, True])
def test_a_fast_path_may_choose_otherwise_among_ties(strict: bool, tmp_path: Path) -> None:
    found = check_of(check_text(POOL, tmp_path, strict=strict), "max_pool_backward_naive")
    assert (found.verdict, found.passed) == (Verdict.CONVENTION, not strict)


@pytest.mark.parametrize(
    "mask",
    [
        "(np.random.rand(*x.shape) < p) / (1 - p)",  # scaled by the wrong share
        "(np.random.rand(*x.shape) < 1 - p) / p",  # the wrong threshold
        "(np.random.rand(*x.shape) >= p) / p",
    ],
)
def test_a_wrong_mask_fits_no_convention(mask: str) -> None:
    submission = Submission(f"""
import numpy as np
def dropout_forward(x, dropout_param):
    p = dropout_param["p"]
    mask = {mask}
    return x * mask, mask
def dropout_backward(dout, cache):
    return dout * cache
""")
    answer, _ = submission.ask(submission.targets[0], dropout_case())
    judged = facts_as_drawn(dropout_case(), Answer(answer)).compare_all("", Answer(answer))
    odd = list(oddities(dropout_case(), Answer(answer)))
    assert odd or any(c.verdict == "wrong" for c in judged)


def test_a_new_mask_in_backward_is_wrong() -> None:
    submission = Submission('''
import numpy as np
def dropout_forward(x, dropout_param):
    """Keep with probability p."""
    p = dropout_param["p"]
    return x * (np.random.rand(*x.shape) < p) / p, p
def dropout_backward(dout, p):
    return dout * (np.random.rand(*dout.shape) < p) / p
''')
    verdicts = {
        c.array: c.verdict for c in submission.compare(submission.targets[0], dropout_case())
    }
    assert verdicts["out"] in PASSING
    assert verdicts["dx"] == "wrong"


def test_random_numbers_are_put_back() -> None:
    before = {n: getattr(np.random, n) for n in ("rand", "seed", "RandomState", "default_rng")}
    submission = read(ROOT / "tests" / "rewrites" / "dropout_binomial.py")
    submission.ask(submission.targets[0], dropout_case())
    assert before == {name: getattr(np.random, name) for name in before}
    assert isinstance(submission.namespace["rng"], np.random.Generator)


def test_running_statistics_are_read_from_bn_param() -> None:
    case = parse(
        "batch_norm_1d x=6x4 gamma=4 beta=4 running_mean=4 running_var=4 momentum=0.01 "
        "unbiased_running_var=false dtype=float64"
    )
    submission = read(HOMEWORK)
    answer, call = submission.ask(submission.target("batchnorm_forward"), case)
    assert {"running_mean", "running_var"} <= answer.keys()
    assert call.called == ["momentum 0.99 (as this file counts it; 0.01 in torch)"]
    swapped = Submission(
        HOMEWORK.read_text().replace(
            "momentum * running_mean + (1 - momentum) * mean",
            "(1 - momentum) * running_mean + momentum * mean",
        )
    )
    verdicts = {
        c.array: c.verdict for c in swapped.compare(swapped.target("batchnorm_forward"), case)
    }
    assert verdicts["running_mean"] == "wrong"
    assert verdicts["running_var"] in PASSING


def test_test_mode_has_no_gradient_and_training_has() -> None:
    takes = read(HOMEWORK).target("batchnorm_forward").takes
    assert takes.has_gradient({"training": True})
    assert not takes.has_gradient({"training": False})


GROUP_NORM = parse("group_norm x=2x6x3x4 gamma=6 beta=6 num_groups=2 dtype=float64")


def test_group_norm_gradients_have_the_shape_of_gamma() -> None:
    """Another shape is an error that says whether the values are right."""
    flat = HOMEWORK.read_text().replace(
        "sum(axis=others, keepdims=True)\n    return", "sum(axis=others)\n    return"
    )
    submission = Submission(flat)
    target = submission.target("spatial_groupnorm_forward")
    told = {c.array: (c.verdict, c.reason) for c in submission.compare(target, GROUP_NORM)}
    off = "shape: got (6,), expected (1, 6, 1, 1) as gamma has; its values are right"
    assert told["dgamma"] == ("error", off)
    assert told["dx"][0] in PASSING
    assert told["out"][0] in PASSING


@pytest.mark.parametrize("name", ["relu_forward", "relu"])
@pytest.mark.parametrize(("strict", "passes"), [(False, True), (True, False)])
def test_float64_of_float32_is_cast_back_and_told_unless_all_is_asked(
    name: str, strict: bool, passes: bool, tmp_path: Path
) -> None:
    body = f"import numpy as np\ndef {name}(x):\n    return np.maximum(x, 0).astype(float), x\n"
    found = check_of(check_text(body, tmp_path, strict=strict), name)
    assert found.passed is passes
    if passes:
        assert "float64 comes out of float32" in found.note
    else:
        assert found.verdict is Verdict.ERROR


# ---------------------------------------------------------------------- classes


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("class Conv2D:\n    data_format = 'NHWC'\n    def forward(self, x): ...", "NHWC"),
        ("LAYOUT = 'channels_last'\nclass Conv2D:\n    def forward(self, x): ...", "NHWC"),
        ("class Conv2D:\n    '''x: (N, C, H, W)'''\n    def forward(self, x): ...", "NCHW"),
        ("class Conv2D:\n    def forward(self, x):\n        m, h, w, c = x.shape", "NHWC"),
        ("class Conv2D:\n    def forward(self, im):\n        h, w = im.shape", "HW"),
        ("class Conv2D:\n    def forward(self, x):\n        self.x = x", "auto"),
    ],
)
def test_a_layout_is_read_from_the_text(text: str, layout: str) -> None:
    (target,) = classes.find(file_of(text))
    assert target.options.layout == layout


def test_inherited_methods_and_attributes_count() -> None:
    text = """
class Layer:
    def __init__(self): self.W = None
    def forward(self, x): ...
class Dense(Layer):
    def backward(self, dout): ...
"""
    (target,) = classes.find(file_of(text))
    assert (target.forward, target.backward) == ("Dense.forward", "Dense.backward")
    assert target.options.parameters == {"w": ["W"]}


# ---------------------------------------------------------------------- declared


def test_the_decorator_changes_nothing() -> None:
    def function() -> int:
        return 3

    decorate: Callable[[Any], Any] = layercheck.implements("conv2d", backward="other", x="image")
    assert decorate(function) is function


def test_a_table_maps_names_and_arguments() -> None:
    source = """
import numpy as np
def rect(t, unused=None):
    return np.maximum(t, 0)
def rect_slope(up, t):
    return up * (t > 0)
"""
    relu = {"forward": "rect", "backward": "rect_slope", "arguments": {"x": "t"}}
    submission = Submission(source, relu=relu)
    (target,) = submission.targets
    assert submission.reading.profiles == ["declared"]
    call = Call("relu", {"x": np.array([-1.0, 2.0])}, {}, (2,))
    session = declared.open_session(submission.namespace, call, target)
    session.forward()
    np.testing.assert_array_equal(session.backward(np.array([3.0, 4.0]))["dx"], [0.0, 4.0])
    with pytest.raises(ValueError, match=r"\[tool\.layercheck\.relu\]: expected forward"):
        Submission(source, relu={})
    with pytest.raises(ValueError, match=r"\[tool\.layercheck\.blur\]: expected one of"):
        Submission(source, blur={"forward": "f"})


def test_gradients_may_come_as_a_dict() -> None:
    source = "def add(x, y):\n    return x + y\ndef add_backward(dout):\n    return {'y': dout, 'dx': 2 * dout}"
    submission = Submission(source)
    assert submission.reading.profiles == ["functional"]
    answer, _ = submission.ask(submission.targets[0], parse("add x=1x2x1x1 y=1x2x1x1"))
    np.testing.assert_array_equal(answer["dx"], 2 * answer["dy"])


# ---------------------------------------------------------------------- beside a wrong backward


GELU = """
import numpy as np

def gelu(x):
    inner = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + np.tanh(inner)), x

def gelu_backward(dout, x):
    root = np.sqrt(2 / np.pi)
    t = np.tanh(root * (x + 0.044715 * x**3))
    return dout * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * root * (1 + {factor} * 0.044715 * x**2))
"""


def test_a_wrong_backward_says_nothing_against_the_forwards_convention(tmp_path: Path) -> None:
    report = check_text(GELU.format(factor=1), tmp_path)
    forward, backward = check_of(report, "gelu"), check_of(report, "gelu_backward")
    assert (forward.verdict, forward.passed) == (Verdict.CONVENTION, True)
    assert (backward.verdict, backward.passed) == (Verdict.WRONG, False)
    assert not any("tanh approximation" in one.text for one in backward.diagnoses)


def test_a_gradient_of_the_other_convention_is_wrong(tmp_path: Path) -> None:
    exact = GELU.replace("def gelu_backward", "def other").format(factor=3) + (
        "from math import erf\n"
        "def gelu_backward(dout, x):\n"
        "    cdf = 0.5 * (1 + np.vectorize(lambda v: erf(v / 2**0.5))(x))\n"
        "    return (dout * (cdf + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi))).astype(x.dtype)\n"
    )
    report = check_text(exact, tmp_path)
    assert check_of(report, "gelu").verdict == Verdict.CONVENTION
    backward = check_of(report, "gelu_backward")
    assert not backward.passed
    assert backward.first_wrong is not None
    assert "its forward answers as with approximate=tanh" in backward.first_wrong.reason


def test_both_by_one_convention_pass(tmp_path: Path) -> None:
    assert check_text(GELU.format(factor=3), tmp_path).passed


BORDER = """
import numpy as np

def avg_pool2d(x, kernel_size: int, stride: int, padding: int = 0):
    k, around = kernel_size, ((0, 0), (0, 0), (padding, padding), (padding, padding))
    xp = np.pad(x, around, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(xp, (k, k), axis=(2, 3))
    out = windows[:, :, ::stride, ::stride].mean(axis=(4, 5), dtype=x.dtype)
    return out, (x.shape, k, stride, padding)

def avg_pool2d_backward(dout, cache):
    (n, c, h, w), k, stride, padding = cache
    dxp = np.zeros((n, c, h + 2 * padding, w + 2 * padding), dout.dtype)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            rows, columns = slice(i * stride, i * stride + k), slice(j * stride, j * stride + k)
            dxp[:, :, rows, columns] += dout[:, :, i : i + 1, j : j + 1] / (k * k)
    return dxp[:, :, padding : padding + h, padding : padding + w]
"""
"""Where k is 2 and padding 1, the mean of a repeated edge is by chance that of the pixels."""


def test_a_convention_explains_every_case_or_none(tmp_path: Path) -> None:
    report = check_text(BORDER, tmp_path, ops=("avg_pool",))
    forward, backward = check_of(report, "avg_pool2d"), check_of(report, "avg_pool2d_backward")
    assert forward.verdict is Verdict.WRONG
    assert forward.failed == forward.verdicts["wrong"]
    assert "count_include_pad" not in forward.note
    assert backward.passed


@pytest.mark.parametrize("kernel", [2, 3])
def test_one_case_alone_shows_no_convention(kernel: int) -> None:
    made: dict[str, Any] = {}
    exec(BORDER, made)
    case = f"avg_pool x=3x5x6x8 kernel_size={kernel} stride=1 padding=1 fill=ties seed=0"
    with pytest.raises(AssertionError, match="^avg_pool out is wrong") as failed:
        layercheck.assert_agrees(made["avg_pool2d"], case, backward=made["avg_pool2d_backward"])
    assert "its forward answers" not in str(failed.value)


def test_one_case_alone_may_be_right_by_a_convention() -> None:
    made: dict[str, Any] = {}
    exec(GELU.format(factor=3), made)
    layercheck.assert_agrees(made["gelu"], "gelu x=3x4", backward=made["gelu_backward"])


def test_zeros_at_test_time_are_no_mask(tmp_path: Path) -> None:
    text = HOMEWORK.read_text()
    wrong = text.replace(
        "        out = x.copy()\n    return out, (dropout_param",
        "        out = x * 0\n    return out, (dropout_param",
    )
    assert wrong != text
    found = check_of(check_text(wrong, tmp_path, ops=("dropout_forward",)), "dropout_forward")
    assert not found.passed
    assert not any("dropped at test time" in one.text for one in found.diagnoses)
