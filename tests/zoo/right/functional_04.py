# ruff: noqa: B905
"""torch-like functions in odd Python: lambdas, decorators, matches, classes behind functions."""

from __future__ import annotations

import functools
import math
import operator
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

relu = lambda x: (x * (x > 0), x > 0)  # noqa: E731
relu.__doc__ = "Style: a lambda that is assigned to a name; the mask multiplies the number."

relu_backward = lambda dout, cache: dout * cache  # noqa: E731
relu_backward.__doc__ = "Style: a lambda, too; the boolean mask multiplies the gradient."


def leaky_relu(x: Array, /, *, slope: float = 0.01) -> tuple[Array, Any]:
    """x: any shape -> out, cache.

    Style: positional-only and keyword-only arguments; the larger of two lines, or the smaller.
    """
    pick = np.maximum if slope <= 1 else np.minimum
    return pick(x, slope * x), (x, slope)


def leaky_relu_backward(dout: Array, cache: Any, /) -> Array:
    """dout: as x -> dx.

    Style: np.heaviside blends the two slopes.
    """
    x, slope = cache
    on = np.heaviside(x, 0)
    return dout * (on + slope * (1 - on))


def _logged(function):
    """A decorator that counts calls, and leaves arguments and results alone."""

    @functools.wraps(function)
    def inside(*args, **kwargs):
        inside.calls += 1
        return function(*args, **kwargs)

    inside.calls = 0
    return inside


@_logged
def linear(x: Array, weight: Array, bias: Array | None = None) -> tuple[Array, dict[str, Any]]:
    """x: (N, D), weight: (M, D), bias: (M,) or None -> out: (N, M), cache.

    Style: decorated, and np.matrix inside, whose * is the product.
    """
    product = np.asmatrix(x) * np.asmatrix(weight).T
    out = np.asarray(product) if bias is None else np.asarray(product + bias)
    return out, {"x": x, "weight": weight, "bias": bias}


@_logged
def linear_backward(dout: Array, cache: dict[str, Any]) -> dict[str, Array | None]:
    """dout: (N, M) -> a dict of gradients.

    Style: returns a dict by names instead of a tuple.
    """
    d = np.asmatrix(dout)
    return {
        "dx": np.asarray(d * np.asmatrix(cache["weight"])),
        "dweight": np.asarray(d.T * np.asmatrix(cache["x"])),
        "dbias": None if cache["bias"] is None else d.sum(axis=0).A1,
    }


class _Shares:
    """Softmax as an object: made by the forward, asked by the backward."""

    __slots__ = ("axis", "shares")

    def __init__(self, x: Array, axis: int) -> None:
        self.axis = axis
        powers = np.exp(x - x.max(axis, keepdims=True))
        self.shares = powers / powers.sum(axis, keepdims=True)

    def __matmul__(self, dout: Array) -> Array:
        along = (self.shares * dout).sum(self.axis, keepdims=True)
        return self.shares * dout - self.shares * along


def softmax(x: Array, dim: int = -1) -> tuple[Array, _Shares]:
    """x: any shape -> out, cache.

    Style: an object with slots is the cache, and its @ is the product with the Jacobian.
    """
    made = _Shares(x, dim)
    return made.shares.copy(), made


def softmax_backward(dout: Array, cache: _Shares) -> Array:
    """dout: as x -> dx.

    Style: one operator.
    """
    return cache @ dout


def _logistic(number: float) -> float:
    """1 / (1 + exp(-number)) of a Python float, by whichever side does not overflow."""
    if number >= 0:
        return 1 / (1 + math.exp(-number))
    return (power := math.exp(number)) / (1 + power)


def sigmoid(x: Array) -> tuple[Array, Array]:
    """x: any shape -> out, cache.

    Style: np.frompyfunc calls Python's math for each number; an object array comes back.
    """
    out = np.asarray(np.frompyfunc(_logistic, 1, 1)(x)).astype(x.dtype)
    return out, out


def sigmoid_backward(dout: Array, cache: Array) -> Array:
    """dout: as x -> dx.

    Style: y - y^2.
    """
    return dout * (cache - cache * cache)


def tanh(x: Array) -> tuple[Array, Array]:
    """x: any shape -> out, cache.

    Style: the tangent of an imaginary number.
    """
    return np.tan(1j * x).imag.astype(x.dtype), x


def tanh_backward(dout: Array, cache: Array) -> Array:
    """dout: as x -> dx.

    Style: divides by the squared hyperbolic cosine of x.
    """
    with np.errstate(over="ignore"):
        return dout / np.cosh(cache) ** 2


def conv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> tuple[Array, tuple[Any, ...]]:
    """x: (N, C, H, W), w: (F, C, KH, KW), b: (F,) or None -> out, cache.

    Style: one buffer for columns is used again for every sample, and np.matmul writes into out.
    """
    N, C, H, W = x.shape
    F, _, KH, KW = w.shape
    OH = (H + 2 * padding - dilation * (KH - 1) - 1) // stride + 1
    OW = (W + 2 * padding - dilation * (KW - 1) - 1) // stride + 1
    xp = np.zeros((N, C, H + 2 * padding, W + 2 * padding), x.dtype)
    xp[:, :, padding : padding + H, padding : padding + W] = x
    buffer = np.empty((C, KH, KW, OH, OW), x.dtype)
    out = np.empty((N, F, OH * OW), x.dtype)
    matrix = w.reshape(F, C * KH * KW)
    for image, place in zip(xp, out):
        for u in range(KH):
            for v in range(KW):
                top, left = u * dilation, v * dilation
                bottom, right = top + stride * (OH - 1) + 1, left + stride * (OW - 1) + 1
                buffer[:, u, v] = image[:, top:bottom:stride, left:right:stride]
        np.matmul(matrix, buffer.reshape(len(matrix[0]), -1), out=place)
    out = out.reshape(N, F, OH, OW)
    if b is not None:
        out += b.reshape(F, 1, 1)
    return out, (xp, w, b, stride, padding, dilation)


def conv2d_backward(dout: Array, cache: tuple[Any, ...]) -> tuple[Array, Array, Array | None]:
    """dout: (N, F, OH, OW) -> dx, dw, db.

    Style: a nested function gives the view of each tap, for reading and for adding.
    """
    xp, w, b, stride, padding, dilation = cache
    OH, OW = dout.shape[2:]

    def tap(array: Array, u: int, v: int) -> Array:
        rows = slice(u * dilation, u * dilation + stride * (OH - 1) + 1, stride)
        columns = slice(v * dilation, v * dilation + stride * (OW - 1) + 1, stride)
        return array[:, :, rows, columns]

    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for u, v in np.ndindex(*w.shape[2:]):
        dw[:, :, u, v] = np.einsum("nfij,ncij->fc", dout, tap(xp, u, v))
        shares = np.einsum("nfij,fc->ncij", dout, w[:, :, u, v])
        np.add(tap(dxp, u, v), shares, out=tap(dxp, u, v))
    H, W = xp.shape[2] - 2 * padding, xp.shape[3] - 2 * padding
    dx = dxp[:, :, padding : padding + H, padding : padding + W]
    return dx, dw, None if b is None else dout.sum((0, 2, 3))


def batch_norm_1d(
    x: Array,
    gamma: Array,
    beta: Array,
    running_mean: Array,
    running_var: Array,
    training: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
    unbiased_running_var: bool = True,
) -> tuple[Any, Any]:
    """x: (N, C) or (N, C, L) -> out, cache, or in training (out, mean, var), cache.

    Style: a match on the rank; np.average with weights moves the running statistics.
    """
    match x.ndim:
        case 2:
            axes, shape = (0,), (1, -1)
        case 3:
            axes, shape = (0, 2), (1, -1, 1)
        case _:
            raise ValueError(f"x has {x.ndim} axes")
    count = x.size // x.shape[1]
    if training:
        mean = np.add.reduce(x, axes) / count
        var = np.add.reduce((x - mean.reshape(shape)) ** 2, axes) / count
    else:
        mean, var = running_mean, running_var
    std = np.sqrt(var + eps).reshape(shape)
    hat = (x - mean.reshape(shape)) / std
    out = hat * gamma.reshape(shape) + beta.reshape(shape)
    cache = (hat, std, gamma.reshape(shape), axes, count if training else 0)
    if not training:
        return out, cache
    if unbiased_running_var:
        var = var * count / (count - 1)
    mix = functools.partial(np.average, axis=0, weights=np.array([1 - momentum, momentum]))
    new_mean, new_var = mix([running_mean, mean]), mix([running_var, var])
    return (out, new_mean.astype(x.dtype), new_var.astype(x.dtype)), cache


def batch_norm_1d_backward(dout: Array, cache: Any) -> tuple[Array, Array, Array]:
    """dout: as x -> dx, dgamma, dbeta.

    Style: a count of 0 says that the statistics were constants.
    """
    hat, std, gamma, axes, count = cache
    dgamma = np.sum(dout * hat, axes, keepdims=True)
    dbeta = np.sum(dout, axes, keepdims=True)
    inner = dout - (dbeta + hat * dgamma) / count if count else dout
    return gamma * inner / std, dgamma.ravel(), dbeta.ravel()


def concat(x: Array, y: Array) -> tuple[Array, int]:
    """x: (N, C, H, W), y: (N, D, H, W) -> out, cache.

    Style: an uninitialized array is filled by np.copyto; the cache is one number.
    """
    border = x.shape[1]
    out = np.empty((len(x), border + y.shape[1], *x.shape[2:]), x.dtype)
    np.copyto(out[:, :border], x)
    np.copyto(out[:, border:], y)
    return out, border


def concat_backward(dout: Array, cache: int) -> list[Array]:
    """dout: as out -> [dx, dy].

    Style: np.array_split, and a list instead of a tuple.
    """
    return np.array_split(dout, [cache], axis=1)


def flatten(x: Array) -> tuple[Array, tuple[int, ...]]:
    """x: (N, ...) -> out: (N, D), cache.

    Style: Fortran order read backwards: the transpose is reshaped, and transposed again.
    """
    return np.reshape(x.T, (-1, len(x)), order="F").T, x.shape


def flatten_backward(dout: Array, cache: tuple[int, ...]) -> Array:
    """dout: (N, D) -> dx.

    Style: the same way back; dx is in Fortran order.
    """
    return np.reshape(dout.T, cache[::-1], order="F").T


def cross_entropy(x: Array, y: Array) -> tuple[float, Any]:
    """x: (N, C), y: (N,) -> loss, cache; the mean over samples.

    Style: a generator over samples, math.fsum, and a plain Python float for the loss.
    """

    def losses() -> Iterator[float]:
        for scores, label in zip(x.tolist(), y.tolist()):
            top = max(scores)
            yield top - scores[label] + math.log(math.fsum(math.exp(s - top) for s in scores))

    return math.fsum(losses()) / len(y), (x, y)


def cross_entropy_backward(dout: Any, cache: Any) -> Array:
    """dout: () -> dx.

    Style: rows of Python lists are gathered in a dict and become an array at the end.
    """
    x, y = cache
    rows: dict[int, list[float]] = defaultdict(list)
    for n, (scores, label) in enumerate(zip(x.tolist(), y.tolist())):
        powers = [math.exp(s - max(scores)) for s in scores]
        total = math.fsum(powers)
        for c, power in enumerate(powers):
            rows[n].append((power / total - (c == label)) * float(dout) / len(y))
    return np.array([rows[n] for n in range(len(y))], dtype=x.dtype)


def dropout(x: Array, p: float = 0.5, training: bool = True) -> tuple[Array, Any]:
    """x: any shape -> out, cache. p: the probability to drop an element.

    Style: Python's own random.random() in a loop over all numbers.
    """
    if not training:
        return x.copy(), None
    factors = np.empty(x.shape, x.dtype)
    for place in np.ndindex(*x.shape):
        factors[place] = 0.0 if random.random() < p else 1 / (1 - p)
    return x * factors, factors


def dropout_backward(dout: Array, cache: Any) -> Array:
    """dout: as x -> dx.

    Style: operator.mul, or a copy.
    """
    return dout.copy() if cache is None else operator.mul(dout, cache)


def instance_norm(x: Array, gamma: Array, beta: Array, eps: float = 1e-5) -> tuple[Array, Any]:
    """x: (N, C, H, W), gamma, beta: (C,) -> out, cache.

    Style: results are float64 whatever comes in, as np.zeros without a dtype gives.
    """
    out, hat, inv = np.zeros(x.shape), np.zeros(x.shape), np.zeros(x.shape[:2])
    for n, c in np.ndindex(*inv.shape):
        image = x[n, c].astype(float)
        inv[n, c] = 1 / math.sqrt(image.var() + eps)
        hat[n, c] = (image - image.mean()) * inv[n, c]
        out[n, c] = gamma[c] * hat[n, c] + beta[c]
    return out, (hat, inv, gamma)


def instance_norm_backward(dout: Array, cache: Any) -> tuple[Array, Array, Array]:
    """dout: (N, C, H, W) -> dx, dgamma, dbeta.

    Style: all float64 again, filled in a loop over images.
    """
    hat, inv, gamma = cache
    dx, dgamma, dbeta = np.zeros(hat.shape), np.zeros(len(gamma)), np.zeros(len(gamma))
    for n, c in np.ndindex(*inv.shape):
        d = dout[n, c].astype(float)
        dgamma[c] += np.vdot(d, hat[n, c])
        dbeta[c] += d.sum()
        d = d - d.mean() - hat[n, c] * np.vdot(d, hat[n, c]) / d.size
        dx[n, c] = gamma[c] * inv[n, c] * d
    return dx, dgamma, dbeta


def avg_pool2d(x: Array, kernel_size: int, stride: int | None = None) -> tuple[Array, Any]:
    """x: (N, C, H, W) -> out, cache.

    Style: an early return for windows that tile the image, a dict of slices for all others.
    """
    k, s = kernel_size, stride or kernel_size
    N, C, H, W = x.shape
    if k == s and H % k == 0 and W % k == 0:
        return x.reshape(N, C, H // k, k, W // k, k).mean(axis=(3, 5)), (x.shape, k, None)
    OH, OW = (H - k) // s + 1, (W - k) // s + 1
    boxes = {
        (i, j): (..., slice(i * s, i * s + k), slice(j * s, j * s + k))
        for i in range(OH)
        for j in range(OW)
    }
    out = np.empty((N, C, OH, OW), x.dtype)
    for place, box in boxes.items():
        out[(..., *place)] = x[box].mean(axis=(2, 3))
    return out, (x.shape, k, boxes)


def avg_pool2d_backward(dout: Array, cache: Any) -> Array:
    """dout: (N, C, OH, OW) -> dx.

    Style: np.repeat twice where windows tile the image, the dict of slices elsewhere.
    """
    shape, k, boxes = cache
    if boxes is None:
        return dout.repeat(k, axis=2).repeat(k, axis=3) / (k * k)
    dx = np.zeros(shape, dout.dtype)
    for place, box in boxes.items():
        dx[box] += dout[(..., *place)][..., None, None] / (k * k)
    return dx


def global_avg_pool(x: Array, keepdims: bool = True) -> tuple[Array, Any]:
    """x: (N, C, H, W) -> out, cache.

    Style: a masked array without any mask takes the mean.
    """
    mean = np.ma.array(x).reshape(*x.shape[:2], -1).mean(axis=2)
    out = np.ma.getdata(mean)
    return out[:, :, None, None] if keepdims else out, x


def global_avg_pool_backward(dout: Array, cache: Any) -> Array:
    """dout: as out -> dx.

    Style: a gradient without strides, np.broadcast_to of one number for each channel.
    """
    share = dout.reshape(*cache.shape[:2], 1, 1) / math.prod(cache.shape[2:])
    return np.broadcast_to(share, cache.shape)


def layer_norm(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    *,
    normalized_dims: int = 1,
    eps: float = 1e-5,
) -> tuple[Array, Any]:
    """x: (N, ...) -> out, cache, over the last normalized_dims axes.

    Style: a coroutine is the cache; it waits for gradients and may be asked again and again.
    """
    axes = tuple(range(-normalized_dims, 0))
    mean = x.mean(axis=axes, keepdims=True)
    std = np.sqrt(np.mean((x - mean) ** 2, axis=axes, keepdims=True) + eps)
    hat = (x - mean) / std
    out = hat if gamma is None else hat * gamma
    out = out if beta is None else out + beta

    def gradients():
        found = None
        while True:
            dout = yield found
            leading = tuple(range(x.ndim - normalized_dims))
            d = dout if gamma is None else dout * gamma
            tilt = np.mean(d * hat, axis=axes, keepdims=True)
            dx = (d - d.mean(axis=axes, keepdims=True) - hat * tilt) / std
            dgamma = None if gamma is None else (dout * hat).sum(axis=leading)
            found = dx, dgamma, None if beta is None else dout.sum(axis=leading)

    waiting = gradients()
    next(waiting)
    return out, waiting


def layer_norm_backward(dout: Array, cache: Any) -> Any:
    """dout: as x -> dx, dgamma, dbeta.

    Style: sends the gradient into the coroutine.
    """
    return cache.send(dout)
