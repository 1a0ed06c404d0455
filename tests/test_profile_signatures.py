"""Signatures that are hard to call: columns, dictionaries, one-hot labels, late methods."""

from __future__ import annotations

import numpy as np
import pytest
from loaded_files import Submission

from layercheck.cases.case import Case
from layercheck.cases.quick import quick
from layercheck.reporting.verdict import PASSING
from layercheck.submissions.profiles.explanations import explanation
from layercheck.submissions.profiles.target import Target

MOST = 12

COLUMNS = '''
import numpy as np

def linear_forward(A, W, b):
    return {product} + b, (A, W, b)

def linear_backward(dZ, cache):
    A, W, _ = cache
    m = A.shape[1]
    return {dx}, np.dot(dZ, A.T){share}, dZ.sum(axis=1, keepdims=True){share}

def softmax(Z):
    """Z: (classes, m) -> A: (classes, m); each column adds up to 1."""
    e = np.exp(Z - Z.max(axis=0))
    return e / e.sum(axis=0), e / e.sum(axis=0)

def softmax_backward(dA, cache):
    return cache * (dA - (dA * cache).sum(axis=0))
'''


def wrong_in(source: str) -> set[str]:
    """The functions that fail, among all that are asked."""
    submission = Submission(source)
    assert submission.targets, submission.reading.not_checked
    return {name for target in submission.targets for name in failing(submission, target)}


def failing(submission: Submission, target: Target) -> set[str]:
    """The functions of a target that fail in some of its first cases of the quick grid."""
    cases = [case for case in quick(target.op) if not refuses(target, case)][:MOST]
    assert cases, target
    made = [c for case in cases for c in submission.compare(target, case)]
    parts = {c.part for c in made if c.verdict not in PASSING}
    return {target.backward if part == "backward" else target.forward for part in parts}


def refuses(target: Target, case: Case) -> bool:
    values = case.all_attributes
    ordinary = case.fill in ("normal", "integers", "uniform")
    return not ordinary or bool(target.takes.refuses(case.shapes, values, case.needs))


def columns(product: str = "W @ A", dx: str = "W.T @ dZ", share: str = "") -> str:
    return COLUMNS.format(product=product, dx=dx, share=share)


@pytest.mark.parametrize("product", ["W @ A", "np.dot(W, A)", "W.dot(A)"])
@pytest.mark.parametrize("share", ["", " / m"], ids=["sums", "means"])
def test_samples_may_be_columns(product: str, share: str) -> None:
    assert wrong_in(columns(product, share=share)) == set()


def test_a_wrong_gradient_of_columns_is_wrong() -> None:
    assert wrong_in(columns(dx="2 * W.T @ dZ")) == {"linear_backward"}


def test_a_softmax_over_axis_0_is_wrong_where_nobody_speaks_of_columns() -> None:
    assert wrong_in(columns().replace("each column adds up to 1", "").replace("(classes, m)", ""))


COURSE = '''
import numpy as np

def conv_forward(A_prev, W, b, hparameters):
    """A_prev: (m, H, W, C), W: (f, f, C, n_C), b: (1, 1, 1, n_C)."""
    stride, pad = hparameters["stride"], hparameters["pad"]
    padded = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    f = W.shape[0]
    view = np.lib.stride_tricks.sliding_window_view(padded, (f, f), axis=(1, 2))
    return np.einsum("nijcuv,uvcf->nijf", view[:, ::stride, ::stride], W) + b, None

def pool_forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    view = np.lib.stride_tricks.sliding_window_view(A_prev, (f, f), axis=(1, 2))
    view = view[:, ::stride, ::stride]
    return view.max(axis=(4, 5)) if mode == "max" else {mean}, mode == "average"
'''


def test_hyperparameters_may_come_in_a_dictionary() -> None:
    source = COURSE.replace("{mean}", "view.mean(axis=(4, 5))")
    assert [t.op for t in Submission(source).targets] == ["conv2d", "max_pool", "avg_pool"]
    assert wrong_in(source) == set()


@pytest.mark.parametrize(
    ("right", "wrong", "function"),
    [
        ("{mean}", "view.sum(axis=(4, 5))", "pool_forward"),
        ("::stride, ::stride], W", "::stride, ::1], W", "conv_forward"),
    ],
)
def test_wrong_ones_are_wrong(right: str, wrong: str, function: str) -> None:
    source = COURSE.replace(right, wrong).replace("{mean}", "view.mean(axis=(4, 5))")
    assert function in wrong_in(source)


LOSS = '''
import numpy as np

def cross_entropy(y_pred, y_true):
    """{doc}"""
    e = np.exp(y_pred - y_pred.max(axis=1, keepdims=True))
    logs = np.log(e / e.sum(axis=1, keepdims=True) + 0.0)
    return {out}, None
'''


def test_y_pred_is_known_where_it_is_said_to_be_scores() -> None:
    out = "-logs[np.arange(len(y_true)), y_true].mean()"
    (target,) = Submission(LOSS.format(doc="y_pred: scores", out=out)).targets
    assert dict(target.options.arguments) == {"y": "y_true", "x": "y_pred"}
    source = LOSS.format(doc="y_pred: probabilities", out=out)
    told = Submission(source).reading.not_checked["cross_entropy"]
    assert "its argument y_pred may be scores or probabilities" in told
    assert "layercheck.implements" in told


@pytest.mark.parametrize(("factor", "fails"), [("", False), ("2 * ", True)])
def test_labels_may_be_one_hot(factor: str, fails: bool) -> None:
    out = f"{factor}-(y_true * logs).sum() / len(logs)"
    source = LOSS.format(doc="y_pred: scores, y_true: one-hot rows", out=out)
    assert bool(wrong_in(source)) is fails


EXTRA = """
import numpy as np

def linear(x, weight, bias):
    product = x @ weight.T
    return product + bias, {more}

def linear_backward(dout, cache):
    x, weight = cache
    return dout @ weight, dout.T @ x, dout.sum(axis=0)
"""


@pytest.mark.parametrize(
    "more", ["(x, weight)", "product, (x, weight)", "x, weight", "product, 1.0, (x, weight)"]
)
def test_extra_outputs_are_told_from_the_cache(more: str) -> None:
    assert wrong_in(EXTRA.format(more=more)) == set()


GLOBAL = """
import numpy as np

def global_avg_pool(x):
    return x.mean(axis=(2, 3)), x.shape

def global_avg_pool_backward(dout, shape):
    return np.ones(shape, dout.dtype) * dout[:, :, None, None] / {count}
"""


@pytest.mark.parametrize(
    ("count", "wrong"),
    [("(shape[2] * shape[3])", set()), ("shape[2]", {"global_avg_pool_backward"})],
)
def test_a_global_pool_may_drop_the_two_axes(count: str, wrong: set[str]) -> None:
    assert wrong_in(GLOBAL.format(count=count)) == wrong


CLASSES = '''
import numpy as np

class Tanh:
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(np.tanh(x))
        return ctx.saved_tensors[0]

    @staticmethod
    def backward(ctx, dout):
        return dout * (1 - ctx.saved_tensors[0] ** 2)

class Sigmoid:
    pass

def _forward(self, x):
    return 1 / (1 + np.exp(-x)), np.exp(-x)

def _backward(self, dout, cache):
    return {factor} * dout * cache / (1 + cache) ** 2

Sigmoid.forward = _forward
Sigmoid.backward = _backward

class GlobalAvgPool2D:
    def forward(self, x):
        self.shape = x.shape
        return x.mean(axis=(2, 3))

    def backward(self, dout):
        n, c, h, w = self.shape
        return np.repeat(dout / (h * w), h * w, axis=1).reshape(self.shape)

class Dropout:
    """p: the probability to drop."""

    def __init__(self, p=0.5):
        self.p = p

    def forward(self, x, generator, training=True):
        kept = generator.random(x.shape) >= self.p if training else np.ones(x.shape)
        self.scale = kept / (1 - self.p if training else 1)
        return (x * self.scale).astype(x.dtype)

    def backward(self, dout):
        return (dout * self.scale).astype(dout.dtype)
'''


def test_classes_are_called_as_they_are_written() -> None:
    source = CLASSES.replace("{factor}", "1")
    assert len(Submission(source).targets) == 4
    assert wrong_in(source) == set()
    assert wrong_in(CLASSES.replace("{factor}", "2")) == {"Sigmoid.backward"}


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("in1d", "np.isin"),
        ("trapz", "np.trapezoid"),
        ("cumproduct", "np.cumprod"),
        ("rank", "ndim"),
    ],
)
def test_a_name_that_is_gone_from_numpy_is_told_with_what_to_write(name: str, instead: str) -> None:
    error = AttributeError(f"module 'numpy' has no attribute '{name}'")
    assert instead in explanation(error)


def test_a_method_that_is_gone_from_arrays_is_told_with_what_to_write() -> None:
    with pytest.raises(AttributeError) as raised:
        getattr(np.ones(2), "ptp")  # noqa: B009 (types know that it is gone)
    assert "np.ptp(a)" in explanation(raised.value) or "np.ptp" in str(raised.value)
