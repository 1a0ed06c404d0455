"""batch_norm with running statistics changed in place, group_norm and layer_norm, as in torch."""

import numpy as np


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False,  # noqa: A002
               momentum=0.1, eps=1e-5):  # fmt: skip
    axes = (0, 2, 3)
    shape = (1, -1, 1, 1)
    if training:
        mean, var = input.mean(axes), input.var(axes)
        count = input.size // input.shape[1]
        if running_mean is not None:
            running_mean *= 1 - momentum
            running_mean += momentum * mean
            running_var *= 1 - momentum
            running_var += momentum * var * count / (count - 1)
    else:
        mean, var = running_mean, running_var
    inv = 1 / np.sqrt(var.reshape(shape) + eps)
    xhat = (input - mean.reshape(shape)) * inv
    out = xhat if weight is None else xhat * weight.reshape(shape)
    out = out if bias is None else out + bias.reshape(shape)
    return out, (xhat, inv, weight, bias, training)


def batch_norm_backward(grad_output, cache):
    xhat, inv, weight, bias, training = cache
    axes = (0, 2, 3)
    d = grad_output if weight is None else grad_output * weight.reshape(1, -1, 1, 1)
    if training:
        d = d - d.mean(axes, keepdims=True) - xhat * (d * xhat).mean(axes, keepdims=True)
    dweight = None if weight is None else (grad_output * xhat).sum(axes)
    return d * inv, dweight, None if bias is None else grad_output.sum(axes)


def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    g = x.reshape(len(x), num_groups, -1)
    std = np.sqrt(g.var(axis=2, keepdims=True) + eps)
    xhat = ((g - g.mean(axis=2, keepdims=True)) / std).reshape(x.shape)
    out = xhat if weight is None else xhat * weight[:, None, None]
    return (out if bias is None else out + bias[:, None, None]), (xhat, std, weight, bias)


def group_norm_backward(dout, cache):
    xhat, std, weight, bias = cache
    d = dout if weight is None else dout * weight[:, None, None]
    d, h = d.reshape(*std.shape[:2], -1), xhat.reshape(*std.shape[:2], -1)
    dx = (d - d.mean(2, keepdims=True) - h * (d * h).mean(2, keepdims=True)) / std
    dw = None if weight is None else np.einsum("nchw,nchw->c", dout, xhat)
    return dx.reshape(dout.shape), dw, None if bias is None else np.einsum("nchw->c", dout)


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    axes = tuple(range(x.ndim - len(normalized_shape), x.ndim))
    centered = x - x.mean(axes, keepdims=True)
    inv = 1 / np.sqrt((centered * centered).mean(axes, keepdims=True) + eps)
    out = centered * inv
    if weight is not None:
        out = out * weight
    if bias is not None:
        out = out + bias
    return out
