"""Bounds: sound, calibrated, and tight enough to tell unstable and wrong arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentences import sentence

from layercheck.cases.case import Case
from layercheck.cases.elementwise import activations
from layercheck.cases.parse import parse
from layercheck.cases.standard import standard
from layercheck.implementations.layer import Layer
from layercheck.implementations.mistaken import Mistaken
from layercheck.implementations.module import Module
from layercheck.implementations.protocol import Answer, Implementation
from layercheck.judging.bounds import Bounded, bounds
from layercheck.judging.facts import facts
from layercheck.mistakes import Mistake
from layercheck.pipeline.answers import Gatherer
from layercheck.pipeline.layers import judge_layer
from layercheck.pipeline.plan import Task
from layercheck.pipeline.subject import Subject
from ref_layers import OPS
from ref_layers.batch_norm import Cache, batch_norm, batch_norm_backward
from ref_layers.conv2d import conv2d, conv2d_backward
from ref_layers.op import Array

F32 = np.dtype("float32")
U = 2.0**-24
LAYERS = Module("ref_layers")


def bounded(values: Array) -> Any:
    return Bounded.exact(values.astype(np.float64), F32)


# ---------------------------------------------------------------------- the rules


def test_an_input_has_no_error_and_a_product_one_rounding() -> None:
    a = bounded(np.array([3.0, -5.0]))
    assert not a.errors()[0].any()
    worst, likely = (a * a).errors()
    np.testing.assert_array_equal(worst, likely)
    assert (worst >= U * np.array([9.0, 25.0])).all()
    assert (worst <= U * np.array([9.0, 25.0]) + 2e-38).all()


def test_a_sum_is_bounded_for_every_order() -> None:
    """Cancelling terms count by their magnitudes: another order may meet large partial sums."""
    a = bounded(np.array([1e4, -1e4, 1.0]))
    worst, likely = a.sum().errors()
    n, size = 2, 20001.0
    assert worst == pytest.approx(n * U / (1 - n * U) * size)
    assert likely == pytest.approx(np.sqrt(n) * U * size)


def test_matmul_has_gamma_of_its_inner_dimension() -> None:
    x, y = np.ones((2, 7)), -np.ones((7, 3))
    worst, likely = (bounded(x) @ bounded(y)).errors()
    assert worst == pytest.approx(7 * U / (1 - 7 * U) * 7)
    assert likely == pytest.approx(np.sqrt(7) * U * 7)


@given(
    st.lists(st.floats(-1e6, 1e6, width=32, allow_subnormal=False), min_size=2, max_size=40),
    st.randoms(),
)
@settings(max_examples=200, deadline=None)
def test_float32_sums_in_any_order_stay_within_the_worst_case(
    values: list[float], random: Any
) -> None:
    total = bounded(np.array(values)).sum()
    order = list(values)
    random.shuffle(order)
    summed = np.float32(0)
    for value in order:
        summed = np.float32(summed + np.float32(value))
    assert abs(float(summed) - sum(map(float, values))) <= total.errors()[0] * (1 + 1e-9) + 1e-30


@pytest.mark.parametrize("function", [np.sqrt, np.exp, np.log, np.tanh])
def test_functions_carry_the_error_of_their_argument(function: Any) -> None:
    """Move the argument by its whole error: the result moves by no more than its bound."""
    x = np.array([0.25, 1.5, 7.0, 20.0])
    argument = bounded(x) * bounded(np.array([1.1, 0.7, 1.3, 0.9]))
    result = function(argument)
    error = argument.errors()[0]
    for sign in (-1, 1):
        moved = np.abs(function(argument.value + sign * error) - result.value)
        assert (moved <= result.errors()[0]).all()


FORMS: dict[str, Any] = {
    "roll": lambda v: np.roll(v, 1, axis=1),
    "pad": lambda v: np.pad(v, ((0, 0), (1, 2))),
    "pad by the edge": lambda v: np.pad(v, ((1, 0), (0, 0)), mode="edge"),
    "clip": lambda v: np.clip(v, 0.3, 1.5),
    "min": lambda v: v.min(axis=1, keepdims=True),
    "var": lambda v: np.var(v, axis=1, keepdims=True),
}


@pytest.mark.parametrize("function", FORMS.values(), ids=FORMS)
def test_forms_have_the_value_of_numpy_and_carry_the_error(function: Any) -> None:
    plain = np.array([[0.25, 1.5, 7.0], [20.0, 0.5, 0.75]])
    argument = bounded(plain) * bounded(np.array([1.1, 0.7, 1.3]))
    result, error = function(argument), argument.errors()[0]
    assert result.value == pytest.approx(function(plain * np.array([1.1, 0.7, 1.3])))
    for sign in (-1, 1):
        moved = np.abs(function(argument.value + sign * error) - result.value)
        assert (moved <= result.errors()[0] * (1 + 1e-6)).all()  # of differences in float64


def test_what_has_no_rule_says_so() -> None:
    with pytest.raises(TypeError, match="no rule for np.sinh"):
        np.sinh(bounded(np.ones(2)))
    with pytest.raises(TypeError, match="no rule for np.median"):
        np.median(bounded(np.ones(2)))


def test_a_value_that_has_only_noise_gets_no_bound_at_all() -> None:
    """Division by what may be zero: the bound is infinite, and compare leaves the element out."""
    noise = bounded(np.array([1e8])) * bounded(np.array([1.1])) - bounded(np.array([1.1e8]))
    assert np.isinf((bounded(np.ones(1)) / noise).errors()[0]).all()


# ---------------------------------------------------------------------- calibration


def test_the_slack_is_not_idle() -> None:
    """Someone right uses a tenth of it: a limit that nobody comes near could hide mistakes. That it
    is enough for everybody, the standard grid shows."""
    used = max(
        c.limit_used or 0.0
        for case in standard("conv2d")[::10]
        for c in facts(case).compare_all("ref_layers", answer_of(LAYERS, case))
    )
    assert 0.1 < used < 1.0


def answer_of(subject: Implementation, case: Case) -> Answer:
    reply = subject.answer(case)
    assert isinstance(reply, Answer)
    return reply


@pytest.mark.parametrize("case", [standard(op)[k] for op in OPS for k in (0, 1)], ids=sentence)
def test_both_levels_are_finite_and_in_order(case: Case) -> None:
    for bound in bounds(case.question).values():
        assert np.isfinite(bound.worst).all()
        assert (bound.likely <= bound.worst * (1 + 1e-6)).all()


# ---------------------------------------------------------------------- what they tell apart


def one_pass_variance(
    x: Array, gamma: Any = None, beta: Any = None, *rest: Any, eps: float = 1e-5, **others: Any
) -> Any:
    """E[x^2] - E[x]^2."""
    axes = (0, 2, 3)
    mean = x.mean(axis=axes, keepdims=True)
    var = np.maximum((x * x).mean(axis=axes, keepdims=True) - mean * mean, 0)
    inv_std = 1 / np.sqrt(var + x.dtype.type(eps))
    xhat = (x - mean) * inv_std
    return xhat, Cache(xhat, inv_std, gamma, beta, True)


def bfloat16(w: Array) -> Array:
    """The nearest number of 8 significant bits, in w's own dtype."""
    mantissa, exponent = np.frexp(w)
    return np.ldexp(np.round(mantissa * 256) / 256, exponent).astype(w.dtype)


def bfloat16_weights(x: Array, w: Array, b: Any = None, **attributes: Any) -> Any:
    return conv2d(x, bfloat16(w), b, **attributes)


def verdict(op: str, forward: Any, backward: Any, text: str) -> str:
    subject = Mistaken(Mistake(op, forward.__name__, forward, backward, ""))
    layer = Layer(op, op, f"{op}_backward", subject)
    gatherer = Gatherer(Subject(subject.name, [layer]), {}, recorded=False)
    (outcome,) = judge_layer(layer, gatherer, gatherer.gather([Task(layer, parse(text))]), print)
    return outcome.judged.verdict


@pytest.mark.parametrize(("fill", "expected"), [("offset", "inaccurate"), ("normal", "rounding")])
def test_one_pass_variance_is_inaccurate_at_offset_1000(fill: str, expected: str) -> None:
    text = f"batch_norm x=8x3x5x6 dtype=float32 fill={fill} seed=1"
    assert verdict("batch_norm", one_pass_variance, batch_norm_backward, text) == expected
    assert verdict("batch_norm", batch_norm, batch_norm_backward, text) == "rounding"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_rounded_to_bfloat16_are_wrong(dtype: str) -> None:
    text = f"conv2d x=2x6x9x7 w=5x6x3x2 b=5 stride=2 dtype={dtype} fill=normal seed=3"
    assert verdict("conv2d", bfloat16_weights, conv2d_backward, text) == "wrong"
    assert verdict("conv2d", conv2d, conv2d_backward, text) == "rounding"


@pytest.mark.parametrize("size", [100, -100, 10_000, 30_000_000, -30_000_000])
@pytest.mark.parametrize("op", activations())
def test_no_limit_outgrows_the_number_that_it_limits(op: str, size: int) -> None:
    """Where x is large, a limit in proportion to it would let any gradient pass."""
    forms = [f"{n}={v}" for n, values in OPS[op].conventions.items() for v in values]
    for form in ["", *(form for form in forms if "None" not in form)]:
        for dtype in ("float32", "float64"):
            case = parse(f"{op} x=4x4 {form} dtype={dtype} fill=near:{size} seed=1")
            known = facts(case)
            for name, value in known.truth.arrays.items():
                counts = np.abs(value) > 1e-6
                limit = known.bounds[name].limit
                assert (limit[counts] < 1e-3 * np.abs(value[counts])).all(), (case, name)
