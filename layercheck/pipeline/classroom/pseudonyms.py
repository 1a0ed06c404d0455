"""Names that tell nobody: each student's is drawn once, and kept beside the submissions."""

from __future__ import annotations

import csv
import io
import re
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from layercheck.errors import UsageError
from layercheck.reporting.files import write_text
from layercheck.reporting.redacted import without_words
from layercheck.reporting.regular import Irregular, read_regular
from layercheck.reporting.words import safe
from layercheck.submissions.handed_in.entries import PSEUDONYMS
from layercheck.submissions.handed_in.names import Who
from layercheck.submissions.handed_in.pieces import LeftOut, Piece

from ..many import mark
from .staging import Student

HEAD = ["pseudonym", "student", "id", "mark"]
MOST = 8 << 20
SHORTEST = 3
"""How many letters of a name tell who somebody is."""


def pseudonyms_of(folder: Path, pieces: Iterable[Piece | LeftOut]) -> dict[Who, str]:
    """The pseudonym of each student: that of an earlier run, or a new one, which is written down
    beside the submissions, for the teacher. Raises UsageError where that cannot be."""
    file = (folder if folder.is_dir() else folder.parent) / PSEUDONYMS
    known = read_table(file)
    whos = sorted({p.placed.who for p in pieces if isinstance(p, Piece)}, key=repr)
    new = [who for who in whos if key(who) not in known]
    for who in new:
        known[key(who)] = [drawn({row[0] for row in known.values()}), who.name, who.number]
    if new:
        write_table(file, known)
    return {who: known[key(who)][0] for who in whos}


def key(who: Who) -> str:
    """What tells a student from the others in the table."""
    return mark(Path(f"{who.number}/{who.name}"))


def drawn(taken: set[str]) -> str:
    """A pseudonym that nobody has."""
    return next(n for n in iter(lambda: f"student-{secrets.token_hex(4)}", "") if n not in taken)


def read_table(file: Path) -> dict[str, list[str]]:
    """The rows of an earlier run by student; raises UsageError for what is no such table."""
    if not file.exists():
        return {}
    try:
        rows = list(csv.reader(io.StringIO(read_regular(file, MOST).decode())))
    except (OSError, Irregular, ValueError, csv.Error) as error:
        raise UsageError(f"cannot read {file}: {error}") from None
    if rows[:1] != [HEAD] or any(len(row) != len(HEAD) for row in rows):
        raise UsageError(f"{file} is no table of pseudonyms; move it away, or undo what changed it")
    bad = [row[0] for row in rows[1:] if not re.fullmatch(r"student-[0-9a-f]{8}", row[0])]
    if bad:
        raise UsageError(f"{file}: {bad[0]!r} is no pseudonym; undo what changed it")
    return {row[3]: row[:3] for row in rows[1:]}


def write_table(file: Path, known: dict[str, list[str]]) -> None:
    """Write it, in an order that tells nothing; raises UsageError."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows([*map(safe, row), student] for student, row in sorted(known.items()))
    try:
        write_text(file, table.getvalue())
    except OSError as error:
        raise UsageError(
            f"cannot write {file}: {error.strerror}; --anonymous keeps who is who there"
        ) from None


def hide_names(students: Sequence[Student]) -> None:
    """Give the copies names that tell nobody: a single file is `layers.py`; of several, those that
    hold a part of the student's name are renamed, in the imports of the others too."""
    for student in students:
        words, own = parts_of(student.who), words_of(Path(student.who.name).stem)
        known = [
            file
            for file in student.files
            if single(student) or told_by(file.stem, words) or own & words_of(file.stem)
        ]
        for number, file in enumerate(known, 1):
            stem = "layers" if single(student) else f"file{number}"
            rename(student, file, file.with_name(f"{stem}{file.suffix.lower()}"))
        for file in student.files:
            student.places[file] = file.relative_to(student.folder).as_posix()
        student.problems = [without_words(text, words) for text in student.problems]
        student.others = [f"a {Path(name).suffix or 'nameless'} file" for name in student.others]


def single(student: Student) -> bool:
    """Whether nothing else imports it."""
    return len(student.files) == 1


def parts_of(who: Who) -> list[str]:
    """What of a name tells who it is: its words and numbers, and, as logins are made of them, the
    name in one, from either end; with accents in one character, and in two."""
    stem = Path(who.name).stem
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", stem))
    letters = [word for text in words for word in re.findall(r"[^\W\d_]+|\d+", text)]
    whole = [stem, "".join(words), "".join(reversed(words))]
    found = [*words, *letters, *whole, who.number]
    known = {word.casefold() for word in found if len(word) >= SHORTEST}
    forms = {unicodedata.normalize(form, word) for form in ("NFC", "NFD") for word in known}
    return sorted(forms)


def words_of(text: str) -> set[str]:
    """All words of a name, or of a file's that may be called by one: `xu_layers`."""
    composed = unicodedata.normalize("NFC", text)
    return {word.casefold() for word in re.findall(r"[^\W\d_]+", composed)}


def told_by(text: str, words: Iterable[str]) -> bool:
    """Whether a text holds a part of a name."""
    return any(word in text.casefold() for word in words)


def rename(student: Student, file: Path, new: Path) -> None:
    """Give a copy another name, and tell the student's other copies."""
    if file == new:
        return
    file.replace(new)
    student.files[student.files.index(file)] = new
    student.places[new] = student.places.pop(file)
    word = re.compile(rb"\b%s\b" % re.escape(file.stem.encode()))
    for other in student.files:
        if other.suffix == ".py" and not single(student) and file.stem.isidentifier():
            other.write_bytes(word.sub(new.stem.encode(), other.read_bytes()))
