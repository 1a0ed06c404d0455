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
from . import histogram
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
        "pictures": {"sentence": layout.sentence, "drawings": svg.drawings},
        "style": trusted("report.css"),
        "script": trusted("report.js"),
        "policy": policy("report.js", "report.css"),
    }
    return made


def template(name: str) -> str:
    """A file of the templates folder."""
    path = resources.files(__package__) / "templates" / name
    return path.read_text(encoding="utf-8")


def trusted(name: str) -> Any:
    """A file of ours as markup, which is not escaped."""
    from markupsafe import Markup

    return Markup(template(name))


def printable(value: Any) -> Any:
    """Text with control and bidi characters written out; our own markup as it is."""
    if isinstance(value, Verdict):
        return value.value
    return words.visible(value) if type(value) is str else value


def policy(script_file: str, style_file: str) -> str:
    """A Content-Security-Policy under which only this script and style of ours run, and no
    fetch."""
    script, style = (digest(template(name)) for name in (script_file, style_file))
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
