"""The search for defects: what is planted is found, once, with a script that shows it; what is right
is not."""

from __future__ import annotations

import ast
import builtins
import importlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import numpy as np
import pytest
from click.testing import CliRunner

from layercheck._toml import tomllib
from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.cases.quick import quick as quick_cases
from layercheck.cases.where import condition
from layercheck.cli.commands.search import command
from layercheck.errors import UsageError
from layercheck.search import conditions, generators, run, tried, worker
from layercheck.search.asking import LACKING, Asker
from layercheck.search.finding import Finding, run_script, shows
from layercheck.search.gather import bound
from layercheck.search.known import explained
from layercheck.search.plan import routes_of
from layercheck.search.run import Came, Wanted, search
from layercheck.search.script import SHOWN, script, write_numbers
from layercheck.search.shrink import Walk, effort
from layercheck.search.smaller import Smaller
from layercheck.search.suspicion import KINDS, Suspicion
from oracles import routes

ROOT = Path(__file__).parents[1]
PLANTED = ROOT / "tests" / "planted"
QUICK = {op: quick_cases(op)[0] for op in ("relu", "conv2d", "batch_norm")}
FATAL = {"leaky_relu": ("crash", "dtype == 'float64'"), "flatten": ("hang", "dtype == 'float16'")}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks, and glibc's malloc")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small turns, so that every stream has one."""
    monkeypatch.setattr(worker, "BATCH_SECONDS", 0.2)
    monkeypatch.setattr(worker, "EXAMINE_SECONDS", 16.0)
    monkeypatch.setattr(run, "LOOK", 0.1)


def searched(out: Path, *ops: str, cases: int = 400, findings: int = 1, **more: Any) -> Came:
    """A search in the planted framework alone, until there is so much, and nothing is left to
    examine."""

    def is_enough(came: Came) -> bool:
        there = len(came.findings) >= findings and came.tallies.get("answered", 0) >= cases
        return there and not came.waiting

    told = {"minutes": 3.0, "quiet": 0.8, **more}
    return search(Wanted(ops, ("planted",), out=out, more=str(PLANTED), **told), is_enough)


def show(out: Path, finding: dict[str, Any]) -> tuple[int, str]:
    """Run a finding's script."""
    return run_script(out / "findings" / finding["folder"])


# ---------------------------------------------------------------------- what is planted


def test_wrong_numbers_are_found_once_and_shown(tmp_path: Path) -> None:
    came = searched(tmp_path, "add")
    (found,) = came.new
    assert (found["kind"], found["arrays"]) == ("wrong", ["dy"])
    assert found["condition"] == "N > 1"
    status, printed = show(tmp_path, found)
    assert status == SHOWN
    assert "numbers are wrong" in printed
    folder = tmp_path / "findings" / found["folder"]
    assert "layercheck" not in (folder / "show.py").read_text()
    assert {"inputs.npz", "expected.npz", "answer.npz", "environment.json", "report.md"} <= {
        path.name for path in folder.iterdir()
    }


def test_a_crash_is_gone_behind(tmp_path: Path) -> None:
    came = searched(tmp_path, "leaky_relu")
    (found,) = came.new
    assert (found["kind"], found["condition"]) == FATAL["leaky_relu"]
    assert show(tmp_path, found)[0] == -signal.SIGSEGV
    assert came.tallies["deadly"] > 0  # it is not asked again
    assert came.tallies["answered"] > 100


def test_a_hang_and_unwritten_memory_are_told_apart(tmp_path: Path) -> None:
    came = searched(tmp_path, "flatten", findings=2)
    kinds = {one["kind"]: one for one in came.findings}
    assert set(kinds) == {"hang", "unwritten"}
    where = kinds["hang"]["condition"]
    assert where.removesuffix(" and channels_last == false") == FATAL["flatten"][1]  # not taken
    assert kinds["unwritten"]["dtypes"] == ["float64"]
    assert show(tmp_path, kinds["unwritten"])[0] == SHOWN


def test_what_ends_the_process_is_not_asked_for_what_does_not(tmp_path: Path) -> None:
    """A finding is made smaller without the questions that another finding says never end."""
    put: list[str] = []
    case = "flatten x=2x3x4x5 dtype={} fill=normal seed=1"
    known = [
        {"op": "flatten", "kind": "hang", "condition": "dtype == 'float16'", "routes": ["planted"]}
    ]

    class Watched(Smaller):
        def put(self, case: Case) -> Any:
            put.append(case.dtype)
            return SimpleNamespace(suspicions=lambda: ("answered", [self.first]))

    def asks(kind: str) -> Smaller:
        one = Suspicion("planted", case.format("float64"), (), "truth", kind, "out", "")
        return Watched(None, tmp_path / "reply", one, 1.0, 1.0, known)  # type: ignore[arg-type]

    assert asks("unwritten").here(parse(case.format("float16"))) is None
    assert put == []
    assert asks("unwritten").here(parse(case.format("float32"))) is True
    assert asks("hang").here(parse(case.format("float16"))) is True
    assert put == ["float32", "float16"]


def test_what_is_right_or_refused_is_no_finding(tmp_path: Path) -> None:
    came = searched(tmp_path, "relu", "concat", findings=0)
    assert came.findings == []
    assert came.tallies["answered"] > 100
    assert came.tallies["refused"] > 0


def test_a_script_no_longer_shows_what_is_mended(tmp_path: Path) -> None:
    (found,) = searched(tmp_path, "add").new
    script = tmp_path / "findings" / found["folder"] / "show.py"
    script.write_text(script.read_text().replace("2 * dout", "dout"))
    assert show(tmp_path, found) == (0, show(tmp_path, found)[1])


# ---------------------------------------------------------------------- resumed


def counts(out: Path) -> tuple[int, int]:
    """How many questions the streams have passed, and how many were counted."""
    with sqlite3.connect(out / "search.sqlite") as base:
        passed = base.execute("select sum(next) from streams").fetchone()[0]
        told = base.execute("select sum(count) from tallies where name != 'cpu ms'").fetchone()[0]
    return passed or 0, told or 0


def test_a_search_that_was_killed_goes_on(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "layercheck", "search", "--op", "add", "--route", "planted"]
    line += ["--routes-from", str(PLANTED), "--out", str(tmp_path), "--minutes", "5"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for least in (1, 2):
        running = subprocess.Popen(line, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        before, until = counts_or_none(tmp_path), time.monotonic() + 60
        while counts_or_none(tmp_path) <= before and time.monotonic() < until:
            time.sleep(0.05)
        running.send_signal(signal.SIGKILL)
        running.wait()
        passed, told = counts(tmp_path)
        assert passed == told > before, least
    came = searched(tmp_path, "add")
    assert counts(tmp_path)[0] == counts(tmp_path)[1] > passed
    assert len(came.new) == 1


def counts_or_none(out: Path) -> int:
    """The questions passed; 0 before there is a file."""
    try:
        return counts(out)[0]
    except sqlite3.OperationalError:
        return 0


def test_a_folder_is_of_one_seed(tmp_path: Path) -> None:
    searched(tmp_path, "relu", minutes=0.001)
    with pytest.raises(UsageError, match="has seed 0, this one has 1"):
        searched(tmp_path, "relu", minutes=0.001, seed=1)


def test_an_unknown_route_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown route 'matlab'"):
        search(Wanted(routes=("matlab",), out=tmp_path))


@pytest.mark.parametrize(
    "route", ["torch/bfloat16", "torch/cuda", "jax/cuda", "tensorflow/bfloat16"]
)
def test_a_route_that_rounds_more_is_refused(tmp_path: Path, route: str) -> None:
    """By name and with those that can be searched, also beside one of them; nothing is begun."""
    with pytest.raises(UsageError, match=f"got route {route}, .*; expected any of: .*") as told:
        search(Wanted(routes=("torch", route), out=tmp_path / "found"))
    named = str(told.value).rpartition("any of: ")[2].split(", ")
    assert not {*named} & {*routes.rounded()}
    assert {*named} == {*routes_of(named)}
    assert not (tmp_path / "found").exists()


def test_a_route_whose_framework_is_missing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = routes.find_spec
    monkeypatch.setattr(routes, "find_spec", lambda name: None if name == "jax" else find(name))
    with pytest.raises(UsageError, match="got route jax/x64, for which jax is not installed; exp"):
        search(Wanted(routes=("torch", "jax/x64"), out=tmp_path))


def test_an_op_of_drawn_numbers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="got op dropout, .*; expected any of: "):
        search(Wanted(ops=("dropout",), out=tmp_path))


TOLD = {
    "a loss of two classes": "torch_modules | wrong | out | svm_loss x=1x2 y=1 fill=whole_numbers",
    "another nearest": "onnxruntime | wrong | out | interpolate x=1x1x1x3 size=1,1 mode=nearest fill=ties",
    "padding around": "jax | shape | out | conv2d_transpose x=1x1x1x1 w=1x1x2x9 stride=2 padding=1 "
    "dilation=2 fill=integers",
    "an output size": "onnxruntime | wrong | out | conv2d_transpose x=1x1x4x4 w=1x1x1x3 stride=3 "
    "padding=1 output_size=10 fill=whole_numbers",
    "no pixels": "torch_modules | not finite | dgamma | group_norm x=1x1x0x0 gamma=1 num_groups=1 "
    "fill=integers",
    "stride and dilation": "tensorflow | wrong | dx | separable_conv2d x=1x1x1x4 w_depth=1x1x1x1 "
    "w_point=1x1x1x1 stride=2 dilation=2 fill=whole_numbers",
}
"""What rows tell of, at smallest cases under conditions that are narrower than their causes."""

UNTOLD = {
    "padding that is no size": "onnxruntime | wrong | out | conv2d_transpose x=1x1x4x4 w=1x1x1x3 "
    "stride=3 padding=1 fill=whole_numbers",
    "memory": "torch_modules | unwritten | out | svm_loss x=1x2 y=1 fill=whole_numbers",
    "dilation alone": "tensorflow | wrong | dx | separable_conv2d x=1x1x1x4 w_depth=1x1x1x1 "
    "w_point=1x1x1x1 dilation=2 fill=whole_numbers",
    "another array": "torch_modules | not finite | dbeta | group_norm x=1x1x0x0 gamma=1 beta=1 "
    "num_groups=1 fill=integers",
}
"""The same but for one thing that their rows are about."""


def suspected(text: str) -> Suspicion:
    """Of `route | kind | array | case`."""
    route, kind, array, case = text.split(" | ")
    parsed = parse(f"{case} seed=1".replace(" fill", " dtype=float32 fill"))
    return Suspicion(route, str(parsed), tuple(parsed.all_attributes), "truth", kind, array, "off")


@pytest.mark.parametrize("text", TOLD.values(), ids=TOLD)
def test_a_row_explains_what_has_all_that_it_names(text: str) -> None:
    """A convention is no finding, however narrow the condition is that was found for it."""
    assert explained(suspected(text), "N == 1 and fill != 'normal'", "none", {}).startswith(
        "atlas: "
    )


@pytest.mark.parametrize("text", UNTOLD.values(), ids=UNTOLD)
def test_a_row_does_not_explain_what_lacks_some_of_it(text: str) -> None:
    assert explained(suspected(text), "N == 1 and fill != 'normal'", "none", {}) == ""


def test_forward_mode_is_asked_finite_numbers_alone() -> None:
    """A direction's zeros times infinity are no number: that is the way it is asked, no defect."""
    pytest.importorskip("torch")
    asker = Asker(routes.load("torch/jvp"))
    for fill, lacks in (("infinities", True), ("normal", False)):
        case = parse(f"affine x=1x6 w=6x2 b=2 dtype=float32 fill={fill} seed=1")
        assert (asker.put("jvp", case.question, ()) == LACKING) is lacks
        assert asker.put("", case.question, ()) != LACKING


def test_the_numbers_of_a_finding_without_channels_are_written(tmp_path: Path) -> None:
    """How much work the exact result is was read off a filter's first row, which it lacked."""
    asked = "x=1x0x1x1 w=0x1x2x9 stride=2 padding=1 dilation=2 dtype=float64 fill=integers seed=1"
    one = Suspicion("jax", f"conv2d_transpose {asked}", (), "truth", "shape", "out", "off")
    write_numbers(one, tmp_path)
    with np.load(tmp_path / "expected.npz") as kept:
        assert kept["expected"].shape == (1, 1, 1, 15)
        assert not kept["expected"].any()


# ---------------------------------------------------------------------- its pieces


@pytest.mark.parametrize("name", generators.names())
def test_a_generator_draws_the_same_cases_each_time(name: str) -> None:
    generator = generators.load(name)
    for op in generator.OPS:
        drawn = [
            [str(generator.case(op, np.random.RandomState(n))) for n in range(12)] for _ in "12"
        ]
        assert drawn[0] == drawn[1]
        cases = [text for text in drawn[0] if text != "None"]
        assert cases, op
        assert [str(parse(text)) for text in cases] == cases


def test_a_case_is_made_as_small_as_it_fails() -> None:
    first = parse("conv2d x=2x6x9x7 w=4x3x3x2 b=4 stride=2,3 padding=1 groups=2 seed=5")
    walk = Walk(lambda case: case.sizes["W"] > 4, time.monotonic() + 20)
    found = walk.smallest(first)
    assert found.sizes["W"] == 5
    assert effort(found) < effort(first)
    assert found.attributes == {}


def test_a_condition_is_what_is_needed() -> None:
    def fails(case: Case) -> bool:
        return (
            case.dtype == "float32" and case.sizes["N"] == 0 and case.attributes.get("stride") == 2
        )

    case = parse("conv2d x=0x1x1x2 w=1x1x1x1 stride=2 dtype=float32 fill=integers seed=1")
    assert conditions.needed(case, fails) == [
        "dtype == 'float32'",
        "N == 0",
        "stride_h > 1",
        "stride_w > 1",
    ]


def test_what_is_written_down_is_told_by_its_name() -> None:
    here = {"tensorflow": "2.21.0"}
    case = "separable_conv2d x=1x1x1x4 w_depth=1x1x1x1 w_point=1x1x1x1 stride=2 dilation=2 seed=1"
    one = Suspicion("tensorflow", case, (), "truth", "wrong", "out", "")
    told = explained(one, "stride_w > 1 and dilation_w > 1", "tensorflow", here)
    assert told == "atlas: separable_conv2d dilation-stride"
    alone = replace(one, case=case.replace("stride=2 ", ""))
    assert explained(alone, "W == 4", "tensorflow", here) == ""
    slope = "leaky_relu x=1x2 dtype=float64 fill=integers seed=1"
    one = Suspicion("keras", slope, ("negative_slope",), "truth", "inaccurate", "out", "")
    assert (
        explained(one, "", "tensorflow", here)
        == "defects.toml: tensorflow-leaky-relu-float32-slope"
    )
    assert explained(one, "", "tensorflow", {"tensorflow": "9.0"}) == "atlas: leaky_relu float64"


def test_what_a_row_tells_of_the_processor_is_told_of_a_device(tmp_path: Path) -> None:
    case = "svm_loss x=3x4 y=3 dtype=float64 fill=normal seed=1"
    one = Suspicion("torch/cuda_float32", case, (), "truth", "wrong", "out", "")
    whys = [explained(replace(one, route=r), "", "torch", {}) for r in ("torch", one.route)]
    assert whys[0].startswith("atlas: svm_loss")
    assert whys[0] == whys[1]
    case = "interpolate x=1x1x1x6 size=1 mode=nearest-exact dtype=float32 fill=normal seed=1"
    one, versions = replace(one, case=case, array="dx"), {"torch": "2.13.0"}
    assert explained(replace(one, route="torch"), "", "torch", versions).startswith("defects.toml")
    assert explained(one, "", "torch", versions) == ""  # there a wrong pixel has another cause


def test_a_search_in_which_nothing_was_answered_is_no_clean_one(tmp_path: Path) -> None:
    route = "torch/cuda_float32"
    came = search(Wanted(("relu",), (route,), 0.05, tmp_path))
    if came.tallies.get("answered"):
        pytest.skip("here is a CUDA device")
    assert came.unanswered == {route: "torch sees no CUDA device"}
    said = ["--op", "relu", "--minutes", "0.05", "--route", route, "--out", str(tmp_path)]
    found = CliRunner().invoke(command, said, standalone_mode=False)
    assert isinstance(found.exception, UsageError)
    assert f"{route}: torch sees no CUDA device" in str(found.exception)


@pytest.mark.parametrize("route", [name for name in routes.names() if routes.is_here(name)])
def test_a_script_gives_no_name_of_a_route_another_meaning(route: str) -> None:
    case = "relu x=3 dtype=float32 fill=normal seed=1"
    for kind, check in (("crash", "truth"), ("wrong", "truth"), ("by place", "lanes")):
        text = script(Suspicion(route, case, (), check, kind, "out", ""), "wrong", 1.0)
        counts = Counter(name for node in ast.parse(text).body for name in made_by(node))
        assert {n for n, count in counts.items() if count > 1} <= {"given", "near", "Array"}


@pytest.mark.parametrize("route", [name for name in routes.names() if routes.is_here(name)])
def test_a_script_names_nothing_that_it_does_not_make(route: str) -> None:
    for op in ("relu", "conv2d", "batch_norm"):
        case = str(QUICK[op])
        for kind, check in (("crash", "truth"), ("wrong", "truth"), ("by place", "lanes")):
            one = Suspicion(route, case, (), check if op == "relu" else "truth", kind, "out", "")
            tree = ast.parse(script(one, "wrong", 1.0))
            names = {node for node in ast.walk(tree) if isinstance(node, ast.Name)}
            read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
            made = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
            handlers = (n for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler))
            made |= {handler.name for handler in handlers if handler.name}
            made |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
            made |= {name for n in ast.walk(tree) if isinstance(n, ast.stmt) for name in bound(n)}
            assert read <= made | set(dir(builtins)) | {"__file__"}


def test_a_script_that_breaks_shows_nothing() -> None:
    wrong = Suspicion("torch", "relu x=3", (), "truth", "wrong", "out", "")
    crash = replace(wrong, kind="crash", array="", told="SIGSEGV")
    assert [shows(wrong, status) for status in (0, 1, SHOWN)] == [False, False, True]
    assert [shows(crash, status) for status in (0, 1, -11)] == [False, False, True]
    assert shows(replace(crash, told="exit status 1"), 1)


def made_by(node: ast.stmt) -> set[str]:
    """The names that a statement gives a meaning, but for imports."""
    return set() if isinstance(node, ast.Import | ast.ImportFrom) else bound(node)


def test_every_kind_has_words() -> None:
    assert all(KINDS.values())


@pytest.mark.parametrize("fill", ["alone:nan", "alone:-inf", "alone:3e38"])
def test_one_value_stands_alone(fill: str) -> None:
    x = parse(f"relu x=9 fill={fill} seed=2").inputs["x"]
    number = np.float32(fill.partition(":")[2])
    same = np.isnan(x) if np.isnan(number) else x == number
    assert same.sum() == 1
    assert np.isfinite(x[~same]).all()


# ---------------------------------------------------------------------- conditions that are tried


def at_one_width(case: Case) -> bool:
    """A defect of one width alone, where `needed` finds that it takes more than 1."""
    said = case.all_attributes
    return bool(case.sizes["W"] == 4 and said["padding"] == "same" and said["stride"] != 1)


AT_ONE_WIDTH = "conv2d x=1x1x1x4 w=1x1x1x1 stride=3 padding=same dtype=float32 fill=integers seed=1"
NO_CHANNELS = "conv2d x=1x0x1x0 w=1x0x1x1 padding=1 dtype=float32 fill=integers seed=1"


def test_a_condition_is_narrowed_until_drawn_cases_bear_it_out() -> None:
    case = parse(AT_ONE_WIDTH)
    found = conditions.needed(case, at_one_width)
    assert "W > 1" in found
    where = tried.borne_out(case, found, at_one_width)
    assert "W == 4" in where
    assert "W > 1" not in where
    for condition_of, least, most in ((where, 0.98, 1.0), (found, 0.0, 0.8)):
        draws = list(tried.drawn(case, condition_of, np.random.RandomState(7)))
        assert least <= sum(map(at_one_width, draws)) / len(draws) <= most


def test_where_nothing_was_found_needed_draws_tell_what_is() -> None:
    where = tried.borne_out(parse(NO_CHANNELS), [], lambda case: case.sizes["c"] == 0)
    assert where == ["c == 0"]


@pytest.mark.parametrize("answer", [None, True], ids=["none is answered", "none is right"])
def test_a_condition_that_no_case_bears_out_is_of_the_case_alone(answer: bool | None) -> None:
    case = parse(NO_CHANNELS)
    where = tried.borne_out(case, [], lambda case: answer)
    assert where == tried.exact(case)
    assert "padding == 1" in where
    assert condition(" and ".join(where))(case)
    assert not condition(" and ".join(where))(parse(NO_CHANNELS.replace("1x0x1x0", "1x0x1x1")))


@pytest.mark.parametrize("where", ["", "c == 0"])
def test_a_proposed_entry_excuses_no_whole_op(where: str) -> None:
    one = Suspicion("onnxruntime", NO_CHANNELS, (), "truth", "wrong", "out", "off")
    versions = {"onnxruntime": "1.32.0", "onnx": "1.23.2"}
    framework = routes.framework("onnxruntime", versions)
    (entry,) = tomllib.loads(Finding(1, one, framework, versions, where, 1.0).entry())["defect"]
    assert entry["oracles"] == ["onnxruntime"]
    assert (entry["framework"], entry["versions"]) == ("onnxruntime", "==1.32.0")
    assert condition(entry["condition"])(parse(NO_CHANNELS))
    assert not condition(entry["condition"])(QUICK["conv2d"])


@pytest.mark.parametrize("family", [name for name in routes.families() if routes.is_here(name)])
def test_a_family_names_the_framework_that_an_oracle_is_of(family: str) -> None:
    versions = routes.load(family).versions()
    framework = routes.framework(family, versions)
    assert framework in versions
    assert importlib.import_module(f"oracles.{framework}_oracle").versions()[framework]


def test_a_finding_at_the_end_that_a_row_of_a_defect_is_at_is_known() -> None:
    case = "conv2d x=0x1x2x2 w=3x1x1x1 stride=2 dtype=float32 fill=integers seed=1"
    one = Suspicion("tensorflow", case, (), "truth", "shape", "out", "")
    here = {"tensorflow": "2.21.0"}
    told = explained(one, "N == 0 and stride_h > 1", "tensorflow", here)
    assert told == "atlas: conv2d empty-batch"
    other = replace(one, case=case.replace("x=0x", "x=1x"))
    assert explained(other, "N == 1 and stride_h > 1", "tensorflow", here) == ""


def test_a_folder_of_routes_that_is_none_is_refused() -> None:
    run = CliRunner().invoke(command, ["--routes-from", "/nope"], standalone_mode=False)
    assert isinstance(run.exception, UsageError | click.UsageError)
    assert "/nope" in str(run.exception)
