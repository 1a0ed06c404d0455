"""What a search has done and found, in one SQLite file: a batch is in it as a whole, or not."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from layercheck.errors import UsageError

from .suspicion import KINDS, Suspicion

TABLES = """
create table if not exists about (name text primary key, value text);
create table if not exists streams (
    name text primary key, next integer default 0, cpu real default 0, idle integer default 0);
create table if not exists tallies (name text primary key, count integer default 0);
create table if not exists suspicions (
    id integer primary key, process text, told text, state text default 'new',
    unique (process, told));
create table if not exists findings (
    id integer primary key, framework text, op text, kind text, condition text, told text,
    arrays text, routes text, dtypes text, explained text, seen integer default 1,
    folder text default '', note text default '');
"""


class Store:
    """file: the database; made where there is none. Safe for several threads."""

    def __init__(self, file: Path) -> None:
        self.lock = threading.RLock()
        try:
            self.base = sqlite3.connect(file, check_same_thread=False)
            self.base.row_factory = sqlite3.Row
            self.base.executescript(TABLES)
        except sqlite3.DatabaseError as error:
            raise UsageError(f"{file}: {error}; name another folder with --out") from None

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """What is done within is written as a whole."""
        with self.lock, self.base:
            yield self.base

    def close(self) -> None:
        """Let go of the file."""
        self.base.close()

    def rows(self, text: str, *values: Any) -> list[sqlite3.Row]:
        """The rows of a query."""
        with self.lock:
            return self.base.execute(text, values).fetchall()

    # ------------------------------------------------------------------ what it is about

    def is_about(self, told: Mapping[str, str]) -> None:
        """The same as before; raises UsageError where the file is of another search."""
        before = {row["name"]: row["value"] for row in self.rows("select * from about")}
        for name, value in told.items():
            if before.get(name, value) != value:
                raise UsageError(
                    f"the search in this folder has {name} {before[name]}, this one has {value}; "
                    "name another folder with --out"
                )
        with self.change() as base:
            base.executemany("insert or ignore into about values (?, ?)", told.items())

    # ------------------------------------------------------------------ batches

    def stream(self, name: str) -> sqlite3.Row:
        """Where a stream of questions stands."""
        with self.change() as base:
            base.execute("insert or ignore into streams (name) values (?)", (name,))
        return self.rows("select * from streams where name = ?", name)[0]

    def keep(self, stream: str, process: str, done: Mapping[str, Any]) -> None:
        """A batch: where its stream goes on, what it cost, what is suspected."""
        tally = {**done["tally"], "cpu ms": round(1000 * done["cpu"])}
        idle = not done["tally"].get("answered")
        with self.change() as base:
            base.execute(
                "update streams set next = ?, cpu = cpu + ?, idle = idle * ? + ? where name = ?",
                (done["next"], done["cpu"], idle, idle, stream),
            )
            for name, count in tally.items():
                base.execute("insert or ignore into tallies (name) values (?)", (name,))
                base.execute("update tallies set count = count + ? where name = ?", (count, name))
            rows = [(process, line) for line in done["found"]]
            base.executemany("insert or ignore into suspicions (process, told) values (?, ?)", rows)

    def tallies(self) -> dict[str, int]:
        """How many questions came to what."""
        return {row["name"]: row["count"] for row in self.rows("select * from tallies")}

    # ------------------------------------------------------------------ suspicions, findings

    def pending(self, process: str) -> list[tuple[int, Suspicion]]:
        """What is yet to be examined, the worst kind first, and what is seldom before the rest."""
        found = self.rows(
            "select * from suspicions where process = ? and state = 'new' order by id", process
        )
        told = [(row["id"], Suspicion.of(json.loads(row["told"]))) for row in found]
        return sorted(told, key=lambda pair: list(KINDS).index(pair[1].kind))

    def settle(self, number: int, state: str) -> None:
        """How a suspicion came out."""
        with self.change() as base:
            base.execute("update suspicions set state = ? where id = ?", (state, number))

    def findings(self) -> list[dict[str, Any]]:
        """All of them, with lists as lists."""
        return [as_finding(row) for row in self.rows("select * from findings order by id")]

    def add(self, number: int, finding: Mapping[str, Any]) -> int:
        """A new finding, from this suspicion; its number."""
        names = list(finding)
        values = [as_text(finding[name]) for name in names]
        marks = ", ".join("?" * len(names))
        with self.change() as base:
            text = f"insert into findings ({', '.join(names)}) values ({marks})"
            made = base.execute(text, values).lastrowid
            base.execute("update suspicions set state = 'found' where id = ?", (number,))
        assert made is not None
        return made

    def widen(self, number: int, finding: Mapping[str, Any], one: Suspicion, dtype: str) -> None:
        """A finding shows with this suspicion, too."""
        added = {"arrays": one.array, "routes": one.route, "dtypes": dtype}
        told = {name: sorted({*finding[name], value}) for name, value in added.items()}
        with self.change() as base:
            base.execute(
                "update findings set arrays = ?, routes = ?, dtypes = ?, seen = seen + 1 "
                "where id = ?",
                (*(as_text(value) for value in told.values()), finding["id"]),
            )
            base.execute("update suspicions set state = 'same' where id = ?", (number,))

    def note(self, finding: int, **told: str) -> None:
        """Where a finding's folder is, or what else is to be said of it."""
        with self.change() as base:
            for name, value in told.items():
                base.execute(f"update findings set {name} = ? where id = ?", (value, finding))


LISTS = ("arrays", "routes", "dtypes")


def as_text(value: Any) -> Any:
    """A value as a column has it."""
    return (
        json.dumps(list(value))
        if isinstance(value, (list, tuple, Sequence)) and not isinstance(value, str)
        else value
    )


def as_finding(row: sqlite3.Row) -> dict[str, Any]:
    """A row with its lists."""
    return {n: json.loads(row[n]) if n in LISTS else row[n] for n in row.keys()}  # noqa: SIM118
