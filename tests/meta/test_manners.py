"""How the tool behaves towards the person who calls it."""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from blackbox import AFFINE, HEAD, POOL, RELU, ROOT, check, check_path, command, command_here

# ---------------------------------------------------------------------- large and odd files


def test_a_large_source_is_measured_before_it_is_parsed(tmp_path: Path) -> None:
    """48 MB of Python: told in a second, within 1 GB of memory."""
    with (tmp_path / "layers.py").open("w") as file:
        file.write(HEAD + RELU)
        for _ in range(48):
            file.write("x = 1\n" * (1 << 20 >> 3) + "#" * (1 << 18) + "\n")
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30));"
        "from layercheck.cli import main; main(['check', 'layers.py'])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert run.returncode in (1, 2), run.stderr
    assert "MB" in run.stdout + run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    "text", ["x = " + "(" * 5000 + "1" + ")" * 5000, "x = " + "-" * 200_000 + "1"]
)
def test_deep_syntax_costs_the_file_only(text: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + RELU + text + "\n")
    assert outcome.code in (1, 2)
    assert "Traceback" not in outcome.err


# ---------------------------------------------------------------------- where reports go


def test_json_goes_to_standard_output(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text(HEAD + RELU + AFFINE)
    run = command("check", "layers.py", "--json", "-", cwd=tmp_path)
    assert run.code == 0, run.err
    assert json.loads(run.out)["summary"]["passed"] is True
    assert not (tmp_path / "-").exists()


def test_what_is_no_regular_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text(HEAD + RELU + AFFINE)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(fifo.read_text()), daemon=True)
    reader.start()
    assert command("check", "layers.py", "--json", "fifo", cwd=tmp_path).code == 0
    reader.join(20)
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    assert json.loads(got[0])["summary"]["passed"] is True
    target = tmp_path / "real.json"
    assert command("check", "layers.py", "--json", "real.json", cwd=tmp_path).code == 0
    before = target.stat().st_ino
    (tmp_path / "link.json").symlink_to(target)
    assert command("check", "layers.py", "--json", "link.json", cwd=tmp_path).code == 0
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads(target.read_text())["summary"]["passed"] is True
    assert target.stat().st_ino != before
    assert command("check", "layers.py", "--json", "/dev/null", cwd=tmp_path).code == 0
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


# ---------------------------------------------------------------------- replay lines


def replay_lines(text: str) -> list[str]:
    return [t.strip() for t in text.splitlines() if t.strip().startswith("layercheck replay")]


@pytest.mark.parametrize("subject", ["layers.py", "layers"])
def test_a_replay_line_runs_where_it_was_printed(subject: str, tmp_path: Path) -> None:
    """In an installation without any framework, for a file and for a module."""
    absent = ("torch", "tensorflow", "keras", "flint", "scipy")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(
        f"import sys\nsys.modules.update(dict.fromkeys({absent!r}))\n"
    )
    path = f"{tmp_path / 'site'}:{ROOT}"
    source = "def relu(x):\n    return np.maximum(x, 0) + 1, x\n\ndef relu_backward(dout, cache):\n    return dout * (cache > 0)\n"
    (tmp_path / "layers.py").write_text(HEAD + source)
    run = command("check", subject, cwd=tmp_path, PYTHONPATH=path)
    assert run.code == 1, run.out + run.err
    lines = [
        line.removeprefix("replay").strip()
        for line in replay_lines(run.out.replace("replay    layercheck", "layercheck"))
    ]
    assert lines
    for line in lines:
        again = command(*shlex.split(line)[1:], cwd=tmp_path, PYTHONPATH=path)
        assert again.code == 1, again.out + again.err
        assert "wrong" in again.out


# ---------------------------------------------------------------------- choosing


@pytest.mark.parametrize(
    ("condition", "has_bias"),
    [
        ("b is not None", True),
        ("b is None", False),
        ("b", True),
        ("not b", False),
        ("b != None", True),
    ],
)
def test_an_absent_array_is_none_in_a_condition(
    condition: str, has_bias: bool, tmp_path: Path
) -> None:
    run = command("cases", "--op", "conv2d", "--where", condition, "--grid", "quick", cwd=tmp_path)
    assert run.code == 0, run.err
    lines = run.out.splitlines()
    assert lines
    assert all((" b=" in line) is has_bias for line in lines)


def test_bare_layercheck_shows_its_help_as_it_is(tmp_path: Path) -> None:
    bare, asked = command(cwd=tmp_path), command("--help", cwd=tmp_path)
    assert bare.out.splitlines() == asked.out.splitlines()
    assert len(bare.out.splitlines()) > 10


def test_a_folder_means_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "submissions"
    folder.mkdir()
    (folder / "a.py").write_text(HEAD + RELU + AFFINE)
    (folder / "b.py").write_text(HEAD + RELU + AFFINE)
    (folder / "notes.txt").write_text("not a submission")
    run = command("check", "submissions", "--out", "out", cwd=tmp_path)
    assert run.code == 0, run.out + run.err
    assert "2 of 2 pass" in run.out


@pytest.mark.parametrize(
    ("chosen", "targets"),
    [("relu", ["relu_forward", "relu_backward"]), ("affine_backward", ["affine_backward"])],
)
def test_an_op_or_a_function_chooses_within_a_file(
    chosen: str, targets: list[str], tmp_path: Path
) -> None:
    outcome = check(tmp_path, HEAD + RELU + AFFINE, "--op", chosen)
    assert outcome.code == 0, outcome.out + outcome.err
    assert [c["target"] for c in outcome.report["checks"]] == targets


def test_a_name_that_chooses_nothing_says_what_there_is(tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + RELU + AFFINE, "--op", "softmax")
    assert outcome.code == 2
    assert "relu_forward" in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1


def test_messages_name_functions_and_not_ops_twice(tmp_path: Path) -> None:
    source = RELU.replace("np.maximum(x, 0), x", "1 / 0, x").replace(
        "return dout *", "return 1 / 0 *"
    )
    outcome = check(tmp_path, HEAD + AFFINE + source)
    last = outcome.out.strip().splitlines()[-2 if "wrote" in outcome.out else -1]
    last = next(line for line in outcome.out.splitlines() if line.startswith("FAILED"))
    assert "relu error, relu error" not in last
    assert "relu_forward" in last


# ---------------------------------------------------------------------- what is left out is told


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--where", "M  == 5"], "no case where M == 5"),
        (["--where", "M > 0", "--dtype", "float64"], "no case of dtype float64 where M > 0"),
    ],
)
def test_functions_without_a_case_that_was_asked_for_are_listed(
    options: list[str], reason: str, tmp_path: Path
) -> None:
    outcome = check(tmp_path, HEAD + RELU + AFFINE, *options)
    assert outcome.code == 0, outcome.out + outcome.err
    assert [c["target"] for c in outcome.report["checks"]] == ["affine_forward", "affine_backward"]
    left_out = {one["name"]: one["reason"] for one in outcome.report["not_checked"]}
    assert left_out == {"relu_forward": reason, "relu_backward": reason}
    assert "not checked: 2" in outcome.out
    chosen = check(tmp_path, HEAD + RELU + AFFINE, *options, "--op", "affine")
    assert chosen.report["not_checked"] == []


def test_cases_beyond_the_assignment_alone_are_told_as_such(tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + POOL, "--where", "(H - kernel_size_h) % stride_h != 0")
    assert outcome.code == 1
    note = outcome.check("max_pool_forward_naive")["note"]
    assert note.startswith("every case where (H - kernel_size_h) % stride_h != 0 goes beyond")
    assert "its signature" not in outcome.out


def test_a_function_that_fails_everywhere_is_not_told_to_fail_beyond(tmp_path: Path) -> None:
    everywhere = RELU.replace("np.maximum(x, 0), x", "1 / 0, x")
    assert "beyond" not in check(tmp_path, HEAD + everywhere).check("relu_forward")["note"]
    there = RELU.replace("np.maximum(x, 0), x", "np.where(np.isinf(x), 7, np.maximum(x, 0)), x")
    assert "beyond ordinary" in check(tmp_path, HEAD + there).check("relu_forward")["note"]


# ---------------------------------------------------------------------- texts

CASE = "relu x=1x2x3x4 seed=1"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check", "a.py", "b.py"], "need --out DIR"),
        (["check", "a.py", "b.py", "--out", "o", "--json", "x"], "got --json x with several files"),
        (["check", ".", "--out", "o", "--html", "x"], "leave --html away"),
        (
            ["replay", CASE, "a.py", "--op", "affine"],
            "not for relu, which the case is of; expected",
        ),
        (["replay", CASE, "ref_layers", "--profile", "cs231n"], "--profile is for files"),
        (["check", "a.py", "--oracle", "nosuch"], "expected one of: exact, "),
        (["check", "a.py", "--grid", "architectures"], "expected one of: standard, sample, quick"),
        (["check", "latin.py"], "save it as UTF-8, or name its encoding in the first line: #"),
        (["check", "a.py", "--where", "stride >"], "cannot be read"),
    ],
)
def test_a_message_says_what_to_do(arguments: list[str], told: str, tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(HEAD + RELU + AFFINE)
    (tmp_path / "latin.py").write_bytes(b"# \xe9\n")
    run = command_here(*arguments, cwd=tmp_path)
    assert run.code == 2, run.out + run.err
    assert told in run.err
    assert len(run.err.splitlines()) == 1
    assert not (tmp_path / "o").exists()


def test_a_file_named_twice_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HEAD + RELU)
    run = command("check", "a.py", "./a.py", "a.py", "--out", "o", cwd=tmp_path)
    assert run.code == 0, run.err
    assert run.err.startswith("1/1 a.py: passed, 2 of 2 functions\n")
    assert run.out.startswith("1 of 1 pass")


def test_one_function_is_told_in_the_singular(tmp_path: Path) -> None:
    source = HEAD + "def relu(x):\n    return np.maximum(x, 0)\n"
    assert ": 1 of 1 function passes;" in check(tmp_path, source).out


def test_a_name_with_a_line_break_stays_on_its_line(tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + RELU, "--json", "a\nb.json", name="new\nline.py")
    assert outcome.out.startswith("new\\nline.py (")
    assert "wrote a\\nb.json\n" in outcome.out
    broken = check(tmp_path, "def f(:\n", name="new\nline.py")
    assert "FAILED: new\\nline.py error" in broken.out


def test_names_that_are_escaped_stay_in_their_column(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HEAD + RELU + "\n\ndef σσ(x):\n    pass\n", encoding="utf-8")
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}
    lines = command("check", "a.py", cwd=tmp_path, **plain).out.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("not checked")) + 1
    rows = lines[start : lines.index("", start)]
    assert any(r"\u03c3\u03c3  " in row for row in rows), rows
    assert len({row.index("  ", 2) - len(row[2:].split("  ")[0]) for row in rows}) == 1
    assert len({len(row) - len(row[2:].split("  ", 1)[1].lstrip()) for row in rows}) == 1


# ---------------------------------------------------------------------- beside the user's files


SHADOWS = (
    "reports",
    "oracles",
    "cases",
    "tests",
    "click",
    "layercheck_helpers",
    "worker",
    "judging",
)


@pytest.mark.parametrize("as_package", [False, True], ids=["modules", "packages"])
def test_it_runs_beside_modules_of_any_name(as_package: bool, tmp_path: Path) -> None:
    for name in SHADOWS:
        text = f"raise SystemExit('{name} of the working directory was imported')\n"
        if as_package:
            (tmp_path / name).mkdir()
            (tmp_path / name / "__init__.py").write_text(text)
        else:
            (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "mine.py").write_text("from ref_layers.relu import relu, relu_backward\n")
    (tmp_path / "layers.py").write_text(HEAD + RELU + AFFINE)
    for arguments in (
        ["check", "layers.py"],
        ["check", "mine", "--oracle", "exact", "--grid", "quick", "--jobs", "2"],
        ["check", "layers.py", "layers.py", "--out", "out", "--jobs", "2"],
        ["replay", "relu x=1x2x3x4 seed=1", "mine", "--oracle", "torch"],
    ):
        run = command(*arguments, cwd=tmp_path)
        assert run.code == 0, (arguments, run.out, run.err)
    assert check_path(tmp_path, "layers.py").code == 0
