"""Many files are judged by processes that may end in any way: one costs its file, the tool's own
death costs nothing that was done."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from submitted import AFFINE, HONEST, ROOT, WRONG_FORWARD

from layercheck.pipeline import crew
from layercheck.pipeline.many import check_many
from layercheck.pipeline.options import Options
from layercheck.reporting.files import HALF
from layercheck.submissions.child.keeper import descendants

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="it looks for processes in /proc"),
]
SECONDS = 60.0
GONE = 8.0
"""How soon everything has to be gone, on a busy machine too."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(6):
        text = (HONEST if number % 3 else WRONG_FORWARD) + AFFINE
        (tmp_path / f"hw{number}.py").write_text(f"{text}\n# {number}\n")
    return tmp_path


def begun(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "layercheck", "check", str(folder), "--out", "out"]
    own = temporary(folder)
    own.mkdir(exist_ok=True)
    return subprocess.Popen(
        [*command, "--jobs", "2"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(own)},
    )


def temporary(folder: Path) -> Path:
    """Where temporary files of a run lie."""
    return folder.parent / f"{folder.name}-tmp"


def is_judge(process: int) -> bool:
    with suppress(OSError):
        return b"judge_child" in Path(f"/proc/{process}/cmdline").read_bytes()
    return False


def waited(done: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.02)
    return done()


def rows(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "out" / "summary.csv").open() as file:
        return {Path(row["subject"]).name: row for row in csv.DictReader(file)}


def reports(folder: Path) -> int:
    return len(list((folder / "out").glob("*.json")))


def ended(run: subprocess.Popen[str]) -> str:
    return run.communicate(timeout=SECONDS)[0]


def test_a_judge_that_is_killed_costs_nobody_a_grade(folder: Path) -> None:
    with begun(folder) as run:
        assert waited(lambda: any(map(is_judge, descendants(run.pid))), SECONDS)
        os.kill(next(filter(is_judge, descendants(run.pid))), signal.SIGKILL)
        said = ended(run)
    assert "1 judging process ended: checked once more, one at a time" in said
    assert len(rows(folder)) == 6
    assert [row["problem"] for row in rows(folder).values()] == [""] * 6
    assert "Traceback" not in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_what_is_done(folder: Path, number: signal.Signals) -> None:
    with begun(folder) as run:
        assert waited(lambda: reports(folder) >= 3, SECONDS)
        left = [run.pid, *descendants(run.pid)]
        run.send_signal(number)
        said = ended(run)
    assert run.returncode == 128 + number
    assert f"ended by {number.name}" in said
    assert f"partial: interrupted, {6 - len(rows(folder))} of 6 files left" in said
    assert 1 <= len(rows(folder)) < 6
    assert waited(lambda: not any(Path(f"/proc/{one}").exists() for one in left), GONE)
    assert list(temporary(folder).iterdir()) == []


def test_killed_again_and_again_it_comes_to_the_same_summary(folder: Path) -> None:
    """And nothing runs on."""
    with begun(folder) as run:
        ended(run)
    undisturbed = (folder / "out" / "summary.csv").read_bytes()
    for path in (folder / "out").iterdir():
        path.unlink()
    rs = random.Random(20261126)
    for _ in range(4):
        with begun(folder) as run:
            time.sleep(rs.uniform(0.5, 4.0))
            left = list(descendants(run.pid))
            run.kill()
            run.communicate()
        assert waited(lambda left=left: not any(map(is_there, left)), GONE)  # type: ignore[misc]
    with begun(folder) as run:
        said = ended(run)
    assert (folder / "out" / "summary.csv").read_bytes() == undisturbed, said
    assert not list((folder / "out").glob(".*"))


def test_a_crew_that_is_left_ends_what_it_judges(folder: Path) -> None:
    """Nothing is waited for: the file in hand has no report, those after it are not begun."""
    slow = HONEST.replace("import numpy as np\n", "import time\nimport numpy as np\n", 1)
    slow += AFFINE + "\ntime.sleep(4)\n"
    paths = [folder / f"hw{number}.py" for number in range(3)]
    for path in paths:
        path.write_text(slow)
    bases = {path: folder / path.stem for path in paths}
    with crew.Crew(1, Options()) as judges:
        judged = judges.judge(paths, bases)
        threading.Thread(target=lambda: list(judged), daemon=True).start()
        (child,) = judges.children
        assert waited(lambda: child.running, SECONDS)
    assert not child.running
    assert not list(folder.glob("*.json"))


@pytest.mark.parametrize("told", [{}, {"row": 3}, {"row": {"nonsense": 1}}])
def test_a_judge_that_gives_no_row_costs_its_file(
    told: dict[str, object], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew.Crew, "_asked", lambda *_: told)
    path = folder / "hw0.py"
    with crew.Crew(1, Options()) as judges:
        ((judged, row),) = judges.judge([path], {path: folder / "hw0"})
    assert judged == path
    assert row.problem.startswith("judging it gave no row: ")


def test_what_a_killed_run_left_half_written_goes(folder: Path) -> None:
    """What a run that is still there is writing stays."""
    (folder / "out").mkdir()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    mine, theirs = (folder / "out" / f"{HALF}{n}-x" for n in (gone.pid, os.getpid()))
    mine.write_text("half")
    theirs.write_text("half")
    check_many([folder / "hw0.py"], Options(ops=("relu",)), 1, folder / "out", lambda _: None)
    assert not mine.exists()
    assert theirs.exists()


def test_a_bad_name_costs_nobody_anything(tmp_path: Path) -> None:
    """The longest that there is, one that is no text, a deep folder, and a locale without letters."""
    deep = tmp_path.joinpath(*["d" * 200] * 12)
    deep.mkdir(parents=True)
    names = [b"x" * 249 + b".py", b"\xff\xfe.py", "\u00fc\u4e2d.py".encode(), b"a b'c$d;e.py"]
    paths = [os.fsencode(tmp_path) + b"/" + name for name in names]
    paths.append(os.fsencode(deep) + b"/hw.py")
    for path in paths:
        with open(path, "w", encoding="utf-8") as file:
            file.write(HONEST)
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": str(ROOT)}
    options = ["--op", "relu", "--out", "out", "--jobs", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "layercheck", "check", *paths, *options],
        cwd=tmp_path,
        capture_output=True,
        env={**os.environ, **plain},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"5 of 5 pass")
    assert len(list((tmp_path / "out").glob("*.json"))) == 5


def test_a_full_disk_costs_what_does_not_fit(folder: Path) -> None:
    """Here no file may be larger: its report is missing, and its row says so."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000));"
        "from layercheck.cli import main; main(sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "check", str(folder), "--out", "out", "--jobs", "2"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "6 reports of 6 could not be written, and there are no grades" in done.stderr
    assert len(rows(folder)) == 6
    lost = {row["problem"] for row in rows(folder).values()}
    assert lost == {"its report cannot be written: File too large"}
    assert sorted(path.name for path in (folder / "out").iterdir()) == [
        "summary.csv",
        "summary.html",
    ]


def is_there(process: int) -> bool:
    return Path(f"/proc/{process}").exists()
