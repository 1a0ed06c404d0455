"""torch.nn.functional, with gradients by autograd. One function an op, named as the op."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from .geometry import dilated, explicit, transposed, two
from .oracle import Answer, Array, Omitted, Question, Unsupported

torch.set_num_threads(1)
Tensor = Any  # torch.Tensor; its own stubs are left out of the type check


def versions() -> dict[str, str]:
    return {"torch": torch.__version__}


def answer(question: Question, to_tensor: Callable[[Array], Tensor] = torch.tensor) -> Answer:
    """Gradients of sum(out * dout). to_tensor: how an array becomes a tensor."""
    function = globals().get(question.op)
    if function is None:
        raise Unsupported(f"the torch oracle has no function {question.op}")
    leaves = {
        name: to_tensor(value).requires_grad_(name in question.differentiable)
        for name, value in question.inputs.items()
    }
    result = function(**leaves, **question.attributes)
    result = result if isinstance(result, dict) else {"out": result}
    wanted = [name for name in question.differentiable if name in leaves]
    dout = torch.tensor(question.dout)
    sources = [leaves[name] for name in wanted]
    gradients = torch.autograd.grad(result["out"], sources, dout) if wanted else ()
    named = {f"d{name}": grad for name, grad in zip(wanted, gradients, strict=True)}
    return {name: _numpy(value) for name, value in {**result, **named}.items()}


def _numpy(value: Tensor | Omitted) -> Any:
    return value if isinstance(value, Omitted) else value.detach().numpy()


def _pad(x: Tensor, sides: Any, value: float = 0.0) -> Tensor:
    (top, bottom), (left, right) = sides
    return F.pad(x, (left, right, top, bottom), value=value)


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
    native = padding == "valid" or (padding == "same" and two(stride) == (1, 1))
    if not native:
        span = dilated(tuple(w.shape[2:]), dilation)
        sides = explicit(padding, tuple(x.shape[2:]), span, two(stride))
        if all(near == far for near, far in sides):
            padding = tuple(near for near, _ in sides)
        else:
            x, padding = _pad(x, sides), 0
    return F.conv2d(x, w, b, stride, padding, dilation, groups)


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
    span, s, small = dilated(tuple(w.shape[2:]), dilation), two(stride), tuple(x.shape[2:])
    full = tuple((n - 1) * t + k for n, t, k in zip(small, s, span, strict=True))
    target, sides = transposed(small, span, s, padding, output_padding, output_size)
    if all(near == far for near, far in sides):
        padding = tuple(near for near, _ in sides)
        extra_rows = [t - (n - 2 * p) for t, n, p in zip(target, full, padding, strict=True)]
        if all(0 <= e < max(a, c) for e, a, c in zip(extra_rows, s, two(dilation), strict=True)):
            return F.conv_transpose2d(x, w, b, stride, padding, extra_rows, groups, dilation)
    # what padding and output_padding cannot express: crop the full output, or extend it
    out = F.conv_transpose2d(x, w, None, stride, 0, 0, groups, dilation)
    ends = [t + p[0] - n for t, p, n in zip(target, sides, full, strict=True)]
    out = F.pad(out, (-sides[1][0], ends[1], -sides[0][0], ends[0]))
    return out if b is None else out + b.reshape(-1, 1, 1)


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
    stride = kernel_size if stride is None else stride
    size, span = tuple(x.shape[2:]), dilated(kernel_size, dilation)
    sides = explicit(padding, size, span, two(stride))
    native = all(near == far for near, far in sides) and _torch_pads(sides, kernel_size)
    padding = tuple(near for near, _ in sides) if native else 0
    if not native:
        x = _pad(x, sides, float("-inf"))
        if ceil_mode and _hangs_over(size, sides, span, two(stride)):
            raise Unsupported(
                "torch's ceil_mode would count padding that it cannot express as image"
            )
    out, indices = F.max_pool2d(x, kernel_size, stride, padding, dilation, ceil_mode, True)
    if not return_indices:
        return out
    if not native:
        indices = _unpad(indices, x.shape[3], sides, size[1])
    return {"out": out, "indices": indices}


def _torch_pads(sides: Any, kernel_size: Any) -> bool:
    """torch pads by at most half of the kernel."""
    return all(2 * near <= k for (near, _), k in zip(sides, two(kernel_size), strict=True))


def _hangs_over(size: Any, sides: Any, span: Any, stride: Any) -> bool:
    """Whether a window would start in the far padding if that were image."""
    return any(
        -(-(n + near + far - k) // s) * s >= n + near
        for n, (near, far), k, s in zip(size, sides, span, stride, strict=True)
    )


def _unpad(indices: Tensor, padded_width: int, sides: Any, width: int) -> Tensor:
    rows, cols = indices // padded_width - sides[0][0], indices % padded_width - sides[1][0]
    return rows * width + cols


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
    if training and eps <= 0:
        raise Unsupported("torch's batch_norm takes no eps of 0 in training")
    statistics = {"running_mean": running_mean, "running_var": running_var}
    new = {name: None if old is None else old.clone() for name, old in statistics.items()}
    out = F.batch_norm(
        x, new["running_mean"], new["running_var"], gamma, beta, training, momentum, eps
    )
    if not training or running_mean is None:
        return {"out": out}
    if not unbiased_running_var:
        new["running_var"] = Omitted("torch's running variance is always unbiased")
    return {"out": out, **new}


def group_norm(
    x: Tensor,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    *,
    num_groups: int,
    eps: float,
) -> Tensor:
    return F.group_norm(x, num_groups, gamma, beta, eps)


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
    stride, size = kernel_size if stride is None else stride, tuple(x.shape[2:])
    sides = explicit(padding, size, two(kernel_size), two(stride))
    if all(near == far for near, far in sides):
        near = tuple(near for near, _ in sides)
        return F.avg_pool2d(
            x, kernel_size, stride, near, ceil_mode, count_include_pad, divisor_override
        )
    if ceil_mode and _hangs_over(size, sides, two(kernel_size), two(stride)):
        raise Unsupported("torch's ceil_mode would count padding that it cannot express as image")
    padded, pooling = _pad(x, sides), {"stride": stride, "ceil_mode": ceil_mode}
    if count_include_pad or divisor_override is not None:
        return F.avg_pool2d(padded, kernel_size, **pooling, divisor_override=divisor_override)
    sums, counts = (
        F.avg_pool2d(image, kernel_size, **pooling, divisor_override=1)
        for image in (padded, _pad(torch.ones_like(x), sides))
    )
    return sums / counts


def global_avg_pool(x: Tensor, *, keepdims: bool) -> Tensor:
    out = F.adaptive_avg_pool2d(x, 1)
    return out if keepdims else out.flatten(1)


def layer_norm(
    x: Tensor,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    *,
    normalized_dims: int,
    eps: float,
) -> Tensor:
    return F.layer_norm(x, x.shape[-normalized_dims:], gamma, beta, eps)


def rms_norm(x: Tensor, gamma: Tensor | None = None, *, normalized_dims: int, eps: float) -> Tensor:
    return F.rms_norm(x, x.shape[-normalized_dims:], gamma, eps)


def instance_norm(
    x: Tensor, gamma: Tensor | None = None, beta: Tensor | None = None, *, eps: float
) -> Tensor:
    return F.instance_norm(x, weight=gamma, bias=beta, eps=eps)


batch_norm_1d = batch_norm  # F.batch_norm takes every rank


def dropout(
    x: Tensor, mask: Tensor | None = None, *, p: float, training: bool, mask_seed: int
) -> Tensor:
    if not training or p in (0, 1):
        if mask is not None and training and p == 0:
            raise Unsupported("torch draws its masks itself: at p = 0 it keeps everything")
        return F.dropout(x, p, training)
    if mask is None:
        drawn = np.random.RandomState(mask_seed).random_sample(tuple(x.shape)) >= p
        mask = torch.from_numpy(drawn)
    # F.dropout takes no mask; the kernel of its backward does, and is the same linear map
    return torch.ops.aten.native_dropout_backward(x, mask.bool(), 1 / (1 - p))


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
    middle = conv2d(
        x, w_depth, stride=stride, padding=padding, dilation=dilation, groups=x.shape[1]
    )
    return F.conv2d(middle, w_point, b)


def pad(x: Tensor, *, padding: Any, value: float) -> Tensor:
    return _pad(x, explicit(padding, tuple(x.shape[2:]), (1, 1), (1, 1)), value)


def flatten(x: Tensor, *, start_dim: int, channels_last: bool) -> Tensor:
    return torch.flatten(x.movedim(1, -1) if channels_last else x, start_dim)


def add(x: Tensor, y: Tensor) -> Tensor:
    return torch.add(x, y)


def interpolate(x: Tensor, *, size: Any, mode: str, align_corners: bool) -> Tensor:
    corners = {"align_corners": align_corners} if mode == "bilinear" else {}
    return F.interpolate(x, size=two(size), mode=mode, **corners)


def concat(x: Tensor, y: Tensor, z: Tensor | None = None) -> Tensor:
    return torch.cat([part for part in (x, y, z) if part is not None], 1)


def affine(x: Tensor, w: Tensor, b: Tensor | None = None) -> Tensor:
    return F.linear(x.flatten(1), w.T, b)


def relu(x: Tensor) -> Tensor:
    return F.relu(x)


def leaky_relu(x: Tensor, *, negative_slope: float) -> Tensor:
    return F.leaky_relu(x, negative_slope)


def sigmoid(x: Tensor) -> Tensor:
    return torch.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    return torch.tanh(x)


def gelu(x: Tensor, *, approximate: str) -> Tensor:
    return F.gelu(x, approximate=approximate)


def silu(x: Tensor) -> Tensor:
    return F.silu(x)


def elu(x: Tensor, *, alpha: float) -> Tensor:
    return F.elu(x, alpha)


def softplus(x: Tensor, *, beta: float, threshold: float | None) -> Tensor:
    """Above 40, log(1 + exp(z)) is z in float64, too; without a threshold exp would overflow."""
    return F.softplus(x, beta, 40.0 if threshold is None else threshold)


def softmax(x: Tensor, *, dim: int) -> Tensor:
    return F.softmax(x, dim)


def log_softmax(x: Tensor, *, dim: int) -> Tensor:
    return F.log_softmax(x, dim)


def softmax_cross_entropy(
    x: Tensor, y: Tensor, *, reduction: str, label_smoothing: float, ignore_index: int
) -> Tensor:
    return F.cross_entropy(
        x, y, ignore_index=ignore_index, reduction=reduction, label_smoothing=label_smoothing
    )


def bce_with_logits(x: Tensor, y: Tensor, *, reduction: str, pos_weight: float) -> Tensor:
    weight = torch.full((), pos_weight, dtype=x.dtype)
    return F.binary_cross_entropy_with_logits(x, y, pos_weight=weight, reduction=reduction)


def soft_cross_entropy(
    x: Tensor, y: Tensor, weight: Tensor | None = None, *, reduction: str, label_smoothing: float
) -> Tensor:
    return F.cross_entropy(x, y, weight, reduction=reduction, label_smoothing=label_smoothing)


def svm_loss(x: Tensor, y: Tensor, *, margin: float, reduction: str) -> Tensor:
    """torch divides by the number of classes; its class weights take that back."""
    weight = torch.full_like(x[0], x.shape[1], requires_grad=False)
    return F.multi_margin_loss(x, y, margin=margin, weight=weight, reduction=reduction)
