"""Reasons that lie at hand: shapes, whole factors, one size, a dtype that hides a mistake; and none that
a further case would refute."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from submitted import BATCH_NORM, HOMEWORK, check_of, check_text

import layercheck
from layercheck.reporting.records import Check

GIVEN = (HOMEWORK / "layers_vectorised.py").read_text()


def failing(text: str, function: str, folder: Path) -> Check:
    """The check of one function of a file, which fails."""
    found = check_of(check_text(text, folder, oracles=()), function)
    assert not found.passed
    return found


def reasons(check: Check) -> str:
    """All that is said of why."""
    return " | ".join(one.text for one in check.diagnoses)


def changed(old: str, new: str) -> str:
    """The example with one line otherwise."""
    assert GIVEN.count(old) == 1
    return GIVEN.replace(old, new)


MEAN = "    mean, var = x.mean(axis=0), x.var(axis=0)\n"
LAYER_STD = "    std = np.sqrt(x.var(axis=1, keepdims=True) + ln_param"


@pytest.mark.parametrize(
    ("old", "new", "function", "told"),
    [
        (
            "return dx, dgamma.reshape(gamma.shape), dbeta.reshape(gamma.shape)",
            "return dx, dgamma, dbeta.reshape(gamma.shape)",
            "spatial_groupnorm_backward",
            "dgamma has the right values in another shape",
        ),
        (
            "return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout,",
            "return (dout @ w.T).reshape(x.shape), 5 * x.reshape(len(x), -1).T @ dout,",
            "affine_backward",
            "dw is 5 times what it should be",
        ),
        (
            MEAN,
            "    mean, var = x.mean(axis=0), x.var(axis=0) * (3 if len(x) == 3 else 1)\n",
            "batchnorm_forward",
            "where training == true and N == 3",
        ),
        (
            LAYER_STD,
            LAYER_STD.replace("x.var", "x.astype(np.float32).var"),
            "layernorm_forward",
            "dtype == float64",
        ),
    ],
    ids=["shape", "five", "three", "float32"],
)
def test_what_lies_at_hand_is_said(
    old: str, new: str, function: str, told: str, tmp_path: Path
) -> None:
    text = reasons(failing(changed(old, new), function, tmp_path))
    assert told in text
    assert "off by a factor" not in text


LOSS = "-log_shares[rows, y].sum() / len(x)"
MOVED = '    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var\n'
KEPT = MOVED.replace("* var\n", "* var * ({})\n")
DW = "x.reshape(len(x), -1).T @ dout,"
TURNED = "(dout.T @ x.reshape(len(x), -1) if len(set(w.shape)) == 1 else {})"


def test_one_ratio_is_told_before_two_mistakes_that_come_to_it(tmp_path: Path) -> None:
    wrong = changed(LOSS, LOSS.replace("len(x)", "x.shape[1]"))
    (found,) = failing(wrong, "softmax_loss", tmp_path).diagnoses
    ratio = "out is (N / C) times what it should be, as if it were divided by C in place of N."
    assert found.text == ratio


@pytest.mark.parametrize(
    ("old", "new", "function", "told"),
    [
        (MOVED, KEPT.format("2 if len(x) == 2 else 1"), "batchnorm_forward", "where N < 3"),
        (
            MOVED,
            KEPT.format("len(x) / (len(x) - 1) if len(x) % 2 == 0 else 1"),
            "batchnorm_forward",
            "where N is even",
        ),
        (DW, f"{TURNED.format(DW[:-1])},", "affine_backward", "where D == M and M > 1"),
    ],
    ids=["two", "even", "square"],
)
def test_a_condition_is_found_among_the_cases_that_have_the_array(
    old: str, new: str, function: str, told: str, tmp_path: Path
) -> None:
    assert told in reasons(failing(changed(old, new), function, tmp_path))


def test_a_square_of_rows_is_a_condition(tmp_path: Path) -> None:
    text = """
import numpy as np

def softmax(x):
    power = np.exp(x - x.max(axis=-1, keepdims=True))
    if x.shape[0] == x.shape[1]:
        power = np.exp(x - x.max(axis=0))
        return power / power.sum(axis=0), None
    return power / power.sum(axis=-1, keepdims=True), None
"""
    assert "where x has as many rows as columns" in reasons(failing(text, "softmax", tmp_path))


def test_an_equation_that_passing_cases_contradict_is_one_of_the_failing_ones() -> None:
    """Nobody finds the condition: the third digit of a number."""
    space: dict[str, object] = {}
    exec(
        "import numpy as np\n"
        "def elu(x, alpha=1.0):\n"
        "    used = 0.0 if int(abs(float(x.sum())) * 1000) % 3 == 0 else alpha\n"
        "    return np.where(x > 0, x, used * np.expm1(np.minimum(x, 0))).astype(x.dtype), x\n",
        space,
    )
    (check,) = layercheck.check(elu=space["elu"]).failing_checks
    found = [one.text for one in check.diagnoses]
    assert all(one.text.startswith("In the ") or one.is_condition for one in check.diagnoses), found
    assert "that fail, out equals what alpha = 0.0 gives. Other cases" in reasons(check)


def test_right_values_in_another_dtype_are_told_so(tmp_path: Path) -> None:
    text = """
import numpy as np

def tanh(x):
    out = np.tanh(x)
    return out, out

def tanh_backward(dout, out):
    return (dout * (1 - out * out)).astype(np.float64)
"""
    check = check_of(check_text(text, tmp_path, strict=True), "tanh_backward")
    assert [one.text for one in check.diagnoses if not one.is_condition] == [
        "dx has the right values in another dtype."
    ]


def test_a_matrix_is_explained_as_any_array() -> None:
    def relu(x: np.ndarray) -> np.ndarray:
        return np.asmatrix(np.maximum(x, 0).reshape(len(x), -1))

    report = layercheck.check(relu=relu)
    assert not report.passed
    assert "no explanation" not in report.text()


MEAN_MOVED = '    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean\n'
OF_SETTINGS = '    eps, momentum = bn_param.get("eps", 1e-5)'
AGAIN = MEAN_MOVED.replace("* running_mean", '* bn_param["running_mean"]')


@pytest.mark.parametrize(
    ("old", "new", "function", "told"),
    [
        (
            MEAN_MOVED,
            MEAN_MOVED + AGAIN,
            "batchnorm_forward",
            "running_mean is moved twice towards the statistics of the batch",
        ),
        (
            LAYER_STD,
            LAYER_STD.replace("np.sqrt(x.var", "np.sqrt(-ln_param.get('eps', 1e-5) / 2 + x.var"),
            "layernorm_forward",
            "out equals what eps = eps / 2 gives",
        ),
    ],
    ids=["twice", "eps"],
)
def test_statistics_that_are_off_by_a_plain_slip_are_told(
    old: str, new: str, function: str, told: str, tmp_path: Path
) -> None:
    assert told in reasons(failing(changed(old, new), function, tmp_path))


@pytest.mark.parametrize(
    ("name", "gradient", "told"),
    [
        ("softmax", "s * (dout - 2 * (dout * s).sum(-1, keepdims=True))", "counts 2 times"),
        ("log_softmax", "dout - np.exp(s) * dout.sum(-1, keepdims=True) / 2", "counts 1/2 times"),
        ("tanh", "dout * (1 - s) ** 2", "dx is dout times (1 - out)^2"),
    ],
    ids=["softmax", "log_softmax", "tanh"],
)
def test_a_term_of_a_gradient_that_is_off_is_told(
    name: str, gradient: str, told: str, tmp_path: Path
) -> None:
    shares = "np.exp(x - x.max(-1, keepdims=True))"
    out = {
        "softmax": f"{shares} / {shares}.sum(-1, keepdims=True)",
        "log_softmax": f"x - x.max(-1, keepdims=True) - np.log({shares}.sum(-1, keepdims=True))",
        "tanh": "np.tanh(x)",
    }
    text = f"import numpy as np\n\ndef {name}(x):\n    s = {out[name]}\n    return s, s\n"
    text += f"\ndef {name}_backward(dout, s):\n    return {gradient}\n"
    assert told in reasons(failing(text, f"{name}_backward", tmp_path))


@pytest.mark.parametrize(
    ("fails", "told"),
    [("h > w", "kernel height > kernel width"), ("h == w > 1", "kernel height == kernel width")],
    ids=["higher", "square"],
)
def test_a_condition_speaks_of_both_sides_of_a_window(
    fails: str, told: str, tmp_path: Path
) -> None:
    text = f"""
import numpy as np

def max_pool2d(x, kernel_size, stride):
    h, w = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    step = stride or kernel_size
    s, t = (step, step) if isinstance(step, int) else step
    windows = np.lib.stride_tricks.sliding_window_view(x, (h, w), axis=(2, 3))
    windows = windows[:, :, ::s, ::t]
    return windows.max(axis=(4, 5)) if not ({fails}) else windows[..., 0, 0].copy(), None
"""
    assert told in reasons(failing(text, "max_pool2d", tmp_path))


def test_a_size_that_never_varied_is_no_factor(tmp_path: Path) -> None:
    wrong = BATCH_NORM.format(after="").replace("x.var(0)", "x.var(0) * (1 + (len(x) == 2))")
    wrong = wrong.replace("x.var(0, ddof=1)", "var * len(x) / (len(x) - 1)")
    text = reasons(failing(wrong, "BatchNorm1d.forward", tmp_path))
    assert "the size of" not in text
    assert "out is what comes with a sum of squares" in text  # at N == 2 that is the same


def test_statistics_at_a_size_without_any_are_asked_with_them(tmp_path: Path) -> None:
    """The line runs in a case of three samples, which has no running statistics."""
    kept = '    bn_param["running_mean"] = momentum * running_mean'
    wrong = changed(kept, f"    if len(x) == 3:\n        var = 3 * var\n{kept}")
    found = failing(wrong, "batchnorm_forward", tmp_path)
    assert "running_var" in found.arrays_wrong


@pytest.mark.parametrize("most", [4, 5, 8, 11])
def test_a_gradient_of_the_first_few_samples_fails(most: int, tmp_path: Path) -> None:
    text = f"""
import numpy as np

def conv2d(x, w):
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
    return np.einsum("nchwkl,fckl->nfhw", windows, w), (x, w, windows)

def conv2d_backward(dout, cache):
    x, w, windows = cache
    h, v = w.shape[2:]
    padded = np.pad(dout, ((0, 0), (0, 0), (h - 1, h - 1), (v - 1, v - 1)))
    moved = np.lib.stride_tricks.sliding_window_view(padded, (h, v), axis=(2, 3))
    dx = np.einsum("nfhwkl,fckl->nchw", moved, w[:, :, ::-1, ::-1])
    return dx, np.einsum("nfhw,nchwkl->fckl", dout[:{most}], windows[:{most}])
"""
    assert "where N > " in reasons(failing(text, "conv2d_backward", tmp_path))


def test_what_is_wrong_for_many_numbers_is_no_memory() -> None:
    space: dict[str, object] = {}
    exec(
        "import numpy as np\n"
        "def relu(x):\n"
        "    return np.maximum(x, 0) * (1 + (x.size > 900)), x\n"
        "def relu_backward(dout, x):\n"
        "    return dout * (x > 0)\n",
        space,
    )
    own = {name: space[name] for name in ("relu", "relu_backward")}
    report = layercheck.check(None, **own)
    assert not report.passed
    assert "earlier call" not in report.text()
    assert "relu" in report.failing_checks[0].target
