"""The memory in which a child gets its inputs, and which this process sees too.

Whether a call changed an input is read there, whatever the child says of it. Beside each input lies
room for copies of it, with their axes in any order, which some layers get instead: one for a
question that is asked in several ways, one for a way in which it is, one with its axes turned.
"""

from __future__ import annotations

import itertools
import mmap
import os
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType, ref

if TYPE_CHECKING:
    from layercheck.processes.wire import Array

SIZE = 64 << 20
"""How many bytes there are: several times what is asked ahead of the standard grid's largest."""

ALIGNED = 64
COPIES = 4
"""How often an input lies there."""


@dataclass(eq=False)
class Placed:
    """The inputs of one call, as they lie in the memory.

    listed: name, dtype, shape and places of each, its rooms last, for the child · begins: where
    each lies, and how long it is, with its values.
    """

    memory: Memory
    listed: list[list[Any]] = field(default_factory=list)
    begins: dict[str, tuple[int, int, Array]] = field(default_factory=dict)

    def changed(self) -> list[str]:
        """The names of the inputs that are not what they were."""
        return [name for name, place in self.begins.items() if not self.memory.holds(*place)]


class Memory:
    """A ring of questions; each has its place until nobody waits for its answer any more.

    number: its descriptor, None where the system has no memory that can be sealed (Linux has): its
    size is fixed, or a child could end this process by making it smaller.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._lying: deque[tuple[int, ReferenceType[Placed]]] = deque()
        self._next = 0
        with suppress(OSError, AttributeError, ImportError):
            self._open()

    def _open(self) -> None:
        import fcntl

        number = os.memfd_create("inputs", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(number, SIZE)
            seals = fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
            fcntl.fcntl(number, fcntl.F_ADD_SEALS, seals)
            self._bytes = mmap.mmap(number, SIZE)
        except OSError:
            os.close(number)
            raise
        self.number = number

    def put(self, arrays: Mapping[str, Array]) -> Placed | None:
        """Lay down the inputs of a call; None where there is no room for them."""
        sizes = {name: aligned(value.nbytes) for name, value in arrays.items()}
        begin = self._room(COPIES * sum(sizes.values()))
        if begin is None:
            return None
        placed = Placed(self)
        for name, value in arrays.items():
            raw, size = value.tobytes(), sizes[name]
            places = [begin + number * size for number in range(COPIES)]
            for at in places:
                self._bytes[at : at + len(raw)] = raw
            placed.listed.append([name, value.dtype.str, list(value.shape), places])
            placed.begins[name] = (begin, size, value)
            begin += COPIES * size
        self._lying.append((begin, ref(placed)))
        self._next = begin
        return placed

    def holds(self, begin: int, size: int, value: Array) -> bool:
        """Whether a place still holds a value, and its rooms too, in any order of its axes."""
        places = range(begin, begin + COPIES * size, size or 1)
        first, *rooms = (self._bytes[at : at + value.nbytes] for at in places) if size else (b"",)
        return first == value.tobytes() and all(is_turned(room, value) for room in rooms)

    def close(self) -> None:
        """Give it back."""
        if self.number is not None:
            self._bytes.close()
            os.close(self.number)
            self.number = None

    def _room(self, size: int) -> int | None:
        """Where so many bytes are free, one after the other."""
        while self._lying and self._lying[0][1]() is None:
            self._lying.popleft()
        if self.number is None or not size:
            return None
        oldest = self._lying[0][1]() if self._lying else None
        first = min(begin for begin, _, _ in oldest.begins.values()) if oldest else None
        if first is None or first < self._next:
            if self._next + size <= SIZE:
                return self._next
            return 0 if size < (SIZE if first is None else first) else None
        return self._next if self._next + size < first else None


def aligned(size: int) -> int:
    """The size, up to where the next array may begin."""
    return -(-size // ALIGNED) * ALIGNED


def is_turned(room: bytes, value: Array) -> bool:
    """Whether bytes are an array's with its axes in any order, or each sample's by itself: a layer
    of single images gets one after the other."""
    if room == value.tobytes() or room in turned(value):
        return True
    length = value.nbytes // len(value) if value.ndim > 1 else 0
    parts = [room[at : at + length] for at in range(0, len(room), length)] if length else []
    return bool(parts) and all(
        part == one.tobytes() or part in turned(one) for part, one in zip(parts, value, strict=True)
    )


def turned(value: Array) -> Iterator[bytes]:
    """The bytes of an array with its axes in every other order."""
    for axes in itertools.permutations(range(value.ndim)):
        yield value.transpose(axes).tobytes()
