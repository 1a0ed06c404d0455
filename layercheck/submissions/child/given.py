"""The inputs of a call, where the parent laid them: it looks there itself for what was changed."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable
from typing import Any

import numpy as np

from layercheck.processes.wire import Array


class Memory:
    """The memory that the parent sees too, by its descriptor; None: there is none."""

    def __init__(self, number: int | None) -> None:
        self.bytes: Any = b""
        self.rooms: dict[tuple[int, int], int] = {}
        if number is not None:
            self.bytes = mmap.mmap(number, os.fstat(number).st_size)
            os.close(number)

    def arrays(self, listed: Iterable[Any]) -> dict[str, Array]:
        """Those that a question lists; what is done to one is done to what the parent sees."""
        self.rooms.clear()
        found = {}
        for name, dtype, shape, places in listed:
            copies = [self._array(at, dtype, shape) for at in places]
            found[name] = copies[0]
            for array, room in zip(copies, places[1:], strict=False):
                self.rooms[array.ctypes.data, array.nbytes] = room
        return found

    def beside(self, copy: Array, original: Array) -> Array:
        """A copy of an input that a layer gets instead, in the room beside that input."""
        room = self.rooms.get((original.ctypes.data, original.nbytes))  # a part of it has none
        if room is None or copy.nbytes != original.nbytes or np.may_share_memory(copy, original):
            return copy
        placed = self._array(room, copy.dtype, copy.shape)
        placed[...] = copy
        return placed

    def _array(self, begin: int, dtype: Any, shape: tuple[int, ...]) -> Array:
        count = int(np.prod(shape))
        return np.frombuffer(self.bytes, dtype, count, begin).reshape(shape)
