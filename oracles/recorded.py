"""Answers of torch, TensorFlow and the exact result, kept in the package: no framework needed.

One file an op in `recordings/`, written by `layercheck record`, read without pickle. Each case has
a digest of its inputs, so that a recording is never held against other values. The exact result is
kept to 33 bits for float32 cases and 62 for float64, well beyond the dtype; a framework's array as
its distance from the rounded exact one in units in the last place, which compresses well.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from math import prod
from typing import Any

import numpy as np

from .exact import Truth
from .oracle import Answer, Array, Omitted, Question, Unsupported

KEPT = {"float64": (0, 2.0**-62)}
"""By dtype: how many low bits of the high part are dropped, and the relative error that leaves."""

KEPT_NARROW = (20, 2.0**-33)


class FailedAsRecorded(Exception):
    """The framework failed at this case when it was recorded: (kind, message)."""


class RecordingError(Exception):
    """A recording is missing or does not belong to the question."""


Place = tuple[str, str, str]
"""A case, an oracle (empty: the exact result), an array."""


@dataclass
class Last:
    """The last case that was found to have the recorded values.

    arrays: its exact ones · bases: what frameworks' arrays are recorded as distances from.
    """

    case: str
    question: Question
    arrays: dict[str, Array]
    bases: dict[str, Array] = field(default_factory=dict)


@dataclass
class Recording:
    """One op: the index, and the byte planes behind it by name, each read when it is wanted."""

    index: dict[str, Any]
    planes: Mapping[str, Array]
    flat: dict[str, Array] = field(default_factory=dict)
    last: Last | None = None

    def part(self, name: str, start: int, end: int) -> Array:
        """Some of the numbers that lie one after the other."""
        if name not in self.flat:
            self.flat[name] = from_planes(name, self.planes[name])
        return self.flat[name][start:end]

    @cached_property
    def starts(self) -> dict[Place, tuple[str, int]]:
        """Where each array begins among them."""
        return places(self.index)

    @property
    def versions(self) -> dict[str, str]:
        """Of the frameworks that answered."""
        return dict(self.index["versions"])


# ---------------------------------------------------------------------- what is kept of a number


def storable(truth: Truth, dtype: str) -> Truth:
    """The exact result as a recording keeps it; live runs use the same, so that both agree."""
    arrays = {name: rounded(value, dtype) for name, value in truth.arrays.items()}
    unit = max(truth.unit_roundoff, kept(dtype)[1])
    return Truth(arrays, unit, truth.arithmetic)


def kept(dtype: str) -> tuple[int, float]:
    return KEPT.get(dtype, KEPT_NARROW)


def rounded(value: Array, dtype: str) -> Array:
    if value.dtype.kind != "f":
        return value
    high, low = parts(value, dtype)
    return (high.astype(np.longdouble) + low.astype(np.longdouble)).reshape(value.shape)


def parts(value: Array, dtype: str) -> tuple[Array, Array]:
    """A longdouble array as float64 plus float32, with the bits dropped that are not kept."""
    high = drop_bits(np.ascontiguousarray(value, dtype=np.float64), kept(dtype)[0])
    with np.errstate(invalid="ignore"):
        rest = value - high.astype(np.longdouble)
    rest = np.where(np.isfinite(rest), rest, 0) if dtype == "float64" else np.zeros_like(value)
    return high, drop_bits(np.ascontiguousarray(rest, dtype=np.float32), 16)


def drop_bits(value: Array, bits: int) -> Array:
    """Round a float's mantissa so that its low bits are zero."""
    if bits == 0:
        return value
    whole = value.view(np.int64 if value.dtype == np.float64 else np.int32)
    half, mask = 1 << (bits - 1), ~((1 << bits) - 1)
    return np.asarray(((whole + half) & mask).view(value.dtype)).reshape(value.shape)


def ordered(value: Array) -> Array:
    """Floats as integers in the same order: neighbours differ by 1."""
    whole = value.view(np.int64 if value.itemsize == 8 else np.int32).astype(np.int64)
    return mirrored(whole, value.itemsize)


def from_ordered(whole: Array, dtype: str) -> Array:
    """The inverse of ordered."""
    size = np.dtype(dtype).itemsize
    bits = mirrored(whole, size).astype(np.int64 if size == 8 else np.int32)
    return np.asarray(bits.view(dtype))


def mirrored(whole: Array, size: int) -> Array:
    """Negative floats' bits, which grow downwards, as negative integers; its own inverse.

    -0.0 is -1, next to 0: it comes back as -0.0.
    """
    lowest = -(1 << (8 * size - 1))
    return np.where(whole >= 0, whole, lowest - (np.minimum(whole, -1) + 1))


# ---------------------------------------------------------------------- writing


def digest(question: Question) -> str:
    """A fingerprint of every value that the question holds."""
    found = hashlib.sha256()
    for name, value in {**question.inputs, "dout": question.dout}.items():
        found.update(f"{name} {value.dtype.str} {value.shape}".encode())
        found.update(np.ascontiguousarray(value).tobytes())
    return found.hexdigest()[:32]


class Writer:
    """Collects the cases of one op."""

    def __init__(self, versions: Mapping[str, str]) -> None:
        self.index: dict[str, Any] = {"versions": dict(versions), "cases": {}}
        self.flat: dict[str, list[Array]] = {}

    def add(self, case: str, dtype: str, question: Question, truth: Truth) -> None:
        """Add a case with its exact result, already storable."""
        entry: dict[str, Any] = {"digest": digest(question), "arrays": {}, "oracles": {}}
        entry["arithmetic"], entry["dtype"] = truth.arithmetic, dtype
        self.index["cases"][case] = entry
        for name, value in truth.arrays.items():
            entry["arrays"][name] = [value.dtype.kind, list(value.shape)]
            if value.dtype.kind == "f":
                high, low = parts(value, dtype)
                self._keep(f"high-{dtype}", high)
                self._keep(f"low-{dtype}", low)
            else:
                self._keep("whole", value.astype(np.int64))

    def add_answer(self, case: str, oracle: str, told: Mapping[str, Any], truth: Truth) -> None:
        """told: {"refused": reason}, {"failed": [kind, message]} or {"arrays": {...}}, with
        "confirms": the arrays that equal the exact result, if all lie within their bounds of it."""
        entry = self.index["cases"][case]
        if "arrays" not in told:
            entry["oracles"][oracle] = dict(told)
            return
        given = told["arrays"]
        omitted = {name: v.reason for name, v in given.items() if isinstance(v, Omitted)}
        entry["oracles"][oracle] = {
            "omitted": omitted,
            "names": [n for n in given if n not in omitted],
        }
        if "confirms" in told:
            entry["oracles"][oracle]["confirms"] = list(told["confirms"])
        for name in entry["oracles"][oracle]["names"]:
            value = np.ascontiguousarray(given[name])
            self._keep(f"{oracle}-{value.dtype.name}", distance(value, truth.arrays[name]))

    def _keep(self, name: str, value: Array) -> None:
        self.flat.setdefault(name, []).append(np.ascontiguousarray(value).reshape(-1))

    def bytes(self) -> bytes:
        """The file: byte planes, which compress better than numbers."""
        planes = {name: to_planes(np.concatenate(values)) for name, values in self.flat.items()}
        index = np.frombuffer(json.dumps(self.index).encode(), np.uint8)
        target = io.BytesIO()
        np.savez_compressed(target, **{"index": index, **planes})  # type: ignore[arg-type]
        return target.getvalue()


def distance(value: Array, truth: Array) -> Array:
    if value.dtype.kind != "f":
        return value.astype(np.int64) - truth.astype(np.int64)
    return ordered(value) - ordered(np.ascontiguousarray(truth.astype(value.dtype)))


def to_planes(values: Array) -> Array:
    planes: Array = values.view(np.uint8).reshape(-1, values.itemsize).T.copy()
    return planes


# ---------------------------------------------------------------------- reading


@cache
def load(op: str) -> Recording:
    """The recording of an op; raises RecordingError if there is none."""
    path = resources.files(__package__) / "recordings" / f"{op}.npz"
    try:
        data = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
    except FileNotFoundError:
        raise RecordingError(f"no recording of {op}; write it with: layercheck record") from None
    return Recording(json.loads(data["index"].tobytes()), data)


def versions() -> dict[str, str]:
    """Of the frameworks that were recorded; empty if nothing was."""
    folder = resources.files(__package__) / "recordings"
    ops = sorted(p.name.removesuffix(".npz") for p in folder.iterdir() if p.name.endswith(".npz"))
    return load(ops[0]).versions if ops else {}


def from_planes(name: str, planes: Array) -> Array:
    kind = {"high": np.float64, "low": np.float32}.get(name.partition("-")[0], np.int64)
    return np.ascontiguousarray(planes.T).reshape(-1).view(kind)


def places(index: Mapping[str, Any]) -> dict[Place, tuple[str, int]]:
    """Where each case's arrays begin in the flat ones: (case, who, array) -> start."""
    ends: dict[str, int] = {}
    starts: dict[Place, tuple[str, int]] = {}

    def take(key: Place, flat: str, shape: list[int]) -> None:
        starts[key] = (flat, ends.get(flat, 0))
        ends[flat] = ends.get(flat, 0) + prod(shape)

    for case, entry in index["cases"].items():
        for name, (kind, shape) in entry["arrays"].items():
            take((case, "", name), f"high-{entry['dtype']}" if kind == "f" else "whole", shape)
    for case, entry in index["cases"].items():
        for oracle, told in entry["oracles"].items():
            for name in told.get("names", ()):
                kind, shape = entry["arrays"][name]
                dtype = entry["dtype"] if kind == "f" else "int64"
                take((case, oracle, name), f"{oracle}-{dtype}", shape)
    return starts


def entry_of(op: str, case: str, question: Question) -> dict[str, Any]:
    recording = load(op)
    entry: dict[str, Any] | None = recording.index["cases"].get(case)
    if entry is None:
        raise RecordingError(f"{case}: not recorded; use a live framework, or --grid quick")
    last = recording.last
    if last is not None and last.case == case and last.question is question:
        return entry
    if entry["digest"] != digest(question):
        raise RecordingError(f"{case}: recorded for other values; record again: layercheck record")
    arrays = {name: truth_array(op, case, entry, name) for name in entry["arrays"]}
    recording.last = Last(case, question, arrays)
    return entry


def last_of(question: Question, case: str) -> Last:
    """The case whose entry was just asked for."""
    last = load(question.op).last
    assert last is not None
    assert last.case == case
    return last


def truth(case: str, question: Question) -> Truth:
    """The exact result of a recorded case."""
    entry = entry_of(question.op, case, question)
    arrays = dict(last_of(question, case).arrays)
    return Truth(arrays, kept(entry["dtype"])[1], entry["arithmetic"])


def truth_array(op: str, case: str, entry: Mapping[str, Any], name: str) -> Array:
    recording = load(op)
    shape = entry["arrays"][name][1]
    flat, start = recording.starts[case, "", name]
    end = start + prod(shape)
    values = recording.part(flat, start, end)
    if flat == "whole":
        return np.asarray(values.reshape(shape))
    low = recording.part(flat.replace("high", "low"), start, end)
    return np.asarray((values.astype(np.longdouble) + low.astype(np.longdouble)).reshape(shape))


def answer(oracle: str, case: str, question: Question) -> Answer:
    """What an oracle answered; raises Unsupported or FailedAsRecorded as it did then."""
    entry = entry_of(question.op, case, question)
    told = entry["oracles"].get(oracle)
    if told is None:
        raise RecordingError(f"{case}: {oracle} was not recorded")
    if "refused" in told:
        raise Unsupported(told["refused"])
    if "failed" in told:
        raise FailedAsRecorded(*told["failed"])
    result: Answer = {name: Omitted(reason) for name, reason in told["omitted"].items()}
    for name in told["names"]:
        result[name] = answer_array(question, case, entry, oracle, name)
    return {name: result[name] for name in entry["arrays"] if name in result}


def confirmed(
    oracle: str, op: str, case: str
) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, str]] | None:
    """The arrays in which an oracle confirms the recorded exact result, those among them that equal
    it, and why others are omitted; None where it does not, or nothing is recorded."""
    entry = load(op).index["cases"].get(case, {"oracles": {}})
    told = entry["oracles"].get(oracle, {})
    if "confirms" not in told:
        return None
    return tuple(told["names"]), tuple(told["confirms"]), told["omitted"]


def answer_array(
    question: Question, case: str, entry: Mapping[str, Any], oracle: str, name: str
) -> Array:
    recording = load(question.op)
    last = last_of(question, case)
    exact = last.arrays[name]
    flat, start = recording.starts[case, oracle, name]
    steps = recording.part(flat, start, start + exact.size).reshape(exact.shape)
    if exact.dtype.kind != "f":
        return np.asarray(exact + steps)
    if name not in last.bases:  # at least 1-D
        base = ordered(np.ascontiguousarray(exact.astype(entry["dtype"])))
        last.bases[name] = base.reshape(exact.shape)
    return from_ordered(last.bases[name] + steps, entry["dtype"])
