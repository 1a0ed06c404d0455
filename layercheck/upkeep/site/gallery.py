"""The named mistakes: what is wrong, where it shows, what to look for, and a picture of each."""

from __future__ import annotations

from collections.abc import Sequence

from layercheck.cases.quick import quick
from layercheck.cases.separate import separating
from layercheck.diagnosis.failing import failed_at
from layercheck.implementations.mistaken import Mistaken
from layercheck.implementations.protocol import PARTS
from layercheck.mistakes import Mistake, of_op
from layercheck.reporting.page.picture import fragment
from layercheck.reporting.words import many

from ..pictures import picture_at
from ..smallest_cases import shrunk
from .markdown import fenced, plain, toctree

INTRODUCTION = """# What people get wrong

The named mistakes, each computed, found and shrunk when this page was built: what is wrong, in
which cases of the quick grid it shows, what to look for, and the smallest case that shows it. A
student's function that gives the same numbers is told the same.
"""


def index(ops: Sequence[str]) -> str:
    """A line for each op."""
    lines = [f"- [{op}]({op}.md): {many(len(list(of_op(op))), 'mistake')}" for op in ops]
    return "\n".join([INTRODUCTION, *lines, "", toctree(list(ops))])


def page(op: str) -> str:
    """Every mistake of an op."""
    pictures = {one.mistake.name: fragment(picture_at(one)) for one in shrunk(of_op(op))}
    parts = [section(one, pictures.get(one.name, "").strip()) for one in of_op(op)]
    return "\n".join([f"# {op}: what people get wrong\n", *parts])


def section(mistake: Mistake, picture: str) -> str:
    """One mistake."""
    hint = mistake.text.removeprefix(mistake.what).removeprefix(".").strip()
    lines = [f"## {mistake.name.replace('_', ' ')}\n", f"{plain(mistake.what)}.\n", shows(mistake)]
    lines += [f"Look: {plain(hint)}\n"] if hint else []
    lines += [fenced(picture, "{raw} html")] if picture else []
    return "\n".join(lines)


def shows(mistake: Mistake) -> str:
    """In which cases it does."""
    subject = Mistaken(mistake)
    cases = quick(mistake.op)
    failing = [c for c in cases if failed_at(subject, PARTS, c, subject.answer(c)) is not None]
    passing = [case for case in cases if case not in failing]
    if not failing:
        return "It shows in none of the quick grid's cases, but in those of the standard grid.\n"
    found = separating(failing, passing)
    where = f", all those where `{found}`" if found else ""
    return f"It shows in {len(failing)} of {many(len(cases), 'case')} of the quick grid{where}.\n"
