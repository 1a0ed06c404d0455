"""Messages between processes: a JSON header, then plain buffers. Never pickle.

A message is a dict of JSON values, and arrays by name. Only dtypes of plain numbers are read. This
file runs on both sides of a sandbox, so that it imports nothing but NumPy, Python's library
and its neighbour here.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Mapping
from multiprocessing import connection
from typing import Any

import numpy as np
import numpy.typing as npt

from .sizes import MOST_BYTES, MOST_HEADER, MOST_LISTED

Array = npt.NDArray[Any]
Message = tuple[dict[str, Any], dict[str, Array]]
LENGTH = struct.Struct("<I")
DTYPES = {"float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"}
NAMED = {name: np.dtype(name) for name in sorted(DTYPES)}
NAMES = {dtype: name for name, dtype in NAMED.items()}


class WireError(Exception):
    """The other side closed the pipe, or sent what is not a message."""


def opened(handle: int) -> Any:
    """The child's end of a connection, by the number that it was started with."""
    name = "PipeConnection" if sys.platform == "win32" else "Connection"
    return getattr(connection, name)(handle)


def send(pipe: Any, header: Mapping[str, Any], arrays: Mapping[str, Any] | None = None) -> None:
    """Write one message to a connection."""
    pipe.send_bytes(pack(header, arrays or {}))


def receive(pipe: Any, most_bytes: int = MOST_BYTES) -> Message:
    """Read one message from a connection; raises WireError if there is none."""
    try:
        data = pipe.recv_bytes(most_bytes)
    except (EOFError, OSError) as error:
        raise WireError(f"the pipe was closed ({type(error).__name__})") from None
    return unpack(data)


def pack(header: Mapping[str, Any], arrays: Mapping[str, Any]) -> bytes:
    """A message as bytes: the header's length, the header, the arrays' buffers."""
    given = {name: as_array(value) for name, value in arrays.items()}
    listed = [[name, dtype_name(value), list(value.shape)] for name, value in given.items()]
    head = json.dumps({**header, "arrays": listed}).encode()
    return b"".join([LENGTH.pack(len(head)), head, *(value.tobytes() for value in given.values())])


def as_array(value: Any) -> Array:
    """An array in this machine's byte order, which the header does not name; of a file's content
    its bytes."""
    if isinstance(value, bytes):
        return np.frombuffer(value, np.uint8)
    given: Array = np.asarray(value)
    return given if given.dtype.isnative else given.astype(given.dtype.newbyteorder("="))


def dtype_name(value: Array) -> str:
    """`float32`; NumPy takes 2 us to say it."""
    return NAMES.get(value.dtype) or value.dtype.name


def unpack(data: bytes) -> Message:
    """The inverse of pack; raises WireError for anything else."""
    if len(data) < LENGTH.size:
        raise WireError(f"a message of {len(data)} bytes; expected more")
    (size,) = LENGTH.unpack_from(data)
    start = LENGTH.size + size
    if size > MOST_HEADER or start > len(data):
        raise WireError(f"a header of {size} bytes; expected less")
    try:
        header = json.loads(data[LENGTH.size : start])
        arrays = unpack_arrays(header.pop("arrays"), data[start:])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WireError(f"not a message: {type(error).__name__}") from None
    return header, arrays


def unpack_arrays(listed: Any, body: bytes) -> dict[str, Array]:
    """The arrays that a header lists; raises WireError or ValueError where they do not fit."""
    arrays, start = {}, 0
    if len(listed) > MOST_LISTED:
        raise WireError(f"{len(listed)} arrays; expected at most {MOST_LISTED}")
    for name, dtype, shape in listed:
        if dtype not in NAMED:
            raise WireError(f"array {name}: dtype {dtype}; expected one of {sorted(DTYPES)}")
        kind = NAMED[dtype]
        end = start + count(name, shape) * kind.itemsize
        if end > len(body):
            raise WireError(f"array {name}: shape {shape} does not fit its bytes")
        arrays[str(name)] = np.frombuffer(body[start:end], kind).reshape(shape)
        start = end
    if start != len(body):
        raise WireError(f"{len(body) - start} bytes more than the arrays that it lists")
    return arrays


def count(name: Any, shape: Any) -> int:
    """How many elements a shape has; raises WireError for what is no shape."""
    total = 1
    for size in shape:
        if type(size) is not int or not 0 <= size <= MOST_BYTES:
            raise WireError(f"array {name}: shape {str(shape)[:80]}; expected sizes")
        total *= size
    return total
