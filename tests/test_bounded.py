"""The judgement of one file ends within its time and memory, whatever the file is."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from submitted import AFFINE, HONEST, ROOT, layercheck

from layercheck import cli
from layercheck.errors import UsageError
from layercheck.pipeline import crew, run
from layercheck.pipeline.options import Options
from layercheck.processes import bounded
from layercheck.reporting import regular
from layercheck.submissions import sources

SLOW = HONEST + AFFINE + "import time\nold = relu_forward\n"
SLOW += "def relu_forward(x):\n    time.sleep(0.3)\n    return old(x)\n"


def ended(code: str) -> subprocess.CompletedProcess[str]:
    """A process of its own that ran this to its end."""
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )


def test_what_takes_too_long_is_ended_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bounded, "FILE_SECONDS", 2.0)
    path = tmp_path / "hw.py"
    path.write_text(SLOW)
    assert cli.run(["check", str(path), "--json", str(tmp_path / "r.json")]) == 1
    assert (
        "judging it took longer than 2 s; check its functions one by one" in capfd.readouterr().err
    )


def test_a_process_that_does_not_hear_the_clock_ends() -> None:
    code = (
        "import signal, time; from layercheck.processes import bounded; bounded.GRACE = 0.5\n"
        "with bounded.within(0.2):\n"
        "    signal.signal(bounded.ALARM or signal.SIGINT, signal.SIG_IGN)\n"
        "    time.sleep(60)\n"
    )
    late = ended(code)
    assert late.returncode == bounded.TOO_LATE
    assert "longer than 0.2 s, and did not end" in late.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="the other systems have no such limit")
def test_memory_is_bounded() -> None:
    code = (
        "from layercheck.processes import bounded; bounded.limit_memory()\n"
        "import numpy\nnumpy.empty(bounded.MEMORY, numpy.uint8)\n"
    )
    assert "MemoryError" in ended(code).stderr


@pytest.mark.skipif(sys.platform != "linux", reason="the other systems have no such limit")
def test_it_is_bounded_while_a_file_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no longer: what else this process starts may take what it likes."""
    import resource

    def kept(*_: object, **__: object) -> None:
        seen.append(resource.getrlimit(resource.RLIMIT_AS)[0])
        raise UsageError("enough")

    before, seen = resource.getrlimit(resource.RLIMIT_AS), list[int]()
    monkeypatch.setattr(run, "check", kept)
    (tmp_path / "hw.py").write_text(HONEST)
    monkeypatch.setattr(bounded, "mapped", lambda: 3 << 30)
    assert cli.run(["check", str(tmp_path / "hw.py")]) == 2
    assert seen == [bounded.MEMORY + (3 << 30)]
    assert resource.getrlimit(resource.RLIMIT_AS) == before


@pytest.mark.skipif(sys.platform != "linux", reason="the other systems have no such limit")
def test_a_process_that_judges_one_of_many_is_bounded_too() -> None:
    code = (
        "import resource; from layercheck.pipeline import judge_child; judge_child.ready()\n"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0])\n"
    )
    told = ended(code)
    assert told.returncode == 0, told.stderr
    assert bounded.MEMORY < int(told.stdout) < bounded.MEMORY + (2 << 30)


@pytest.mark.skipif(sys.platform != "linux", reason="the other systems have no such limit")
def test_a_process_that_has_mapped_more_than_that_can_judge_still() -> None:
    """As one has that uses frameworks: the bound is on what the judgement takes."""
    code = (
        "import mmap, threading; from layercheck.processes import bounded\n"
        "room = mmap.mmap(-1, 2 * bounded.MEMORY)\n"
        "bounded.limit_memory()\n"
        "with bounded.within(60): print('judged')\n"
        "import numpy\nnumpy.empty(bounded.MEMORY, numpy.uint8)\n"
    )
    told = ended(code)
    assert told.stdout == "judged\n"
    assert "MemoryError" in told.stderr


def test_a_clock_that_cannot_start_leaves_none_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """What rang later would end what has nothing to do with it."""
    start, before = threading.Timer.start, {*threading.enumerate()}

    def refused(timer: threading.Timer) -> None:
        if timer.interval > 60:
            raise RuntimeError("can't start new thread")
        start(timer)

    monkeypatch.setattr(threading.Timer, "start", refused)
    with pytest.raises(RuntimeError, match="new thread"), bounded.within(60):
        pass
    for thread in {*threading.enumerate()} - before:
        thread.join(5)
    assert {*threading.enumerate()} <= before


def test_one_of_many_that_takes_too_long_costs_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "FILE_SECONDS", 2.0)
    slow = tmp_path / "slow.py"
    slow.write_text(SLOW)
    with crew.Crew(1, Options()) as judges:
        ((path, row),) = judges.judge([slow], {slow: tmp_path / "slow-py"})
    assert path == slow
    assert row.problem.startswith("judging it ended: timed out: no answer within 2 s")


@pytest.mark.parametrize("error", [IndexError("list\nindex"), MemoryError()])
def test_what_nobody_foresaw_is_told_in_one_line(
    error: Exception,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(run, "check", failing)
    path = tmp_path / "hw.py"
    path.write_text(HONEST)
    assert cli.run(["check", str(path)]) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith(f"layercheck: {path}: judging it ")
    if isinstance(error, IndexError):
        assert "IndexError: list index (test_bounded.py:" in line
        assert "report it with this line and the file" in line


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices are not files there")
def test_only_regular_files_of_bounded_size_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each in a moment: nobody waits for a writer, nothing is read without end."""
    names = ["pipe.py", "endless.py", "folder.py", "loop.py", "sparse.py", "sparse.ipynb"]
    pipe, endless, folder, loop, *sparse = paths = [tmp_path / name for name in names]
    os.mkfifo(pipe)
    endless.symlink_to("/dev/zero")
    folder.mkdir()
    loop.symlink_to(loop)
    for path in sparse:
        with path.open("wb") as file:
            file.truncate(1 << 40)
    told = (
        ["is no regular file", "is a link to /dev/zero"]
        + ["a folder's, need --out DIR", "no file"]
        + ["MB; at most"] * 2
    )
    for path, text in zip(paths, told, strict=True):
        assert cli.run(["check", str(path)]) == 2
        assert text in capfd.readouterr().err
    good = tmp_path / "good.py"
    good.write_text(HONEST)
    together = [str(path) for path in (pipe, endless, *sparse, good)]
    done = layercheck("check", *together, "--out", str(tmp_path / "out"))
    assert done.returncode == 1
    assert "1 of 5 pass" in done.stdout


def test_a_file_that_grows_is_read_up_to_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system says of its size is not believed."""
    monkeypatch.setattr(sources, "MOST_SOURCE", 100)
    with pytest.raises(UsageError, match="at most 0 MB are read"):
        sources.read_bytes(Path("/proc/self/status"))


@pytest.mark.skipif(sys.platform == "win32", reason="files there have no holes, nor pipes a name")
def test_a_file_that_was_put_in_its_place_is_neither_waited_for_nor_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at it and the opening."""
    os.mkfifo(tmp_path / "pipe.py")
    number = os.open(tmp_path / "pipe.py", regular.AT_ONCE | os.O_RDWR)
    assert not os.get_blocking(number)
    os.close(number)
    small, large = tmp_path / "small.py", tmp_path / "large.py"
    small.write_text("x = 1\n")
    with large.open("wb") as file:
        file.truncate(1 << 43)  # more than any memory
    facts = small.stat()
    monkeypatch.setattr(Path, "stat", lambda *_, **__: facts)
    monkeypatch.setattr(os, "fstat", lambda _: facts)
    with pytest.raises(UsageError, match="at most 1 MB are read"):
        sources.read_bytes(large)
