"""Writing what was seen into the files of rows: people review it as they review code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from .machine import widest
from .observe import HAS_NONE
from .run import Executed

ROWS = Path(__file__).parent / "rows"
CPU = re.compile(r"(?m)^cpu = .*\n")
BLOCK = re.compile(r"\n*\[row\.answers\]\n(?:(?!\[).*(?:\n|$))*")
"""The answers of a row, which stand last in it."""


def write(executed: Iterable[Executed]) -> list[Path]:
    """Put answers into the files; which files there are."""
    by_op: dict[str, dict[str, Mapping[str, str]]] = {}
    for one in executed:
        kept = {n: s.words for n, s in one.found.items() if s.words != HAS_NONE}
        by_op.setdefault(one.row.op, {})[one.row.id] = kept
    for op, answers in by_op.items():
        path = ROWS / f"{op}.toml"
        text = rewritten(path.read_text(encoding="utf-8"), answers, widest())
        path.write_text(text, encoding="utf-8")
    return [ROWS / f"{op}.toml" for op in by_op]


def rewritten(text: str, answers: Mapping[str, Mapping[str, str]], cpu: str) -> str:
    """A file's text with these answers, by the row's id, and where they were seen; other rows stay.

    >>> print(rewritten('[[row]]\\nid = "a"\\n', {"a": {"torch": "agrees"}}, "avx2"))
    cpu = "avx2"
    <BLANKLINE>
    [[row]]
    id = "a"
    <BLANKLINE>
    [row.answers]
    torch = "agrees"
    <BLANKLINE>
    """
    head, *chunks = re.split(r"(?m)^(?=\[\[row\]\])", text)
    made = [CPU.sub("", head).rstrip() + f"\n\ncpu = {quoted(cpu)}\n\n"]
    for chunk in chunks:
        found = re.search(r'(?m)^id = "([^"]+)"', chunk)
        own = answers.get(found[1]) if found else None
        if own is None:
            made.append(chunk)
            continue
        lines = [f"{json.dumps(n) if '/' in n else n} = {quoted(w)}" for n, w in own.items()]
        body = BLOCK.sub("\n", chunk).rstrip()
        made.append("\n".join([body, "", "[row.answers]", *lines, "", ""]))
    return "".join(made).strip() + "\n"


def quoted(text: str) -> str:
    """As TOML writes it."""
    return json.dumps(text, ensure_ascii=False)
