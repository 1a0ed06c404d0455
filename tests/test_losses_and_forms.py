"""Functions that are handed over: losses with their gradient, forms that they fail at, arguments by
place alone, and what always has to be said."""

from __future__ import annotations

import functools
import types
from typing import Any

import numpy as np
import pytest
from conftest import required

import layercheck
from layercheck.api.report import Report
from layercheck.errors import SubjectError, UsageError


def arrays(report: Report) -> set[str]:
    """Those that were compared."""
    columns = report.comparisons
    return {columns.names[place] for place in columns.array}


def cross_entropy(scores, labels, times=1.0):
    z = scores - scores.max(1, keepdims=True)
    log = z - np.log(np.exp(z).sum(1, keepdims=True))
    rows = np.arange(len(scores))
    d = np.exp(log)
    d[rows, labels] -= 1
    return -log[rows, labels].mean(), scores.dtype.type(times) * d / len(d)


@pytest.mark.parametrize("times", [2.0, -1.0, 0.5])
def test_the_gradient_that_a_loss_returns_is_judged(times: float) -> None:
    report = layercheck.check(
        softmax_cross_entropy=lambda x, y: cross_entropy(x, y, times), strict=True
    )
    assert not report.passed
    assert "dx is wrong" in report.text()


def test_a_right_one_passes_with_its_gradient() -> None:
    report = layercheck.check(softmax_cross_entropy=functools.partial(cross_entropy, times=1.0))
    assert report.passed, report.text()
    assert arrays(report) == {"out", "dx"}


def of_shares(scores, targets, times=1.0):
    z = scores - scores.max(1, keepdims=True)
    log = z - np.log(np.exp(z).sum(1, keepdims=True))
    d = scores.dtype.type(times) * (np.exp(log) - targets) / len(scores)
    return -(targets * log).sum() / len(scores), d


@pytest.mark.parametrize("times", [1.0, 2.0])
def test_a_loss_of_shares_is_judged_by_its_gradient_too(times: float) -> None:
    report = layercheck.check(soft_cross_entropy=functools.partial(of_shares, times=times))
    assert arrays(report) == {"out", "dx"}
    assert report.passed == (times == 1), report.text()


def test_what_is_no_gradient_is_told() -> None:
    def with_shares(x, y):
        loss, _ = cross_entropy(x, y)
        e = np.exp(x - x.max(1, keepdims=True))
        return loss, e / e.sum(1, keepdims=True)

    report = layercheck.check(softmax_cross_entropy=with_shares)
    assert report.passed, report.text()
    assert "not judged" in report.text()


def avg(x, kernel_size, stride=None, padding=0):
    k = kernel_size
    s = stride or k
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(2, 3))
    return windows[:, :, ::s, ::s].mean((-1, -2), dtype=x.dtype), None


def test_a_form_that_fails_is_told_with_the_hint_that_says_so() -> None:
    told = " ".join(layercheck.check(avg_pool=avg).text().split())
    assert 'hints={"kinds": {"kernel_size": ["int"]}}' in told
    hints = {"kinds": {name: ["int"] for name in ("kernel_size", "stride", "padding")}}
    report = layercheck.check(avg_pool=avg, hints=hints)
    assert report.passed, report.text()
    assert "say so" not in report.text()


def right_affine(x, w, b):
    return x.reshape(len(x), -1) @ w + b


def test_a_function_of_arrays_alone_is_given_no_names() -> None:
    def doubled(*arrays):
        x, w, *b = arrays
        return 2 * x.reshape(len(x), -1) @ w + (b[0] if b and b[0] is not None else 0)

    report = layercheck.check(affine=doubled)
    assert "out is wrong" in report.text()
    assert "by their place alone" in report.text()


def by_place(function):
    def inner(*args):
        return function(*args)

    return inner


def test_a_wrapper_that_takes_no_names_is_given_what_its_function_takes() -> None:
    def relu_of(x, negative_slope=0.01):
        return np.where(x > 0, x, x * x.dtype.type(negative_slope))

    report = layercheck.check(leaky_relu=by_place(relu_of))
    assert report.passed, report.text()


@functools.singledispatch
def dispatched(x, w, b):
    return right_affine(x, w, b), (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(0)


def test_single_dispatch_looks_at_the_first_argument() -> None:
    report = layercheck.check(affine=dispatched, affine_backward=affine_backward)
    assert report.passed, report.text()


def test_a_function_of_jax_in_another_layout_is_known_as_one() -> None:
    jnp = required("jax.numpy")
    report = layercheck.check(
        global_avg_pool=lambda x: jnp.mean(x, (1, 2), keepdims=True), hints={"layout": "NHWC"}
    )
    assert report.passed, report.text()
    assert arrays(report) == {"out", "dx"}


@pytest.mark.parametrize("op", ["max_pool", "pad", "group_norm", "interpolate"])
def test_of_an_object_what_always_has_to_be_said_is_asked_for(op: str) -> None:
    torch = required("torch")

    class Own(torch.nn.Module):  # type: ignore[misc,name-defined]
        def forward(self, x):
            return x

    with pytest.raises(SubjectError, match="says nothing of its .*hints="):
        layercheck.check(Own(), ops=op)


def test_of_a_function_it_is_told_what_it_was_asked_at() -> None:
    def pooled(x):
        n, c, h, w = x.shape
        return x[:, :, : h // 3 * 3, : w // 3 * 3].reshape(n, c, h // 3, 3, w // 3, 3).max((3, 5))

    assert 'hints={"fixed": {"kernel_size": ...}}' in " ".join(
        layercheck.check(max_pool=pooled).text().split()
    )
    said: dict[str, Any] = {"fixed": {"kernel_size": 3}}
    assert layercheck.check(max_pool=pooled, hints=said).passed


def test_an_option_that_is_nearly_one_is_named() -> None:
    with pytest.raises(UsageError, match="did you mean ops"):
        layercheck.check(right_affine, op="affine")


def test_a_condition_may_say_true_and_false_as_reports_do() -> None:
    one = layercheck.check("ref_layers", ops=["batch_norm"], where="training == false")
    assert one.passed
    assert all("training=false" in text for text in one.cases.text)


def test_arrays_of_a_module_are_found_by_their_place() -> None:
    def layer_norm(x, g, b, eps=1e-5):
        mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return g * (x - mean) / np.sqrt(var + x.dtype.type(eps)) + b, None

    def affine(image, kernel, offset):
        out = image.reshape(len(image), -1) @ kernel
        return (out if offset is None else out + 2 * offset), None

    module = types.ModuleType("own_layers")
    vars(module).update(layer_norm=layer_norm, affine=affine)
    report = layercheck.check(module)
    assert "layer_norm" not in {check.target for check in report.failing_checks}, report.text()
    assert {check.target for check in report.failing_checks} >= {"affine"}


def conv_of_numbers_and_pairs(x: Any, w: Any, b: Any = None, *, stride: Any = 1, padding: Any = 0):  # type: ignore[no-untyped-def]
    def pair(value: Any) -> Any:
        return value if isinstance(value, tuple) else (value, value)

    (s, t), (p, q) = pair(stride), pair(padding)
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (q, q)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))
    out = np.einsum("nchwkl,fckl->nfhw", windows[:, :, ::s, ::t], w)
    return out if b is None else out + b[:, None, None]


def test_of_forms_those_that_it_takes_are_told() -> None:
    hint = {"kinds": {"padding": ["int", "pair"]}}
    report = layercheck.check(conv2d=conv_of_numbers_and_pairs)
    assert not report.passed
    assert (
        'where it takes int and pair alone, say so: hints={"kinds": {"padding": ["int", "pair"]}}'
        in (report.text(1000))
    )
    assert layercheck.check(conv2d=conv_of_numbers_and_pairs, hints=hint).passed


def test_an_array_that_is_always_taken_is_told() -> None:
    torch = required("torch")

    class Affine(torch.autograd.Function):  # type: ignore[misc, name-defined]
        """Whose apply has no signature."""

        @staticmethod
        def forward(ctx: Any, x: Any, w: Any, b: Any) -> Any:
            ctx.save_for_backward(x, w)
            return x.flatten(1) @ w + b

        @staticmethod
        def backward(ctx: Any, dout: Any) -> Any:
            x, w = ctx.saved_tensors
            return (dout @ w.T).reshape(x.shape), x.flatten(1).T @ dout, dout.sum(0)

    report = layercheck.check(affine=Affine.apply)
    assert 'where it always takes b, say so: hints={"required": ["b"]}' in report.text(1000)
    assert layercheck.check(affine=Affine.apply, hints={"required": ["b"]}).passed
