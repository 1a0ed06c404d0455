"""conv2d as a sparse matrix: the same numbers as the layers, exactly where nothing is rounded."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest
from conftest import required

from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.implementations.protocol import Answer
from layercheck.judging.facts import facts
from layercheck.reporting.verdict import PASSING
from oracles.oracle import Unsupported
from ref_layers.conv2d import conv2d
from ref_layers.conv2d_matrix import conv2d_matrix
from ref_layers.conv2d_transpose import conv2d_transpose
from ref_layers.op import Array

matrix_oracle = required("oracles.matrix_oracle")

GEOMETRIES: list[dict[str, Any]] = [
    {},
    {"stride": 2, "padding": 1},
    {"stride": (3, 2), "padding": ((1, 0), (0, 2))},
    {"dilation": (2, 1), "padding": (2, 1)},
    {"stride": 2, "padding": "same"},
    {"padding": "same_lower", "dilation": 2},
    {"groups": 2},
    {"groups": 4, "stride": (1, 2)},
]


def dyadic(rs: np.random.RandomState, *shape: int) -> Array:
    """Quarters: sums of products have no rounding error, so that equality is the right test."""
    return rs.randint(-16, 17, size=shape) / 4.0


def drawn(groups: int = 1, n: int = 3, **_: Any) -> tuple[Array, Array]:
    rs = np.random.RandomState(5)
    return dyadic(rs, n, 4, 7, 6), dyadic(rs, 8, 4 // groups, 3, 2)


@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
def test_one_matrix_is_conv2d_for_every_sample(geometry: dict[str, Any]) -> None:
    x, w = drawn(**geometry)
    matrix = conv2d_matrix(w, x.shape[1:], **geometry)
    out, _ = conv2d(x, w, **geometry)
    assert matrix.shape == (out[0].size, x[0].size)
    for sample, expected in zip(x, out, strict=True):
        assert np.array_equal(matrix @ sample.ravel(), expected.ravel())
    assert np.array_equal((matrix @ x.reshape(len(x), -1).T).T.reshape(out.shape), out)


@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
def test_the_transposed_matrix_is_conv2d_transpose(geometry: dict[str, Any]) -> None:
    x, w = drawn(n=1, **geometry)
    out, _ = conv2d(x, w, **geometry)
    y = dyadic(np.random.RandomState(6), *out.shape)
    back, _ = conv2d_transpose(y, w, output_size=x.shape[2:], **geometry)
    matrix = conv2d_matrix(w, x.shape[1:], **geometry)
    assert np.array_equal(matrix.T @ y.ravel(), back.ravel())


def test_the_matrix_holds_each_weight_once_for_every_window_that_sees_a_pixel() -> None:
    dense = conv2d_matrix(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), (1, 2, 3)).toarray()
    assert dense.tolist() == [[1, 2, 0, 3, 4, 0], [0, 1, 2, 0, 3, 4]]


def test_the_dtype_is_that_of_the_weights() -> None:
    assert conv2d_matrix(np.ones((1, 1, 1, 1), np.float32), (1, 2, 2)).dtype == np.float32


@pytest.mark.parametrize(
    ("w", "shape", "groups", "text"),
    [
        ((8, 4, 3, 2), (4, 7), 1, "conv2d_matrix input_shape: got (4, 7), expected (C, H, W)"),
        ((8, 4, 3), (4, 7, 6), 1, "conv2d_matrix w: got (8, 4, 3), expected (F, C/groups, KH, KW)"),
        ((8, 4, 3, 2), (3, 7, 6), 1, "conv2d_matrix w: got (8, 4, 3, 2), expected (F, 3, KH, KW) for groups 1"),
        ((8, 4, 3, 2), (4, 7, 6), 2, "conv2d_matrix w: got (8, 4, 3, 2), expected (F, 2, KH, KW) for groups 2"),
        ((8, 4, 3, 2), (4, 7, 6), 0, "conv2d_matrix groups: got 0, expected a divisor of C = 4 and of F = 8"),
        ((8, 2, 3, 2), (6, 7, 6), 3, "conv2d_matrix groups: got 3, expected a divisor of C = 6 and of F = 8"),
        ((8, 1, 3, 2), (4, 7, 6), 8, "conv2d_matrix groups: got 8, expected a divisor of C = 4 and of F = 8"),
        ((8, 4, 3, 2), (4, 2, 6), 1,
         "conv2d_matrix: kernel (3, 2) is larger than the padded input (2, 6); use a smaller kernel or more padding"),
    ],
)  # fmt: skip
def test_bad_arguments_are_told(w: Any, shape: Any, groups: int, text: str) -> None:
    with pytest.raises(ValueError) as caught:
        conv2d_matrix(np.ones(w), shape, groups=groups)
    assert str(caught.value) == text


def test_without_scipy_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "scipy":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ImportError) as caught:
        conv2d_matrix(drawn()[1], (4, 7, 6))
    assert str(caught.value) == (
        "conv2d_matrix needs SciPy; install it with: python -m pip install 'layercheck[sparse]'"
    )


ASKED = [
    parse("conv2d x=2x6x9x7 w=4x3x3x2 b=4 stride=2,1 padding=1:0,0:2 groups=2 dtype=float64"),
    parse("conv2d x=2x3x8x5 w=4x3x2x3 padding=same_lower dilation=2,1 dtype=float32"),
    parse("conv2d_transpose x=2x6x3x4 w=6x2x3x2 b=4 stride=3,2 output_padding=2,1 groups=2"),
    parse("conv2d_transpose x=3x2x3x4 w=2x5x2x3 padding=same output_size=5,8 stride=2"),
    parse("conv2d_transpose x=1x2x3x4 w=2x5x3x3 dilation=3 output_padding=2"),  # more than a stride
]


@pytest.mark.parametrize("case", ASKED, ids=str)
def test_the_oracle_agrees_with_the_exact_result(case: Case) -> None:
    reply = matrix_oracle.answer(case.question)
    verdicts = {c.array: c.verdict for c in facts(case).compare_all("matrix", Answer(reply))}
    assert verdicts.keys() == {"out", *case.spec.gradients(case.inputs)}
    assert set(verdicts.values()) <= PASSING


def test_the_oracle_refuses_what_no_matrix_is() -> None:
    pooled = parse("max_pool x=1x2x4x5 kernel_size=2").question
    with pytest.raises(Unsupported, match="max_pool"):
        matrix_oracle.answer(pooled)
    with pytest.raises(Unsupported, match="float16"):
        matrix_oracle.answer(ASKED[0].question.astype(np.float16))
