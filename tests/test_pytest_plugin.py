"""The pytest plugin, run by pytest inside pytest."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from submitted import PLUGIN

from layercheck.api.checking import check
from layercheck.cases.quick import quick
from layercheck.cases.sentence import sentence
from layercheck.errors import UsageError
from layercheck.plugin.settings import table_of

for name in ("layercheck.plugin.nodes", "layercheck.plugin.fixture"):
    import_module(name)  # once, and not in every run of the inner pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[1]

RIGHT = """
import numpy as np

def relu(x):
    return np.maximum(x, 0), x

def relu_backward(dout, x):
    return dout * (x > 0)

def tanh(x):
    out = np.tanh(x)
    return out, out

def tanh_backward(dout, out):
    return dout * (1 - out * out)
"""
WRONG = RIGHT.replace("dout * (x > 0)", "2 * dout * (x > 0)")
RELUS, TANHS = 20, 18


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def inner(*arguments: str, source: str = RIGHT) -> pytest.RunResult:
        if not (pytester.path / "mylayers.py").exists():
            pytester.makepyfile(mylayers=source)
        sys.modules.pop("mylayers", None)
        return pytester.runpytest_inprocess(*PLUGIN, "-p", "no:hypothesispytest", *arguments)

    return inner


def counts(result: pytest.RunResult) -> dict[str, int]:
    found = result.parseoutcomes()
    found.pop("warnings", None)  # the plugin was imported by this file, before assertions were seen
    return found


# ---------------------------------------------------------------------- what is collected


def test_a_test_a_case_with_sentences_as_ids(run) -> None:  # type: ignore[no-untyped-def]
    result = run("--layercheck=mylayers", "--collect-only", "-q")
    lines = [line for line in result.outlines if line.startswith("mylayers::")]
    assert len(set(lines)) == len(lines) == RELUS + TANHS + 4
    assert f"mylayers::{sentence(quick('relu')[0])}" in lines
    assert "mylayers::tanh: nothing is kept between calls" in lines


def test_right_layers_pass_and_nothing_is_collected_unasked(run) -> None:  # type: ignore[no-untyped-def]
    assert counts(run("--layercheck=mylayers")) == {"passed": RELUS + TANHS + 4}
    assert run("-q").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_wrong_layer_fails_with_what_the_terminal_says(run) -> None:  # type: ignore[no-untyped-def]
    result = run("--layercheck=mylayers", source=WRONG)
    assert result.ret == 1
    assert counts(result)["passed"] >= TANHS
    text = result.stdout.str()
    assert "relu_backward dx is wrong: fails in 1 of 1 case, in dx" in text
    assert 'layercheck replay "relu x=' in text
    assert "nodes.py" not in text  # no traceback of ours


def test_the_same_is_collected_each_time(run) -> None:  # type: ignore[no-untyped-def]
    """xdist demands it of its workers."""
    first = run("--layercheck=mylayers", "--collect-only", "-q").outlines
    assert run("--layercheck=mylayers", "--collect-only", "-q").outlines[:-1] == first[:-1]


def test_k_x_and_lf_select_as_anywhere(run) -> None:  # type: ignore[no-untyped-def]
    assert counts(run("--layercheck=mylayers", "-k", "tanh", source=WRONG))["passed"] == TANHS + 2
    first = counts(run("--layercheck=mylayers", "-x", "-k", "relu"))
    assert first["failed"] == 1
    failed = counts(run("--layercheck=mylayers"))["failed"]
    again = counts(run("--layercheck=mylayers", "--lf"))
    assert again["failed"] == failed
    assert "passed" not in again


def test_where_and_oracles_are_as_on_the_command_line(run) -> None:  # type: ignore[no-untyped-def]
    few = counts(run("--layercheck=mylayers", "--layercheck-where", "dtype == 'float64'"))["passed"]
    assert 2 < few < RELUS + TANHS
    alone = run("--layercheck=mylayers", "--layercheck-oracle=exact", "--layercheck-grid=sample")
    assert counts(alone)["passed"] > RELUS
    assert run("--layercheck=mylayers", "--layercheck-grid=tiny").ret == 4
    assert run("--layercheck=mylayers", "--layercheck-where=stride >").ret == 4


def test_what_cannot_be_imported_is_an_error(run) -> None:  # type: ignore[no-untyped-def]
    result = run("--layercheck=nothing_here")
    assert result.ret == 2
    result.stdout.fnmatch_lines(["*SUBJECT 'nothing_here' cannot be imported*"])


@pytest.mark.parametrize("subject", ["", " "])
def test_a_subject_that_names_nothing_is_told_in_one_line(run, subject: str) -> None:  # type: ignore[no-untyped-def]
    result = run(f"--layercheck={subject}")
    assert result.ret == 4
    assert [line for line in result.errlines if line] == [
        "ERROR: layercheck: got an empty subject; expected a module's name, a file or "
        "oracle:NAME, such as --layercheck=mypackage.layers"
    ]


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        (".", "SUBJECT '.' is a folder; expected the name of a module"),
        ("nowhere.layers", "'nowhere.layers' cannot be imported (ModuleNotFoundError"),
        ("nowhere.py", "no file nowhere.py; expected a Python file or a notebook"),
    ],
)
def test_a_subject_that_is_not_there_is_told_in_one_line(run, subject: str, told: str) -> None:  # type: ignore[no-untyped-def]
    lines = run(f"--layercheck={subject}").outlines
    (line,) = [line for line in lines if line.startswith("layercheck: ")]
    assert told in line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import nosuchthing", "(ModuleNotFoundError: No module named 'nosuchthing')"),
        ("def f(:", "(SyntaxError: invalid syntax"),
        ("raise SystemExit(3)", "(SystemExit: 3)"),
    ],
)
@pytest.mark.parametrize("form", ["mine.py", "mine/__init__.py", "mine/layers/__init__.py"])
def test_what_fails_to_be_imported_is_told_by_its_error(  # type: ignore[no-untyped-def]
    form: str, text: str, told: str, run, pytester: pytest.Pytester, monkeypatch
) -> None:
    monkeypatch.syspath_prepend(str(pytester.path))
    place = pytester.path / form
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    name = form.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    lines = run(f"--layercheck={name}").outlines
    (line,) = [line for line in lines if line.startswith("layercheck: ")]
    assert f"SUBJECT {name!r} cannot be imported {told}" in line
    assert f'; expected a module that can be: python -c "import {name}" shows where' in line
    with pytest.raises(UsageError, match=f"SUBJECT '{name}' cannot be imported"):
        check(name)


def test_a_subject_named_twice_is_asked_once(run) -> None:  # type: ignore[no-untyped-def]
    once = run("--layercheck=mylayers", "--collect-only", "-q").outlines
    twice = run("--layercheck=mylayers", "--layercheck=mylayers", "--collect-only", "-q").outlines
    assert once[:-1] == twice[:-1]


def test_a_submitted_file_is_asked_in_its_sandbox(run, pytester: pytest.Pytester) -> None:  # type: ignore[no-untyped-def]
    pytester.makepyfile(homework=WRONG)
    (pytester.path / "pyproject.toml").write_text("")
    result = run("--layercheck=homework.py", "-k", "relu")
    assert counts(result)["failed"] > 1
    assert "homework" not in sys.modules


KEEPS = (
    RIGHT.replace(
        "    return np.maximum(x, 0), x\n",
        "    KEPT[:] = [x]\n    return np.maximum(x, 0), x\n",
    )
    .replace("    return dout * (x > 0)", "    return dout * (KEPT[0] > 0)")
    .replace("import numpy as np", "import numpy as np\nKEPT = []")
)


def test_what_is_kept_between_calls_fails_a_test_of_its_own(run) -> None:  # type: ignore[no-untyped-def]
    result = run("--layercheck=mylayers", source=KEEPS)
    assert counts(result) == {"failed": 1, "passed": RELUS + TANHS + 3}
    result.stdout.fnmatch_lines(["FAILED mylayers::relu: nothing is kept between calls*"])


NO_BACKWARD = RIGHT.partition("def tanh_backward")[0]


def test_a_function_that_has_no_answer_fails(run) -> None:  # type: ignore[no-untyped-def]
    result = run("--layercheck=mylayers", source=NO_BACKWARD)
    assert result.ret == 1
    assert 0 < counts(result)["failed"] <= TANHS
    assert "tanh_backward gave nothing to compare: " in result.stdout.str()
    assert "skipped" not in counts(result)


RARE = RIGHT.replace(
    "    return np.maximum(x, 0), x\n",
    "    if len(x) > 10**7:\n        return x, x\n    return np.maximum(x, 0), x\n",
)
HUNTED = RARE.replace("len(x) > 10**7", "len(x) > 70").replace("return x, x", "return x + 1, x")


def test_lines_that_no_case_ran_are_told(run) -> None:  # type: ignore[no-untyped-def]
    result = run("--layercheck=mylayers", source=RARE)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*layercheck: what no case ran*", "relu: *never run*"])


def test_where_it_is_strict_they_fail(run, pytester: pytest.Pytester) -> None:  # type: ignore[no-untyped-def]
    pytester.makepyprojecttoml("[tool.layercheck]\nstrict = true\n[tool.pytest.ini_options]\n")
    result = run("--layercheck=mylayers", source=RARE)
    assert counts(result)["failed"] == 1
    result.stdout.fnmatch_lines(["relu incomplete: *never run*"])


def test_cases_that_run_them_are_looked_for(run) -> None:  # type: ignore[no-untyped-def]
    result = run("--layercheck=mylayers", source=HUNTED)
    assert counts(result)["failed"] == 1
    result.stdout.fnmatch_lines(["FAILED mylayers::relu: what no other case runs*"])


def test_they_are_looked_for_of_one_layer_alone(run) -> None:  # type: ignore[no-untyped-def]
    assert counts(run("--layercheck=mylayers", "-k", "relu", source=HUNTED))["failed"] == 1
    assert counts(run("--layercheck=mylayers", "-k", "tanh"))["passed"] == TANHS + 2


SHARED = RARE.replace(
    "    if len(x) > 10**7:\n        return x, x\n", "    x = same(x, False)\n"
).replace("    out = np.tanh(x)", "    out = np.tanh(same(x, True))") + (
    "\ndef same(x, wide):\n    if wide:\n        x = x * 1\n    else:\n        x = +x\n"
    "    return x\n"
)


def test_a_helper_is_run_by_whoever_calls_it(run, pytester: pytest.Pytester) -> None:  # type: ignore[no-untyped-def]
    pytester.makepyprojecttoml("[tool.layercheck]\nstrict = true\n[tool.pytest.ini_options]\n")
    result = run("--layercheck=mylayers.py", "-k", "runs", source=SHARED)
    assert counts(result)["passed"] == 2
    assert "never run" not in result.stdout.str()


def test_workers_of_xdist_share_the_cases(pytester: pytest.Pytester, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    pytest.importorskip("xdist")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(mylayers=WRONG)
    alone = pytester.runpytest_inprocess(*PLUGIN, "--layercheck=mylayers")
    shared = pytester.runpytest_subprocess(*PLUGIN, "-n", "2", "--layercheck=mylayers")
    assert counts(shared) == counts(alone)
    assert counts(shared)["failed"] > 1


# ---------------------------------------------------------------------- expected failures

ENTRY = """
[[expected]]
id = "relu of *"
verdict = "wrong"
reason = "twice the gradient"
link = "https://example.org/7"
"""


def expecting(pytester: pytest.Pytester, text: str) -> list[str]:
    (pytester.path / "expected.toml").write_text(text)
    return ["--layercheck=mylayers", "--layercheck-expected=expected.toml", "-ra"]


ALL_WRONG = WRONG.replace("2 * dout * (x > 0)", "2 * dout + 1")


def test_expected_failures_do_not_fail_the_run(run, pytester: pytest.Pytester) -> None:  # type: ignore[no-untyped-def]
    result = run(*expecting(pytester, ENTRY), source=ALL_WRONG)
    assert result.ret == 0, result.stdout.str()
    assert counts(result)["xfailed"] == RELUS
    result.stdout.fnmatch_lines(
        ["XFAIL mylayers::relu*twice the gradient (https://example.org/7)*"]
    )


def test_what_passes_again_fails_the_run(run, pytester: pytest.Pytester) -> None:  # type: ignore[no-untyped-def]
    result = run(*expecting(pytester, ENTRY))
    assert result.ret == 1
    assert counts(result)["failed"] == RELUS
    result.stdout.fnmatch_lines(["*XPASS(strict)*twice the gradient*"])


def test_another_verdict_than_the_expected_one_fails(run, pytester: pytest.Pytester) -> None:  # type: ignore[no-untyped-def]
    result = run(*expecting(pytester, ENTRY.replace('"wrong"', '"error"')), source=ALL_WRONG)
    assert counts(result)["failed"] == RELUS - 1  # infinite numbers are beyond what is asked
    assert "expected to be error (twice the gradient" in result.stdout.str()


def test_an_entry_that_fits_nothing_fails_the_run(run, pytester: pytest.Pytester) -> None:  # type: ignore[no-untyped-def]
    result = run(*expecting(pytester, ENTRY.replace("relu of", "gelu of")))
    assert result.ret == 1
    assert counts(result)["failed"] == 1
    assert "no test that was collected fits id = 'gelu of *'" in result.stdout.str()


@pytest.mark.parametrize("pattern", ["mylayers::relu of *", "*::relu of *"])
def test_an_entry_takes_the_ids_that_are_printed(run, pytester, pattern: str) -> None:  # type: ignore[no-untyped-def]
    entry = ENTRY.replace("relu of *", pattern)
    result = run(*expecting(pytester, entry), source=ALL_WRONG)
    assert result.ret == 0, result.stdout.str()
    assert counts(result)["xfailed"] == RELUS


def test_an_id_tells_two_subjects_with_one_op_apart(run, pytester: pytest.Pytester) -> None:  # type: ignore[no-untyped-def]
    pytester.makepyfile(others=RIGHT)
    entry = ENTRY.replace("relu of *", "mylayers::relu of *")
    result = run(*expecting(pytester, entry), "--layercheck=others", source=ALL_WRONG)
    assert result.ret == 0, result.stdout.str()
    assert counts(result)["xfailed"] == RELUS


def test_an_entry_about_nothing_that_a_selection_leaves_out_is_told(
    run: Any, pytester: pytest.Pytester
) -> None:
    entries = ENTRY.replace("relu of", "gelu of") + ENTRY.replace("relu of", "elu of")
    told = "layercheck: 2 expected failures that no test fits not looked at, as the selection*"
    result = run(*expecting(pytester, entries), "-k", "tanh")
    assert result.ret == 0, result.stdout.str()
    result.stdout.fnmatch_lines([told])
    shared = pytester.runpytest_subprocess(
        *PLUGIN, "-n", "2", *expecting(pytester, entries), "-k", "tanh"
    )
    shared.stdout.fnmatch_lines([told])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[expected]]\nid = 'x'\n", "expected texts for id, verdict and reason"),
        (
            ENTRY.replace("wrong", "rounding"),
            "got verdict = 'rounding'; expected one of: inaccurate",
        ),
        (ENTRY + "more = 'x'\n", "expected texts for id"),
        (ENTRY.replace('"twice the gradient"', '""'), "expected texts for id"),
        ("[unexpected]\n", "got unexpected; expected tables"),
        ("id =", "cannot be read"),
        (ENTRY + ENTRY.replace("wrong", "error"), "fits two expected failures, id = "),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused(run, pytester, text: str, told: str) -> None:  # type: ignore[no-untyped-def]
    result = run(*expecting(pytester, text))
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"*{told}*"])


# ---------------------------------------------------------------------- the adopter's pyproject.toml


def test_configuration_collects_where_no_file_is_named(run, pytester: pytest.Pytester) -> None:  # type: ignore[no-untyped-def]
    pytester.makepyfile(test_own="def test_own(): pass\n")
    pytester.makepyprojecttoml(
        '[tool.layercheck]\nsubjects = ["mylayers"]\nops = ["relu"]\n[tool.pytest.ini_options]\n'
    )
    assert counts(run()) == {"passed": RELUS + 3}
    assert counts(run("test_own.py")) == {"passed": 1}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("subject = ['x']", "has 'subject'; expected any of: subjects, oracles"),
        ("subjects = 'x'", "subjects = 'x'; expected a list of texts"),
        ("strict = 1", "strict = 1; expected true or false"),
        ("grid = 'tiny'", "grid: got 'tiny'; expected one of: standard"),
        ("where = 'stride >'", "cannot be read"),
        ("allow = ['wrong']", "got 'wrong'; expected one of: inaccurate, narrowed"),
    ],
)
def test_configuration_is_checked(run, pytester: pytest.Pytester, line: str, told: str) -> None:  # type: ignore[no-untyped-def]
    pytester.makepyprojecttoml(f"[tool.layercheck]\n{line}\n[tool.pytest.ini_options]\n")
    result = run()
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"*{told}*"])


@pytest.mark.parametrize("table", ["tool = 1", "[[tool.layercheck]]", "[tool]\nlayercheck = 'x'"])
def test_a_table_of_another_form_is_refused(table: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(table)
    with pytest.raises(UsageError, match=r"got .*; expected one table \[tool\.layercheck\]"):
        table_of(tmp_path / "pyproject.toml")


# ---------------------------------------------------------------------- in a test of their own


def test_cases_and_the_fixture_in_tests_of_ones_own(run, pytester: pytest.Pytester) -> None:  # type: ignore[no-untyped-def]
    pytester.makepyfile(
        test_own="""
        import numpy as np
        import layercheck as lc

        @lc.parametrize("relu", where="dtype == 'float64'")
        def test_cases(example):
            lc.assert_close(np.maximum(example.inputs["x"], 0), example)

        def test_right(layercheck):
            layercheck.assert_agrees(lambda x: np.maximum(x, 0), "relu")

        def test_wrong(layercheck):
            layercheck.assert_agrees(lambda x: np.abs(x), "relu")

        def test_gradient(layercheck):
            assert layercheck.gradcheck(np.sin, lambda g, x: g * np.cos(x), np.ones(3))
        """
    )
    result = run()
    assert counts(result)["failed"] == 1
    assert counts(result)["passed"] > 4
    result.stdout.fnmatch_lines(["*AssertionError: relu out is wrong: fails in*"])


def test_an_idle_plugin_imports_nothing_heavy() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules); import layercheck.plugin; "
        "print(sorted(n for n in set(sys.modules) - before if not n.startswith('layercheck')))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert ran.stdout.strip() == "[]"
