"""jax.nn, jax.numpy and jax.lax, with gradients by jax.vjp. One function an op, named as the op."""

from __future__ import annotations

from typing import Any

import numpy as np

from .geometry import ceil_sides, dilated, explicit, transposed, two
from .jax_driver import Tensor, ask, jax, jnp, lax
from .oracle import Answer, Omitted, Question, Unsupported


def versions() -> dict[str, str]:
    return {"jax": jax.__version__, "jaxlib": jax.lib.__version__}


def answer(question: Question) -> Answer:
    return ask(globals(), question, "jax")


def conv2d(
    x: Tensor,
    w: Tensor,
    b: Tensor | None = None,
    *,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Tensor:
    stride, span = two(stride), dilated(w.shape[2:], dilation)
    pad: Any = str(padding).upper()
    if not isinstance(padding, str):
        pad = explicit(padding, x.shape[2:], span, stride)
    out = lax.conv_general_dilated(
        x, w, stride, pad, rhs_dilation=two(dilation), feature_group_count=groups
    )
    return _biased(out, b)


def _biased(out: Tensor, b: Tensor | None) -> Tensor:
    return out if b is None else out + b.reshape(-1, 1, 1)


def conv2d_transpose(
    x: Tensor,
    w: Tensor,
    b: Tensor | None = None,
    *,
    stride: Any,
    padding: Any,
    output_padding: Any,
    output_size: Any,
    dilation: Any,
    groups: int,
) -> Tensor:
    """lax.conv_transpose has no groups: what it calls, with the kernel turned."""
    s, small, span = two(stride), x.shape[2:], dilated(w.shape[2:], dilation)
    target, sides = transposed(small, span, s, padding, output_padding, output_size)
    pad = [
        (k - 1 - near, t - 1 - (n - 1) * step + near)
        for n, k, step, t, (near, _) in zip(small, span, s, target, sides, strict=True)
    ]
    c, f, kh, kw = w.shape
    turned = w.reshape(groups, c // groups, f, kh, kw).swapaxes(1, 2)[..., ::-1, ::-1]
    kernel = turned.reshape(groups * f, c // groups, kh, kw)
    out = lax.conv_general_dilated(
        x,
        kernel,
        (1, 1),
        pad,
        lhs_dilation=s,
        rhs_dilation=two(dilation),
        feature_group_count=groups,
    )
    return _biased(out, b)


def separable_conv2d(
    x: Tensor, w_depth: Tensor, w_point: Tensor, b: Tensor | None = None, **attributes: Any
) -> Tensor:
    middle = conv2d(x, w_depth, groups=x.shape[1], **attributes)
    return conv2d(middle, w_point, b, stride=1, padding="valid", dilation=1, groups=1)


def max_pool(
    x: Tensor,
    *,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    return_indices: bool,
) -> Any:
    kernel, dilation = two(kernel_size), two(dilation)
    stride = kernel if stride is None else two(stride)
    size, span = x.shape[2:], dilated(kernel, dilation)
    sides = explicit(padding, size, span, stride)
    sides = ceil_sides(size, sides, span, stride) if ceil_mode else sides
    pooling = (_image(kernel), _image(stride), ((0, 0), (0, 0), *sides), None, _image(dilation))
    undilated = dilation == (1, 1)
    image = x if undilated else lax.stop_gradient(x)
    result = {"out": lax.reduce_window(image, -jnp.inf, lax.max, *pooling)}
    if not undilated:
        result["dx"] = Omitted("JAX has no gradient of a max pooling with dilation")
    if return_indices:
        places = jnp.broadcast_to(jnp.arange(size[0] * size[1]).reshape(size), x.shape)
        start = (jnp.array(-jnp.inf, x.dtype), jnp.array(size[0] * size[1]))
        held = (lax.stop_gradient(x), places)
        result["indices"] = lax.reduce_window(held, start, _first_largest, *pooling)[1]
    return result


def _image(pair: tuple[int, int]) -> tuple[int, ...]:
    return (1, 1, *pair)


def _first_largest(a: tuple[Tensor, Tensor], b: tuple[Tensor, Tensor]) -> tuple[Tensor, ...]:
    """The larger of two values with its place; of equal ones the first."""
    later = (b[0] > a[0]) | ((b[0] == a[0]) & (b[1] < a[1]))
    return tuple(jnp.where(later, right, left) for left, right in zip(a, b, strict=True))


def avg_pool(
    x: Tensor,
    *,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Tensor:
    """Sums over counts, as Flax has it."""
    kernel, size = two(kernel_size), x.shape[2:]
    stride = kernel if stride is None else two(stride)
    sides = explicit(padding, size, kernel, stride)
    reach = ceil_sides(size, sides, kernel, stride) if ceil_mode else sides

    def sums(image: Tensor, padded: Any) -> Tensor:
        return lax.reduce_window(
            image, 0.0, lax.add, _image(kernel), _image(stride), ((0, 0), (0, 0), *padded)
        )

    if divisor_override is not None:
        return sums(x, reach) / divisor_override
    counted = jnp.ones((1, 1, *size), x.dtype)
    if count_include_pad:
        beyond = [(0, grown[1] - far) for grown, (_, far) in zip(reach, sides, strict=True)]
        counted = jnp.pad(counted, ((0, 0), (0, 0), *sides), constant_values=1)
        return sums(x, reach) / sums(counted, beyond)
    return sums(x, reach) / sums(counted, reach)


def global_avg_pool(x: Tensor, *, keepdims: bool) -> Tensor:
    return jnp.mean(x, (2, 3), keepdims=keepdims)


def _normalized(x: Tensor, axes: Any, gamma: Any, beta: Any, eps: float) -> Tensor:
    """By mean and variance of its own; gamma and beta as they are broadcast."""
    mean, var = (moment(x, axes, keepdims=True) for moment in (jnp.mean, jnp.var))
    return _scaled(jax.nn.standardize(x, axes, mean, var, eps), gamma, beta)


def _scaled(out: Tensor, gamma: Any, beta: Any) -> Tensor:
    out = out if gamma is None else out * gamma
    return out if beta is None else out + beta


def _channels(value: Tensor | None, ndim: int) -> Any:
    """(C,) as it is broadcast beside (N, C, ...)."""
    return None if value is None else value.reshape(-1, *(1,) * (ndim - 2))


def batch_norm(
    x: Tensor,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    running_mean: Tensor = None,
    running_var: Tensor = None,
    *,
    training: bool,
    momentum: float,
    eps: float,
    unbiased_running_var: bool,
) -> dict[str, Any]:
    scale, shift, mean, var = (
        _channels(v, x.ndim) for v in (gamma, beta, running_mean, running_var)
    )
    axes = (0, *range(2, x.ndim))
    if not training:
        out = jax.nn.standardize(x, axes, mean, var, eps)
        return {"out": _scaled(out, scale, shift)}
    result = {"out": _normalized(x, axes, scale, shift, eps)}
    if running_mean is None:
        return result
    new_var = jnp.var(x, axes, ddof=int(unbiased_running_var))
    result["running_mean"] = (1 - momentum) * running_mean + momentum * jnp.mean(x, axes)
    result["running_var"] = (1 - momentum) * running_var + momentum * new_var
    return result


batch_norm_1d = batch_norm


def group_norm(
    x: Tensor,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    *,
    num_groups: int,
    eps: float,
) -> Tensor:
    grouped = x.reshape(x.shape[0], num_groups, -1)
    out = _normalized(grouped, 2, None, None, eps).reshape(x.shape)
    return _scaled(out, _channels(gamma, x.ndim), _channels(beta, x.ndim))


def layer_norm(
    x: Tensor,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    *,
    normalized_dims: int,
    eps: float,
) -> Tensor:
    return _normalized(x, tuple(range(-normalized_dims, 0)), gamma, beta, eps)


def rms_norm(x: Tensor, gamma: Tensor | None = None, *, normalized_dims: int, eps: float) -> Tensor:
    """jax.nn has none: the formula."""
    square = jnp.mean(x * x, tuple(range(-normalized_dims, 0)), keepdims=True)
    xhat = x / jnp.sqrt(square + eps)
    return xhat if gamma is None else xhat * gamma


def instance_norm(
    x: Tensor, gamma: Tensor | None = None, beta: Tensor | None = None, *, eps: float
) -> Tensor:
    return _normalized(x, (2, 3), _channels(gamma, x.ndim), _channels(beta, x.ndim), eps)


def dropout(
    x: Tensor, mask: Tensor | None = None, *, p: float, training: bool, mask_seed: int
) -> Tensor:
    """Flax's formula: JAX itself draws masks and has no layer."""
    if not training:
        return x
    if p == 1:
        return jnp.zeros_like(x)
    if mask is None:
        mask = jnp.asarray(np.random.RandomState(mask_seed).random_sample(x.shape) >= p)
    return jnp.where(mask != 0, x / (1 - p), 0)


def pad(x: Tensor, *, padding: Any, value: float) -> Tensor:
    sides = explicit(padding, x.shape[2:], (1, 1), (1, 1))
    return jnp.pad(x, ((0, 0), (0, 0), *sides), constant_values=value)


def flatten(x: Tensor, *, start_dim: int, channels_last: bool) -> Tensor:
    moved = jnp.moveaxis(x, 1, -1) if channels_last else x
    return moved.reshape(*x.shape[:start_dim], -1)


def add(x: Tensor, y: Tensor) -> Tensor:
    return jnp.add(x, y)


def concat(x: Tensor, y: Tensor, z: Tensor | None = None) -> Tensor:
    return jnp.concatenate([part for part in (x, y, z) if part is not None], 1)


def affine(x: Tensor, w: Tensor, b: Tensor | None = None) -> Tensor:
    out = x.reshape(x.shape[0], -1) @ w
    return out if b is None else out + b


def relu(x: Tensor) -> Tensor:
    return jax.nn.relu(x)


def leaky_relu(x: Tensor, *, negative_slope: float) -> Tensor:
    """Its formula: jax.nn.leaky_relu has the gradient 1 at 0, where others have the slope."""
    return jnp.where(x > 0, x, negative_slope * x)


def sigmoid(x: Tensor) -> Tensor:
    return jax.nn.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    return jnp.tanh(x)


def gelu(x: Tensor, *, approximate: str) -> Tensor:
    return jax.nn.gelu(x, approximate=approximate == "tanh")


def interpolate(x: Tensor, *, size: Any, mode: str, align_corners: bool) -> Tensor:
    if align_corners or mode == "nearest":
        raise Unsupported("jax.image.resize knows pixels as squares only, and their middles")
    method = "bilinear" if mode == "bilinear" else "nearest"
    return jax.image.resize(x, (*x.shape[:2], *two(size)), method, antialias=False)


def silu(x: Tensor) -> Tensor:
    return jax.nn.silu(x)


def elu(x: Tensor, *, alpha: float) -> Tensor:
    return jax.nn.elu(x, alpha)


def softplus(x: Tensor, *, beta: float, threshold: float | None) -> Tensor:
    if threshold is not None:
        raise Unsupported("jax.nn.softplus has no threshold")
    return jax.nn.softplus(beta * x) / beta


def softmax(x: Tensor, *, dim: int) -> Tensor:
    return jax.nn.softmax(x, dim)


def log_softmax(x: Tensor, *, dim: int) -> Tensor:
    return jax.nn.log_softmax(x, dim)


def softmax_cross_entropy(
    x: Tensor, y: Tensor, *, reduction: str, label_smoothing: float, ignore_index: int
) -> Tensor:
    """jax.nn has no losses: the formula on log_softmax, one_hot and smoothing."""
    kept = y != ignore_index
    target = jax.nn.one_hot(jnp.where(kept, y, 0), x.shape[1], dtype=x.dtype)
    target = (1 - label_smoothing) * target + label_smoothing / x.shape[1]
    losses = jnp.where(kept, -jnp.sum(target * jax.nn.log_softmax(x, 1), 1), 0)
    return _reduced(losses, reduction, kept.sum())


def bce_with_logits(x: Tensor, y: Tensor, *, reduction: str, pos_weight: float) -> Tensor:
    """jax.nn has no losses: the formula on log_sigmoid."""
    losses = -pos_weight * y * jax.nn.log_sigmoid(x) - (1 - y) * jax.nn.log_sigmoid(-x)
    return _reduced(losses, reduction, x.size)


def soft_cross_entropy(
    x: Tensor, y: Tensor, weight: Tensor | None = None, *, reduction: str, label_smoothing: float
) -> Tensor:
    """jax.nn has no losses: the formula on log_softmax."""
    target = (1 - label_smoothing) * y + label_smoothing / x.shape[1]
    target = target if weight is None else weight * target
    return _reduced(-jnp.sum(target * jax.nn.log_softmax(x, 1), 1), reduction, len(x))


def svm_loss(x: Tensor, y: Tensor, *, margin: float, reduction: str) -> Tensor:
    """jax.nn has no losses: the formula."""
    correct = jnp.take_along_axis(x, y[:, None], 1)  # (N, 1)
    others = 1 - jax.nn.one_hot(y, x.shape[1], dtype=x.dtype)
    losses = jnp.sum(jax.nn.relu(x - correct + margin) * others, 1)
    return _reduced(losses, reduction, len(losses))


def _reduced(losses: Tensor, reduction: str, number: Any) -> Tensor:
    if reduction == "none":
        return losses
    return losses.sum() / number if reduction == "mean" else losses.sum()
