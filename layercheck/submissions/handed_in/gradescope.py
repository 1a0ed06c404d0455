"""Whose `submission_7` is, as the file says that Gradescope puts into its export.

Of what the parser comes across texts, lists and dictionaries are made, and no other object: tags
make nothing, and an alias stands for what is there already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from .archives import Member
from .names import Placed, Who

DEEPEST = 50
"""How far what is in the file may be nested."""

MOST_NODES = 2_000_000
MOST_SUBMITTERS, LONGEST_TEXT = 20, 200
NUMBERS = "the students are called by the numbers of their submissions"
LACKING = f"reading it takes PyYAML, and {NUMBERS}: pip install 'layercheck[gradescope]'"
NONE = f"it names no student of any submission, and {NUMBERS}; expected Gradescope's own"
SILENT = (
    "it has no lateness of any submission: nobody is called late here; who was late is known on "
    "Gradescope"
)
SUBMISSION = re.compile(r"submission_(\d+)")
LATE = ("late", "lateness")
NOT_LATE = ("", "false", "no", "null", "none", "~")


@dataclass(frozen=True)
class Listed:
    """students: by the number of their submission · problem: why the file cannot be read, or what
    it does not say."""

    students: Mapping[str, Placed] = field(default_factory=dict)
    problem: str = ""


def listed(member: Member | None) -> Listed:
    """The students that an export's file names; none where there is no such file."""
    if member is None:
        return Listed()
    if member.problem:
        return Listed(problem=f"{member.problem}; {NUMBERS}")
    try:
        found = tree_of(member.data.decode("utf-8-sig"))
    except ImportError:
        return Listed(problem=LACKING)
    except UnicodeDecodeError:
        return Listed(problem=f"it is no text in UTF-8; {NUMBERS}")
    except ValueError as error:
        return Listed(problem=f"{error}; {NUMBERS}")
    students = dict(students_in(found))
    lacking = "" if tells_lateness(found) else SILENT
    return Listed(students, lacking if students else NONE)


def tells_lateness(found: Any) -> bool:
    """Whether it says of any submission how late it was, be it not at all."""
    return any(fields(entry).keys() & set(LATE) for entry in fields(found).values())


def students_in(found: Any) -> Iterator[tuple[str, Placed]]:
    """Each submission's number with its student; of a group all names in one.

    >>> tree = tree_of("submission_7:\\n  :submitters:\\n  - :name: Anna Ada\\n    :sid: '03'\\n")
    >>> dict(students_in(tree))
    {'7': Placed(who=Who(name='Anna Ada', number='03'), path='', is_late=False)}
    """
    for key, entry in fields(found).items():
        number, told = SUBMISSION.fullmatch(key), fields(entry)
        submitters = [fields(one) for one in items(told.get("submitters"))]
        names = [name for one in submitters if (name := text(one.get("name")))]
        if number and names:
            own = [sid for one in submitters if (sid := text(one.get("sid")))]
            who = Who(", ".join(names), ", ".join(own) or number[1])
            yield number[1], Placed(who, "", any(is_late(told.get(name)) for name in LATE))


def is_late(value: Any) -> bool:
    """Whether a lateness is any: `3:12:05` and `true` are, `00:00:00` and `false` are not."""
    told = text(value).casefold()
    return told not in NOT_LATE and bool(re.search(r"[1-9a-z]", told))


def fields(node: Any) -> dict[str, Any]:
    """A mapping by its keys' bare words: Gradescope writes Ruby's symbols, `:name`."""
    return {k.lstrip(":"): v for k, v in node.items()} if isinstance(node, dict) else {}


def items(node: Any) -> list[Any]:
    """A list's, so many; none of what is no list."""
    return node[:MOST_SUBMITTERS] if isinstance(node, list) else []


def text(node: Any) -> str:
    """A value on one line, cut where it is long; empty for what is none."""
    return " ".join(node[:LONGEST_TEXT].split()) if isinstance(node, str) else ""


# ---------------------------------------------------------------------- YAML


def tree_of(source: str) -> Any:
    """Texts, lists and dictionaries; raises ValueError for what is no YAML or too much of it, and
    ImportError without PyYAML."""
    yaml = import_module("yaml")
    try:
        return built(yaml.parse(source, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        raise ValueError(
            f"it is no YAML: {getattr(error, 'problem', None) or 'it cannot be read'}{where}"
        ) from None


def built(events: Iterable[Any]) -> Any:
    """What the parser's events describe: one document, whose aliases are the things themselves."""
    anchors: dict[str, Any] = {}
    top: list[Any] = []
    open_nodes: list[Any] = [top]
    keys: list[str | None] = [None]
    for number, event in enumerate(events):
        if number > MOST_NODES or len(open_nodes) > DEEPEST:
            raise ValueError(f"it has over {MOST_NODES:,} parts, or is nested over {DEEPEST} times")
        kind = type(event).__name__
        if kind.endswith("EndEvent") and kind.startswith(("Mapping", "Sequence")):
            open_nodes.pop()
            keys.pop()
            continue
        if kind == "AliasEvent":
            node = anchors.get(event.anchor, "")
        elif kind == "ScalarEvent":
            node = event.value
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            node = {} if kind.startswith("Mapping") else []
        else:
            continue
        if kind != "AliasEvent" and event.anchor:
            anchors[event.anchor] = node
        keys[-1] = put(open_nodes[-1], keys[-1], node)
        if kind.endswith("StartEvent"):
            open_nodes.append(node)
            keys.append(None)
    return top[0] if top else None


def put(place: Any, key: str | None, node: Any) -> str | None:
    """Put a node into the list or dictionary that is open; the key that waits for its value. A key
    that is no text is empty."""
    if isinstance(place, list):
        place.append(node)
        return None
    if key is None:
        return node if isinstance(node, str) else ""
    place[key] = node
    return None
