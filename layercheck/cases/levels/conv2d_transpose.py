"""What the grids try of conv2d_transpose."""

from __future__ import annotations

from ref_layers.windows import Pair, extent, pair, resolve_padding

from ..space import Row, Space


def smallest_size(row: Row) -> Pair:
    """The smallest output_size that gives this row's input size back."""
    return size_range(row)[0]


def largest_size(row: Row) -> Pair:
    """The largest output_size that gives this row's input size back."""
    return size_range(row)[1]


def size_range(row: Row) -> tuple[Pair, Pair]:
    """Both."""
    s, d = pair(row["stride"], "stride"), pair(row["dilation"], "dilation")
    span, small = extent((row["KH"], row["KW"]), d), (row["H"], row["W"])
    if row["padding"] in ("same", "same_lower"):
        ends = [((n - 1) * t + 1, n * t) for n, t in zip(small, s, strict=True)]
    else:
        sides = resolve_padding(row["padding"], small, span, s)
        least = [(n - 1) * t + e - sum(p) for n, t, e, p in zip(small, s, span, sides, strict=True)]
        ends = [(n, n + max(t, u) - 1) for n, t, u in zip(least, s, d, strict=True)]
    (h0, h1), (w0, w1) = ends
    return (h0, w0), (h1, w1)


SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "c": (1, 2, 3),
        "f": (1, 2, 4),
        "H": (3, 5, 6),
        "W": (4, 7, 8),
        "KH": (1, 2, 3, 5),
        "KW": (1, 2, 3, 4),
        "b": (True, False),
        "stride": (1, 2, (1, 2), (3, 2), 3),
        "padding": (0, 1, (0, 1), ((1, 0), (0, 1)), "valid", "same", "same_lower"),
        "output_padding": (0, 1, (0, 1), (2, 1)),
        "output_size": (None, smallest_size, largest_size),
        "dilation": (1, 2, (1, 2), (2, 1)),
        "groups": (1, 2, 3),
    },
    valid=lambda v: len({v["N"], v["groups"] * v["c"], v["groups"] * v["f"]}) == 3,
    plain={
        "c": (2, 3),
        "f": (2, 4),
        "KH": (2, 3),
        "b": (True,),
        "stride": (1, 2, 3),
        "padding": (0, 1),
        "output_padding": (0,),
        "output_size": (None,),
        "dilation": (1,),
        "groups": (1,),
    },
    size=440,
    usual="""
    x=2x3x4x4 w=3x4x3x3 b=4 padding=1
    x=2x3x4x4 w=3x4x2x2 b=4 stride=2
    x=2x3x4x4 w=3x4x4x4 b=4 stride=2 padding=1
    x=2x3x3x3 w=3x4x3x3 b=4 stride=2 padding=1 output_padding=1
    x=1x4x3x3 w=4x4x3x3 b=4
    x=1x1x4x4 w=1x1x3x3 b=1 stride=2
    x=1x3x4x4 w=3x5x1x1 b=5
    x=1x2x3x3 w=2x3x2x2 b=3 stride=3
    x=1x9x3x3 w=9x10x2x2 b=10
    x=5x2x3x3 w=2x3x3x3 b=3 stride=2
    x=1x2x3x34 w=2x3x3x2 b=3 stride=1
    x=1x2x3x4 w=2x3x5x5 b=3 stride=2 padding=2 output_padding=1
    x=1x2x3x3 w=2x3x3x3 b=3 stride=3 padding=1 output_padding=2
    x=1x2x4x4 w=2x3x3x3 b=3 dilation=2
    x=1x2x4x4 w=2x3x2x2 b=3 stride=2 dilation=3
    x=2x4x4x4 w=4x1x3x3 b=4 stride=2 padding=1 groups=4
    x=2x4x3x3 w=4x3x2x2 b=6 stride=2 groups=2
    x=2x3x4x4 w=3x4x3x3 b=4 stride=2 padding=1 output_size=8,7
    x=2x3x3x3 w=3x2x4x4 b=2 stride=2 padding=same
    x=2x3x4x4 w=3x4x3x3 b=4 stride=2 fill=sparse_weights
    x=2x3x4x5 w=3x4x3x3 b=4 stride=2 padding=1 fill=unit_weights
    x=2x3x4x5 w=3x4x3x3 b=4 stride=2 padding=1 fill=large
    x=1x2x4x4 w=2x3x3x2 b=3
    x=1x2x3x4 w=2x3x2x2 b=3 fill=negative_weights
    x=1x2x3x5 w=2x3x1x1 b=3 stride=2
    x=1x1x2x2 w=1x2x1x3 b=2 stride=2
    x=1x1x2x2 w=1x2x3x1 b=2 stride=2
    x=1x2x3x4 w=2x3x2x2 b=3 dtype=float32 fill=zero_weights:b
    x=1x2x3x4 w=2x3x2x2 b=3 dtype=float64 fill=zero_weights:w
    x=1x2x3x4 w=2x3x2x3 b=3 output_padding=1 dilation=2 dtype=float64
    x=1x2x4x3 w=2x3x3x2 output_padding=2,1 dilation=3 dtype=float32
    x=1x2x3x4 w=2x3x2x3 b=3 stride=2 output_padding=2 dilation=3 dtype=float64
    x=1x2x3x4 w=2x3x3x3 b=3 stride=2 padding=0:1,0:1
    x=1x2x3x4 w=2x3x3x4 b=3 stride=2 padding=1:0,1:2
    x=1x2x3x4 w=2x3x3x3 b=3 padding=1:0,0:0
    x=1x2x3x4 w=2x3x3x3 b=3 padding=0:1,0:0
    x=1x2x3x4 w=2x3x3x3 b=3 padding=0:0,1:0
    x=1x2x3x4 w=2x3x3x3 b=3 padding=0:0,0:1
    """,
)
