"""A finding as a script that needs NumPy and the framework, and nothing of ours."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.judging.facts import facts
from oracles import routes
from oracles.oracle import Question

from .checks import PERTURBATIONS
from .definition import Definition
from .gather import code_of
from .generators.lanes import AXES
from .suspicion import Suspicion

SHOWN = 3
"""The exit status of a script that shows what it is about; one that breaks ends with another."""

HEAD = '''"""{what}

    {case}

by {route}. It needs NumPy and the framework; the numbers lie beside it, in inputs.npz. Exit status
{shown}, or that of a process that dies: it shows; 0: it does not. Memory is filled before it is
given (MALLOC_PERTURB_), so that what is read before it was written shows each time; --unfilled
leaves it as it is. --save FILE keeps the answer.
"""

from __future__ import annotations

import os
import sys

WANTED = {wanted}
if "--unfilled" in sys.argv:
    WANTED["MALLOC_PERTURB_"] = "0"
if any(os.environ.get(name) != value for name, value in WANTED.items()):
    os.execve(sys.executable, [sys.executable, *sys.argv], {{**os.environ, **WANTED}})

from pathlib import Path

import numpy as np

# ---------------------------------------------------------------------- how the framework is called

'''

ASKED = '''
# ---------------------------------------------------------------------- the question

HERE = Path(__file__).resolve().parent
given = dict(np.load(HERE / "inputs.npz"))
dout = given.pop("dout")


def ask_it(given, dout):
    """What the framework answers, by name."""
    return way(Asked({op!r}, given, {said!r}, dout, {wanted!r}))


'''

DIES = """
import signal

signal.alarm({seconds})  # ends it where it hangs
ask_it(given, dout)
print("it answered")
"""

KEPT = """
answered = ask_it(given, dout)
if "--save" in sys.argv:
    np.savez(sys.argv[sys.argv.index("--save") + 1], **answered)
got = np.asarray(answered[{array!r}])
"""

WRONG = """
right = np.load(HERE / "expected.npz")
expected, limit = right["expected"], right["limit"]
if got.shape != expected.shape:
    print(f"{array}: got shape {{got.shape}}, expected {{expected.shape}}")
    sys.exit({shown})
with np.errstate(all="ignore"):
    near = (abs(got - expected) <= limit) | (got == expected)
off = ~(near | (np.isnan(got) & np.isnan(expected)))
for place in np.argwhere(off)[:10].tolist():
    where = tuple(place)
    told = f"got {{got[where]}}, expected {{expected[where]}} within {{limit[where]:.3g}}"
    print(f"{array}{{place}}: {{told}}")
print(f"{{off.sum()}} of {{off.size}} numbers are wrong")
sys.exit({shown} if off.any() else 0)
"""

VARIES = """
import ctypes

ctypes.CDLL(None).mallopt(-6, {other})  # M_PERTURB: memory is filled with another byte
again = np.asarray(ask_it(given, dout)[{array!r}])
ctypes.CDLL(None).mallopt(-6, 0)
same = got.shape == again.shape and got.tobytes() == again.tobytes()
print(f"{array}: first {{got.reshape(-1)[:4]}}, then {{again.reshape(-1)[:4]}}")
sys.exit(0 if same else {shown})
"""

PLACES = '''
def turned(value):
    """The same in the opposite order."""
    return np.ascontiguousarray(np.flip(value, {axis}))


given = {{name: turned(value) for name, value in given.items()}}
again = turned(np.asarray(ask_it(given, turned(dout))[{array!r}]))
with np.errstate(all="ignore"):
    largest = np.maximum(abs(got), abs(again))
    near = abs(got - again) <= {close} * np.finfo(got.dtype).eps * np.maximum(largest, 1)
near |= got == again
off = ~(near | (np.isnan(got) & np.isnan(again)))
for place in np.argwhere(off)[:10].tolist():
    where = tuple(place)
    print(f"{array}{{place}}: {{got[where]}}, and {{again[where]}} where the order is turned")
sys.exit({shown} if off.any() else 0)
'''


def script(one: Suspicion, what: str, quiet: float) -> str:
    """The text of the script. quiet: twice as many seconds it waits for an answer."""
    environment = dict(routes.environment(one.route))
    case, question = parse(one.case), question_of(one)
    fields = {"shown": SHOWN, "what": what, "case": one.case, "route": one.route}
    head = HEAD.format(wanted=repr(environment), **fields)
    named = {name: case.all_attributes[name] for name in one.said}
    asked = ASKED.format(op=one.op, said=named, wanted=tuple(question.differentiable))
    return "".join([head, code_of(one.route, one.op), asked.strip("\n"), "\n", shown(one, quiet)])


def shown(one: Suspicion, quiet: float) -> str:
    """The lines that tell whether it shows."""
    if one.kind in ("crash", "hang"):
        return DIES.format(seconds=ceil(2 * quiet))
    kept, fields = KEPT.format(array=one.array), {"array": one.array, "shown": SHOWN}
    if one.check == "lanes":
        return kept + PLACES.format(axis=AXES[one.op], close=64, **fields)
    if Definition(parse(one.case)).reference is None:
        return kept + VARIES.format(other=PERTURBATIONS[1], **fields)
    return kept + WRONG.format(**fields)


def question_of(one: Suspicion) -> Question:
    """What was asked."""
    return Definition(parse(one.case)).question


def write_numbers(one: Suspicion, folder: Path) -> None:
    """inputs.npz, and where the definition has an answer, expected.npz."""
    question, case = question_of(one), parse(one.case)
    inputs: dict[str, Any] = {**question.inputs, "dout": question.dout}
    np.savez(folder / "inputs.npz", **inputs)
    if one.check == "truth" and one.array and Definition(case).reference is not None:
        np.savez(folder / "expected.npz", **expected(case, one.array))


def expected(case: Case, array: str) -> dict[str, Any]:
    """The exact array, and how far each number may be off by any order of summation."""
    known = facts(case)
    right = np.asarray(known.truth.arrays[array]).astype(np.float64)
    bound = known.bounds[array]
    kept = np.finfo(np.float64).eps * np.abs(right)
    limit = np.maximum(bound.limit, bound.worst) + np.where(np.isfinite(kept), kept, 0)
    return {"expected": right, "limit": np.where(np.isnan(limit), np.inf, limit).astype(float)}
