"""A function is blamed for what it did, by one record that says all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from blackbox import (
    AFFINE,
    BATCH_NORM,
    CONV,
    DROPOUT,
    HEAD,
    POOL,
    RELU,
    Outcome,
    check,
    check_path,
    command,
)  # fmt: skip

# ---------------------------------------------------------------------- one failure, one record

TWO_WAYS = (
    HEAD
    + AFFINE
    + """
def relu_forward(x):
    if x.shape[-1] == 9:
        raise ValueError("nine columns")
    return np.maximum(x, 0) + 1, x


def relu_backward(dout, cache):
    return 7 * dout * (cache > 0)
"""
)


def test_label_array_values_and_replay_line_are_of_one_comparison(tmp_path: Path) -> None:
    outcome = check(tmp_path, TWO_WAYS)
    for found in outcome.report["checks"]:
        if found["failed"]:
            shown = found["first_wrong"]
            assert shown["verdict"] == found["verdict"]
            assert shown["case"] in outcome.out
            assert shown["case"] in outcome.page
    forward, backward = outcome.check("relu_forward"), outcome.check("relu_backward")
    assert forward["verdict"] == "error"
    assert "nine columns" in forward["first_wrong"]["reason"]
    assert backward["first_wrong"]["array"] == "dx"


def test_the_page_shows_each_functions_own_numbers(tmp_path: Path) -> None:
    outcome = check(
        tmp_path,
        HEAD
        + AFFINE
        + RELU.replace("0), x", "0) + 1, x").replace("return dout *", "return 7 * dout *"),
    )
    articles = re.findall(r'<article class="failure">.*?</article>', outcome.page, re.DOTALL)
    by_function = {
        name: a for a in articles for name in ("relu_forward", "relu_backward") if f">{name}<" in a
    }
    assert by_function.keys() == {"relu_forward", "relu_backward"}
    for name, article in by_function.items():
        shown = outcome.check(name)["first_wrong"]
        assert shown["array"] == {"relu_forward": "out", "relu_backward": "dx"}[name]
        assert "<b>{}</b>".format(shown["array"]) in article or f">{shown['array']}<" in article
        assert shown["case"] in article


def test_the_error_belongs_to_the_element_that_is_shown(tmp_path: Path) -> None:
    """A large right-ish element has the largest error, a zero the largest share of its limit."""
    source = """
def relu_forward(x):
    out = np.maximum(x, 0)
    out.flat[out.argmax()] += 2.33
    out[x <= 0] = 1.18
    return out, x


def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
    outcome = check(tmp_path, HEAD + AFFINE + source)
    told = re.search(r"out: got (\S+), expected (\S+) at .*\n\s+error ([\d.e+-]+)", outcome.out)
    assert told is not None, outcome.out
    got, expected, error = (float(text.rstrip(",")) for text in told.groups())
    assert error == pytest.approx(abs(got - expected), rel=5e-3)


def test_what_was_skipped_is_not_told_as_passing(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from ref_layers.conv2d import conv2d, conv2d_backward as right\n\n"
        "def conv2d_backward(dout, cache):\n"
        "    dx, dw, db = right(dout, cache)\n    return dx, 2 * dw, db\n"
    )
    outcome = check_path(tmp_path, "mine", "--oracle", "exact", "--grid", "quick", "--op", "conv2d")
    assert "in dw; dx and db pass" in outcome.out
    assert "; dx, db and  pass" not in outcome.out + outcome.page
    (tmp_path / "other.py").write_text(
        "from ref_layers.relu import relu as right, relu_backward\n\n"
        "def relu(x):\n    raise ValueError('no')\n"
    )
    outcome = check_path(tmp_path, "other", "--oracle", "exact", "--grid", "quick", "--op", "relu")
    text = re.sub(r"<(style|script)>.*?</\1>|<[^>]+>", "", outcome.page, flags=re.DOTALL)
    assert not re.search(r"in ;|in \.|and  pass|, ;", outcome.out + text)


# ---------------------------------------------------------------------- blamed for what it did


def test_inputs_changed_by_the_backward_are_not_the_forwards_fault(tmp_path: Path) -> None:
    source = RELU.replace(
        "    return dout *", "    cache_was = cache > 0\n    cache[...] = 0\n    return dout *"
    ).replace("(cache > 0)\n", "cache_was\n")
    outcome = check(tmp_path, HEAD + AFFINE + source)
    assert outcome.check("relu_forward")["passed"]
    backward = outcome.check("relu_backward")
    assert backward["verdict"] == "error"
    assert "changed its input" in backward["first_wrong"]["reason"]
    assert "x" in backward["first_wrong"]["reason"]
    assert outcome.failing == {"relu_backward"}


def test_an_input_overwritten_by_the_forward_is_its_error_and_values_are_judged_too(
    tmp_path: Path,
) -> None:
    source = RELU.replace("    return np.maximum(x, 0), x", "    x[x < 0] = 0\n    return 3 * x, x")
    outcome = check(tmp_path, HEAD + AFFINE + source)
    forward = outcome.check("relu_forward")
    assert forward["verdict"] == "error"
    reasons = forward["first_wrong"]["reason"] + forward["note"]
    assert "changed its input" in reasons
    assert "wrong" in reasons


def test_dout_overwritten_with_right_values_is_told_and_passes_unless_strict(
    tmp_path: Path,
) -> None:
    source = RELU.replace(
        "    return dout * (cache > 0)", "    dout[cache <= 0] = 0\n    return dout"
    )
    outcome = check(tmp_path, HEAD + AFFINE + source)
    assert outcome.code == 0, outcome.out
    assert "dout" in outcome.check("relu_backward")["note"]
    strict = check(tmp_path, HEAD + AFFINE + source, "--strict")
    assert strict.code == 1
    assert strict.failing == {"relu_backward"}


def test_a_reversed_momentum_shows_behind_a_wrong_shape(tmp_path: Path) -> None:
    source = BATCH_NORM.replace(
        'bn_param["running_mean"] = momentum * mean + (1 - momentum) * m',
        'bn_param["running_mean"] = ((1 - momentum) * mean + momentum * m)[None, :]',
    )
    outcome = check(tmp_path, HEAD + source)
    forward = outcome.check("batchnorm_forward")
    told = forward["first_wrong"]["reason"] + forward["note"]
    assert "shape: got (1, " in told
    assert "wrong" in told
    assert forward["first_wrong"]["got"] != forward["first_wrong"]["expected"]


def test_right_values_in_a_wrong_shape_are_said_to_be_right(tmp_path: Path) -> None:
    source = AFFINE.replace("dout.sum(axis=0)", "dout.sum(axis=0, keepdims=True)")
    outcome = check(tmp_path, HEAD + RELU + source)
    backward = outcome.check("affine_backward")
    assert backward["verdict"] == "error"
    assert re.search(r"shape: got \(1, \d+\), expected \(\d+,\)", backward["first_wrong"]["reason"])
    assert "values are right" in backward["first_wrong"]["reason"]


# ---------------------------------------------------------------------- forward and backward


def test_a_backward_whose_forward_raised_is_not_judged(tmp_path: Path) -> None:
    source = RELU.replace(
        "    return np.maximum", "    raise ValueError('boom')\n    return np.maximum"
    )
    outcome = check(tmp_path, HEAD + AFFINE + source)
    backward = outcome.check("relu_backward")
    assert (backward["verdict"], backward["passed"], backward["failed"]) == ("not judged", False, 0)
    assert "its forward raised" in backward["note"]
    assert outcome.failing == {"relu_forward"}


@pytest.mark.parametrize(
    "source",
    [
        RELU.replace("np.maximum(x, 0)", "2 * np.maximum(x, 0)").replace(
            "dout * (", "2 * dout * ("
        ),
        DROPOUT.replace("< p) / p", "< p)"),
    ],
    ids=["twice too large", "dropout that is not inverted"],
)
def test_a_backward_that_is_right_for_its_own_wrong_forward_is_not_blamed(
    source: str, tmp_path: Path
) -> None:
    outcome = check(tmp_path, HEAD + (AFFINE if "relu" in source else "") + source)
    forward = "relu_forward" if "relu" in source else "dropout_forward"
    assert outcome.code == 1
    assert outcome.failing == {forward}
    backward = outcome.check(forward.replace("forward", "backward"))
    assert "right for its own forward" in backward["note"]


def test_a_backward_that_is_wrong_beside_a_wrong_forward_is_blamed(tmp_path: Path) -> None:
    source = RELU.replace("np.maximum(x, 0)", "2 * np.maximum(x, 0)").replace(
        "dout * (", "3 * dout * ("
    )
    outcome = check(tmp_path, HEAD + AFFINE + source)
    assert outcome.failing == {"relu_forward", "relu_backward"}


def test_a_gradient_of_zeros_is_no_gradient_of_a_forward_of_zeros(tmp_path: Path) -> None:
    source = RELU.replace("np.maximum(x, 0)", "np.zeros_like(x)").replace(
        "dout * (cache > 0)", "np.zeros_like(dout)"
    )
    outcome = check(tmp_path, HEAD + AFFINE + source)
    assert outcome.failing == {"relu_forward", "relu_backward"}


# ---------------------------------------------------------------------- the assignment's contract

EVEN_ONLY = CONV.replace(
    "    n, _, h, wide = x.shape",
    "    assert (x.shape[2] + 2 * p - w.shape[2]) % s == 0\n"
    "    assert (x.shape[3] + 2 * p - w.shape[3]) % s == 0\n"
    "    n, _, h, wide = x.shape",
)


def test_windows_that_do_not_fit_evenly_are_beyond_the_assignment(tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + EVEN_ONLY + POOL)
    assert outcome.code == 0, outcome.out
    found = outcome.check("conv_forward_naive")
    assert found["passed"]
    assert "beyond the assignment" in found["note"]
    assert re.search(r"fails in \d+ of \d+ cases where .*% stride", found["note"])
    assert "beyond the assignment" in outcome.out
    strict = check(tmp_path, HEAD + EVEN_ONLY + POOL, "--strict")
    assert strict.code == 1
    assert "conv_forward_naive" in strict.failing


def test_within_the_assignment_a_failure_fails(tmp_path: Path) -> None:
    """The contract excuses what it names only."""
    source = EVEN_ONLY.replace(
        "padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))",
        "padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), constant_values=1)",
        1,
    )
    outcome = check(tmp_path, HEAD + source + POOL)
    assert outcome.check("conv_forward_naive")["verdict"] in ("wrong", "error")
    assert outcome.code == 1


COURSE_LOSS = """
def softmax_loss(x, y):
    shifted = x - x.max(axis=1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    n = x.shape[0]
    loss = -np.log(probs[np.arange(n), y]).sum() / n
    dx = probs.copy()
    dx[np.arange(n), y] -= 1
    return loss, dx / n
"""


def test_the_courses_own_softmax_loss_passes(tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + COURSE_LOSS)
    assert outcome.code == 0, outcome.out
    assert check(tmp_path, HEAD + COURSE_LOSS, "--strict").code == 1


# ---------------------------------------------------------------------- not our words as theirs


def test_an_error_of_the_tool_is_not_shown_as_the_students(tmp_path: Path) -> None:
    source = """
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    n, c, h, w = x.shape
    grouped = x.reshape(n, G, -1)
    mean, var = grouped.mean(axis=2, keepdims=True), grouped.var(axis=2, keepdims=True)
    xhat = ((grouped - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))).reshape(x.shape)
    return gamma.reshape(1, c, 1, 1) * xhat + beta.reshape(1, c, 1, 1), (xhat, gamma, np.sqrt(var + gn_param.get("eps", 1e-5)), G)


def spatial_groupnorm_backward(dout, cache):
    xhat, gamma, std, G = cache
    n, c, h, w = dout.shape
    d = (dout * gamma.reshape(1, c, 1, 1)).reshape(n, G, -1)
    hat = xhat.reshape(n, G, -1)
    dx = (d - d.mean(axis=2, keepdims=True) - hat * (d * hat).mean(axis=2, keepdims=True)) / std
    return dx.reshape(dout.shape), (dout * xhat).sum(axis=(0, 2, 3)), dout.sum()
"""
    outcome = check(tmp_path, HEAD + source)
    shown = outcome.check("spatial_groupnorm_backward")["first_wrong"]
    assert not shown["reason"].startswith("raised")
    assert shown["array"] in ("dgamma", "dbeta")
    assert "shape: got" in shown["reason"]


def test_a_return_of_the_wrong_number_of_arrays_is_not_called_raised(tmp_path: Path) -> None:
    outcome = check(
        tmp_path, HEAD + RELU + AFFINE.replace("return dx, x.reshape", "return x.reshape")
    )
    shown = outcome.check("affine_backward")["first_wrong"]
    assert not shown["reason"].startswith("raised")
    assert "expected (dx, dw, db)" in shown["reason"]


@pytest.mark.parametrize(
    "body",
    [
        "    out = None\n    out = out.astype(x.dtype, copy=False)\n    return out, x",
        "    mask = None\n    return np.sum(mask * x), x",
        "    out, cache = None, None\n    shape = out.shape\n    return out, cache",
        "    out = None\n    for i in range(2):\n        out[i] = 1\n    return out, x",
        "    return ..., ...",
        "    out = ...\n    return out, x",
    ],
)
def test_a_template_that_was_not_filled_in_is_not_implemented(body: str, tmp_path: Path) -> None:
    outcome = check(
        tmp_path,
        HEAD
        + AFFINE
        + f"\ndef relu_forward(x):\n{body}\n\ndef relu_backward(dout, cache):\n    dx = None\n    return dx\n",
    )
    found = outcome.check("relu_forward")
    assert found["verdict"] == "not implemented"
    assert not found["passed"]
    assert "not implemented" in outcome.out.lower()


def test_a_none_that_comes_from_elsewhere_is_an_error(tmp_path: Path) -> None:
    source = "\ndef helper(x):\n    return {}.get('a')\n\ndef relu_forward(x):\n    out = helper(x)\n    return out.astype(x.dtype), x\n"
    outcome = check(tmp_path, HEAD + AFFINE + source)
    assert outcome.check("relu_forward")["verdict"] == "error"


# ---------------------------------------------------------------------- old files


@pytest.mark.parametrize(
    ("old", "told"),
    [
        ("np.product(x.shape)", "np.prod"),
        ("np.zeros(3, dtype=np.int)", "use int"),
        ("np.reshape(x, newshape=x.shape)", "shape="),
        ("np.lib.pad(x, 1, 'constant')", "np.pad"),
        ("np.zeros(x.shape[0] / 2)", "//"),
    ],
)
def test_an_old_call_says_what_to_change(old: str, told: str, tmp_path: Path) -> None:
    source = RELU.replace(
        "    return np.maximum(x, 0), x", f"    {old}\n    return np.maximum(x, 0), x"
    )
    outcome = check(tmp_path, HEAD + AFFINE + source)
    found = outcome.check("relu_forward")
    assert found["verdict"] == "error", outcome.out
    assert told in found["first_wrong"]["reason"]
    assert outcome.check("affine_forward")["passed"]


def test_python_2_print_says_what_to_change(tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + RELU + "\nprint 'done'\n")
    assert outcome.code == 1
    assert "Python 2" in outcome.out
    assert "print(" in outcome.out


@pytest.mark.parametrize(
    "line",
    [
        "from numpy.lib.arraypad import pad",
        "from numpy.core.umath_tests import inner1d as pad",
        "import numpy.no_such_module\npad = lambda *a: numpy.no_such_module.pad(*a)",
        "from scipy.misc import pad",
    ],
)
def test_an_import_that_fails_costs_the_function_that_uses_it(line: str, tmp_path: Path) -> None:
    source = AFFINE.replace("    return x.reshape", "    pad(x, 1)\n    return x.reshape", 1)
    outcome = check(tmp_path, HEAD + line + "\n" + RELU + source)
    assert outcome.check("relu_forward")["passed"]
    assert outcome.check("relu_backward")["passed"]
    assert outcome.check("affine_forward")["verdict"] == "error"


@pytest.mark.parametrize(
    "line",
    ["from im2col import *", "from im2col import flat", "from .im2col import flat",
     "from cs231n.im2col import flat", "import im2col\nflat = im2col.flat"],
)  # fmt: skip
def test_helper_modules_beside_the_file_can_be_imported(line: str, tmp_path: Path) -> None:
    (tmp_path / "im2col.py").write_text(
        "import numpy as np\nfrom deeper import twice\n\ndef flat(x):\n    return np.asarray(twice(x) / 2).reshape(x.shape[0], -1)\n"
    )
    (tmp_path / "deeper.py").write_text("def twice(x):\n    return 2 * x\n")
    source = AFFINE.replace("x.reshape(x.shape[0], -1) @ w", "flat(x) @ w")
    outcome = check(tmp_path, HEAD + line + "\n" + RELU + source)
    assert outcome.code == 0, outcome.out


# ---------------------------------------------------------------------- the case as it was called


def test_momentum_is_shown_as_the_file_counts_it(tmp_path: Path) -> None:
    source = BATCH_NORM.replace("(1 - momentum) * v", "(1 - momentum) * v * 1.5")
    outcome = check(tmp_path, HEAD + source)
    shown = outcome.check("batchnorm_forward")["first_wrong"]
    own = re.search(r"momentum ([\d.]+) \(as this file counts it; ([\d.]+) in torch\)", outcome.out)
    assert own is not None, outcome.out
    assert float(own[1]) + float(own[2]) == pytest.approx(1)
    assert f"momentum={own[2]}" in shown["case"] or own[2] == "0.1"


def replayed(outcome: Outcome, folder: Path) -> Outcome:
    """The replay line that an outcome printed, run in its folder."""
    import shlex

    line = next(
        t.strip() for t in outcome.out.splitlines() if t.strip().startswith("layercheck replay")
    )
    return command(*shlex.split(line)[1:], cwd=folder)


def test_a_replay_line_asks_the_function_that_failed(tmp_path: Path) -> None:
    """Two backwards share one forward: the line leads to the wrong one of them."""
    source = BATCH_NORM.replace(
        "batchnorm_backward_alt = batchnorm_backward",
        "def batchnorm_backward_alt(dout, cache):\n"
        "    dx, dgamma, dbeta = batchnorm_backward(dout, cache)\n    return 2 * dx, dgamma, dbeta\n",
    )
    outcome = check(tmp_path, HEAD + source)
    assert outcome.failing == {"batchnorm_backward_alt"}
    again = replayed(outcome, tmp_path)
    assert again.code == 1, again.out
    assert "wrong" in again.out


# ---------------------------------------------------------------------- a backward after its forward


OVER_THE_BATCH = """
def layernorm_forward(x, gamma, beta, ln_param):
    mean, var = x.mean(0), x.var(0)
    inv = 1 / np.sqrt(var + ln_param.get("eps", 1e-5))
    xhat = (x - mean) * inv
    return gamma * xhat + beta, (xhat, inv, gamma)

def layernorm_backward(dout, cache):
    xhat, inv, gamma = cache
    d = dout * gamma
    dx = inv * (d - d.mean(0) - xhat * (d * xhat).mean(0))
    return dx, (dout * xhat).sum(0), dout.sum(0)
"""


def test_a_case_whose_own_derivative_is_zero_tells_nothing_of_the_others(tmp_path: Path) -> None:
    """A single sample, normalized over the batch, does not depend on x at all."""
    outcome = check(tmp_path, HEAD + OVER_THE_BATCH)
    assert outcome.failing == {"layernorm_forward"}
    assert outcome.check("layernorm_backward")["verdict"] == "consistent"


def test_zeros_are_no_gradient_of_a_forward_that_moves(tmp_path: Path) -> None:
    zeros = OVER_THE_BATCH.replace("dx = inv *", "dx = 0 * inv *")
    assert "layernorm_backward" in check(tmp_path, HEAD + zeros).failing


def test_a_forward_that_changes_what_it_caches_is_to_blame_alone(tmp_path: Path) -> None:
    body = "out = x.reshape(x.shape[0], -1) @ w + b\n    x *= 2\n    return out, (x, w)"
    source = AFFINE.replace("return x.reshape(x.shape[0], -1) @ w + b, (x, w)", body)
    assert source != AFFINE
    outcome = check(tmp_path, HEAD + source)
    assert outcome.failing == {"affine_forward"}
    backward = outcome.check("affine_backward")
    assert (backward["verdict"], backward["passed"]) == ("not judged", False)
    assert "its forward changed x" in backward["note"]


def test_a_replay_comes_to_what_the_check_came_to(tmp_path: Path) -> None:
    """An opinion that does not hold in the other cases is none in one of them either."""
    source = BATCH_NORM.replace("np.sqrt(var + eps)", "np.sqrt(var)")
    assert source != BATCH_NORM
    outcome = check(tmp_path, HEAD + source)
    found = outcome.check("batchnorm_forward")["verdict"]
    assert replayed(outcome, tmp_path).out.partition("\n")[0].endswith(f": {found}")


def test_a_gradient_that_is_wrong_elsewhere_is_not_excused_by_its_forward(tmp_path: Path) -> None:
    """At ordinary values both are right; the forward is wrong above 3, the gradient below -30."""
    text = """
import numpy as np

def softplus(x):
    return np.where(x > 3, x, np.log1p(np.exp(np.minimum(x, 3)))), x

def softplus_backward(dout, x):
    return dout / (1 + np.exp(-np.clip(x, -30, 700)))
"""
    assert check(tmp_path, text).failing == {"softplus", "softplus_backward"}
