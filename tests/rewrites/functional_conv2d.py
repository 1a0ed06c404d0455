"""conv2d with everything that torch's has: pairs, dilation, groups, no bias."""

import numpy as np


def _pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):  # noqa: A002
    (sh, sw), (ph, pw), (dh, dw) = _pair(stride), _pair(padding), _pair(dilation)
    x = np.pad(input, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    n, c = x.shape[:2]
    f, _, kh, kw = weight.shape
    oh = (x.shape[2] - dh * (kh - 1) - 1) // sh + 1
    ow = (x.shape[3] - dw * (kw - 1) - 1) // sw + 1
    xg = x.reshape(n, groups, c // groups, *x.shape[2:])
    wg = weight.reshape(groups, f // groups, c // groups, kh, kw)
    out = np.zeros((n, groups, f // groups, oh, ow), x.dtype)
    places = []
    for u in range(kh):
        for v in range(kw):
            at = (..., slice(u * dh, u * dh + sh * (oh - 1) + 1, sh),
                  slice(v * dw, v * dw + sw * (ow - 1) + 1, sw))  # fmt: skip
            places.append((u, v, at))
            out += np.einsum("ngcij,gfc->ngfij", xg[at], wg[..., u, v])
    out = out.reshape(n, f, oh, ow)
    if bias is not None:
        out = out + bias[:, None, None]
    return out, (xg, wg, bias, places, input.shape, weight.shape, (ph, pw))


def conv2d_backward(grad_output, cache):
    xg, wg, bias, places, shape, weight_shape, (ph, pw) = cache
    n, groups = xg.shape[:2]
    d = grad_output.reshape(n, groups, -1, *grad_output.shape[2:])
    dxg, dwg = np.zeros_like(xg), np.zeros_like(wg)
    for u, v, at in places:
        dxg[at] += np.einsum("ngfij,gfc->ngcij", d, wg[..., u, v])
        dwg[..., u, v] = np.einsum("ngfij,ngcij->gfc", d, xg[at])
    dx = dxg.reshape(n, shape[1], *xg.shape[3:])[:, :, ph : ph + shape[2], pw : pw + shape[3]]
    db = None if bias is None else grad_output.sum(axis=(0, 2, 3))
    return dx, dwg.reshape(weight_shape), db
