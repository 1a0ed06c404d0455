"""The command line, run as a user runs it."""

from __future__ import annotations

import inspect
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from command_line import ROOT, SMALL, layercheck
from conftest import framework

from layercheck.cli import commands
from layercheck.cli.group import docstring_of

# ---------------------------------------------------------------------- the commands


COMMANDS = sorted(
    path.stem.replace("_", "-")
    for path in (ROOT / "layercheck" / "cli" / "commands").glob("*.py")
    if path.stem != "__init__"
)


def test_every_file_of_the_folder_is_a_command_with_a_line_of_help() -> None:
    run = layercheck("--help")
    assert run.returncode == 0
    listed = [line.split(None, 1) for line in run.stdout.partition("Commands:")[2].splitlines()]
    told = {parts[0]: parts[1] for parts in listed if parts}
    assert list(told) == COMMANDS
    assert all(told.values())


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_explains_itself(name: str) -> None:
    told = CliRunner().invoke(commands, [name, "--help"])
    assert told.exit_code == 0, told.output
    assert f" {name} " in told.output.splitlines()[0] + " "
    found = commands.get_command(click.Context(commands), name)
    assert found is not None
    assert inspect.cleandoc(found.help or "") == docstring_of(name)


def test_a_file_put_into_the_folder_is_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "say_hello.py").write_text(
        "import click\n\n@click.command()\ndef command():\n    '''Greet.'''\n    click.echo('hello')\n"
    )
    folder = sys.modules["layercheck.cli.commands"]
    monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])
    assert CliRunner().invoke(commands, ["say-hello"]).output == "hello\n"
    assert "Greet." in CliRunner().invoke(commands, ["--help"]).output
    monkeypatch.delitem(sys.modules, "layercheck.cli.commands.say_hello")


# ---------------------------------------------------------------------- check


def test_a_check_of_the_reference_layers_passes(tmp_path: Path) -> None:
    framework("torch")
    run = layercheck("check", "ref_layers", "--oracle", "torch", *SMALL, "--out", str(tmp_path))
    assert run.returncode == 0, run.stdout + run.stderr
    assert "passed: " in run.stdout
    assert "cases (conv2d)" in run.stderr  # plain lines where there is no terminal
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["summary"]["passed"]
    assert report["manifest"]["unconfirmed"] == 0
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")


def test_two_jobs_give_the_same_report(tmp_path: Path) -> None:
    reports = []
    for jobs in ("1", "2"):
        file = tmp_path / f"{jobs}.json"
        layercheck(
            "check", "ref_layers", "--oracle", "exact", *SMALL, "--jobs", jobs, "--json", str(file)
        )
        reports.append(json.loads(file.read_text()))
    assert reports[0] == reports[1]


def test_an_oracle_can_be_checked_against_another(tmp_path: Path) -> None:
    framework("torch")
    framework("tensorflow")
    run = layercheck("check", "oracle:torch", "--oracle", "tensorflow", *SMALL, "--quiet")
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.startswith("passed: ")


# ---------------------------------------------------------------------- other commands


def test_replay_prints_inputs_answers_and_comparisons() -> None:
    case = "max_pool x=1x2x4x4 kernel_size=2 seed=3"
    run = layercheck("replay", case, "--oracle", "exact", "--full")
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("verdict of ref_layers: exact\n")
    for told in ("input x (1, 2, 4, 4) float32", "exact dx", "ref_layers out", "\ncomparisons\n"):
        assert told in run.stdout


def test_ops_cases_and_defects_are_listed() -> None:
    assert "x (N, groups*c, H, W)" in layercheck("ops").stdout
    cases = layercheck("cases", "--op", "max_pool", "--dtype", "float64").stdout.splitlines()
    assert len(cases) > 100
    assert all(c.startswith("max_pool ") and "dtype=float64" in c for c in cases)
    assert "tf.nn.max_pool2d" in layercheck("defects").stdout


# ---------------------------------------------------------------------- wrong usage


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["replay", "conv2d x=1x2"], "needs the shape w="),
        (["replay", "conv9d x=1x2"], "unknown op 'conv9d'"),
        (["replay", "conv2d x=1x2x4x6 w=3x2x5x3"], "larger than the padded input"),
        (["replay", "conv2d x=1x2x4x6 w=3x2x5"], "expected (F, C/groups, KH, KW)"),
        (
            ["check", "ref_layers", "--op", "conv9d"],
            "unknown op 'conv9d'; did you mean conv2d?; expected one of",
        ),
        (["check", "no_such_module"], "cannot be imported (ModuleNotFoundError"),
        (["check", "json"], "has no function named as an op"),
        (["check", "oracle:caffe"], "unknown oracle 'caffe'; expected one of: jax"),
        (["check", "ref_layers", "--oracle", "caffe"], "unknown oracle 'caffe'"),
        (["check", "oracle:torch", "--oracle", "torch"], "cannot be held against itself"),
        (["check", "ref_layers", "--where", "stride >"], "cannot be read"),
        (
            ["check", "ref_layers", "--grid", "standard", "--where", "stride > 99"],
            "no case of the standard grid fits",
        ),
        (["check", "ref_layers", "--jobs", "0"], "--jobs"),
        (["check", "ref_layers", "--out", "/proc/no/such"], "cannot make the folder"),
        (["check", "ref_layers", "--json", "/proc"], "cannot write"),
        (["check", "ref_layers", "--json", "-", "--html", "-"], "standard output takes one"),
        (["check", "ref_layers", "--profile", "cs231n"], "--profile is for files"),
        (["check"], "Missing argument 'SUBJECT...'"),
        (["frobnicate"], "got command 'frobnicate'; expected one of: atlas, cases, check"),
        (["chekc"], "did you mean check?"),
        (["layers.py"], "to check it: layercheck check layers.py"),
    ],
)
def test_wrong_usage_is_one_clear_line(arguments: list[str], told: str) -> None:
    run = layercheck(*arguments)
    assert run.returncode == 2, run.stdout + run.stderr
    assert told in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
    assert not run.stdout


def test_a_missing_framework_is_one_clear_line(tmp_path: Path) -> None:
    """A module of that name that fails to import stands for a missing framework."""
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\")\n")
    run = layercheck(
        "check", "ref_layers", "--oracle", "torch", *SMALL, PYTHONPATH=f"{tmp_path}:{ROOT}"
    )
    assert run.returncode == 2
    assert run.stderr.strip().splitlines() == [
        "layercheck: oracle torch cannot be used here (ModuleNotFoundError: No module named 'torch'); "
        "install it with: python -m pip install 'layercheck[torch]'"
    ]


# a shell that runs tests in the background has interrupts ignored
HEEDS_INTERRUPTS = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "runpy.run_module('layercheck', run_name='__main__')"
)


def test_interrupted_it_writes_what_it_has(tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    arguments = ["check", "ref_layers", "--oracle", "exact", "--json", str(file)]
    process = subprocess.Popen(
        [sys.executable, "-c", HEEDS_INTERRUPTS, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stderr is not None
        process.stderr.readline()  # the first tenth is done
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=1200)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "partial" in out
    report = json.loads(file.read_text())
    assert report["manifest"]["partial"] is True
    assert 0 < report["manifest"]["run"] < report["manifest"]["planned"]
    begun = {check["verdict"]: check["passed"] for check in report["checks"]}
    assert begun["incomplete"] is False  # its further questions were not put
    assert report["summary"]["passed"] is False
