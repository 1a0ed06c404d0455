"""Many files: a report each, a summary of all, and only what is missing when run again."""

from __future__ import annotations

import errno
import hashlib
import math
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from layercheck.errors import NoSandbox, UsageError, fault
from layercheck.implementations.framework import Framework
from layercheck.reporting.earlier import remove_reports
from layercheck.reporting.files import remove_halves
from layercheck.reporting.formats import html
from layercheck.reporting.formats import json as json_format
from layercheck.reporting.held import settled
from layercheck.reporting.redacted import redacted, without_words
from layercheck.reporting.report import Report
from layercheck.reporting.sealing import read_sealed, write_sealed
from layercheck.reporting.summary import SUMMARY, Row, row_of, summaries, write_summary
from layercheck.reporting.words import many
from layercheck.submissions.sources import is_current, name_of

from .crew import ENDED, Crew, Jobs
from .options import Options, settings_of
from .run import check

if TYPE_CHECKING:
    from .cluster import Cluster

Say = Callable[[str], None]
LONGEST = 120
"""How many characters of a path a report's name has."""

UNWRITTEN = "its report cannot be written"
"""How the problem begins of a file that is judged, and nobody will read it."""

NO_ROOM = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)

WHILE = 5.0
"""How many seconds a summary of what is done so far stays: writing it takes as long as there are
files."""

FEWEST_TIMED, SHORTEST_TOLD = 3, 60.0
"""From how many files, and from how many seconds on, the time left is told."""


@dataclass(frozen=True)
class Summed:
    """rows: of the files that are done, in their order · count: how many there are ·
    interruption: by which the rest was left."""

    rows: list[Row]
    count: int
    interruption: KeyboardInterrupt | None = None


_frameworks: dict[str, Framework] = {}
"""Those that this process has started: they serve all its files."""


def check_file(path: Path, options: Options) -> Report:
    """The report of one file; raises UsageError where there is nothing to check."""
    live = options.live or options.oracles
    for name in options.asked if live else ():
        _frameworks.setdefault(name, Framework(name))
    kept = {name: _frameworks[name] for name in options.asked} if live else None
    return check(str(path), options, kept)


def end_frameworks() -> None:
    """End the frameworks that this process started."""
    for framework in _frameworks.values():
        framework.stop()
    _frameworks.clear()


def check_many(
    paths: Sequence[Path],
    options: Options,
    jobs: Jobs,
    out: Path,
    say: Say,
    together: bool = True,
    resumed: bool = True,
) -> Summed:
    """Check every file, `jobs` at a time, or on the cluster of the scheduler whose address that is;
    one that cannot be checked never stops the others.

    together: whether they lie beside one another, so that none gets another's functions · resumed:
    whether reports that are there already are an earlier run's, which is told. Interrupted, what is
    done is written, and the rest is not. Raises OSError where the summary cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    out = settled(out)  # from now on no link leads to what is written
    remove_halves(out)
    paths, options = distinct(paths), replace(options, together=together)
    names = report_names(paths)
    bases = {path: out / names[path] for path in paths}
    reports = {name_of(path): name for path, name in names.items()}
    rows = {p: row for p in paths if (row := kept_row(p, options, bases[p])) is not None}
    if rows and resumed:
        say(f"{len(rows)} of {len(paths)} reports are there already")
    due = [path for path in paths if path not in rows]
    interruption: KeyboardInterrupt | None = None
    clock = Clock(len(due))
    try:
        for path, row in run_all(due, options, jobs, bases):
            rows[path] = row
            say(f"{len(rows)}/{len(paths)} {path}: {row.told}{clock.left()}")
            if clock.is_while():
                write_so_far([rows[p] for p in paths if p in rows], out, reports)
    except KeyboardInterrupt as error:
        interruption = error
    ordered = [rows[path] for path in paths if path in rows]
    write_summary(ordered, out, reports)
    return Summed(ordered, len(paths), interruption)


def write_so_far(rows: Sequence[Row], out: Path, reports: dict[str, str]) -> None:
    """The summary of what is done; that it cannot be written the last one tells."""
    with suppress(OSError):
        write_summary(rows, out, reports)


class Clock:
    """How long the rest of a run will take, as the part that is done did. due: the files."""

    def __init__(self, due: int) -> None:
        self.due, self.done, self.began = due, 0, time.monotonic()
        self.told = -math.inf

    def left(self) -> str:
        """After one more file; empty where it is not worth telling."""
        self.done += 1
        seconds = (time.monotonic() - self.began) / self.done * (self.due - self.done)
        if self.done < FEWEST_TIMED or seconds < SHORTEST_TOLD:
            return ""
        return f" (about {many(round(seconds / 60), 'minute')} left)"

    def is_while(self) -> bool:
        """Whether it is a while since this was last so."""
        now = time.monotonic()
        if now - self.told < WHILE:
            return False
        self.told = now
        return True


def run_all(
    due: Sequence[Path], options: Options, jobs: Jobs, bases: dict[Path, Path]
) -> Iterator[tuple[Path, Row]]:
    """Each file with its row, as they are done."""
    if not due:
        return
    with crew_of(due, options, jobs) as crew:
        yield from crew.judge(due, bases)


def crew_of(due: Sequence[Path], options: Options, jobs: Jobs) -> Crew | Cluster:
    """Who judges them: processes of this machine, or a cluster's."""
    if isinstance(jobs, str):
        from .cluster import Cluster

        return Cluster(jobs, options)
    return Crew(max(1, min(jobs, len(due))), options)


def check_and_write(path: Path, options: Options, base: Path) -> Row:
    """Check one file and write its report; what cannot be checked is told in its row."""
    page, data = reports_at(base)
    words = options.hidden.get(str(path), ())
    try:
        report = redacted(check_file(path, options), words)
    except Exception as error:  # a mistake of ours must not lose the other files
        told = str(error) if isinstance(error, UsageError) else fault(error)
        told = f"{ENDED}: {error}" if is_machines(error) else told
        told = without_words(told, words)
        return Row(name_of(path), problem=f"{told}{remove_reports([page, data])}")
    try:
        return row_of(write_sealed(report, page, data))
    except OSError as error:
        remove_reports([page, data])  # half of this one's may be there
        return Row(name_of(path), problem=f"{UNWRITTEN}: {error.strerror or error}")


def is_machines(error: BaseException) -> bool:
    """Whether it was the machine that had no room, for memory, a thread, a process, a file; or that
    started no sandbox."""
    return (
        isinstance(error, (MemoryError, NoSandbox))
        or (isinstance(error, OSError) and error.errno in NO_ROOM)
        or "can't start new thread" in str(error)
    )


def reports_at(base: Path) -> tuple[Path, Path]:
    """The page and the JSON form of one file's report."""
    return base.with_name(base.name + html.SUFFIX), base.with_name(base.name + json_format.SUFFIX)


def distinct(paths: Sequence[Path]) -> list[Path]:
    """Each file once, however often and in whatever spelling it was named."""
    return list({os.path.abspath(path): path for path in reversed(paths)}.values())[::-1]


def files_of(paths: Sequence[Path], out: Path) -> list[Path]:
    """Every file that a run over these writes."""
    reports = [reports_at(out / name) for name in report_names(distinct(paths)).values()]
    return [*(file for pair in reports for file in pair), *summaries(out)]


def kept_row(path: Path, options: Options, base: Path) -> Row | None:
    """The row of a report that was written earlier of the same files, with the same options."""
    page, file = reports_at(base)
    try:
        data = read_sealed(page, file)
        if data is None:
            return None
        manifest = data["manifest"]
        same = data["subject"] == name_of(path) and manifest["settings"] == settings_of(options)
        same = same and is_current(manifest["sources"], path.parent)
        return row_of(data) if same and not manifest["partial"] else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def report_names(paths: Sequence[Path]) -> dict[Path, str]:
    """A file name for each report, no two alike: the path below what all have in common."""
    whole = {path: Path(os.path.abspath(path)) for path in paths}
    root = Path(os.path.commonpath([p.parent for p in whole.values()]))
    names = {path: readable(full.relative_to(root)) for path, full in whole.items()}
    seen = Counter(name.casefold() for name in [*names.values(), SUMMARY])
    return {
        path: f"{name}-{mark(path)}" if seen[name.casefold()] > 1 else name
        for path, name in names.items()
    }


def readable(path: Path) -> str:
    """`anna/hw.py` as `anna__hw-py`, in characters that every system takes; not too long."""
    bare = path.with_suffix("") if path.name else path
    text = "__".join(bare.parts) + path.suffix.replace(".", "-")
    plain = re.sub(r"[^\w.+-]", "_", text, flags=re.ASCII).lstrip(".-") or "_"
    return plain if plain == text and len(plain) <= LONGEST else f"{plain[:LONGEST]}-{mark(path)}"


def mark(path: Path) -> str:
    """A few characters that tell this path from any other."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]
