"""Results that are kept between runs: they are what would be computed now, and are never missed."""

from __future__ import annotations

import ast
import os
import re
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layercheck.cases import case as case_module
from layercheck.cases.parse import parse
from layercheck.cases.quick import quick
from layercheck.judging import facts as facts_module
from layercheck.judging.bounds import Bound
from layercheck.judging.facts import (
    EXACTLY,
    Facts,
    all_facts_kept,
    drawn_facts,
    facts,
    near_facts,
    recorded_facts,
)
from layercheck.judging.kept import keeping, keys
from layercheck.judging.kept.coded import Found, coded, decoded
from layercheck.judging.kept.keeping import FILE, KEEPING, OFF, VARIABLE
from layercheck.judging.kept.store import MOST_OF_ONE, Store
from layercheck.pipeline import kept_cases, pairs, plan
from oracles.exact import Truth
from ref_layers import OPS

ROOT = Path(__file__).parent.parent
CASE = parse("conv2d x=2x3x5x4 w=4x3x3x2 b=4 stride=2 dtype=float64 seed=7")
posix = pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where results are kept in this test."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "kept"))
    yield tmp_path / "kept"
    KEEPING.opened = None


def begun_anew() -> None:
    """As in another process, later."""
    KEEPING.flush()
    KEEPING.opened = None


def never(*_: Any) -> Any:
    raise AssertionError("computed again")


def alike(one: Facts, other: Facts) -> bool:
    """Whether two are the same to the last bit."""
    assert one.truth.unit_roundoff == other.truth.unit_roundoff
    assert one.truth.arithmetic == other.truth.arithmetic
    assert list(one.truth.arrays) == list(other.truth.arrays)
    assert list(one.bounds) == list(other.bounds)
    pairs = [(one.truth.arrays[n], other.truth.arrays[n]) for n in one.truth.arrays]
    for name, bound in one.bounds.items():
        assert bound.unit == other.bounds[name].unit
        pairs += [
            (bound.likely, other.bounds[name].likely),
            (bound.worst, other.bounds[name].worst),
        ]
    return all(a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True) for a, b in pairs)


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize(
    "way", [facts, drawn_facts, recorded_facts], ids=["facts", "drawn", "recorded"]
)
def test_what_is_kept_is_what_would_be_computed(
    op: str, way: Callable[..., Facts], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = sorted(quick(op), key=lambda case: case.elements)[:8]
    monkeypatch.setenv(VARIABLE, OFF)
    computed = [way(case) for case in cases]
    monkeypatch.setenv(VARIABLE, str(folder))
    for case in cases:
        way(case)
    begun_anew()
    monkeypatch.setattr(facts_module, "bounds", never)
    assert all(alike(way(case), there) for case, there in zip(cases, computed, strict=True))


def test_another_question_is_another_result(folder: Path) -> None:
    first = near_facts(CASE, CASE.question)
    x = CASE.question.inputs["x"].copy()
    x[0, 0, 0, 0] = np.nextafter(x[0, 0, 0, 0], 2)
    others = [
        replace(CASE.question, inputs={**CASE.question.inputs, "x": x}),
        replace(CASE.question, dout=CASE.question.dout[::-1]),
        replace(
            CASE.question,
            attributes={**CASE.question.attributes, "padding": 1},
            dout=np.ones((2, 4, 3, 3)),
        ),
        CASE.question.astype("float32"),
    ]
    found = {keys.key_of(one, "near") for one in (CASE.question, *others)}
    assert len(found) == 1 + len(others)
    assert keys.key_of(CASE.question, "near") != keys.key_of(CASE.question, "exact")
    assert not np.array_equal(
        near_facts(CASE, others[0]).truth.arrays["out"], first.truth.arrays["out"]
    )


@pytest.mark.parametrize("op", OPS)
def test_a_case_gets_the_values_that_it_would_draw(
    op: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = sorted(quick(op), key=lambda case: case.elements)[:8]
    computed = [facts(case) for case in cases]
    begun_anew()
    monkeypatch.setattr(case_module, "draw", never)
    again = [replace(case) for case in cases]
    for one, known, first in zip(again, all_facts_kept(again, EXACTLY), computed, strict=True):
        assert known is not None
        assert alike(known, first)
        asked, drawn = one.question, first.case.question
        assert asked.attributes == drawn.attributes
        assert asked.differentiable == drawn.differentiable
        values = {**asked.inputs, "dout": asked.dout}
        for name, value in {**drawn.inputs, "dout": drawn.dout}.items():
            assert values[name].dtype == value.dtype
            assert values[name].tobytes() == value.tobytes()
            assert values[name].shape == value.shape
            assert not values[name].flags.writeable


def test_of_several_cases_those_that_are_kept_are_found(folder: Path) -> None:
    cases = sorted(quick("affine"), key=lambda case: case.elements)[:3]
    facts(cases[1])
    begun_anew()
    found = all_facts_kept([replace(case) for case in cases], EXACTLY)
    assert [one is not None for one in found] == [False, True, False]


def test_another_recording_is_another_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "code", lambda made_by: b"")
    monkeypatch.setattr(keys, "stamp", keys.stamp.__wrapped__)
    monkeypatch.setattr(keys, "ROOT", tmp_path)
    found = [keys.key_of_case("relu", "relu x=2", "recorded")]
    recording = tmp_path / "oracles" / "recordings" / "relu.npz"
    recording.parent.mkdir(parents=True)
    for content in (b"one", b"other"):
        recording.write_bytes(content)
        found.append(keys.key_of_case("relu", "relu x=2", "recorded"))
    found.append(keys.key_of_case("relu", "relu x=2", "nearly"))
    found.append(keys.key_of_case("relu", "relu x=3", "nearly"))
    assert len(set(found)) == len(found)


def test_a_long_value_is_not_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "own" / "kept.sqlite")
    store.put(b"long", bytes(MOST_OF_ONE + 1))
    store.put(b"longest", bytes(MOST_OF_ONE))
    store.flush()
    assert store.get(b"long") is None
    assert store.get(b"longest") is not None
    assert set(store.get_all([b"long", b"longest"])) == {b"longest"}


@pytest.mark.parametrize(
    "made_by", [keys.RESULTS, keys.VALUES, keys.CASES], ids=["results", "values", "cases"]
)
def test_other_code_is_another_key(
    made_by: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = keys.code.__wrapped__(made_by)
    assert all(list(ROOT.glob(pattern)) for pattern in made_by)
    for path in keys.sources(made_by):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    monkeypatch.setattr(keys, "ROOT", tmp_path)
    assert keys.code.__wrapped__(made_by) == whole
    for pattern in made_by:
        path = sorted(tmp_path.glob(pattern))[-1]
        old = path.read_bytes()
        path.write_bytes(old + b"\n")
        assert keys.code.__wrapped__(made_by) != whole, pattern
        path.write_bytes(old)


def test_keys_hold_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    before = keys.key_of(CASE.question, "near"), keys.key_of_text("a choice")
    monkeypatch.setattr(keys, "code", lambda made_by: b"other")
    after = keys.key_of(CASE.question, "near"), keys.key_of_text("a choice")
    assert not {*before} & {*after}


def imported(path: Path) -> Iterator[Path]:
    """The files of ours that one imports."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            ahead = package[: len(package) - node.level + 1] if node.level else ()
            name = (*ahead, *(node.module or "").split("."))
            places = [name, *((*name, alias.name) for alias in node.names)]
        elif isinstance(node, ast.Import):
            places = [tuple(alias.name.split(".")) for alias in node.names]
        else:
            continue
        for place in places:
            stem = ROOT.joinpath(*(part for part in place if part))
            yield from (
                p
                for p in (stem.with_suffix(".py"), stem / "__init__.py")
                if p.is_file() and p != ROOT
            )


def test_all_that_results_are_made_by_is_in_their_key() -> None:
    found = [
        ROOT / "oracles/exact.py",
        ROOT / "oracles/recorded.py",
        *(ROOT / f"ref_layers/{op}.py" for op in OPS),
        *(ROOT / "layercheck/judging/bounds").glob("*.py"),
    ]
    for path in found:
        found += [one for one in imported(path) if one not in found]
    inside = set(keys.sources(keys.RESULTS))
    assert len(found) > 40
    assert [str(path) for path in found if path not in inside and path.stat().st_size > 200] == []


@pytest.mark.parametrize("spoil", ["a bit", "the end", "all", "another's"])
def test_a_damaged_value_is_computed_anew(spoil: str, folder: Path) -> None:
    right = near_facts(CASE, CASE.question)
    near_facts(CASE, replace(CASE.question, dout=2 * CASE.question.dout))
    begun_anew()
    with sqlite3.connect(folder / FILE) as file:
        (number, value), (_, other) = file.execute(
            "SELECT number, value FROM kept ORDER BY number"
        ).fetchall()
        bad = {
            "a bit": value[:400] + bytes([value[400] ^ 1]) + value[401:],
            "the end": value[:-8],
            "all": b"",
            "another's": other[:4] + value[4:],
        }[spoil]
        file.execute("UPDATE kept SET value = ? WHERE number = ?", (bad, number))
    assert alike(near_facts(CASE, CASE.question), right)
    begun_anew()
    with sqlite3.connect(folder / FILE) as file:
        assert (value,) in file.execute("SELECT value FROM kept").fetchall()


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\0" + bytes(200)])
def test_a_damaged_file_is_made_anew(content: bytes, folder: Path) -> None:
    folder.mkdir(mode=0o700)
    (folder / FILE).write_bytes(content)
    right = near_facts(CASE, CASE.question)
    for _ in range(2):
        begun_anew()
        assert alike(near_facts(CASE, CASE.question), right)
    begun_anew()
    with sqlite3.connect(folder / FILE) as file:
        assert file.execute("SELECT count(*) FROM kept").fetchone() == (1,)


@posix
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_nothing_is_kept_where_others_may_write(mode: int, folder: Path) -> None:
    folder.mkdir()
    folder.chmod(mode)
    near_facts(CASE, CASE.question)
    begun_anew()
    assert list(folder.iterdir()) == []


@posix
def test_the_folder_is_the_users_alone(folder: Path) -> None:
    near_facts(CASE, CASE.question)
    begun_anew()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_had_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file" / "kept"))
    assert near_facts(CASE, CASE.question).bounds
    KEEPING.opened = None


def test_nothing_is_kept_nor_believed_beside_a_file_that_may_write_anywhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    near_facts(CASE, CASE.question)
    begun_anew()
    before = (folder / FILE).read_bytes()
    monkeypatch.setattr(KEEPING, "forbidden", True)
    read: list[bytes] = []
    monkeypatch.setattr(Store, "get", lambda self, key: read.append(key))
    near_facts(CASE, CASE.question)
    assert not read
    assert (folder / FILE).read_bytes() == before


def test_the_older_half_makes_room(tmp_path: Path) -> None:
    store = Store(tmp_path / "own" / "kept.sqlite", most_bytes=200_000)
    sizes = []
    for turn in range(60):
        for number in range(10):
            store.put(f"{turn} {number}".encode(), os.urandom(1000))
        store.flush()
        with sqlite3.connect(store.path) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        sizes.append(store.path.stat().st_size)
    assert max(sizes) < 300_000
    assert store.get(b"59 9") is not None
    assert store.get(b"0 0") is None


def test_processes_share_a_file(folder: Path) -> None:
    script = (
        "from layercheck.cases.quick import quick; from layercheck.judging.facts import near_facts\n"
        "for case in quick('affine'): near_facts(case, case.question)\n"
    )

    def one(_: int) -> int:
        return subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
        ).returncode

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(4))) == [0] * 4
    with sqlite3.connect(folder / FILE) as file:
        assert file.execute("SELECT count(*) FROM kept").fetchone() == (len(quick("affine")),)
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_forked_process_opens_its_own(folder: Path) -> None:
    near_facts(CASE, CASE.question)
    first = KEEPING.store()
    KEEPING.opened = (os.getpid() + 1, str(folder), first)  # type: ignore[assignment]
    assert KEEPING.store() is not first


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1 / 3, 1e300, 5e-324])
def test_odd_numbers_come_back(value: float) -> None:
    exact = np.array([value, 1], np.longdouble)
    found = Found(
        {"out": Bound(np.array([0.0, np.inf]), np.array([value, np.nan]), 0.5)},
        Truth({"out": exact, "n": np.array([3])}, 2.0**-60, "arb"),
    )
    came = decoded(coded(found))
    assert came.truth is not None
    assert np.array_equal(came.truth.arrays["out"], exact, equal_nan=True)
    assert came.truth.arrays["out"].dtype == np.longdouble
    assert came.truth.arrays["n"].dtype == np.int64
    assert np.array_equal(came.bounds["out"].worst, found.bounds["out"].worst, equal_nan=True)


def checked(file: str, kept_in: str) -> str:
    """What a check of an example says, its time left away."""
    told = subprocess.run(
        [sys.executable, "-m", "layercheck", "check", f"examples/homework/{file}"],
        cwd=ROOT,
        env={**os.environ, VARIABLE: kept_in},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stderr == ""
    return re.sub(r"asked \d+ times", "asked", told.stdout)  # how often there was time to


@pytest.mark.parametrize("file", ["layers_vectorised.py", "layers_with_mistakes.py"])
def test_a_check_says_the_same_with_what_is_kept(file: str, tmp_path: Path) -> None:
    kept_in = str(tmp_path / "kept")
    alone = checked(file, OFF)
    assert "cases" in alone
    assert checked(file, kept_in) == alone
    with sqlite3.connect(tmp_path / "kept" / FILE) as database:
        (count,) = database.execute("SELECT count(*) FROM kept").fetchone()
    assert count > 300
    assert checked(file, kept_in) == alone
    with sqlite3.connect(tmp_path / "kept" / FILE) as database:
        assert database.execute("SELECT count(*) FROM kept").fetchone() == (count,)


def test_chosen_cases_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from layercheck.implementations.module import Module

    layer = next(one for one in Module("ref_layers").layers() if one.op == "avg_pool")
    cases = list(quick("avg_pool"))[:3]
    found = kept_cases.chosen(pairs.unpaired, layer, cases)
    assert found == list(pairs.unpaired(layer, cases))
    begun_anew()

    def unpaired(*_: Any) -> Any:
        never()

    assert kept_cases.chosen(unpaired, layer, cases) == found
    with pytest.raises(AssertionError, match="computed again"):
        kept_cases.chosen(unpaired, layer, cases[:2])
    with pytest.raises(AssertionError, match="computed again"):
        kept_cases.chosen(
            unpaired, replace(layer, takes=replace(layer.takes, fixed={"stride": 1})), cases
        )


assert plan.chosen is kept_cases.chosen
assert keeping.kept is facts_module.kept
