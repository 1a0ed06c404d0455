"""The same numbers in another order of memory: as views that a caller may well pass."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

FORMS = {
    "transposed": "arguments that are transposed views",
    "sliced": "arguments that are slices of larger arrays",
    "reversed": "arguments that are reversed views",
    (READ_ONLY := "read-only"): "arguments that are read-only",
}
"""How an array may lie in memory, in words."""


class Copied(np.ndarray[Any, Any]):
    """An array that hands a copy to another library, where its own memory cannot be handed on:
    torch.from_dlpack ends the process at negative strides."""

    def __dlpack__(self, **how: Any) -> Any:
        """The array, or a copy in one block, in the machine's own order of bytes."""
        plain = self.view(np.ndarray)
        own = plain.dtype.newbyteorder("=")
        if all(stride >= 0 for stride in plain.strides) and plain.dtype == own:
            return plain.__dlpack__(**how)
        return np.array(plain, own, order="C").__dlpack__(**how)


def laid(value: Array, form: str) -> Array:
    """A copy that lies in memory like this; an empty form: one block, row by row.

    >>> laid(np.eye(2), "sliced").strides, laid(np.eye(2), "reversed").strides
    ((80, 16), (-16, -8))
    """
    if form == READ_ONLY:  # of bytes: nobody can make it writable
        return np.frombuffer(np.array(value).tobytes(), value.dtype).reshape(value.shape)
    if not form or not value.ndim:
        return np.array(value, order="C")
    if form == "transposed":
        return np.array(value, order="F")
    if form == "reversed":
        back = (slice(None, None, -1),) * value.ndim
        view = np.array(value[back], order="C")[back]
        return view.view(Copied) if "torch" in sys.modules else view
    gap = np.nan if value.dtype.kind == "f" else 0
    larger = np.full([2 * size + 1 for size in value.shape], gap, value.dtype)
    view = larger[(slice(1, None, 2),) * value.ndim]
    view[...] = value
    return view
