"""IDX files, the format of MNIST: a magic number, the sizes, then the values.

Source: http://yann.lecun.com/exdb/mnist/, 'The IDX file format'.
"""

from __future__ import annotations

import gzip
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MOST_BYTES = 1 << 31


def read_idx(path: Path) -> npt.NDArray[Any]:
    """The array of an IDX file, plain or .gz; raises ValueError where it is not one."""
    content = read_bytes(path)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in DTYPES:
        raise ValueError(f"{path}: starts with {content[:4].hex()}, expected an IDX magic number")
    dtype, dimensions = np.dtype(DTYPES[content[2]]), content[3]
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise ValueError(f"{path}: {len(content)} bytes, expected {dimensions} sizes")
    sizes = struct.unpack(f">{dimensions}I", content[4:start])
    expected = start + math.prod(sizes) * dtype.itemsize
    if len(content) != expected:
        raise ValueError(f"{path}: {len(content)} bytes, expected {expected} for {sizes}")
    values = np.frombuffer(content, dtype, offset=start).reshape(sizes)
    return values.astype(dtype.newbyteorder("="))


def read_bytes(path: Path) -> bytes:
    """The file's content, unpacked if it ends with .gz; raises ValueError where it is too large."""
    if path.suffix != ".gz":
        return path.read_bytes()
    with gzip.open(path) as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{path}: unpacks to more than {MOST_BYTES} bytes")
    return content


def find(folder: Path, name: str) -> Path:
    """The file `name` or `name.gz` of a folder; raises FileNotFoundError if there is neither."""
    for path in (folder / name, folder / f"{name}.gz", folder / name.replace("-idx", ".idx")):
        if path.exists():
            return path
    raise FileNotFoundError(f"{folder}: neither {name} nor {name}.gz")
