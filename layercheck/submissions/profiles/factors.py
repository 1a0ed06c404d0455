"""A size that is given as a multiple of the image's own: `scale_factor=2`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .call import Call

SIZE = "size"
"""The attribute that may be given so."""

FACTORS = (
    "scale_factor",
    "scale_factors",
    "factor",
    "factors",
    "scale",
    "upscale_factor",
    "upsample_factor",
    "upsampling_factor",
    "zoom",
    "ratio",
    "s",
)
"""What such a multiple is called, the likeliest first."""

MOST = 3
"""The largest multiple that a case is drawn for."""

FORMS = ("int", "pair")


@dataclass(frozen=True)
class Factor:
    """How often the image goes into the new size, in height and width. both: two numbers always ·
    axes: those of the image in x."""

    both: bool = False
    axes: tuple[int, int] = (2, 3)
    order: ClassVar[str] = "HW"
    kinds: ClassVar[tuple[str, ...]] = FORMS

    def give(self, value: Any, x: Any) -> Any:
        """A size, (OH, OW) or one number, as a multiple of that of x; of a size that is none, the
        whole part."""
        height, width = (of // own for of, own in zip(pair(value), self.image(x), strict=True))
        return height if height == width and not self.both else (height, width)

    def image(self, x: Any) -> tuple[int, int]:
        """The height and width of x."""
        height, width = self.axes
        return x.shape[height], x.shape[width]

    def tell(self, call: Call, name: str, value: Any) -> None:
        """Nothing: what it is called says what it is."""


def pair(value: Any) -> tuple[int, int]:
    """One number twice."""
    height, width = value if isinstance(value, Sequence) else (value, value)
    return height, width


def refused(value: Any, shape: Sequence[int], forms: Sequence[str]) -> str:
    """Why a size cannot be given as a multiple of an image of this shape; empty if it can."""
    sizes = list(zip(pair(value), shape[2:], strict=True))
    if any(own == 0 or of == 0 or of % own for of, own in sizes):
        return "is given as a whole multiple of the image's"
    unlike = len({of // own for of, own in sizes}) > 1
    return (
        "is one multiple of the image's height and width" if unlike and "pair" not in forms else ""
    )


def factor_among(attributes: Sequence[str], free: Sequence[str]) -> dict[str, str]:
    """The size among attributes that have no argument, with a free name of a multiple of it."""
    lower = {own.lower(): own for own in reversed(free)}
    own = next((lower[name] for name in FACTORS if name in lower), "")
    return {SIZE: own} if own and SIZE in attributes else {}


def factor_of(
    matched: Mapping[str, str], both: Sequence[str], axes: Sequence[int] = (0, 1, 2, 3)
) -> dict[str, Factor]:
    """The size, where its argument is called as a multiple. both: attributes that are two numbers
    always · axes: the order of x's axes."""
    is_one = matched.get(SIZE, "").lower() in FACTORS
    return {SIZE: Factor(SIZE in both, (axes.index(2), axes.index(3)))} if is_one else {}


def factors_taken(
    kinds: Mapping[str, Sequence[str]], forms: Mapping[str, Any]
) -> dict[str, Sequence[str]]:
    """The attributes that are given as multiples, with the forms that these may have: one number,
    or two. kinds: what the signature takes."""
    own = {name: form for name, form in forms.items() if isinstance(form, Factor)}
    taken = {n: [k for k in kinds.get(n, ()) if k in FORMS] for n in own}
    return {n: FORMS if own[n].both else taken[n] or FORMS[:1] for n in own}
