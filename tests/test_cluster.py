"""A class and a module judged on a cluster: a real scheduler, two real workers, one of them killed."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from machines import ENVIRONMENT, ROOT, SECONDS, Machines, machines_of
from submitted import HONEST

pytest.importorskip("distributed")

TABLE = "[score]\nrelu_forward = 1\nrelu_backward = 1\n"
CHECK = (sys.executable, "-m", "layercheck", "check")


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """Two workers of one thread each."""
    with machines_of(2, tmp_path) as found:
        yield found


def check(folder: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    table = folder.parent / "score.toml"
    table.write_text(TABLE)
    return subprocess.Popen(
        [*CHECK, str(folder), "--out", str(out), "--require", str(table), *more],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_class_comes_to_the_same_with_a_worker_killed(machines: Machines, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(12):
        wrong = "* 2" if number % 3 == 0 else ""
        text = HONEST.replace("(cache > 0)", f"(cache > 0) {wrong}")
        (folder / f"s{number:02}.py").write_text(text)
    run = check(folder, tmp_path / "far", "--scheduler", machines.address)
    assert run.stderr is not None
    first = run.stderr.readline()
    machines.workers[0].send_signal(signal.SIGKILL)
    _, rest = run.communicate(timeout=SECONDS)
    near = check(folder, tmp_path / "near", "--jobs", "1")
    near.communicate(timeout=SECONDS)
    done = re.findall(r"^(\d+)/12 \S*(s\d\d\.py): ", first + rest, re.MULTILINE)
    assert sorted(name for _, name in done) == [f"s{number:02}.py" for number in range(12)], rest
    assert [int(number) for number, _ in done] == list(range(1, 13))
    tables = [(tmp_path / name / "grades.csv").read_text() for name in ("far", "near")]
    assert tables[0] == tables[1]
    assert run.returncode == near.returncode == 1


def test_a_modules_cases_come_to_the_same(machines: Machines, tmp_path: Path) -> None:
    told = []
    for more in (["--scheduler", machines.address], ["--jobs", "1"]):
        out = tmp_path / more[-1].rpartition("/")[2].replace(":", "_")
        subprocess.run(
            [*CHECK, "ref_layers", "--op", "relu", "--oracle", "exact", "--out", str(out), *more],
            cwd=ROOT,
            env=ENVIRONMENT,
            check=True,
            capture_output=True,
            timeout=SECONDS,
        )
        data = json.loads((out / "report.json").read_text())
        told.append((data["summary"], data["checks"]))
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["examples/homework/layers.py", "--scheduler", "tcp://127.0.0.1:1"], "is one file"),
        (
            ["ref_layers", "--op", "relu", "--jobs", "2", "--scheduler", "tcp://x:1"],
            "expected one of",
        ),
        (["ref_layers", "--op", "relu", "--scheduler", "tcp://127.0.0.1:1"], "no scheduler at"),
        (["ref_layers", "--op", "relu", "--scheduler", "here"], "no scheduler at here"),
    ],
)
def test_what_is_no_cluster_is_told(
    arguments: list[str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from layercheck.cli import main
    from layercheck.pipeline import cluster

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1.0)
    with pytest.raises(SystemExit) as ended:
        main(["check", *arguments])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
