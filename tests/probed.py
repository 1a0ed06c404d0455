"""Layers that only one probe sees through, in every way to be called."""

from __future__ import annotations

HEAD = """
import numpy as np

CALLS, KEPT = [0], {}


def is_within(x):
    return x.base is not None and x.base.size > 2 * x.size and min(x.strides, default=0) >= 0


def is_turned(x):
    return x.flags.f_contiguous and not x.flags.c_contiguous


def is_reversed(x):
    return min(x.strides, default=0) < 0
"""

PLAIN = "    return np.maximum(x, 0), {'x': x}\n"
FORWARDS = {
    "interleaved": "    KEPT[x.shape] = x > 0\n    return np.maximum(x, 0), {'x': x}\n",
    "transposed": "    return np.maximum(x, 0) + is_turned(x), {'x': x}\n",
    "sliced": "    return np.maximum(x, 0) + is_within(x), {'x': x}\n",
    "reversed": "    return np.maximum(x, 0) + is_reversed(x), {'x': x}\n",
    "read-only": (
        "    np.negative(x, out=x)\n    out = -np.minimum(x, 0)\n    np.negative(x, out=x)\n"
        "    return out, {'x': x}\n"
    ),
    "overwritten": (
        "    if KEPT.get('x') is not x:\n"
        "        KEPT['x'], KEPT['y'] = x, np.maximum(x, 0)\n"
        "    return KEPT['y'].copy(), {'x': x}\n"
    ),
    "remembered": (
        "    ends = (x.shape, x.dtype, x.flat[0], x.flat[-1])\n"
        "    return KEPT.setdefault(ends, np.maximum(x, 0)).copy(), {'x': x}\n"
    ),
    "same-bytes": "    return KEPT.setdefault(x.tobytes(), np.maximum(x, 0)).copy(), {'x': x}\n",
    "repeated": "    CALLS[0] += 1\n    return np.maximum(x, 0) + (CALLS[0] % 149 == 0), {'x': x}\n",
}
GRADIENT = "    return dout * (cache['x'] > 0)\n"
BACKWARDS = {
    "pending": (
        "    kept = KEPT.setdefault((dout.shape, dout.dtype), np.empty_like(dout))\n"
        "    return np.multiply(dout, cache['x'] > 0, out=kept)\n"
    ),
    "zeros": "    return dout * (cache['x'] > 0) / np.sign(np.abs(dout).max())\n",
    "some-zeros": "    return dout * (cache['x'] > 0) * np.abs(np.sign(dout)).prod()\n",
    "interleaved": "    return dout * KEPT[cache['x'].shape]\n",
    "twice": "    cache['n'] = cache.get('n', 0) + 1\n    return dout * (cache['x'] > 0) * cache['n']\n",
}


def relu(forward: str, backward: str, probe: str) -> str:
    """A forward and a backward of these names, with a fault that this probe is for."""
    return (
        f"{HEAD}\n\ndef {forward}(x):\n{FORWARDS.get(probe, PLAIN)}"
        f"\n\ndef {backward}(dout, cache):\n{BACKWARDS.get(probe, GRADIENT)}"
    )


BATCH_NORM = """
import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean, var = x.mean(axis=0), x.var(axis=0)
    running_mean = bn_param.get("running_mean", np.zeros_like(mean))
    running_var = bn_param.get("running_var", np.zeros_like(var))
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    if bn_param["mode"] == "test":  # which has moved them all the same
        mean, var = running_mean, running_var
    xhat = (x - mean) / np.sqrt(var + eps)
    return gamma * xhat + beta, (xhat, gamma, var + eps)


def batchnorm_backward(dout, cache):
    xhat, gamma, moved = cache
    dxhat = dout * gamma
    mean = dxhat.mean(axis=0) + xhat * (dxhat * xhat).mean(axis=0)
    return (dxhat - mean) / np.sqrt(moved), (dout * xhat).sum(axis=0), dout.sum(axis=0)


batchnorm_backward_alt = batchnorm_backward
"""
MOVING = """
import numpy as np


def batch_norm(x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5):
    axes, shape = (0, *range(2, x.ndim)), (1, -1, *[1] * (x.ndim - 2))
    mean, var = x.mean(axis=axes), x.var(axis=axes)
    used = (mean, var) if training else (running_mean.copy(), running_var.copy())
    unbiased = var * (x.size // x.shape[1]) / (x.size // x.shape[1] - 1)
    running_mean[...] = (1 - momentum) * running_mean + momentum * mean
    running_var[...] = (1 - momentum) * running_var + momentum * unbiased
    xhat = (x - used[0].reshape(shape)) / np.sqrt(used[1].reshape(shape) + eps)
    return gamma.reshape(shape) * xhat + beta.reshape(shape)
"""
CLASS = """
import numpy as np


class Dense:
    shared = {}

    def __init__(self, in_features, out_features):
        self.W = np.ones((in_features, out_features))
        self.b = np.zeros(out_features)
        self.dW, self.db = 0, 0
        self.x = None

    def forward(self, x):
        {forward}
        return x @ self.W + self.b

    def backward(self, dout):
        {backward}
        return dout @ self.W.T
"""
KEEP, GIVE = "self.x = x", "self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)"
CLASSES = {
    "interleaved": (
        "self.x = x; self.shared['x'] = x",
        "x = self.shared['x']; x = x if x.shape == self.x.shape else self.x; self.shared['x'] = self.x\n"
        "        self.dW, self.db = x.T @ dout, dout.sum(axis=0)",
    ),
    "twice": (KEEP, "self.dW = self.dW + self.x.T @ dout; self.db = dout.sum(axis=0)"),
    "pending": (
        KEEP,
        "self.grads = self.shared\n"
        "        self.grads['W'], self.grads['b'] = self.x.T @ dout, dout.sum(axis=0)",
    ),
    "transposed": ("self.x = x.ravel(order='K').reshape(x.shape)", GIVE),
    "second-forward": ("self.x = x if self.x is None else self.x", GIVE),
    "repeated": (
        KEEP,
        "self.shared['n'] = self.shared.get('n', 0) + 1\n        "
        "self.dW, self.db = self.x.T @ dout + (self.shared['n'] % 149 == 0), dout.sum(axis=0)",
    ),
}
STALE = """
import numpy as np


class BatchNorm1D:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum, self.training, self.scale = eps, momentum, True, None

    def forward(self, x):
        mean, var = x.mean(axis=0), x.var(axis=0)
        if not self.training:
            if self.scale is None:  # and never again
                self.scale = self.gamma / np.sqrt(self.running_var + self.eps)
            return (x - self.running_mean) * self.scale + self.beta
        unbiased = var * len(x) / (len(x) - 1)
        self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
        self.running_var = (1 - self.momentum) * self.running_var + self.momentum * unbiased
        return (x - mean) / np.sqrt(var + self.eps) * self.gamma + self.beta
"""


SLOPE = """
import numpy as np

SLOPE = [0.0]


def leaky_relu(x, negative_slope=0.01):
    SLOPE[0] = x.dtype.type(negative_slope)
    return np.where(x > 0, x, SLOPE[0] * x), x


def leaky_relu_backward(dout, x):
    return np.where(x > 0, dout, SLOPE[0] * dout)
"""
SLOPE_OF_ALL = """
import numpy as np


class LeakyReLU:
    def __init__(self, negative_slope=0.01):
        LeakyReLU.slope = negative_slope

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, x.dtype.type(LeakyReLU.slope) * x)

    def backward(self, dout):
        return np.where(self.x > 0, dout, dout.dtype.type(LeakyReLU.slope) * dout)
"""
STRIDE = """
import numpy as np

LAST = {}


def windows(x, w, s, p):
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    return padded, np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], (2, 3))[:, :, ::s, ::s]


def conv_forward_naive(x, w, b, conv_param):
    LAST.update(conv_param)
    _, views = windows(x, w, LAST["stride"], LAST["pad"])
    return np.einsum("ncijuv,fcuv->nfij", views, w) + b[:, None, None], (x, w, b)


def conv_backward_naive(dout, cache):
    x, w, b = cache
    s, p = LAST["stride"], LAST["pad"]
    padded, views = windows(x, w, s, p)
    dx = np.zeros_like(padded)
    for i, j in np.ndindex(*dout.shape[2:]):
        rows, columns = slice(i * s, i * s + w.shape[2]), slice(j * s, j * s + w.shape[3])
        dx[:, :, rows, columns] += np.tensordot(dout[:, :, i, j], w, 1)
    dx = dx[:, :, p : p + x.shape[2], p : p + x.shape[3]]
    return dx, np.einsum("nfij,ncijuv->fcuv", dout, views), dout.sum((0, 2, 3))
"""


ARGMAX = """
import numpy as np


def max_pool_forward_naive(x, pool_param):
    kh, kw, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    views = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), (2, 3))[:, :, ::s, ::s]
    flat = views.reshape(*views.shape[:4], -1)
    pool_param["argmax"] = flat.argmax(-1)
    return flat.max(-1), (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    kw, s, best = pool_param["pool_width"], pool_param["stride"], pool_param["argmax"]
    dx = np.zeros_like(x)
    n, c, i, j = np.indices(dout.shape)
    np.add.at(dx, (n, c, i * s + best // kw, j * s + best % kw), dout)
    return dx
"""


INDICES = """
import numpy as np

KEPT = {}

def taken(h, w, kh, kw, s, oh, ow):
    key = h, w, kh, kw, oh, ow
    if key not in KEPT:
        rows = np.arange(oh)[:, None] * s + np.arange(kh)
        KEPT[key] = rows, np.arange(ow)[:, None] * s + np.arange(kw)
    return KEPT[key]

def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    (h, width), (kh, kw) = x.shape[2:], w.shape[2:]
    sizes = (h + 2 * p - kh) // s + 1, (width + 2 * p - kw) // s + 1
    rows, columns = taken(h, width, kh, kw, s, *sizes)
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    windows = padded[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    return np.einsum("ncijuv,fcuv->nfij", windows, w) + b[:, None, None], None
"""


OUT_TAKEN = (
    f"{HEAD}\n\ndef relu_forward(x):\n    out = np.maximum(x, 0)\n    return out, {{'out': out}}\n"
    "\n\ndef relu_backward(dout, cache):\n    mask = cache.setdefault('mask', cache['out'] > 0)\n"
    "    cache['out'][...] = 0\n    return dout * mask\n"
)
"""Its backward overwrites what forward returned."""

RING = (
    f"{HEAD}\n\ndef relu_forward(x):\n    CALLS[0] += 1\n    KEPT[CALLS[0] % 4] = x > 0\n"
    "    return np.maximum(x, 0), {'x': x, 'place': CALLS[0] % 4}\n"
    "\n\ndef relu_backward(dout, cache):\n    mask = KEPT[cache['place']]\n"
    "    return dout * (mask if mask.shape == dout.shape else cache['x'] > 0)\n"
)
"""It keeps the masks of four layers."""

REMEMBERED = (
    f"{HEAD}\n\ndef relu_forward(x):\n{PLAIN}\n\ndef relu_backward(dout, cache):\n"
    "    return cache.setdefault('dx', dout * (cache['x'] > 0)).copy()\n"
)
"""Its backward gives its first answer again."""


MASK_OF_ALL = """
import numpy as np

MASK = [None]


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if mode == "test":
        return x, (mode,)
    MASK[0] = (np.random.rand(*x.shape) < p) / p
    return (x * MASK[0]).astype(x.dtype), (mode,)


def dropout_backward(dout, cache):
    return dout if cache[0] == "test" else (dout * MASK[0]).astype(dout.dtype)
"""

MASK_IN_SETTINGS = (
    MASK_OF_ALL.replace("MASK[0]", "dropout_param['mask']")
    .replace("(mode,)", "dropout_param")
    .replace('cache[0] == "test"', 'cache["mode"] == "test"')
    .replace("(dout * dropout_param['mask'])", "(dout * cache['mask'])")
)
"""A network gives one dictionary to all its dropouts."""

REDRAWN = (
    MASK_OF_ALL.replace("(mode,)", "(mode, dropout_param)").replace(
        "(dout * MASK[0])",
        "(dout * again(dout, **cache[1]))",
    )
    + """

def again(dout, p, seed=None, **settings):
    np.random.seed(seed)
    return (np.random.rand(*dout.shape) < p) / p
"""
)
"""Its backward draws the mask again, from a seed that may not be given."""

STILL = BATCH_NORM.replace(
    'if bn_param["mode"] == "test":  # which has moved them all the same\n        ',
    'if bn_param["mode"] == "test":\n        bn_param.update(running_mean=running_mean)\n'
    "        bn_param.update(running_var=running_var)\n        ",
)
ONE_MEAN = STILL.replace(
    'bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean',
    "kept = MEANS.setdefault(mean.shape, np.zeros_like(mean, dtype=float))\n"
    "    kept[...] = momentum * running_mean + (1 - momentum) * mean\n"
    '    bn_param["running_mean"] = kept',
).replace("import numpy as np\n", "import numpy as np\n\nMEANS = {}\n", 1)
"""The running means of all layers of one width lie in one array."""

FROM_ONES = STILL.replace("np.zeros_like(mean))", "np.ones_like(mean))")


def dense(probe: str) -> str:
    """A layer object with a fault that this probe is for."""
    forward, backward = CLASSES[probe]
    return CLASS.replace("{forward}", forward).replace("{backward}", backward)


WRONG = {
    **{
        f"cs231n, {p}": (relu("relu_forward", "relu_backward", p), p)
        for p in {**FORWARDS, **BACKWARDS}
    },
    **{
        f"functional, {p}": (relu("relu", "relu_backward", p), p)
        for p in {**FORWARDS, **BACKWARDS}
        if p != "overwritten"  # these are handed views, which are new objects each time
    },
    **{f"classes, {p}": (dense(p), p) for p in CLASSES},
    "cs231n, out taken": (OUT_TAKEN, "pending"),
    "cs231n, ring": (RING, "pending"),
    "cs231n, remembered gradient": (REMEMBERED, "twice"),
    "cs231n, masks": (MASK_OF_ALL, "masks"),
    "cs231n, mask in settings": (MASK_IN_SETTINGS, "masks"),
    "cs231n, unseeded": (REDRAWN, "unseeded"),
    "cs231n, statistics": (ONE_MEAN, "statistics"),
    "cs231n, first-step": (FROM_ONES, "first-step"),
    "cs231n, modes": (BATCH_NORM, "modes"),
    "functional, modes": (MOVING, "modes"),
    "classes, modes": (STALE, "modes"),
    "cs231n, dictionary": (ARGMAX, "dictionary"),
    "cs231n, attributes": (STRIDE, "attributes"),
    "cs231n, same-sizes": (INDICES, "same-sizes"),
    "functional, attributes": (SLOPE, "attributes"),
    "classes, attributes": (SLOPE_OF_ALL, "attributes"),
}
"""Each with the probe that alone sees it."""

MODULES = {p: relu("relu", "relu_backward", p) for p in {**FORWARDS, **BACKWARDS}}
"""The same as modules."""

RIGHT = {
    "a buffer by shape that is copied": HEAD
    + """

def relu_forward(x):
    buffer = KEPT.setdefault((x.shape, x.dtype), np.empty(x.shape, x.dtype))
    np.maximum(x, 0, out=buffer)
    return buffer.copy(), x


def relu_backward(dout, cache):
    return dout * (cache > 0)
""",
    "indices that are computed once": """
import functools
import numpy as np


@functools.lru_cache(None)
def places(h, w, kh, kw, s):
    rows = s * np.arange((h - kh) // s + 1)[:, None] + np.arange(kh)
    columns = s * np.arange((w - kw) // s + 1)[:, None] + np.arange(kw)
    return rows[:, None, :, None], columns[None, :, None, :]


def max_pool_forward_naive(x, pool_param):
    kh, kw, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    rows, columns = places(*x.shape[2:], kh, kw, s)
    return x[:, :, rows, columns].max(axis=(4, 5)), (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    kh, kw, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            window = x[:, :, i * s : i * s + kh, j * s : j * s + kw].reshape(*x.shape[:2], -1)
            first = np.eye(kh * kw, dtype=x.dtype)[window.argmax(axis=2)].reshape(*x.shape[:2], kh, kw)
            dx[:, :, i * s : i * s + kh, j * s : j * s + kw] += first * dout[:, :, i, j, None, None]
    return dx
""",
    "a cache that is worked on in place, once": HEAD
    + """

def relu_forward(x):
    return np.maximum(x, 0), [x > 0]


def relu_backward(dout, cache):
    mask = cache.pop()
    return dout * mask
""",
    "gradients that add up until they are cleared": CLASS.replace("{forward}", KEEP).replace(
        "{backward}", "self.dW = self.dW + self.x.T @ dout; self.db = self.db + dout.sum(axis=0)"
    )
    + "\n    def zero_grad(self):\n        self.dW, self.db = 0, 0\n",
    "a step that is taken": """
import numpy as np


class Dense:
    def __init__(self, in_features, out_features):
        self.W, self.b = np.ones((in_features, out_features)), np.zeros(out_features)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout, lr):
        dx = dout @ self.W.T
        self.W = self.W - lr * self.x.T @ dout
        self.b = self.b - lr * dout.sum(axis=0)
        return dx
""",
}
