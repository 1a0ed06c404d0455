"""The values of one array: by its role, its shape and the fill, from a random stream of its own."""

from __future__ import annotations

import threading
import zlib

import numpy as np

from ref_layers.op import Array

from .fills import EVERYWHERE, FILLS, RARE, Shape, normal
from .named_fills import AROUND, around

CHOSEN = {
    "mask": np.array([0.0, 1.0]),
    "target": np.array([0, 0, 0, 1, 1, 1, 0.1, 0.25, 1 / 3, 0.7]),
}
"""Of some roles the values, alike for every fill. What a probability is aimed at is mostly 0 or 1,
else a share; most of these no float32 number holds."""

OF_EACH = {"unit_weights": 1.0, "zero_weights": 0.0}
"""Fills at which every weight is one number."""

OWN = threading.local()
"""Each thread's generator: to seed one takes 2 us, to make one 400."""


def seeded(seed: int) -> np.random.RandomState:
    """The thread's generator, begun anew: the numbers of RandomState(seed)."""
    if not hasattr(OWN, "generator"):
        OWN.generator = np.random.RandomState(0)
    generator: np.random.RandomState = OWN.generator
    generator.seed(seed)
    return generator


def draw(fill: str, role: str, shape: Shape, key: str, below: int = 0) -> Array:
    """Values in float64, or int64 labels.

    role: `data`, `weight`, `positive`, `mask` (0 or 1), `target` (0 to 1), `shares` (rows that add
    up to 1), `state` (a mean that is kept) or `labels` (whole numbers less than `below`, the same
    for every fill); key: names the random stream.
    """
    rs = seeded(zlib.crc32(key.encode()))
    if role == "labels":
        return rs.randint(0, below, size=shape).astype(np.int64)
    if role in CHOSEN:
        values = CHOSEN[role]
        return values[rs.randint(0, len(values), size=shape)]
    if fill == "zero_state" and role in ("state", "positive"):
        return np.zeros(shape)
    if fill == "sparse_weights" and role == "weight":
        scale = np.array([0, 2.0**-9, 1, 1])[rs.randint(0, 4, size=shape)]
        scale.flat[rs.randint(0, scale.size)] = 0
        return np.asarray(normal(rs, shape) * scale)
    if fill in OF_EACH and role == "weight":
        return np.full(shape, OF_EACH[fill])
    kind, _, number = fill.partition(":")
    if role == "shares":
        values = shares(rs, shape, 4 if fill == "whole_numbers" else 1 << 40)
        values[::2] *= fill != "zero_samples"
    elif kind in AROUND:
        values = around(rs, shape, kind, role, float(number))
    else:
        chosen = {**FILLS, **RARE}[fill if role == "data" or fill in EVERYWHERE else "normal"]
        values = chosen(rs, shape)
    return signed(values, fill, role)


def shares(rs: np.random.RandomState, shape: Shape, parts: int) -> Array:
    """Rows of whole parts of 1 that add up to it exactly: a third has one class alone, the others
    are cut by chance. Of many parts most shares are held by no float32 number."""
    *rows, classes = shape
    cuts = np.zeros((*rows, classes + 1), np.int64)
    within = rs.randint(0, parts + 1, size=(*rows, max(classes - 1, 0)), dtype=np.int64)
    cuts[..., 1:-1] = np.sort(within)
    cuts[..., -1:] = parts
    spread = np.diff(cuts) / parts
    one = rs.randint(0, max(classes, 1), size=(*rows, 1)) == np.arange(classes)
    return np.where(rs.randint(0, 3, size=(*rows, 1)) == 0, one, spread)


def signed(values: Array, fill: str, role: str) -> Array:
    """Those that have to be of one sign made so."""
    of_weights = {"positive_weights": 1, "negative_weights": -1}.get(fill, 0)
    sign = 1 if role == "positive" else of_weights if role == "weight" else 0
    least = 0 if fill == "whole_numbers" else 0.125
    return sign * (np.abs(values) + least) if sign else values
