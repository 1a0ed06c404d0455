"""Messages between processes: a length, a JSON header, then plain buffers. Never pickle.

A message is a dict of JSON values, and arrays by name. Only dtypes of plain numbers are read. This
file runs on both sides of a sandbox, so that it imports nothing but NumPy.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
LENGTH = struct.Struct("<II")
DTYPES = {"float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"}
MOST_BYTES = 1 << 30
MOST_HEADER = 1 << 20


class WireError(Exception):
    """The other side closed the pipe, or sent what is not a message."""


def send(
    pipe: BinaryIO, header: Mapping[str, Any], arrays: Mapping[str, Array] | None = None
) -> None:
    """Write one message."""
    contiguous = {name: np.ascontiguousarray(value) for name, value in (arrays or {}).items()}
    listed = [[n, v.dtype.name, list(np.shape(arrays[n]))] for n, v in contiguous.items()]  # type: ignore[index]
    head = json.dumps({**header, "arrays": listed}).encode()
    body = b"".join(value.tobytes() for value in contiguous.values())
    pipe.write(LENGTH.pack(len(head), len(body)) + head + body)
    pipe.flush()


def receive(pipe: BinaryIO) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read one message; raises WireError if there is none."""
    head_size, body_size = LENGTH.unpack(read_exactly(pipe, LENGTH.size))
    if head_size > MOST_HEADER or body_size > MOST_BYTES:
        raise WireError(f"message of {head_size} + {body_size} bytes; expected less")
    try:
        header = json.loads(read_exactly(pipe, head_size))
        arrays = unpack(header.pop("arrays"), read_exactly(pipe, body_size))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WireError(f"not a message: {error}") from None
    return header, arrays


def read_exactly(pipe: BinaryIO, size: int) -> bytes:
    parts = []
    while size > 0:
        part = pipe.read(min(size, 1 << 20))
        if not part:
            raise WireError("the pipe was closed")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def unpack(listed: list[Any], body: bytes) -> dict[str, Array]:
    arrays, start = {}, 0
    for name, dtype, shape in listed:
        if dtype not in DTYPES:
            raise WireError(f"array {name}: dtype {dtype}; expected one of {sorted(DTYPES)}")
        count = 1
        for size in shape:
            count *= size
        end = start + count * np.dtype(dtype).itemsize
        if count < 0 or end > len(body):
            raise WireError(f"array {name}: shape {shape} does not fit its bytes")
        arrays[str(name)] = np.frombuffer(body[start:end], dtype).reshape(shape)
        start = end
    return arrays
