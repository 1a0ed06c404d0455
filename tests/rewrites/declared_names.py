"""Functions with names of their own, declared by the decorator."""

import layercheck
import numpy as np
from layercheck import implements


@layercheck.implements("conv2d", backward="gradient_of_filter_bank", x="image", w="bank", b="offset",
                       stride="step", padding="border")  # fmt: skip
def filter_bank(image, bank, offset, step=1, border=0):
    wide = np.pad(image, ((0, 0), (0, 0), (border, border), (border, border)))
    rows = (wide.shape[2] - bank.shape[2]) // step + 1
    columns = (wide.shape[3] - bank.shape[3]) // step + 1
    out = np.zeros((len(image), len(bank), rows, columns), image.dtype)
    for i, j in np.ndindex(rows, columns):
        a, b = i * step, j * step
        patch = wide[:, :, a : a + bank.shape[2], b : b + bank.shape[3]]
        out[:, :, i, j] = np.tensordot(patch, bank, ((1, 2, 3), (1, 2, 3))) + offset
    return out, (wide, bank, step, border, image.shape)


def gradient_of_filter_bank(upstream, cache):
    wide, bank, step, border, shape = cache
    dwide, dbank = np.zeros_like(wide), np.zeros_like(bank)
    for i, j in np.ndindex(*upstream.shape[2:]):
        a, b = i * step, j * step
        at = (..., slice(a, a + bank.shape[2]), slice(b, b + bank.shape[3]))
        dbank += np.tensordot(upstream[:, :, i, j], wide[at], (0, 0))
        dwide[at] += np.tensordot(upstream[:, :, i, j], bank, (1, 0))
    inner = dwide[:, :, border : border + shape[2], border : border + shape[3]]
    return inner, dbank, upstream.sum(axis=(0, 2, 3))


def slope(d, t):
    return np.where(t > 0, d, 0)


@implements("relu", backward=slope, x="t")
def hinge(t):
    return np.maximum(t, 0)


@implements("conv2d", layout="NHWC", weights="HWCF")
def pixels_last(x, w):
    seen = np.lib.stride_tricks.sliding_window_view(x, w.shape[:2], (1, 2))
    return np.einsum("nijcuv,uvcf->nijf", seen, w)
