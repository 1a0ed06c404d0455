"""The values of cases: drawn when they are asked for, and kept while there is room.

Grids are kept as long as a process runs, and what a case draws may be large: so its values are no
part of it. Those that make room are drawn again, to the same bits.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from ref_layers.op import Array

MOST_BYTES = 64 * 1024 * 1024
"""How much is kept of all cases together, beside the latest."""

T = TypeVar("T")


class Values(Generic[T]):
    """Something that holds arrays, by the text of its case; what was wanted longest ago makes room.

    arrays: those that it holds · most_bytes: how many bytes of them are kept.
    """

    def __init__(
        self, arrays: Callable[[T], Mapping[str, Array]], most_bytes: int = MOST_BYTES
    ) -> None:
        self.arrays, self.most_bytes = arrays, most_bytes
        self.kept: OrderedDict[str, T] = OrderedDict()
        self.bytes = 0
        self.lock = threading.Lock()

    def get(self, text: str, draw: Callable[[], T]) -> T:
        """What is kept of a case; drawn now where nothing is."""
        with self.lock:
            if text in self.kept:
                self.kept.move_to_end(text)
                return self.kept[text]
        return self.put(text, draw())

    def put(self, text: str, value: T) -> T:
        """Keep something, unless there is something of this case; what there is."""
        with self.lock:
            if text not in self.kept:
                self.kept[text] = value
                self.bytes += self.size(value)
            while self.bytes > self.most_bytes and len(self.kept) > 1:
                self.bytes -= self.size(self.kept.popitem(last=False)[1])
            return self.kept.get(text, value)

    def size(self, value: T) -> int:
        """How many bytes its arrays have."""
        return sum(array.nbytes for array in self.arrays(value).values())
