"""A framework that does not start is its own defect: what is known without it is told."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from layercheck.cases.quick import quick
from layercheck.implementations import framework
from layercheck.implementations.framework import Framework
from layercheck.implementations.protocol import Failure
from layercheck.pipeline.options import Options
from layercheck.pipeline.run import check
from layercheck.processes.trusted import command
from layercheck.reporting.report import Report
from layercheck.reporting.words import headline

OPTIONS = Options(ops=("relu",), grid="quick", oracles=("torch",))
OURS = "layercheck.implementations.framework_child"


def started_by(code: str) -> Callable[..., list[str]]:
    """In place of the framework's own command."""

    def made(module: str, *arguments: str) -> list[str]:
        assert module == OURS
        own = command(module, *arguments)
        return [*own[:2], "-c", code]

    return made


def told(report: Report) -> str:
    """All that is said of defects."""
    return "\n".join(f"{d.oracle} {d.what} {d.reason}" for d in report.defects)


@pytest.mark.parametrize(
    ("code", "kind", "what"),
    [
        ("import os; os._exit(3)", "exited", "while it started: exit status 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "crashed", "SIGILL"),
        ("import time; time.sleep(100)", "timed out", "no answer within 1 s"),
    ],
)
def test_one_that_dies_or_hangs_as_it_starts_is_its_own_defect(
    code: str, kind: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framework, "command", started_by(code))
    monkeypatch.setattr(framework, "START_SECONDS", 1.0)
    report = check("ref_layers", OPTIONS)
    (one,) = {(d.oracle, d.what.partition(":")[0]) for d in report.defects}
    assert one == ("torch", kind)
    assert what in told(report)
    assert "install" not in told(report) + headline(report)
    assert {str(c.verdict) for c in report.checks} <= {"exact", "rounding"}
    assert all(c.compared == c.cases for c in report.checks)
    assert not report.passed  # a new defect is looked at


def test_one_that_is_installed_and_raises_is_broken_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text("raise RuntimeError('its library is of another version')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    report = check("ref_layers", OPTIONS)
    assert "while it was imported: RuntimeError: its library is of another version" in told(report)
    assert "install" not in told(report)


def test_one_that_dies_while_it_restarts_keeps_what_it_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And is not waited for again."""
    starts = []
    code = (
        f"import os, sys; sys.path[:0] = {sys.path!r}\n"
        "from layercheck.processes.trusted import serve\n"
        "asked = []\n"
        "def answer(request, arrays):\n"
        "    asked.append(1)\n"
        "    os._exit(3) if len(asked) > 2 else None\n"
        "    return {'refused': 'it is a stand-in'}, {}\n"
        "serve(lambda: ({'versions': {'torch': '2.13.0'}}, answer))\n"
    )

    def made(module: str, *arguments: str) -> list[str]:
        starts.append(module)
        return started_by(code if len(starts) == 1 else "import os; os._exit(4)")(module)

    monkeypatch.setattr(framework, "command", made)
    report = check("ref_layers", OPTIONS)
    assert len(starts) == 2
    assert report.environment["torch"] == "2.13.0"
    kinds = [d.what for d in report.defects]
    assert any("exit status 3" in what for what in kinds)
    assert any("while it started: exit status 4" in what for what in kinds)
    assert {str(c.verdict) for c in report.checks} <= {"exact", "rounding"}


def test_one_that_was_there_is_not_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it says when it is started once more."""
    said = iter(
        ["{'versions': {'torch': '2.13.0'}}", "{'missing': 'it is gone', 'module': 'torch'}"]
    )

    def made(module: str, *arguments: str) -> list[str]:
        code = (
            f"import os, sys; sys.path[:0] = {sys.path!r}\n"
            "from layercheck.processes.trusted import serve\n"
            f"serve(lambda: ({next(said)}, lambda request, arrays: os._exit(3)))\n"
        )
        return started_by(code)(module)

    monkeypatch.setattr(framework, "command", made)
    with Framework("torch") as broken:
        died, gone = (broken.answer(case) for case in quick("relu")[:2])
    assert isinstance(died, Failure)
    assert isinstance(gone, Failure)
    assert died.kind == "exited"
    assert gone.message == "while it was imported: it is gone"


def test_a_broken_one_answers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framework, "command", started_by("import os; os._exit(3)"))
    with Framework("torch") as broken:
        broken.start()
        first, second = (broken.answer(None) for _ in range(2))  # type: ignore[arg-type]
    assert isinstance(first, Failure)
    assert first is second
    assert broken.child.starts == 1
