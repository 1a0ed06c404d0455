"""The templates, with everything escaped that is not a template's own text."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from .. import numbers, words
from ..picture import layout, svg
from ..verdict import MEANINGS, Verdict
from . import histogram, summed
from .breaks import soft

if TYPE_CHECKING:
    from jinja2 import Environment

SYMBOLS = {
    Verdict.EXACT: "=",
    Verdict.ROUNDING: "≈",
    Verdict.CONVENTION: "~",
    Verdict.CONSISTENT: "∂",
    Verdict.INACCURATE: "±",
    Verdict.CONTRADICTED: "≠",
    Verdict.NARROWED: "<",
    Verdict.NOT_IMPLEMENTED: "…",
    Verdict.INCOMPLETE: "½",
    Verdict.WRONG: "×",
    Verdict.ERROR: "!",
    Verdict.NOT_JUDGED: "?",
    Verdict.SKIPPED: "–",
}
"""Colour is never the only sign."""


STYLES = ("report.css", "picture.css")
"""What a page looks like, as one stylesheet; the documentation has the second, too."""


@cache
def environment() -> Environment:
    """Jinja's environment."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        loader=FunctionLoader(template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=printable,
    )
    made.filters.update(
        soft=soft, number=numbers.number, in_words=words.in_words, sentence=sentence, kebab=kebab
    )
    made.globals |= {
        "symbols": {str(verdict): symbol for verdict, symbol in SYMBOLS.items()},
        "meanings": {str(verdict): meaning for verdict, meaning in MEANINGS.items()},
        "words": words,
        "charts": histogram,
        "lengths": summed,
        "pictures": {"sentence": layout.sentence, "drawings": svg.drawings},
        "style": trusted(*STYLES),
        "script": trusted("report.js"),
        "policy": policy("report.js", *STYLES),
    }
    return made


def template(*names: str) -> str:
    """Files of the templates folder, one after the other."""
    folder = resources.files(__package__) / "templates"
    return "".join((folder / name).read_text(encoding="utf-8") for name in names)


def trusted(*names: str) -> Any:
    """Files of ours as markup, which is not escaped."""
    from markupsafe import Markup

    return Markup(template(*names))


def printable(value: Any) -> Any:
    """Text with control and bidi characters written out; our own markup as it is."""
    if isinstance(value, Verdict):
        return value.value
    return words.visible(value) if type(value) is str else value


def policy(script_file: str, *styles: str) -> str:
    """A Content-Security-Policy under which only this script and style of ours run, and no
    fetch."""
    script, style = digest(template(script_file)), digest(template(*styles))
    return f"default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none'"


def digest(text: str) -> str:
    """The text's hash as a Content-Security-Policy writes it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def sentence(text: str) -> str:
    """The text with a capital letter; names within it keep theirs."""
    return text[:1].upper() + text[1:]


def kebab(text: str) -> str:
    """A verdict as part of a class: `not-judged`."""
    return str(text).replace(" ", "-")
