"""A picture as a part of a page."""

from __future__ import annotations

from ..picture.record import Picture
from .environment import environment


def fragment(picture: Picture | None) -> str:
    """Its markup, which the page's stylesheet colours; empty where there is none."""
    macros = environment().get_template("macros.html.j2").module
    return str(macros.picture(picture)).strip() + "\n"  # type: ignore[attr-defined]
