"""deeplearning.ai's signatures: samples are columns, images NHWC, hyperparameters in dicts."""

import numpy as np


def linear_forward(A, W, b):
    """A: (features, m), W: (units, features), b: (units, 1) -> Z: (units, m), cache.

    Style: signature; samples are columns.
    """
    return W @ A + b, (A, W, b)


def linear_backward(dZ, cache):
    """dZ: (units, m) -> dA, dW, db, the gradients of the sum that dZ belongs to.

    Style: signature; columns again, and no division by m.
    """
    A, W, _ = cache
    return W.T @ dZ, dZ @ A.T, np.sum(dZ, axis=1, keepdims=True)


def relu(Z):
    """Z: any shape -> A, cache.

    Style: signature; the course's name for the cache is Z itself.
    """
    return np.maximum(0, Z), Z


def relu_backward(dA, cache):
    """dA: as Z -> dZ.

    Style: signature; a copy of dA is cleared where Z is not positive.
    """
    dZ = np.array(dA, copy=True)
    dZ[cache <= 0] = 0
    return dZ


def sigmoid(Z):
    """Z: any shape -> A, cache.

    Style: signature; an exponential that is cut at both ends before it may overflow.
    """
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-np.clip(Z, -709, 709))), Z


def sigmoid_backward(dA, cache):
    """dA: as Z -> dZ.

    Style: signature; the sigmoid is computed once more from Z.
    """
    s, _ = sigmoid(cache)
    return dA * s * (1 - s)


def softmax(Z):
    """Z: (classes, m) -> A: (classes, m), cache.

    Style: signature; each column adds up to 1.
    """
    e = np.exp(Z - Z.max(axis=0))
    return e / e.sum(axis=0), e / e.sum(axis=0)


def softmax_backward(dA, cache):
    """dA: (classes, m) -> dZ.

    Style: signature; columns again.
    """
    return cache * (dA - (dA * cache).sum(axis=0))


def conv_forward(A_prev, W, b, hparameters):
    """A_prev: (m, H, W, C), W: (f, f, C, n_C), b: (1, 1, 1, n_C), hparameters: stride, pad.

    Style: signature; the four loops of the course, NHWC and a dict.
    """
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, H, Wd, _ = A_prev.shape
    f, _, _, n_C = W.shape
    n_H, n_W = (H - f + 2 * pad) // stride + 1, (Wd - f + 2 * pad) // stride + 1
    padded = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    Z = np.zeros((m, n_H, n_W, n_C), A_prev.dtype)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                top, left = h * stride, w * stride
                a_slice = padded[i, top : top + f, left : left + f]
                for c in range(n_C):
                    Z[i, h, w, c] = np.sum(a_slice * W[..., c]) + b[0, 0, 0, c]
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    """dZ: (m, n_H, n_W, n_C) -> dA_prev, dW, db.

    Style: signature; the same loops, and a pad of 0 needs no special slice.
    """
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    padded = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dW = np.zeros_like(padded), np.zeros_like(W)
    for i, h, w, c in np.ndindex(*dZ.shape):
        box = np.s_[i, h * stride : h * stride + f, w * stride : w * stride + f]
        dpadded[box] += W[..., c] * dZ[i, h, w, c]
        dW[..., c] += padded[box] * dZ[i, h, w, c]
    db = dZ.sum(axis=(0, 1, 2)).reshape(b.shape)
    H, Wd = A_prev.shape[1:3]
    return dpadded[:, pad : pad + H, pad : pad + Wd], dW, db


def pool_forward(A_prev, hparameters, mode="max"):
    """A_prev: (m, H, W, C), hparameters: f, stride -> A, cache; mode "max" or "average".

    Style: signature; one function for both poolings.
    """
    f, stride = hparameters["f"], hparameters["stride"]
    view = np.lib.stride_tricks.sliding_window_view(A_prev, (f, f), axis=(1, 2))
    view = view[:, ::stride, ::stride]
    return getattr(np, {"max": "max", "average": "mean"}[mode])(view, axis=(4, 5)), (
        A_prev,
        hparameters,
    )


def pool_backward(dA, cache, mode="max"):
    """dA: (m, n_H, n_W, C) -> dA_prev.

    Style: signature; the mode is told once more.
    """
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros_like(A_prev)
    for i, h, w, c in np.ndindex(*dA.shape):
        box = np.s_[i, h * stride : h * stride + f, w * stride : w * stride + f, c]
        if mode == "max":
            mask = np.arange(f * f) == A_prev[box].argmax()
            dA_prev[box] += mask.reshape(f, f) * dA[i, h, w, c]
        else:
            dA_prev[box] += dA[i, h, w, c] / (f * f)
    return dA_prev
