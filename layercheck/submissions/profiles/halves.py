"""A size of two as two arguments: `pool_h, pool_w`, `stride_height, stride_width`, `kh, kw`.

Each half is known by the attribute's name with `_h` or `_w` behind it: `kernel_size_h`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import names

ENDINGS = (("h", "w"), ("height", "width"), ("y", "x"), ("rows", "cols"))
"""What the names of two halves end with, or start with."""

STEMS = {
    "kernel_size": "kernelsize kernel filtersize filter poolsize pool windowsize window k f p",
    "stride": "stride strides step s",
    "padding": "padding pad pads p",
    "dilation": "dilation dilations dilationrate dil d",
    "output_padding": "outputpadding outputpad outpadding outpad",
}
"""What stands before, underscores and capitals aside; the likeliest first."""

HALVES = ("_h", "_w")


def halves_of(wanted: Iterable[str], free: Sequence[str]) -> dict[str, str]:
    """The attributes among these that two free names make up, each half with its name.

    >>> halves_of(["kernel_size", "stride"], ["pool_h", "pool_w", "stride"])
    {'kernel_size_h': 'pool_h', 'kernel_size_w': 'pool_w'}
    >>> halves_of(["kernel_size", "padding"], ["ph", "pw", "kh", "kw"])["padding_h"]
    'ph'
    """
    found: dict[str, str] = {}
    asked = {*wanted}
    for attribute in (name for name in STEMS if name in asked):
        own = {names.plain(name): name for name in free if name not in found.values()}
        pair = next((p for p in spellings(attribute) if {*p} <= own.keys()), ())
        found.update({attribute + h: own[p] for h, p in zip(HALVES, pair, strict=False)})
    return found


def spellings(attribute: str) -> list[tuple[str, str]]:
    """What two halves may be called, without underscores."""
    stems = STEMS[attribute].split()
    behind = [(stem + h, stem + w) for stem in stems for h, w in ENDINGS]
    return behind + [(h + stem, w + stem) for stem in stems if len(stem) > 1 for h, w in ENDINGS]


def in_halves(matched: Iterable[str]) -> list[str]:
    """The attributes of which both halves are matched."""
    known = {*matched}
    return [name for name in STEMS if {name + half for half in HALVES} <= known]


def with_halves(values: Mapping[str, Any], matched: Iterable[str]) -> dict[str, Any]:
    """The values and, of attributes that are taken in halves, those of each half.

    >>> with_halves({"stride": (1, 2)}, ["stride_h", "stride_w"])
    {'stride': (1, 2), 'stride_h': 1, 'stride_w': 2}
    """
    given = dict(values)
    for name in (name for name in in_halves(matched) if name in values):
        value = values[name]
        pair = tuple(value) if isinstance(value, Sequence) else (value, value)
        given.update({name + half: part for half, part in zip(HALVES, pair, strict=True)})
    return given


def kinds_of_halves(
    matched: Mapping[str, str], defaults: Mapping[str, Any]
) -> dict[str, Sequence[str]]:
    """The forms that such an attribute takes: a number or a pair; none where it is the default."""
    found: dict[str, Sequence[str]] = {}
    for name in in_halves(matched):
        usual = [defaults.get(matched[name + half], "") for half in HALVES]
        found[name] = ["int", "pair", *["none"] * (usual == [None, None])]
    return found
