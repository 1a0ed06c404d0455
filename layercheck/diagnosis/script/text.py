"""The lines of the script."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from layercheck.implementations.trace import CallMade, Made, Trace, Way
from oracles.oracle import Array

from .found import Found, Where, needed

HEAD = '''"""A failing case, as layercheck shows it. Run it with NumPy and {name} alone:

    {case}

It calls the file as it was called then, outside of any sandbox. Exit status 1: it still fails;
0: it no longer does.
"""

import importlib{util}
import sys
{path}
import numpy as np
from numpy import inf, nan
'''

FILE = """
FILE = Path(__file__).resolve().parent / {relative}
sys.path.insert(0, str(FILE.parent))
spec = importlib.util.spec_from_file_location({stem}, FILE)
theirs = importlib.util.module_from_spec(spec)
sys.modules[{stem}] = theirs
spec.loader.exec_module(theirs)
"""

MODULE = """
sys.path.append(".")
theirs = importlib.import_module({module})
"""

COMPARED = """
if got.shape != expected.shape:
    print(f"{array}: got shape {{got.shape}}, expected {{expected.shape}}")
    sys.exit(1)
with np.errstate(all="ignore"):
    right = (abs(got - expected) <= limit) | (got == expected)
    right |= np.isnan(got) & np.isnan(expected)
for index in np.argwhere(~right)[:10]:
    place = tuple(map(int, index))
    print(f"{array}{{list(place)}}: got {{got[place]}}, expected {{expected[place]}}")
print(f"{{(~right).sum()}} of {{right.size}} elements of {array} are wrong")
"""

DTYPE = """
if got.dtype != expected.dtype:
    print(f"{array}: got dtype {{got.dtype}}, expected {{expected.dtype}}")
    sys.exit(1)
"""

RAISED = """
print("it no longer raises anything")
"""

CHANGED = """
changed = not np.array_equal({array}, before, equal_nan=True)
print("{array} " + ("was changed" if changed else "is as it was"))
sys.exit(int(changed))
"""

END = "sys.exit(int(not right.all()))\n"


@dataclass(frozen=True)
class Failing:
    """What a script shows.

    case: its text · array: the wrong one; empty where the call raised · expected, limit: of it, as
    the op has them · found: where the function gives it; None where it raised, or changed an
    input · last: the call after which that is seen · names: the arrays of the question by name.
    """

    case: str
    trace: Trace
    last: int
    names: Mapping[str, Array]
    array: str = ""
    expected: Array | None = None
    limit: Array | None = None
    found: Found | None = None


def script(failing: Failing, subject: str, place: Path) -> str:
    """The text of a script that will lie at a place; subject: a file's path, or a module's name."""
    written = Writer(failing.names)
    calls = failing.trace.calls
    lines = [line for number in needed(calls, failing.last) for line in written.call(calls, number)]
    if failing.found is not None and failing.found.scaled:
        written.used["dout"] = failing.names["dout"]
    arrays = [literal(value, f"{name} = ") for name, value in written.used.items()]
    if failing.found is None and failing.array:
        lines.insert(0, f"before = {failing.array}.copy()")
    body = "\n".join(["", *arrays, "", *lines, ""])
    return head(failing.case, subject, place) + body + ending(failing)


def head(case: str, subject: str, place: Path) -> str:
    """What the script is, and how it gets at the functions."""
    told = "\n    ".join(textwrap.wrap(case, 92))
    if not subject.endswith(".py"):
        top = HEAD.format(name=subject, case=told, util="", path="")
        return top + MODULE.format(module=repr(subject))
    file, folder = Path(subject).resolve(), place.resolve().parent
    relative = os.path.relpath(file, folder).replace(os.sep, "/")
    path = "from pathlib import Path\n"
    top = HEAD.format(name=file.name, case=told, util=".util", path=path)
    return top + FILE.format(relative=repr(relative), stem=repr(file.stem))


def ending(failing: Failing) -> str:
    """How what came is held against what should have come."""
    found = failing.found
    if found is None:
        return CHANGED.format(array=failing.array) if failing.array else RAISED
    assert failing.expected is not None
    assert failing.limit is not None
    expected, limit = found.as_theirs(failing.expected), found.as_theirs(failing.limit)
    value = f"{holder(failing, found)}{way_text(found.way)}"
    lines = [
        f"got = np.asarray({value}{' * dout' if found.scaled else ''})",
        literal(expected, "expected = "),
        "# how far rounding alone may move each number",
        literal(rounded_up(limit), "limit = "),
    ]
    dtype = DTYPE if has_other_dtype(failing) else ""
    compared = (dtype + COMPARED).format(array=failing.array)
    return "\n".join(lines) + "\n" + compared + END


def holder(failing: Failing, found: Found) -> str:
    """What the array is in, by its name in the script."""
    made = failing.trace.calls[found.call]
    if found.where is Where.ARGUMENT:
        return argument_name(failing, found)
    return f"thing_{made.owner}" if found.where is Where.OBJECT else f"result_{found.call}"


def argument_name(failing: Failing, found: Found) -> str:
    """The name of an argument that is changed in place: an array's own, or the dictionary's."""
    made = failing.trace.calls[found.call]
    given = dict(made.given)[found.argument]
    if isinstance(given, np.ndarray):
        return Writer(failing.names).name_of(given)
    return settings_name(found.call, found.argument)


def settings_name(call: int, argument: str | int) -> str:
    """What a dictionary of settings is called."""
    return f"settings_{call}_{argument}"


def has_other_dtype(failing: Failing) -> bool:
    """Whether the dtype is what is wrong, and no number."""
    got, right, limit = failing.trace.answer.get(failing.array), failing.expected, failing.limit
    if got is None or right is None or limit is None or got.dtype == right.dtype:
        return False
    alike = got.shape == right.shape and got.dtype.kind == "f"
    return not alike or bool((np.abs(got - right) <= limit).all())


@dataclass
class Writer:
    """names: the arrays that have names · used: the arrays that the script needs, by name."""

    names: Mapping[str, Array]
    used: dict[str, Array] = field(default_factory=dict)

    def call(self, calls: Sequence[CallMade], number: int) -> Iterator[str]:
        """The lines of one call."""
        made = calls[number]
        for way, value in made.sets:
            yield f"thing_{made.owner}{way_text(way)} = {self.value(value, calls)}"
        pairs = made.given
        for key, value in pairs:
            if isinstance(value, dict):
                yield f"{settings_name(number, key)} = {self.value(value, calls)}"
        given = ", ".join(
            ("" if isinstance(key, int) else f"{key}=")
            + (settings_name(number, key) if isinstance(v, dict) else self.value(v, calls))
            for key, v in pairs
        )
        owner = "theirs" if made.owner is None else f"thing_{made.owner}"
        yield f"{result_name(number, calls)} = {owner}.{made.name}({given})"

    def value(self, value: Any, calls: Sequence[CallMade]) -> str:
        """One value as Python writes it."""
        if isinstance(value, Made):
            return f"{result_name(value.call, calls)}{way_text(value.way)}"
        if isinstance(value, np.ndarray):
            return self.name_of(value)
        if isinstance(value, (tuple, list)):
            inner = ", ".join(self.value(one, calls) for one in value)
            if isinstance(value, list):
                return f"[{inner}]"
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        if isinstance(value, dict):
            pairs = (f"{self.value(k, calls)}: {self.value(v, calls)}" for k, v in value.items())
            return f"{{{', '.join(pairs)}}}"
        return repr(value)

    def name_of(self, value: Array) -> str:
        """The name of an array; of one that is no input's a new one."""
        for name, known in {**self.names, **self.used}.items():
            if same_array(known, value):
                self.used[name] = known
                return f"{name}.copy()" if name not in self.names else name
        name = f"given_{len(self.used)}"
        self.used[name] = value
        return name


def result_name(number: int, calls: Sequence[CallMade]) -> str:
    """`thing_0` of an object whose methods are called, else `result_0`."""
    makes = any(call.owner == number for call in calls)
    return f"{'thing' if makes else 'result'}_{number}"


def same_array(a: Array, b: Array) -> bool:
    """Whether two arrays are alike in every bit."""
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def way_text(way: Way) -> str:
    """`[1]['W']`, `.grads`."""
    return "".join(f".{step}" if kind == "attribute" else f"[{step!r}]" for kind, step in way)


def literal(value: Array, ahead: str = "") -> str:
    """An array as Python writes it, to the last bit; ahead: what stands before it in its line."""
    if not value.size:
        return f"np.zeros({value.shape}, {value.dtype.name!r})"
    start, dtype = f"{ahead}np.array(", value.dtype.name
    text = np.array2string(
        value,
        separator=", ",
        threshold=sys.maxsize,
        max_line_width=92,
        floatmode="unique",
        prefix=start,
    )
    return f"{start}{text}, dtype={dtype!r})"


def rounded_up(limit: Array) -> Array:
    """Limits to few digits, none of them smaller."""
    return np.array([float(f"{1.001 * float(n):.4g}") for n in limit.flat]).reshape(limit.shape)
