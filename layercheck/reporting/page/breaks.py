"""Where a line may break: after an underscore, a dot or a slash of a name, never inside a word."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ..words import visible

LONGEST = 20
"""How many letters of a word fit on the narrowest screen; what is longer may break anywhere."""

JOINTS = re.compile(r"(?<=[^\W_]_)(?=[^\W_])|(?<=[^\W\d]\.)(?=\w)|(?<=\w/)(?=\w)")
WORDS = re.compile(r"(\s+)")
MOST_KEPT = 20_000
"""How many words are kept as markup: a page has the same ones over and over, and a class's pages
those of the others."""


def soft(value: Any) -> Any:
    """Text as markup that names its breaks.

    >>> print(soft("max_pool_backward of layers.py, 0.25"))
    max_<wbr>pool_<wbr>backward of layers.<wbr>py, 0.25
    """
    from markupsafe import Markup

    return Markup("".join(map(soft_word, WORDS.split(visible(str(value))))))


@lru_cache(MOST_KEPT)
def soft_word(word: str) -> str:
    """One word, or the space between two, as markup; an option such as `--profile` keeps its
    hyphens."""
    from markupsafe import Markup

    if word.startswith("-") and len(word) <= LONGEST:
        return Markup('<span class="whole">{}</span>').format(word)
    return Markup("<wbr>").join(map(soft_part, JOINTS.split(word)))


def soft_part(part: str) -> Any:
    """What stays in one piece unless it is longer than any name."""
    from markupsafe import Markup

    return Markup('<span class="long">{}</span>').format(part) if len(part) > LONGEST else part
