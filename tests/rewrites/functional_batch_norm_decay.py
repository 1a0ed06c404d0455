"""batch_norm of vectors whose momentum is the share of the old statistics; biased variance."""

import numpy as np


def batch_norm(x, gamma, beta, running_mean, running_var, momentum=0.9, eps=1e-5, train=True):
    if not train:
        scale = gamma / np.sqrt(running_var + eps)
        return (x - running_mean) * scale + beta
    mean, var = x.mean(axis=0), x.var(axis=0)
    out = gamma * (x - mean) / np.sqrt(var + eps) + beta
    unbiased = var * len(x) / (len(x) - 1)
    new_mean = momentum * running_mean + (1 - momentum) * mean
    return out, new_mean, momentum * running_var + (1 - momentum) * unbiased
