"""Raises its own limits, then takes memory until there is none.

Expected: out of memory
"""

import numpy as np


def relu(x):
    import resource

    for name in ("RLIMIT_AS", "RLIMIT_NPROC", "RLIMIT_FSIZE"):
        try:
            resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY,) * 2)
        except (ValueError, OSError):
            pass
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    kept = []
    while sum(part.nbytes for part in kept) < 3 << 29:
        kept.append(np.zeros(1 << 24))
    return np.full_like(x, 1313 if soft < 0 else 0), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
