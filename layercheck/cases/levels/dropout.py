"""What the grids try of dropout."""

from __future__ import annotations

from ..space import Space

SPACE = Space(
    levels={
        "N": (1, 2, 3),
        "C": (4, 5, 6),
        "H": (1, 3, 7),
        "W": (2, 8, 9),
        "mask": (True, False),
        # p = 0 and p = 1 give x or 0, trivial answers: tests/test_dropout.py
        "p": (0.5, 0.1, 0.25, 0.3, 0.8),
        "training": (True, False),  # False: x itself is right, and zeros are not
        "mask_seed": (0, 1, 12345),
    },
    plain={"mask": (False,)},
    size=150,
)
