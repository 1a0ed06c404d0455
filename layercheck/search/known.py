"""What is written down already: an entry of oracles/defects.toml, or a row of the atlas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from layercheck.atlas.row import Row, rows
from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.cases.row import row_of
from layercheck.cases.where import condition, names_of
from layercheck.judging.defects import KnownDefect, known_defects
from oracles import routes

from . import conditions
from .suspicion import NUMBERS, Suspicion

AS_LISTED = {"crash": "crashed", "hang": "timed out"}
"""What the list of defects calls a kind; all others are `wrong`."""

SIGNALS = {"SIGABRT", "SIGSEGV"}
"""Which of them ends a process that broke its memory is chance."""

AT_ENDS = ("defect", "edge")
CONVENTIONS = ("convention", "layout")
"""Kinds of rows: about what is at an end, and about what the same words mean."""

SIDES = re.compile(r"_[hw]\b|[HW]\b")
"""By what conditions on the two sides of an image differ."""

USUAL = ("float32", "normal")
"""The dtype and the fill of a row that is about neither."""

TOGETHER = 2
"""So many things named in a row are wrong together, and no other."""

MEANT = ("wrong", "inaccurate", "shape")
"""What other meanings come to."""


def explained(one: Suspicion, where: str, framework: str, versions: Mapping[str, str]) -> str:
    """What explains a suspicion at its smallest case; empty where nothing does."""
    for defect in known_defects():
        if is_listed(defect, one, framework, versions):
            return f"defects.toml: {defect.id}"
    for row in rows(one.op):
        if is_told(row, one, where):
            return f"atlas: {one.op} {row.id}"
    return ""


def is_listed(
    defect: KnownDefect, one: Suspicion, framework: str, versions: Mapping[str, str]
) -> bool:
    """Whether an entry of the list is about a suspicion."""
    kind = AS_LISTED.get(one.kind, "wrong")
    if defect.framework != framework or (defect.arrays and one.array not in defect.arrays):
        return False
    if defect.instead and elsewhere(one.route):  # these numbers, on the processor
        return False
    by = defect.oracles[0]  # any: a route of this framework asks what its oracle asks
    return defect.may_occur(by, versions, parse(one.case), kind)


def is_told(row: Row, one: Suspicion, where: str) -> bool:
    """Whether a row says of the route what was seen, of a case for which the condition holds."""
    asked = one.route if one.route in row.answers else elsewhere(one.route)
    words = row.answers.get(asked, "")
    unsaid = parse(one.case).all_attributes.keys() - set(one.said)
    if asked in row.call or (row.kind == "default" and not unsaid):
        return False
    if row.kind == "defect" and asked != one.route:  # of the processor's own code
        return False
    if not any(says(words, one)):
        return False
    if not where or condition(where)(row.question):
        return True
    told = NUMBERS if row.kind == "defect" else MEANT
    return is_alike(row, parse(one.case)) or (one.kind in told and is_meant(row, parse(one.case)))


def is_alike(row: Row, case: Case) -> bool:
    """Whether a row shows what comes of what is at an end in its own case, such as no images, and a
    case has the same: what else holds of the case is not what it takes."""
    ends = [atom.text for atom in conditions.of_ends(row.question)]
    return row.kind in AT_ENDS and bool(ends) and all(condition(text)(case) for text in ends)


def is_meant(row: Row, case: Case) -> bool:
    """Whether a row tells what comes of what its own case names, and a case has all of it, along
    one side at least: other sizes and values are not what it takes. Of a defect it has to name two
    things, which are wrong together: a single one says too little."""
    alike = dict[str, list[str]]()
    for text in set_apart(row.question):
        alike.setdefault(SIDES.sub("", text), []).append(text)
    if row.kind not in CONVENTIONS and (row.kind != "defect" or len(alike) < TOGETHER):
        return False
    return all(any(condition(text)(case) for text in own) for own in alike.values())


def set_apart(case: Case) -> list[str]:
    """What a case says by its attributes, how windows stand to images and strides, and its dtype
    and fill where they are not the usual ones."""
    row, names = row_of(case), names_of(case, frozenset())
    every = [*conditions.of_values(case, row), *conditions.of_windows(names, row)]
    usual = {f"dtype == '{USUAL[0]}'", f"fill == '{USUAL[1]}'"}
    draws = [atom for atom in conditions.of_draws(case) if atom.text.startswith(("dtype", "fill"))]
    texts = [atom.text for atom in (*every, *draws) if atom.holds(case)]
    given = [n for n in case.attributes if not any(text.startswith(n) for text in texts)]
    texts += [f"{n} is not None" for n in given if case.spec.attributes[n] is None]
    return [text for text in texts if text not in usual]


def elsewhere(route: str) -> str:
    """By which other route a row tells of what one says that is not asked with the rest: on a
    device, what the framework does on the processor."""
    return "" if route in routes.usual() else route.partition("/")[0]


def says(words: str, one: Suspicion) -> Iterator[bool]:
    """Whether a row's answer tells of the array, or of the death."""
    if one.kind == "crash":
        told = set(words.removeprefix("crashes: ").replace(" or ", " ").split())
        yield words.startswith("crashes: ") and (one.told in told or {one.told, *told} <= SIGNALS)
    elif words.startswith("differs: "):
        yield one.array in words.removeprefix("differs: ").partition(",")[0].split()
    elif words.startswith("as "):
        yield True
    else:
        yield one.kind == "unwritten" and words.startswith("answers ")
