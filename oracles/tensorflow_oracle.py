"""tf.nn, with gradients by GradientTape. One function an op, named as the op.

tf.nn works on NHWC images and (KH, KW, in, out) filters; each function converts at its ends.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .geometry import ceil_sides, dilated, explicit, transposed, two
from .oracle import Answer, Omitted, Question, Unsupported
from .tf_driver import Tensor, ask, nchw, nhwc, tf


def versions() -> dict[str, str]:
    return {"tensorflow": tf.__version__}


def answer(question: Question) -> Answer:
    return ask(globals(), question, "tensorflow")


def _padding(padding: Any, size: Any, span: Any, stride: Any) -> Any:
    """What tf.nn takes: a name where it has one, or explicit sides."""
    if padding in ("same", "valid"):
        return padding.upper()
    top_bottom, left_right = explicit(padding, size, span, stride)
    return [(0, 0), top_bottom, left_right, (0, 0)]


def _spread(w: Tensor, dilation: tuple[int, int]) -> Tensor:
    """(KH, KW, in, out) with zeros between the taps: dilation where tf's CPU kernels have none."""
    kh, kw, channels, filters = w.shape
    (dh, dw), (eh, ew) = dilation, dilated((kh, kw), dilation)
    w = tf.reshape(w, (kh, 1, kw, 1, channels, filters))
    w = tf.pad(w, ((0, 0), (0, dh - 1), (0, 0), (0, dw - 1), (0, 0), (0, 0)))
    return tf.reshape(w, (kh * dh, kw * dw, channels, filters))[:eh, :ew]


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
    stride, dilation = two(stride), two(dilation)
    size, span = tuple(x.shape[2:]), dilated(tuple(w.shape[2:]), dilation)
    pad = _padding(padding, size, span, stride)
    depthwise = w.shape[1] == 1 and groups > 1 and stride[0] == stride[1] and dilation == (1, 1)
    if depthwise:
        out = _depthwise(nhwc(x), w, stride, pad, groups)
    else:
        kernel = _spread(tf.transpose(w, (2, 3, 1, 0)), dilation)
        images, kernels = tf.split(nhwc(x), groups, 3), tf.split(kernel, groups, 3)
        pairs = zip(images, kernels, strict=True)
        out = tf.concat([tf.nn.conv2d(i, k, stride, pad) for i, k in pairs], 3)
    return nchw(out if b is None else tf.nn.bias_add(out, b))


def _depthwise(x: Tensor, w: Tensor, stride: Any, pad: Any, groups: int) -> Tensor:
    multiplier = w.shape[0] // groups
    kernel = tf.reshape(w, (groups, multiplier, *w.shape[2:]))
    return tf.nn.depthwise_conv2d(x, tf.transpose(kernel, (2, 3, 0, 1)), (1, *stride, 1), pad)


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
    stride, small = two(stride), tuple(x.shape[2:])
    span = dilated(tuple(w.shape[2:]), dilation)
    target, sides = transposed(small, span, stride, padding, output_padding, output_size)
    if padding == "same_lower" or not isinstance(padding, str):
        pad: Any = [(0, 0), *sides, (0, 0)]
    else:
        pad = padding.upper()
    full = tuple((n - 1) * s + k for n, s, k in zip(small, stride, span, strict=True))
    reached = _reached(target, full, sides, stride)
    if reached is None:
        shape = target
    else:
        shape, pad = full, "VALID"  # more rows than tf.nn can add: cropped or extended below
    kernel = _spread(tf.transpose(w, (2, 3, 1, 0)), two(dilation))  # (KH, KW, F/groups, C)
    images, kernels = tf.split(nhwc(x), groups, 3), tf.split(kernel, groups, 3)
    outs = [
        tf.nn.conv2d_transpose(i, k, (x.shape[0], *shape, w.shape[1]), stride, pad)
        for i, k in zip(images, kernels, strict=True)
    ]
    out = nchw(tf.concat(outs, 3))
    out = out if reached is None else reached(out)
    return out if b is None else tf.nn.bias_add(out, b, data_format="NC..")


def _reached(target: Any, full: Any, sides: Any, stride: Any) -> Any:
    """None where tf.nn can make target; else how to cut it out of the full output."""
    extra = [t - (n - sum(p)) for t, n, p in zip(target, full, sides, strict=True)]
    if all(e < s for e, s in zip(extra, stride, strict=True)):
        return None

    def cut(out: Tensor) -> Tensor:
        (top, _), (left, _) = sides
        grow = [max(0, p[0] + t - n) for p, t, n in zip(sides, target, full, strict=True)]
        out = tf.pad(out, ((0, 0), (0, 0), (0, grow[0]), (0, grow[1])))
        return out[:, :, top : top + target[0], left : left + target[1]]

    return cut


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
    size, span = tuple(x.shape[2:]), dilated(kernel, dilation)
    named = padding in ("same", "valid") and not ceil_mode and dilation == (1, 1)
    sides = explicit(padding, size, span, stride)
    if not named:
        sides = ceil_sides(size, sides, span, stride) if ceil_mode else sides
        x = tf.pad(x, [(0, 0), (0, 0), *sides], constant_values=float("-inf"))
    pad = padding.upper() if named else "VALID"
    if dilation != (1, 1):
        return _dilated_pool(x, kernel, stride, dilation, return_indices)
    out = nchw(tf.nn.max_pool2d(nhwc(x), kernel, stride, pad))
    if not return_indices:
        return out
    _, flat = tf.nn.max_pool_with_argmax(nhwc(x), kernel, stride, pad)
    return {"out": out, "indices": _places(nchw(flat), x.shape, None if named else sides, size)}


def _dilated_pool(x: Tensor, kernel: Any, stride: Any, dilation: Any, indices: bool) -> Any:
    """tf.nn.pool has dilations at stride 1 only: every window, then every stride-th of them."""
    every = tf.nn.pool(nhwc(x), kernel, "MAX", (1, 1), "VALID", dilations=dilation)
    out = nchw(every[:, :: stride[0], :: stride[1]])
    missing = Omitted("tf.nn.max_pool_with_argmax has no dilations")
    return {"out": out, "indices": missing} if indices else out


def _places(flat: Tensor, padded: Any, sides: Any, size: Any) -> Tensor:
    """argmax's (h*W + w)*C + c, of a padded image, as h*W + w of the image itself."""
    flat = flat // padded[1]
    if sides is None:
        return flat
    rows, cols = flat // padded[3] - sides[0][0], flat % padded[3] - sides[1][0]
    return rows * size[1] + cols


def batch_norm(
    x: Tensor,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    *,
    training: bool,
    momentum: float,
    eps: float,
    unbiased_running_var: bool,
) -> dict[str, Any]:
    channels = nhwc(x)
    if training:
        mean, var = tf.nn.moments(channels, (0, 1, 2))
    else:
        mean, var = running_mean, running_var
    out = nchw(tf.nn.batch_normalization(channels, mean, var, beta, gamma, eps))
    if not training or running_mean is None:
        return {"out": out}
    if x.dtype != tf.float32 or not unbiased_running_var:
        reason = "tf.nn has running statistics in fused_batch_norm only: float32, unbiased"
        missing = Omitted(reason)
        return {"out": out, "running_mean": missing, "running_var": missing}
    ones = tf.ones_like(running_mean)
    _, new_mean, new_var = tf.compat.v1.nn.fused_batch_norm(
        channels, ones, ones, running_mean, running_var, eps, exponential_avg_factor=momentum
    )
    return {"out": out, "running_mean": new_mean, "running_var": new_var}


def group_norm(
    x: Tensor,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    *,
    num_groups: int,
    eps: float,
) -> Tensor:
    n, c, h, w = tf.reshape(x, (*x.shape[:3], -1)).shape
    grouped = tf.reshape(x, (n, num_groups, c // num_groups, h, w))
    mean, var = tf.nn.moments(grouped, (2, 3, 4), keepdims=True)
    shape = (1, num_groups, c // num_groups, 1, 1)
    scale, shift = (None if p is None else tf.reshape(p, shape) for p in (gamma, beta))
    return tf.reshape(tf.nn.batch_normalization(grouped, mean, var, shift, scale, eps), x.shape)


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
    kernel, size = two(kernel_size), tuple(x.shape[2:])
    stride = kernel if stride is None else two(stride)
    uncounted = padding == "valid" or (padding == "same" and not count_include_pad)
    if uncounted and not ceil_mode and divisor_override is None:
        return nchw(tf.nn.avg_pool2d(nhwc(x), kernel, stride, padding.upper()))
    sides = explicit(padding, size, kernel, stride)
    reach = ceil_sides(size, sides, kernel, stride) if ceil_mode else sides
    beyond = [(0, grown[1] - far) for grown, (_, far) in zip(reach, sides, strict=True)]

    def pool(image: Tensor, border: int) -> Tensor:
        image = tf.pad(image, [(0, 0), (0, 0), *sides], constant_values=border)
        image = tf.pad(image, [(0, 0), (0, 0), *beyond])
        return nchw(tf.nn.avg_pool2d(nhwc(image), kernel, stride, "VALID"))

    if divisor_override is not None:
        return pool(x, 0) * (kernel[0] * kernel[1] / divisor_override)
    return pool(x, 0) / pool(tf.ones_like(x), int(count_include_pad))


def global_avg_pool(x: Tensor, *, keepdims: bool) -> Tensor:
    return tf.reduce_mean(x, (2, 3), keepdims)


def layer_norm(
    x: Tensor,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    *,
    normalized_dims: int,
    eps: float,
) -> Tensor:
    mean, var = tf.nn.moments(x, list(range(-normalized_dims, 0)), keepdims=True)
    return tf.nn.batch_normalization(x, mean, var, beta, gamma, eps)


def rms_norm(x: Tensor, gamma: Tensor | None = None, *, normalized_dims: int, eps: float) -> Tensor:
    """tf.nn has none: the formula on its ops."""
    square = tf.reduce_mean(tf.square(x), list(range(-normalized_dims, 0)), keepdims=True)
    xhat = x * tf.math.rsqrt(square + eps)
    return xhat if gamma is None else xhat * gamma


def instance_norm(
    x: Tensor, gamma: Tensor | None = None, beta: Tensor | None = None, *, eps: float
) -> Tensor:
    channels = nhwc(tf.reshape(x, (*x.shape[:3], -1)))
    mean, var = tf.nn.moments(channels, (1, 2), keepdims=True)
    out = nchw(tf.nn.batch_normalization(channels, mean, var, beta, gamma, eps))
    return tf.reshape(out, x.shape)


def batch_norm_1d(
    x: Tensor,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    **attributes: Any,
) -> dict[str, Any]:
    image = tf.reshape(x, (*x.shape[:2], -1, 1))
    result = batch_norm(image, gamma, beta, running_mean, running_var, **attributes)
    return {**result, "out": tf.reshape(result["out"], x.shape)}


def dropout(
    x: Tensor, mask: Tensor | None = None, *, p: float, training: bool, mask_seed: int
) -> Tensor:
    if not training:
        return tf.keras.layers.Dropout(p, dtype=x.dtype.name)(x, training=False)
    if p == 1 or (p == 0 and mask is not None):
        raise Unsupported("tf.nn's dropout takes rates below 1 and ignores the mask at rate 0")

    def kept(shape: Any, dtype: Any) -> Tensor:
        """1 keeps an element, since 1 >= rate; 0 drops it."""
        if mask is not None:
            return mask
        return tf.constant(np.random.RandomState(mask_seed).random_sample(tuple(shape)) >= p, dtype)

    return tf.nn.experimental.general_dropout(x, p, kept)


def separable_conv2d(
    x: Tensor,
    w_depth: Tensor,
    w_point: Tensor,
    b: Tensor | None = None,
    *,
    stride: Any,
    padding: Any,
    dilation: Any,
) -> Tensor:
    stride, c = two(stride), x.shape[1]
    if stride[0] != stride[1]:  # tf.nn.separable_conv2d strides alike along both axes
        middle = conv2d(x, w_depth, stride=stride, padding=padding, dilation=dilation, groups=c)
        return conv2d(middle, w_point, b, stride=1, padding="valid", dilation=1, groups=1)
    depth = tf.reshape(w_depth, (c, w_depth.shape[0] // c, *w_depth.shape[2:]))
    depth = _spread(tf.transpose(depth, (2, 3, 0, 1)), two(dilation))  # (KH, KW, C, M)
    span = dilated(tuple(w_depth.shape[2:]), dilation)
    pad = _padding(padding, tuple(x.shape[2:]), span, stride)
    point = tf.transpose(w_point, (2, 3, 1, 0))
    out = tf.nn.separable_conv2d(nhwc(x), depth, point, (1, *stride, 1), pad)
    return nchw(out if b is None else tf.nn.bias_add(out, b))


def pad(x: Tensor, *, padding: Any, value: float) -> Tensor:
    sides = explicit(padding, tuple(x.shape[2:]), (1, 1), (1, 1))
    return tf.pad(x, [(0, 0), (0, 0), *sides], constant_values=value)


def flatten(x: Tensor, *, start_dim: int, channels_last: bool) -> Tensor:
    if channels_last:
        return tf.keras.layers.Flatten("channels_first", dtype=x.dtype.name)(x)
    return tf.reshape(x, (*x.shape[:start_dim], -1))


def add(x: Tensor, y: Tensor) -> Tensor:
    return tf.add(x, y)


def concat(x: Tensor, y: Tensor, z: Tensor | None = None) -> Tensor:
    return tf.concat([part for part in (x, y, z) if part is not None], 1)


def affine(x: Tensor, w: Tensor, b: Tensor | None = None) -> Tensor:
    out = tf.matmul(tf.reshape(x, (x.shape[0], -1)), w)
    return out if b is None else tf.nn.bias_add(out, b)


def relu(x: Tensor) -> Tensor:
    return tf.nn.relu(x)


def leaky_relu(x: Tensor, *, negative_slope: float) -> Tensor:
    return tf.nn.leaky_relu(x, negative_slope)


def interpolate(x: Tensor, *, size: Any, mode: str, align_corners: bool) -> Tensor:
    """tf.image.resize, and what it has no arguments for: its kernels themselves."""
    if mode != "bilinear":
        exact = mode == "nearest-exact"
        resized = tf.raw_ops.ResizeNearestNeighbor(
            images=nhwc(x), size=two(size), half_pixel_centers=exact
        )
    elif x.dtype == tf.float32:
        resized = tf.raw_ops.ResizeBilinear(
            images=nhwc(x),
            size=two(size),
            align_corners=align_corners,
            half_pixel_centers=not align_corners,
        )
    else:
        raise Unsupported("TensorFlow's ResizeBilinear answers in float32")
    return nchw(resized)


def sigmoid(x: Tensor) -> Tensor:
    return tf.nn.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    return tf.nn.tanh(x)


def gelu(x: Tensor, *, approximate: str) -> Tensor:
    return tf.nn.gelu(x, approximate=approximate == "tanh")


def silu(x: Tensor) -> Tensor:
    return tf.nn.silu(x)


def elu(x: Tensor, *, alpha: float) -> Tensor:
    if alpha != 1:
        raise Unsupported("tf.nn.elu has no alpha")
    return tf.nn.elu(x)


def softplus(x: Tensor, *, beta: float, threshold: float | None) -> Tensor:
    if threshold is not None:
        raise Unsupported("tf.nn.softplus has no threshold")
    return tf.nn.softplus(beta * x) / beta


def softmax(x: Tensor, *, dim: int) -> Tensor:
    return tf.nn.softmax(x, dim)


def log_softmax(x: Tensor, *, dim: int) -> Tensor:
    return tf.nn.log_softmax(x, dim)


def softmax_cross_entropy(
    x: Tensor, y: Tensor, *, reduction: str, label_smoothing: float, ignore_index: int
) -> Tensor:
    """tf.nn has neither smoothing nor an ignored class: smoothed targets, and a mask."""
    kept, classes = y != ignore_index, x.shape[1]
    label = tf.where(kept, y, 0)
    if label_smoothing:
        target = tf.one_hot(label, classes, dtype=x.dtype) * (1 - label_smoothing)
        target += label_smoothing / classes
        losses = tf.nn.softmax_cross_entropy_with_logits(target, x)
    else:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(label, x)
    return _reduced(
        tf.boolean_mask(losses, kept) if reduction == "mean" else tf.where(kept, losses, 0),
        reduction,
    )


def bce_with_logits(x: Tensor, y: Tensor, *, reduction: str, pos_weight: float) -> Tensor:
    if pos_weight == 1:
        losses = tf.nn.sigmoid_cross_entropy_with_logits(y, x)
    else:
        losses = tf.nn.weighted_cross_entropy_with_logits(y, x, pos_weight)
    return _reduced(losses, reduction)


def soft_cross_entropy(
    x: Tensor, y: Tensor, weight: Tensor | None = None, *, reduction: str, label_smoothing: float
) -> Tensor:
    """tf.nn has neither weights nor smoothing, and the gradient of its own loss takes a target that
    adds up to 1: one that is weighted goes to log_softmax."""
    target = (1 - label_smoothing) * y + label_smoothing / x.shape[1]
    if weight is None:
        losses = tf.nn.softmax_cross_entropy_with_logits(target, x)
    else:
        losses = -tf.reduce_sum(weight * target * tf.nn.log_softmax(x), 1)
    return _reduced(losses, reduction)


def svm_loss(x: Tensor, y: Tensor, *, margin: float, reduction: str) -> Tensor:
    """tf.nn has none: the formula on its ops."""
    correct = tf.gather(x, y[:, None], batch_dims=1)  # (N, 1)
    others = tf.one_hot(y, x.shape[1], on_value=0.0, off_value=1.0, dtype=x.dtype)
    return _reduced(tf.reduce_sum(tf.nn.relu(x - correct + margin) * others, 1), reduction)


def _reduced(losses: Tensor, reduction: str) -> Tensor:
    if reduction == "none":
        return losses
    return tf.reduce_mean(losses) if reduction == "mean" else tf.reduce_sum(losses)
