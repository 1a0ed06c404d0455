"""Arrays in another layout whose shape is not what the right answer has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from submitted import check_text, failing

from layercheck.submissions.profiles.views import View

LAYERS = """
import numpy as np

def conv_forward(A_prev, W, b, hparameters):
    '''A_prev: (m, n_H_prev, n_W_prev, n_C_prev); W: (f, f, n_C_prev, n_C); b: (1, 1, 1, n_C)'''
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    stride, pad = hparameters["stride"], hparameters["pad"]
    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1
    n_W = n_W if stride < 3 else max(n_W - 1, 1)
    Z = np.zeros((m, n_H, n_W, n_C))
    A = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    for h in range(n_H):
        for w in range(n_W):
            a = A[:, h * stride:h * stride + f, w * stride:w * stride + f]
            Z[:, h, w] = np.tensordot(a, W, 3) + b[0, 0, 0]
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, stride, pad = W.shape[0], hparameters["stride"], hparameters["pad"]
    A = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dA, dW = np.zeros(A.shape), np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            rows, cols = slice(h * stride, h * stride + f), slice(w * stride, w * stride + f)
            dA[:, rows, cols] += np.einsum("mf,klcf->mklc", dZ[:, h, w], W)
            dW += np.einsum("mf,mklc->klcf", dZ[:, h, w], A[:, rows, cols])
    H, Wd = A_prev.shape[1:3]
    return dA[:, pad:pad + H, pad:pad + Wd], dW, dZ.sum((0, 1, 2)).reshape(b.shape)
"""


def test_a_gradient_is_not_blamed_for_the_shape_of_its_forwards_answer(tmp_path: Path) -> None:
    report = check_text(LAYERS, tmp_path)
    assert list(failing(report)) == ["conv_forward"]


def test_what_is_done_to_a_view_is_done_to_its_array_whatever_shape_it_has_by_then() -> None:
    array = np.arange(24.0).reshape(1, 2, 3, 4)
    view = View((1, 2, 3, 3), (0, 2, 3, 1))  # as of a wrong answer
    given = view.give(array)
    given += 1
    given.shape = (12, 2)  # as some layers set it
    view.give_back(given, array)
    assert np.array_equal(array, np.arange(1.0, 25).reshape(1, 2, 3, 4))
    view.give_back(np.zeros(3), array)
    assert array.any()
