"""The layers by themselves: errors with the data in them, empty batches, indices, any dtype."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from conftest import framework

from layercheck.cases.parse import parse
from layercheck.cases.standard import standard
from layercheck.implementations.module import Module
from layercheck.implementations.protocol import Answer
from layercheck.judging.facts import facts
from ref_layers import OPS
from ref_layers.batch_norm import batch_norm, batch_norm_backward
from ref_layers.conv2d import conv2d, conv2d_backward
from ref_layers.conv2d_transpose import conv2d_transpose, conv2d_transpose_backward
from ref_layers.group_norm import group_norm, group_norm_backward
from ref_layers.max_pool import max_pool, max_pool_backward
from ref_layers.op import Array
from ref_layers.windows import CHUNK_BYTES


def draw(*shape: int) -> Array:
    return np.random.RandomState(0).standard_normal(shape)


X = draw(2, 6, 7, 5)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: conv2d(X[0], draw(4, 6, 3, 3)), r"conv2d x: got \(6, 7, 5\), expected \(N, C, H, W\)"),
        (lambda: conv2d(X, draw(4, 5, 3, 3)), r"conv2d w: got \(4, 5, 3, 3\), expected \(F, 6, KH, KW\)"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), draw(5)), r"conv2d b: got \(5,\), expected \(4,\)"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), groups=4), "groups: got 4, expected a divisor of C = 6 and of F = 4"),
        (lambda: conv2d(X, draw(4, 6, 8, 3)), r"kernel \(8, 3\) is larger than the padded input \(7, 5\)"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), dilation=4), r"dilated to \(9, 9\) is larger than"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), stride=0), "stride: got 0, expected integers >= 1"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), stride=(1, 2, 3)), r"stride: got \(1, 2, 3\), expected an int or a pair"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), stride=True), "stride: got True"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), stride=1.5), "stride: got 1.5"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), padding=-1), "padding: got -1, expected integers >= 0"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), padding="full"), "padding: got 'full', expected an int"),
        (lambda: conv2d_transpose(X, draw(4, 6, 3, 3)), r"w: got \(4, 6, 3, 3\), expected \(6, F/groups, KH, KW\)"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), stride=2, output_padding=2),
         r"output_padding \(2, 2\), expected output_padding from \(0, 0\) to less than max\(stride, dilation\) = \(2, 2\)"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), output_size=(99, 99)), r"output size \(99, 99\)"),
        (lambda: conv2d_transpose(X, draw(6, 4, 1, 1), padding=9), r"expected at least \(1, 1\); use less padding"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), stride=2, padding="same", output_size=(15, 10)), "windows at stride"),
        (lambda: max_pool(X, kernel_size=3, padding=2), "expected at most half of the kernel"),
        (lambda: max_pool(X, kernel_size=9), "larger than the padded input"),
        (lambda: batch_norm(X, draw(5)), r"gamma: got \(5,\), expected \(6,\)"),
        (lambda: batch_norm(X, running_mean=draw(6)), "expected both or neither"),
        (lambda: batch_norm(X, training=False), "training=False without statistics"),
        (lambda: batch_norm(X[:1, :, :1, :1]), "expected at least 2 values for each channel"),
        (lambda: group_norm(X, num_groups=4), "num_groups: got 4, expected a divisor of C = 6"),
        (lambda: group_norm(X, draw(5), num_groups=2), r"gamma: got \(5,\), expected \(6,\)"),
    ],
)  # fmt: skip
def test_bad_arguments_raise_with_the_data(call: Callable[[], Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        call()


EMPTY = np.zeros((0, 6, 7, 5))


@pytest.mark.parametrize(
    ("forward", "backward"),
    [
        (lambda: conv2d(EMPTY, draw(4, 6, 3, 3), draw(4)), conv2d_backward),
        (lambda: conv2d_transpose(EMPTY, draw(6, 4, 3, 3), draw(4)), conv2d_transpose_backward),
        (lambda: max_pool(EMPTY, kernel_size=2), max_pool_backward),
        (lambda: group_norm(EMPTY, draw(6), draw(6), num_groups=2), group_norm_backward),
        (
            lambda: batch_norm(EMPTY, draw(6), draw(6), draw(6), np.ones(6), training=False),
            batch_norm_backward,
        ),
    ],
)
def test_a_batch_of_no_samples_is_allowed(
    forward: Callable[[], Any], backward: Callable[..., Any]
) -> None:
    """As in torch: an empty output, and parameter gradients of zeros."""
    out, cache = forward()
    assert out.shape[0] == 0
    grads = backward(out, cache)
    grads = grads if isinstance(grads, tuple) else (grads,)
    assert grads[0].shape == EMPTY.shape
    assert all((grad == 0).all() for grad in grads[1:])


@pytest.mark.parametrize("case", ["conv2d x=0x6x7x5 w=4x6x3x2 b=4", "max_pool x=0x6x7x5 kernel_size=2",
                                  "conv2d_transpose x=0x6x7x5 w=6x4x3x2", "group_norm x=0x6x7x5 gamma=6 beta=6 num_groups=2"])  # fmt: skip
def test_torch_answers_a_batch_of_no_samples_alike(case: str) -> None:
    asked = parse(case)
    theirs = framework("torch").answer(asked)
    ours = Module("ref_layers").answer(asked)
    assert isinstance(theirs, Answer)
    assert isinstance(ours, Answer)
    for name, value in theirs.arrays.items():
        np.testing.assert_array_equal(ours.arrays[name], value)


def test_batch_norm_in_training_rejects_a_batch_of_no_samples() -> None:
    with pytest.raises(ValueError, match="0 for each channel"):
        batch_norm(EMPTY)


# ---------------------------------------------------------------------- one text, many arithmetics


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "longdouble"])
@pytest.mark.parametrize("op", OPS)
def test_answers_keep_the_dtype_of_the_inputs(op: str, dtype: str) -> None:
    subject = Module("ref_layers")
    for case in standard(op)[::40]:
        with np.errstate(all="ignore"):
            reply = subject.answer(case, dtype)
        assert isinstance(reply, Answer), (case, reply)
        for name, value in reply.arrays.items():
            kind = np.asarray(value).dtype
            assert kind == np.dtype(dtype) or kind.kind == "i", (str(case), name)


@pytest.mark.parametrize("op", [op.name for op in OPS.values() if op.linear])
def test_linear_layers_are_exact_on_integers(op: str) -> None:
    """Dyadic values: no rounding can happen, so every order of summation gives the same bits."""
    for case in [c for c in standard(op) if c.fill == "integers"]:
        reply = Module("ref_layers").answer(case)
        assert isinstance(reply, Answer)
        assert {c.verdict for c in facts(case).compare_all("ref_layers", reply)} == {"exact"}


def test_chunks_of_rows_give_the_same_answer_as_one_chunk() -> None:
    """An image whose columns do not fit one chunk, against a sum over taps in another order."""
    x, w = draw(2, 8, 64, 70), draw(6, 8, 3, 5)
    assert x.shape[0] * 8 * 15 * 66 * 62 * 8 > 2 * CHUNK_BYTES
    out, cache = conv2d(x, w)
    taps = [np.einsum("fc,nchw->nfhw", w[:, :, i, j], x[:, :, i : i + 62, j : j + 66])
            for i in range(3) for j in range(5)]  # fmt: skip
    terms = 8 * 15
    largest = np.abs(w).sum(axis=(1, 2, 3)).max() * np.abs(x).max()
    assert np.abs(out - sum(taps)).max() <= 2 * terms * 2.0**-53 * largest  # gamma_n, twice
    dx, dw, db = conv2d_backward(out, cache)
    assert (dx.shape, dw.shape, db) == (x.shape, w.shape, None)


# ---------------------------------------------------------------------- max_pool's corners


def test_nan_wins_as_in_torch() -> None:
    x = np.array([[[[1.0, np.nan], [3.0, 2.0]]]])
    (out, indices), _ = max_pool(x, kernel_size=2, return_indices=True)
    assert np.isnan(out).all()
    assert indices.ravel().tolist() == [1]


def test_minus_infinity_is_a_value_and_not_padding() -> None:
    x = np.full((1, 1, 2, 2), -np.inf)
    (out, indices), _ = max_pool(x, kernel_size=3, padding=1, stride=2, return_indices=True)
    assert out.ravel().tolist() == [-np.inf]
    assert indices.ravel().tolist() == [0]


def test_running_statistics_are_returned_and_not_changed_in_place() -> None:
    mean, var = draw(6), np.abs(draw(6))
    before = mean.copy(), var.copy()
    (_, new_mean, new_var), _ = batch_norm(X, running_mean=mean, running_var=var, momentum=0.25)
    np.testing.assert_array_equal((mean, var), before)
    n = X.size // 6
    bound = 8 * n * 2.0**-53
    assert np.abs(new_mean - (0.75 * mean + 0.25 * X.mean(axis=(0, 2, 3)))).max() <= bound
    assert (
        np.abs(new_var - (0.75 * var + 0.25 * X.var(axis=(0, 2, 3), ddof=1))).max()
        <= bound * new_var.max()
    )
