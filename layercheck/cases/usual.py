"""Usual cases that several ops have."""

from __future__ import annotations

ELEMENTWISE = """
    x=1x1x4x4
    x=5x5
    x=33x3
    x=9x11
    x=1x2
    x=41
    x=2x2x1x34
    x=4x4 fill=ties
    x=3x7 fill=integers
    x=8x9 fill=wide
    x=8x9 fill=wide
    x=6x10 fill=uniform
    """
"""Of ops that take each number by itself; their own ones follow, since the place of a line gives a
case its seed."""
