"""Where a function fails is told by how two numbers stand to each other, where that decides; and by
one value of an attribute, where some cases at it pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import check_of, check_text

SORTED = """
import numpy as np

def conv2d(x, w, b=None, stride=1, padding=0):
    (sh, sw), p = np.broadcast_to(stride, 2), np.broadcast_to(padding, 2)
    xp = np.pad(x, [(0, 0), (0, 0), *((q, q) for q in sorted(p.tolist()))])
    view = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], (2, 3))[:, :, ::sh, ::sw]
    out = np.einsum("ncijkl,fckl->nfij", view, w)
    return out if b is None else out + b[:, None, None]
"""
INTERLEAVED = """
import numpy as np

def conv2d(x, w, b=None, stride=1, groups=1):
    sh, sw = np.broadcast_to(stride, 2)
    view = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], (2, 3))[:, :, ::sh, ::sw]
    size = w.shape[1]
    parts = [
        np.einsum("ncijkl,ckl->nij", view[:, (k % groups) * size : (k % groups + 1) * size], one)
        for k, one in enumerate(w)
    ]
    out = np.stack(parts, 1)
    return out if b is None else out + b[:, None, None]
"""
LAST_FOR_FIRST = """
import numpy as np

def softmax(x, dim=-1):
    e = np.exp(x - x.max(dim, keepdims=True))
    p = e / e.sum(dim, keepdims=True)
    return p, (p, dim)

def softmax_backward(dout, cache):
    p, dim = cache
    dim = -1 if dim == 0 else dim
    return p * (dout - (dout * p).sum(dim, keepdims=True))
"""
ROUNDED = """
import numpy as np

def weights(n, m, mode, dtype):
    found = np.zeros((m, n), dtype)
    for k in range(m):
        at = min(max((k + 0.5) * n / m - 0.5, 0), n - 1)
        if mode == "nearest":
            found[k, round(at)] = 1
        else:
            found[k, int(at)] += 1 - (at - int(at))
            found[k, min(int(at) + 1, n - 1)] += at - int(at)
    return found

def interpolate(x, size, mode="bilinear"):
    assert mode in ("nearest", "bilinear")
    h, w = (size, size) if isinstance(size, int) else size
    rows = weights(x.shape[2], h, mode, x.dtype)
    return rows @ x @ weights(x.shape[3], w, mode, x.dtype).T
"""
WEIGHTED = """
import numpy as np

def bce_with_logits(x, y, reduction="mean", pos_weight=1.0):
    soft = np.log1p(np.exp(-np.abs(x)))
    loss = np.maximum(x, 0) - x * y + soft
    if pos_weight != 1:
        loss = loss + (pos_weight - 1) * y * (soft + np.maximum(x, 0))
    return {"mean": np.mean, "sum": np.sum, "none": np.array}[reduction](loss)
"""
WHERE = {
    "padding sorted": (SORTED, "conv2d", "conv2d", "padding_h > padding_w, "),
    "groups by remainder": (INTERLEAVED, "conv2d", "conv2d", "1 < groups < F, "),
    "one axis": (LAST_FOR_FIRST, "softmax_backward", "softmax", "axes > 1 and dim == 0, "),
    "one mode": (ROUNDED, "interpolate", "interpolate", "mode == nearest"),
    "one weight": (WEIGHTED, "bce_with_logits", "bce_with_logits", "pos_weight != 1"),
}


@pytest.mark.parametrize(("text", "function", "op", "where"), WHERE.values(), ids=WHERE)
def test_what_decides_is_told(
    tmp_path: Path, text: str, function: str, op: str, where: str
) -> None:
    told = check_of(check_text(text, tmp_path, ops=(op,)), function).diagnoses
    assert any(f" where {where}" in one.text for one in told if one.is_condition), told


def test_groups_by_remainder_are_named(tmp_path: Path) -> None:
    told = check_of(check_text(INTERLEAVED, tmp_path, ops=("conv2d",)), "conv2d").diagnoses
    assert any("Filter f belongs to group f % groups" in one.text for one in told), told
