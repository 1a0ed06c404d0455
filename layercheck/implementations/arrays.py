"""Arrays of other libraries as NumPy's: whatever library made them, on whatever device they lie."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracles.oracle import Array


def as_numpy(value: Any) -> Array | None:
    """The array, by `__array__` or DLPack; None for what is no array.

    Raises what the library raises where its numbers have no counterpart in NumPy (bfloat16).
    """
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, np.generic):
        return np.asarray(value)
    if not (hasattr(value, "__array__") or hasattr(value, "__dlpack__")):
        return None
    plain = value.detach() if hasattr(value, "detach") else value  # torch refuses what has a tape
    for way in (np.asarray, from_device, lambda v: v.cpu().numpy(), lambda v: v.get()):
        try:
            made = way(plain)
        except (TypeError, ValueError, BufferError, RuntimeError, AttributeError):
            continue
        if isinstance(made, np.ndarray) and made.dtype != object:
            return made
    raise TypeError(f"an array of {type(value).__module__} whose numbers NumPy does not have")


def from_device(value: Any) -> Any:
    """By DLPack, copied from where it lies."""
    return np.from_dlpack(value, device="cpu", copy=True)


LIBRARIES = {"torch": "torch", "jax": "jax", "jaxlib": "jax", "tensorflow": "tensorflow"}
"""By the package that an array's type is of."""


def library_of_array(value: Any) -> str:
    """The framework whose array a value is; empty for any other.

    >>> library_of_array(np.zeros(2))
    ''
    """
    if not hasattr(value, "shape"):
        return ""
    packages = (kind.__module__.partition(".")[0] for kind in type(value).__mro__)
    return next((LIBRARIES[name] for name in packages if name in LIBRARIES), "")
