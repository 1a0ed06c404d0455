"""Imports of the course's own packages, which nothing here needs."""

from __future__ import print_function  # noqa: UP010

from builtins import object  # noqa: A004, UP029

import matplotlib.pyplot as plt
import numpy as np
from cs231n.fast_layers import *  # noqa: F403
from cs231n.gradient_check import eval_numerical_gradient_array
from past.builtins import xrange

from .layer_utils import affine_relu_forward

try:
    from cs231n.im2col_cython import col2im_cython
except ImportError:
    print("run the following from the cs231n directory: python setup.py build_ext --inplace")

plt.rcParams["figure.figsize"] = (10.0, 8.0)


class Unused(object):  # noqa: UP004
    check = eval_numerical_gradient_array


def relu_forward(x):
    out = np.array(x)
    for i in xrange(x.shape[0]):
        out[i : i + 1][x[i : i + 1] < 0] = 0
    return out, x


def relu_backward(dout, cache):
    return np.where(cache > 0, dout, 0)


def affine_forward(x, w, b):
    return np.dot(x.reshape(x.shape[0], -1), w) + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    dx = np.dot(dout, w.T).reshape(x.shape)
    return dx, np.dot(x.reshape(x.shape[0], -1).T, dout), np.sum(dout, axis=0)


def fast_version(x):
    return affine_relu_forward(x), col2im_cython(x)
