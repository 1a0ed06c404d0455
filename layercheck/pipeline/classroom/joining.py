"""A student's forward in one file and its backward in another: both in one file, checked anew.

Texts are put one after the other, and nothing of them is run or parsed here: only where no name is
defined in two of them, so that each means what it meant alone. Where one is a notebook, they are
the cells of one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from layercheck.errors import UsageError
from layercheck.reporting.classroom.grading import checks_of
from layercheck.reporting.classroom.records import Checked
from layercheck.reporting.words import many
from layercheck.submissions.profiles import notebooks
from layercheck.submissions.sources import read_bytes

from ..many import Say, Summed
from .checked import Staged, checked_files

LACKS = re.compile(r"\bits forward (\w+) is not in this file")
DEFINED = re.compile(
    r"^(?:async def|def|class) +(\w+).*(?:\n(?:[ \t)].*)?)*|^(\w+)(?: *:[^=\n]+)? *=(?!=).*$",
    re.MULTILINE,
)
"""A definition with the lines that belong to it, or an assignment."""

FUTURE = re.compile(r"^from __future__ import .*$", re.MULTILINE)
SCOPE = re.compile(r"^(?=[ \t]*(?:async )?def )", re.MULTILINE)
HEAD = re.compile(r"\)\s*(?:->[^:)]*)?:")
ARGUMENT = re.compile(r"[(,]\s*\*{0,2}(\w+)")
LOOP = re.compile(r"[ \t]+for ([\w, ()*]+) in ")
TARGETS = re.compile(r"\(?\*?\w+(?: *, *\*?\w+)*,?\)?")
MENTIONED = re.compile(r"(?<![\w.])[^\W\d]\w*")
OPERATORS = " \t+-*/%@&|^<>!"

Part = tuple[str, bool]
"""A text, and whether it is a whole file's: else it is a notebook's cell."""


def apart(files: Mapping[Path, Checked]) -> Iterator[tuple[Path, ...]]:
    """Of one student's files those with a backward, each after those with its forwards."""
    for path, own in files.items():
        lacking = set(lacked(own))
        holders = [
            other
            for other, checked in files.items()
            if other != path and not checked.is_joined and lacking & checks_of(checked).keys()
        ]
        if holders and not own.is_joined:
            yield (*holders, path)


def lacked(checked: Checked) -> Iterator[str]:
    """The forwards that a file lacks, of backwards that it has."""
    checks = checks_of(checked).values()
    for reason in (*(check["note"] for check in checks), *checked.unasked.values()):
        yield from LACKS.findall(reason)


def together(paths: Sequence[Path]) -> bytes | None:
    """The texts of these files as one: Python, or a notebook where one of them is; None where they
    cannot be one."""
    try:
        files = [list(parts_of(path)) for path in paths]
    except (UsageError, OSError, ValueError):
        return None
    if clash(["\n\n".join(text for text, _ in parts) for parts in files]):
        return None
    names = "|".join(re.escape(path.stem) for path in paths)
    beside = re.compile(
        rf"^from \.?(?:{names}) import (?!.*\bas\b)(?:\([^)]*\)|[^\n(]*)$", re.MULTILINE
    )
    parts = [part for own in files for part in own]
    future = dict.fromkeys(line for text, _ in parts for line in FUTURE.findall(text))
    bodies = [(beside.sub("", FUTURE.sub("", text)), is_whole) for text, is_whole in parts]
    if all(is_whole for _, is_whole in parts):
        return "\n\n".join([*future, *(text for text, _ in bodies)]).encode()
    return notebooks.written(bodies).encode()


def parts_of(path: Path) -> Iterator[Part]:
    """The texts of a file: one, or those of a notebook's cells; raises ValueError, OSError."""
    text = read_bytes(path).decode("utf-8-sig")
    if notebooks.is_notebook(path.name):
        yield from ((cell, False) for cell in notebooks.cells(text))
    else:
        yield text, True


def clash(texts: Sequence[str]) -> bool:
    """Whether a name has two meanings in two texts: by functions or classes that are not the same
    lines, or by assignments that are not, where a function reads it; what cells and scripts try
    things out with may have any."""
    definitions: dict[str, str] = {}
    assigned: dict[str, str] = {}
    twice: set[str] = set()
    for text in texts:
        every = {m[1] or m[2]: m for m in DEFINED.finditer(text)}
        for name, found in every.items():
            lines, own = found[0].rstrip(), definitions if found[1] else assigned
            if found[1] and definitions.get(name, lines) != lines:
                return True
            twice |= {name} if assigned.get(name, lines) != lines else set()
            own[name] = lines
    if assigned.keys() & definitions.keys():
        return True
    late = [*definitions.values(), *(line for line in assigned.values() if "lambda" in line)]
    return bool(twice) and any(name in read for read in map(reads, late) for name in twice)


def reads(definition: str) -> set[str]:
    """The names that a definition mentions and that are not its own: its arguments, what it
    assigns, what it loops over."""
    found: set[str] = set()
    for scope in SCOPE.split(definition):
        own = set(ARGUMENT.findall(HEAD.split(scope, maxsplit=1)[0])) if "def " in scope else set()
        for line in scope.splitlines():
            loop, (left, assigns, right) = LOOP.match(line), line.partition("=")
            targets = left.partition(":")[0].strip(OPERATORS)
            if assigns and not right.startswith("=") and TARGETS.fullmatch(targets):
                own |= set(MENTIONED.findall(targets))
            own |= set(MENTIONED.findall(loop[1])) if loop else set()
        found |= set(MENTIONED.findall(scope)) - own
    return found


def with_joined(
    staged: Staged, summed: Summed, out: Path, check: Callable[[], Summed], say: Say
) -> Summed:
    """What all files come to, once a forward and a backward in two files of one student are put
    together. check: asks all files that have no report yet."""
    if summed.interruption is not None or staged.staging is None:
        return summed
    new = 0
    checked = checked_files(staged, summed.rows, out, fewest=2)
    for student, files in zip(staged.students, checked, strict=True):
        for paths in list(apart(files)):
            data = together(paths)
            new += data is not None and staged.staging.put(student, paths, data)
    if not new:
        return summed
    say(f"{many(new, 'backward')} whose forward stands in another file: checked with it")
    return check()
