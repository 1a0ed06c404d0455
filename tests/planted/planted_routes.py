"""A framework in NumPy, right but for what is planted: by `PLANTED`, found by tests of the search."""

from __future__ import annotations

import ctypes
import os
import signal
import time

import numpy as np

from .route import function_for, named, of_numpy

SCOPE = {"np": np, "tensor": np.asarray}
VARIANTS = {}
ENVIRONMENT = {"": {"MALLOC_PERTURB_": "85"}}


def versions():
    return {"planted": "1.0"}


def answer(asked):
    """Each function gives `out`, and the gradients that it has."""
    function = function_for(globals(), asked, "planted")
    result = named(function(dout=asked.dout, **asked.inputs, **asked.said))
    return of_numpy(result)


def unwritten(shape, dtype):
    """What lies in memory that was just given."""
    free, give = ctypes.CDLL(None).free, ctypes.CDLL(None).malloc
    give.restype, give.argtypes, free.argtypes = (
        ctypes.c_void_p,
        [ctypes.c_size_t],
        [ctypes.c_void_p],
    )
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    place = give(size + 4096)
    made = np.frombuffer(ctypes.string_at(place, size), dtype).reshape(shape).copy()
    free(place)
    return made


def relu(x, dout):
    """Right."""
    return {"out": np.maximum(x, 0), "dx": dout * (x > 0)}


def add(x, y, dout):
    """Wrong in its second gradient where the batch is larger than 1."""
    return {"out": x + y, "dx": dout, "dy": dout if len(x) == 1 else 2 * dout}


def leaky_relu(x, dout, negative_slope=0.01):
    """Dies of float64."""
    if x.dtype == np.float64:
        os.kill(os.getpid(), signal.SIGSEGV)
    slope = np.where(x > 0, 1, x.dtype.type(negative_slope)).astype(x.dtype)
    return {"out": x * slope, "dx": dout * slope}


def flatten(x, dout, start_dim=1):
    """Unwritten in float64, and never ends for float16."""
    if x.dtype == np.float16:
        time.sleep(3600)
    out = x.reshape(*x.shape[:start_dim], -1)
    return {"out": unwritten(out.shape, x.dtype) if x.dtype == np.float64 else out}


def concat(x, y, z=None, dout=None):
    """Takes no third array."""
    if z is not None:
        raise TypeError("two arrays are taken")
    return {"out": np.concatenate([x, y], 1)}
