# ruff: noqa: B905
"""CS231n layers, first lot: recursion, Fourier transforms, sorting, statistics of one pass."""

from dataclasses import dataclass

import numpy as np


def _halved_matmul(a, b):
    """a @ b, the inner axis halved until single products are left."""
    inner = a.shape[1]
    if inner <= 1:
        return a * b if inner else np.zeros((len(a), b.shape[1]), a.dtype)
    half = inner // 2
    return _halved_matmul(a[:, :half], b[:half]) + _halved_matmul(a[:, half:], b[half:])


def affine_forward(x, w, b):
    """x: (N, d_1, ..., d_k), w: (D, M), b: (M,) -> out: (N, M).

    Style: divide and conquer, the inner dimension of the product is split by recursion.
    """
    return _halved_matmul(x.reshape(x.shape[0], -1), w) + b, (x, w, b)


def affine_backward(dout, cache):
    """dout: (N, M) -> dx, dw, db.

    Style: the same recursion serves both gradients, and db is a product with a row of ones.
    """
    x, w, _ = cache
    rows = x.reshape(x.shape[0], -1)
    dx = _halved_matmul(dout, w.T).reshape(x.shape)
    ones = np.ones((1, len(dout)), dout.dtype)
    return dx, _halved_matmul(rows.T, dout), _halved_matmul(ones, dout)[0]


def relu_forward(x):
    """x: any shape -> out: as x.

    Style: half of x plus half of its absolute value, and no comparison at all.
    """
    return 0.5 * x + 0.5 * np.abs(x), x


def relu_backward(dout, cache):
    """dout: as x -> dx: as x.

    Style: the slope is NumPy's heaviside with 0 at the kink.
    """
    return dout * np.heaviside(cache, 0)


def softmax_loss(x, y):
    """x: (N, C), y: (N,) -> loss, dx.

    Style: everything in extended precision, and the loss is a plain Python float.
    """
    wide = x.astype(np.longdouble)
    wide -= wide.max(axis=1)[:, np.newaxis]
    totals = np.exp(wide).sum(axis=1)
    loss = float(np.mean(np.log(totals) - wide[np.arange(len(y)), y]))
    shares = np.exp(wide) / totals[:, np.newaxis]
    shares[np.arange(len(y)), y] -= 1
    return loss, (shares / len(y)).astype(x.dtype)


def svm_loss(x, y):
    """x: (N, C), y: (N,) -> loss, dx.

    Style: the violations are a list of index pairs, and their pushes are scattered by np.add.at.
    """
    margins = x - x[np.arange(len(y)), y].reshape(-1, 1) + 1.0
    margins[np.arange(len(y)), y] = 0.0
    samples, classes = np.nonzero(margins > 0)
    loss = margins[samples, classes].sum() / len(y)
    dx = np.zeros(x.shape, x.dtype)
    np.add.at(dx, (samples, classes), 1)
    np.add.at(dx, (samples, y[samples]), -1)
    return loss, dx / len(y)


def batchnorm_forward(x, gamma, beta, bn_param):
    """x: (N, D), gamma, beta: (D,), bn_param: mode, eps, momentum, running_mean, running_var.

    Style: Welford's online recurrence walks over the samples, one pass for mean and variance.
    """
    mode, eps = bn_param["mode"], bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    if mode == "test":
        return gamma * ((x - running_mean) / np.sqrt(running_var + eps)) + beta, None
    mean = np.zeros(D, dtype=x.dtype)
    squares = np.zeros(D, dtype=x.dtype)
    for count, row in enumerate(x, start=1):
        step = row - mean
        mean = mean + step / count
        squares = squares + step * (row - mean)
    var = squares / N
    xmu = x - mean
    ivar = 1.0 / np.sqrt(var + eps)
    bn_param["running_mean"] = running_mean + (1 - momentum) * (mean - running_mean)
    bn_param["running_var"] = running_var + (1 - momentum) * (var - running_var)
    return gamma * (xmu * ivar) + beta, (xmu, ivar, var, gamma, eps)


def batchnorm_backward(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: one line for each node of the computation graph, the square root and the inverse apart.
    """
    xmu, ivar, var, gamma, eps = cache
    N = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgammax = dout
    dgamma = (dgammax * (xmu * ivar)).sum(axis=0)
    dxhat = dgammax * gamma
    divar = (dxhat * xmu).sum(axis=0)
    dxmu1 = dxhat * ivar
    sqrtvar = np.sqrt(var + eps)
    dsqrtvar = -divar / sqrtvar**2
    dvar = 0.5 * dsqrtvar / sqrtvar
    dsq = np.ones_like(dout) * dvar / N
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -dx1.sum(axis=0)
    return dx1 + np.ones_like(dout) * dmu / N, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: the Jacobian of every feature is written out as an N x N matrix and multiplied.
    """
    xmu, ivar, _, gamma, _ = cache
    xhat = xmu * ivar
    N, D = dout.shape
    dx = np.empty_like(dout)
    for d in range(D):
        column = xhat[:, d : d + 1]
        jacobian = np.eye(N, dtype=dout.dtype) - (1 + column @ column.T) / N
        dx[:, d] = jacobian @ dout[:, d] * (gamma[d] * ivar[d])
    return dx, np.einsum("nd,nd->d", dout, xhat), np.einsum("nd->d", dout)


def layernorm_forward(x, gamma, beta, ln_param):
    """x: (N, D), gamma, beta: (D,), ln_param: eps.

    Style: the variance is half the mean square of all pairwise differences within a row.
    """
    eps = ln_param.get("eps", 1e-5)
    D = x.shape[1]
    pairs = x[:, :, None] - x[:, None, :]
    var = (pairs * pairs).sum(axis=(1, 2)) / (2 * D * D)
    inv = 1 / np.sqrt(var + eps)
    xhat = pairs.sum(axis=2) / D * inv[:, None]  # the mean difference is x minus the mean
    return xhat * gamma + beta, (xhat, inv, gamma)


def layernorm_backward(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Style: a stack of full Jacobians, (N, D, D), meets the gradient in one einsum.
    """
    xhat, inv, gamma = cache
    D = dout.shape[1]
    jacobians = np.eye(D, dtype=dout.dtype) - (1 + xhat[:, :, None] * xhat[:, None, :]) / D
    dx = np.einsum("n,nij,nj->ni", inv, jacobians, dout * gamma)
    return dx, (dout * xhat).sum(0), dout.sum(0)


def dropout_forward(x, dropout_param):
    """p: We keep each neuron output with probability p. mode, seed: as always.

    Style: np.random.rand and a boolean mask, and x is divided by p where it survives only.
    """
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if dropout_param["mode"] == "test":
        return x.copy(), (dropout_param, None)
    alive = np.random.rand(*x.shape) < dropout_param["p"]
    out = np.zeros_like(x)
    out[alive] = x[alive] / dropout_param["p"]
    return out, (dropout_param, alive)


def dropout_backward(dout, cache):
    """dout: as x -> dx: as x.

    Style: np.divide with `where` and an `out` of zeros.
    """
    dropout_param, alive = cache
    if alive is None:
        return dout.copy()
    return np.divide(dout, dropout_param["p"], out=np.zeros_like(dout), where=alive)


def conv_forward_naive(x, w, b, conv_param):
    """x: (N, C, H, W), w: (F, C, HH, WW), b: (F,), conv_param: stride, pad.

    Style: Fourier transforms in double precision; only what does not wrap around is kept.
    """
    stride, pad = conv_param["stride"], conv_param["pad"]
    image = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))).astype(np.float64)
    size = image.shape[2:]
    seen = np.fft.rfft2(image)
    bank = np.fft.rfft2(w.astype(np.float64), s=size)
    full = np.fft.irfft2(np.einsum("nchw,fchw->nfhw", seen, bank.conj()), s=size)
    rows, columns = size[0] - w.shape[2] + 1, size[1] - w.shape[3] + 1
    out = full[:, :, :rows:stride, :columns:stride] + b[:, None, None]
    return out.astype(x.dtype), (seen, bank, x.shape, w.shape, size, conv_param)


def conv_backward_naive(dout, cache):
    """dout: (N, F, OH, OW) -> dx, dw, db.

    Style: the gradient is spread over the stride's gaps, and both products are spectra too.
    """
    seen, bank, x_shape, w_shape, size, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    spread = np.zeros((*dout.shape[:2], *size))
    rows, columns = size[0] - w_shape[2] + 1, size[1] - w_shape[3] + 1
    spread[:, :, :rows:stride, :columns:stride] = dout
    spectrum = np.fft.rfft2(spread)
    dimage = np.fft.irfft2(np.einsum("nfhw,fchw->nchw", spectrum, bank), s=size)
    dbank = np.fft.irfft2(np.einsum("nfhw,nchw->fchw", spectrum.conj(), seen), s=size)
    dx = dimage[:, :, pad : pad + x_shape[2], pad : pad + x_shape[3]]
    dw = dbank[:, :, : w_shape[2], : w_shape[3]]
    return dx.astype(dout.dtype), dw.astype(dout.dtype), dout.sum(axis=(0, 2, 3))


def max_pool_forward_naive(x, pool_param):
    """x: (N, C, H, W), pool_param: pool_height, pool_width, stride.

    Style: every window is sorted in full; the stable order leaves the first maximum in front.
    """
    tall, wide = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H, W = x.shape
    OH, OW = (H - tall) // stride + 1, (W - wide) // stride + 1
    out = np.zeros((N, C, OH, OW), dtype=x.dtype)
    winner = np.zeros((N, C, OH, OW), dtype=np.intp)
    for i in range(OH):
        for j in range(OW):
            cut = x[:, :, i * stride : i * stride + tall, j * stride : j * stride + wide]
            flat = cut.reshape(N, C, -1)
            order = np.argsort(-flat, axis=2, kind="stable")
            winner[:, :, i, j] = order[:, :, 0]
            out[:, :, i, j] = np.take_along_axis(flat, order, axis=2)[:, :, 0]
    return out, (winner, x.shape, pool_param)


def max_pool_backward_naive(dout, cache):
    """dout: (N, C, OH, OW) -> dx: (N, C, H, W).

    Style: flat positions in the whole array, summed by np.bincount with weights.
    """
    winner, shape, pool_param = cache
    u, v = np.divmod(winner, pool_param["pool_width"])
    n, c, i, j = np.indices(dout.shape)
    place = (n, c, i * pool_param["stride"] + u, j * pool_param["stride"] + v)
    flat = np.ravel_multi_index(place, shape).ravel()
    total = np.bincount(flat, weights=dout.ravel(), minlength=int(np.prod(shape)))
    return total.reshape(shape).astype(dout.dtype)


@dataclass
class _Channel:
    """What one channel keeps."""

    xhat: np.ndarray
    inv: float
    gamma: float


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """x: (N, C, H, W), gamma, beta: (C,), bn_param as in batchnorm_forward.

    Style: a loop over channels; the cache is a list of dataclasses, one for each channel.
    """
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    C = x.shape[1]
    running_mean = bn_param.get("running_mean", np.zeros(C, dtype=x.dtype)).copy()
    running_var = bn_param.get("running_var", np.zeros(C, dtype=x.dtype)).copy()
    out, channels = np.empty_like(x), []
    for c in range(C):
        plane = x[:, c]
        if bn_param["mode"] == "train":
            mean, var = plane.mean(), plane.var()
            running_mean[c] = momentum * running_mean[c] + (1 - momentum) * mean
            running_var[c] = momentum * running_var[c] + (1 - momentum) * var
        else:
            mean, var = running_mean[c], running_var[c]
        inv = 1 / np.sqrt(var + eps)
        channels.append(_Channel((plane - mean) * inv, inv, gamma[c]))
        out[:, c] = gamma[c] * channels[-1].xhat + beta[c]
    bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
    return out, channels


def spatial_batchnorm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, dgamma, dbeta.

    Style: three lists grow channel by channel and are stacked at the end.
    """
    dxs, dgammas, dbetas = [], [], []
    for c, kept in enumerate(cache):
        d = dout[:, c]
        dbetas.append(d.sum())
        dgammas.append((d * kept.xhat).sum())
        size = d.size
        dxs.append(
            (d - dbetas[-1] / size - kept.xhat * (dgammas[-1] / size)) * kept.gamma * kept.inv
        )
    return np.stack(dxs, axis=1), np.array(dgammas), np.array(dbetas)


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """x: (N, C, H, W), gamma, beta: (1, C, 1, 1), G: groups, gn_param: eps.

    Style: np.split cuts the channels into groups, a list comprehension treats each by itself.
    """
    eps = gn_param.get("eps", 1e-5)
    parts = np.split(x, G, axis=1)
    means = [part.mean(axis=(1, 2, 3), keepdims=True) for part in parts]
    stds = [np.sqrt(part.var(axis=(1, 2, 3), keepdims=True) + eps) for part in parts]
    hats = [(part - mean) / std for part, mean, std in zip(parts, means, stds)]
    return gamma * np.concatenate(hats, axis=1) + beta, {"hats": hats, "stds": stds, "gamma": gamma}


def spatial_groupnorm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, dgamma, dbeta: (1, C, 1, 1).

    Style: a generator yields the gradient of one group after the other.
    """

    def groups():
        pieces = np.split(dout * cache["gamma"], len(cache["hats"]), axis=1)
        for piece, hat, std in zip(pieces, cache["hats"], cache["stds"]):
            level = piece.mean(axis=(1, 2, 3), keepdims=True)
            tilt = (piece * hat).mean(axis=(1, 2, 3), keepdims=True)
            yield (piece - level - hat * tilt) / std

    hats = np.concatenate(cache["hats"], axis=1)
    dgamma = np.sum(dout * hats, axis=(0, 2, 3), keepdims=True)
    return np.concatenate(list(groups()), axis=1), dgamma, np.sum(dout, (0, 2, 3), keepdims=True)
