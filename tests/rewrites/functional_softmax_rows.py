"""softmax of rows of a matrix, by its full Jacobian; relu by np.where."""

import numpy as np


def softmax(z):
    """z: (N, C): every row becomes shares."""
    shifted = z - np.max(z, axis=1, keepdims=True)
    e = np.exp(shifted)
    return e / np.sum(e, axis=1, keepdims=True)


def softmax_backward(dout, out):
    dx = np.empty_like(out)
    for n, s in enumerate(out):
        dx[n] = (np.diag(s) - np.outer(s, s)) @ dout[n]
    return dx


def relu(x):
    return np.where(x > 0, x, 0)


def relu_grad(dout, x):
    return dout * (x > 0)
