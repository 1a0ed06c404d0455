"""The inputs of a call, where the parent laid them: it looks there itself for what was changed."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable
from math import prod
from typing import Any

import numpy as np

from layercheck.processes.wire import Array


class Memory:
    """The memory that the parent sees too, by its descriptor; None: there is none."""

    def __init__(self, number: int | None) -> None:
        self.bytes: Any = b""
        self.lying: list[tuple[int, int, list[int]]] = []
        """Where an array begins and how long it is, with the rooms for copies of it."""

        if number is not None:
            self.bytes = mmap.mmap(number, os.fstat(number).st_size)
            os.close(number)

    def arrays(self, listed: Iterable[Any]) -> dict[str, Array]:
        """Those that a question lists; what is done to one is done to what the parent sees."""
        self.lying.clear()
        found = {}
        for name, dtype, shape, places in listed:
            copies = [self._array(at, dtype, shape) for at in places]
            found[name] = copies[0]
            for number, array in enumerate(copies[:-1], 1):
                self.lying.append((address_of(array), array.nbytes, places[number:]))
        return found

    def beside(self, copy: Array, original: Array) -> Array:
        """A copy of an input, of a part or of a copy of it, which a layer gets instead: in the
        next room beside what it is a copy of. The rooms after that one hold it too."""
        rooms = self._rooms(original)
        if not rooms or copy.nbytes != original.nbytes or np.may_share_memory(copy, original):
            return copy
        placed = [self._array(room, copy.dtype, copy.shape) for room in rooms]
        for array in placed:
            array[...] = copy
        return placed[0]

    def _rooms(self, original: Array) -> list[int]:
        """Where copies of it may lie; nowhere if it is none of what a question lists."""
        address, size = address_of(original), original.nbytes
        for begin, length, rooms in self.lying if size and original.flags.c_contiguous else ():
            if begin <= address and address + size <= begin + length:
                return [room + address - begin for room in rooms]
        return []

    def _array(self, begin: int, dtype: Any, shape: tuple[int, ...]) -> Array:
        return np.frombuffer(self.bytes, dtype, prod(shape), begin).reshape(shape)


def address_of(array: Array) -> int:
    """Where an array begins; `array.ctypes.data` makes three objects to say so."""
    address: int = array.__array_interface__["data"][0]
    return address
