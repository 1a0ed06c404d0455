"""softmax and log_softmax, with and without their gradients."""

import numpy as np


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    out = e / e.sum(axis=axis, keepdims=True)
    return out, (out, axis)


def softmax_backward(dout, cache):
    out, axis = cache
    inner = (dout * out).sum(axis=axis, keepdims=True)
    return out * (dout - inner)


def log_softmax(logits, dim=-1):
    shifted = logits - logits.max(axis=dim, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))


def cross_entropy(input, target, reduction="mean"):  # noqa: A002
    scores = log_softmax(input, 1)
    losses = -scores[np.arange(len(target)), target]
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()


def cross_entropy_backward(dout, input, target, reduction="mean"):  # noqa: A002
    dx = np.exp(log_softmax(input, 1))
    dx[np.arange(len(target)), target] -= 1
    dx = dx * dout.reshape(-1, 1)
    return dx / dx.dtype.type(len(target)) if reduction == "mean" else dx
