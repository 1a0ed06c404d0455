"""Child processes: messages between them, and every way in which a child may die."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layercheck
from layercheck.processes import wire
from layercheck.processes.child import Child
from layercheck.processes.death import UNWRITTEN, ChildDied, died_of, exit_text
from layercheck.processes.trusted import BOOTSTRAP, command
from layercheck.processes.waited import waited
from layercheck.processes.wire import LENGTH, WireError, pack, receive, send, unpack

SECONDS = 120.0
"""How long an answer is waited for that surely comes."""

# ---------------------------------------------------------------------- the wire

ARRAYS = {
    "out": np.arange(6.0).reshape(2, 3).T,
    "n": np.int64(3),
    "none": np.zeros((0, 4), np.float32),
    "half": np.float16([np.inf, np.nan, -0.0]),
    "yes": np.array([True, False]),
    "swapped": np.arange(3, dtype=">f4"),
}


def over_a_pipe(header: Any, arrays: Any) -> wire.Message:
    ours, theirs = Pipe()
    with ours, theirs:
        send(ours, header, arrays)
        return receive(theirs)


@pytest.mark.parametrize("way", [lambda h, a: unpack(pack(h, a)), over_a_pipe])
def test_messages_arrive_as_they_were_sent(way: Any) -> None:
    header, got = way({"text": "π"}, ARRAYS)
    assert header == {"text": "π"}
    assert got.keys() == ARRAYS.keys()
    for name, value in ARRAYS.items():
        np.testing.assert_array_equal(got[name], value)
        assert got[name].shape == np.shape(value)
        assert got[name].dtype == np.asarray(value).dtype.newbyteorder("=")


def message(head: str, body: bytes = b"") -> bytes:
    return LENGTH.pack(len(head)) + head.encode() + body


BAD_MESSAGES = {
    "nothing": (b"", "a message of 0 bytes"),
    "half a length": (b"\x01", "a message of 1 bytes"),
    "a length longer than any": (LENGTH.pack(1 << 30), "a header of 1073741824 bytes"),
    "a header longer than the message": (LENGTH.pack(99) + b'{"arrays":[]}', "a header of 99"),
    "a header longer than is read": (message('{"arrays":[]}' + " " * (1 << 20)), "a header of 10"),
    "a header that is a list": (message("[]"), "not a message"),
    "no JSON": (message('{"arrays": ['), "not a message"),
    "no arrays": (message("{}"), "not a message: KeyError"),
    "objects": (message('{"arrays": [["x","object",[1]]]}', bytes(8)), "dtype object; expected"),
    "a dtype that is no text": (message('{"arrays": [["x",[],[1]]]}', bytes(8)), "not a message"),
    "a negative size": (message('{"arrays":[["x","float64",[-9]]]}'), "expected sizes"),
    "two negative sizes": (
        message('{"arrays":[["x","float64",[-1,-1]]]}', bytes(8)),
        "expected sizes",
    ),
    "a size that is true": (message('{"arrays":[["x","float64",[true]]]}', bytes(8)), "sizes"),
    "a size past any": (message('{"arrays":[["x","float64",[0,1e99]]]}'), "expected sizes"),
    "a shape larger than its bytes": (
        message('{"arrays":[["x","float64",[99999]]]}'),
        "does not fit its bytes",
    ),
    "arrays without end": (
        message(json.dumps({"arrays": [[str(n), "int8", [1]] for n in range(4097)]}), bytes(4097)),
        "4097 arrays; expected at most 4096",
    ),
    "bytes that no array has": (message('{"arrays":[]}', b"more"), "4 bytes more"),
    "a header nested too deeply": (message('{"arrays":' + "[" * 100_000), "RecursionError"),
}


@pytest.mark.parametrize("name", BAD_MESSAGES)
def test_what_is_no_message_is_an_error(name: str) -> None:
    data, told = BAD_MESSAGES[name]
    with pytest.raises(WireError, match=told):
        unpack(data)


def test_a_closed_pipe_is_an_error() -> None:
    ours, theirs = Pipe()
    theirs.close()
    with ours, pytest.raises(WireError, match="the pipe was closed"):
        receive(ours)


# ---------------------------------------------------------------------- exit statuses


def test_exit_texts() -> None:
    assert exit_text(-signal.SIGSEGV) == "SIGSEGV"
    assert exit_text(3) == "exit status 3"
    assert exit_text(-99) == "signal 99"


@pytest.mark.parametrize(
    ("code", "text", "kind", "told"),
    [
        (3, "", "exited", "exit status 3"),
        (-signal.SIGSEGV, "", "crashed", "SIGSEGV"),
        (128 + signal.SIGFPE, "", "crashed", "SIGFPE"),
        (-signal.SIGKILL, "", "crashed", "SIGKILL"),
        (-signal.SIGXCPU, "", "timed out", "SIGXCPU"),
        (1, "...\nMemoryError\n", "out of memory", "no memory left"),
        (UNWRITTEN, "", "no answer", "could not be written"),
    ],
)
def test_how_a_child_ended_is_told_in_words(code: int, text: str, kind: str, told: str) -> None:
    died = died_of(code, text)
    assert died.kind == kind
    assert told in died.message


# ---------------------------------------------------------------------- one client

PREAMBLE = """
import os, signal, sys, time
import numpy as np
from layercheck.processes.wire import opened, receive, send
pipe = opened(int(sys.argv[-1]))
"""
ECHO = """
send(pipe, {"ready": os.getpid(), "turn": 0})
while True:
    header, arrays = receive(pipe)
    do = header.pop("do", "")
    exec(do)
    send(pipe, header, arrays)
"""


def started(child: Child, body: str = ECHO) -> dict[str, Any]:
    code = PREAMBLE + textwrap.dedent(body)
    path = json.dumps(sys.path)
    run = f"import json, sys; sys.path[:] = json.loads({path!r})\n{code}"
    return child.start([sys.executable, "-c", run], SECONDS)


@pytest.fixture
def child() -> Iterator[Child]:
    made = Child(most_bytes=1 << 20)
    yield made
    made.stop()


def test_a_child_answers_what_it_is_asked(child: Child) -> None:
    assert started(child)["ready"] > 0
    for number in (1, 2):
        header, arrays = child.ask({"number": number}, {"x": np.arange(number)}, SECONDS)
        assert header == {"number": number}
        np.testing.assert_array_equal(arrays["x"], np.arange(number))


def test_a_large_message_and_a_large_answer_do_not_wait_for_each_other(child: Child) -> None:
    started(child)
    x = np.zeros(120_000)
    for _ in range(3):
        _, arrays = child.ask({}, {"x": x}, SECONDS)
        assert arrays["x"].size == x.size


def test_what_a_child_prints_is_kept_and_never_taken_for_an_answer(child: Child) -> None:
    started(child)
    child.ask({"do": "print('first', flush=True); print('last words', flush=True)"}, {}, SECONDS)
    assert child.text == "first\nlast words\n"
    assert child.last_words == "last words"
    child.ask({}, {}, SECONDS)
    assert child.text == ""


def test_a_child_that_prints_without_end_is_read_and_cut(child: Child) -> None:
    started(child)
    child.ask({"do": "sys.stdout.write('x' * (1 << 22)); sys.stdout.flush()"}, {}, SECONDS)
    assert 0 < len(child.text) <= child.text_bytes


WAYS_TO_DIE = {
    "killed by a signal": ("os.kill(os.getpid(), signal.SIGSEGV)", "crashed", "SIGSEGV"),
    "killed from outside": ("os.kill(os.getpid(), signal.SIGKILL)", "crashed", "SIGKILL"),
    "ends by itself": ("os._exit(3)", "exited", "exit status 3"),
    "closes its pipe": ("pipe.close(); time.sleep(60)", "no answer", "closed the private pipe"),
    "sends no message": ("pipe.send_bytes(b'x')", "no answer", "expected more"),
    "answers another question": ("header['turn'] += 1", "no answer", "answers no question"),
    "answers without a number": ("del header['turn']", "no answer", "answers no question"),
    "answers too much": ("arrays = {'x': np.zeros(1 << 18)}", "too much output", "1 MB"),
    "has no memory left": (
        "print('MemoryError', flush=True); os._exit(1)", "out of memory", "no memory left",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WAYS_TO_DIE)
def test_a_child_that_gives_no_right_answer_is_ended_and_the_reason_told(
    name: str, child: Child
) -> None:
    code, kind, told = WAYS_TO_DIE[name]
    pid = started(child)["ready"]
    with pytest.raises(ChildDied) as died:
        child.ask({"do": code}, {}, SECONDS)
    assert died.value.kind == kind
    assert told in died.value.message
    assert not child.running
    assert is_gone(pid)


def test_a_child_that_takes_too_long_is_ended(child: Child) -> None:
    pid = started(child)["ready"]
    begun = time.monotonic()
    with pytest.raises(ChildDied, match=r"timed out: no answer within 0.2 s"):
        child.ask({"do": "time.sleep(300)"}, {}, 0.2)
    assert time.monotonic() - begun < 60
    assert is_gone(pid)


SPIN = "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nwhile True: pass"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no one processor for two")
def test_what_a_busy_machine_keeps_from_a_child_is_granted_again(child: Child) -> None:
    pid = started(child)["ready"]
    first = min(os.sched_getaffinity(0))
    beside = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(3)]
    work = f"""
os.sched_setaffinity(0, {{{first}}})
until = time.process_time() + 0.5
while time.process_time() < until: pass
"""
    try:
        child.ask({"do": work}, {}, 1.0)  # some 2 s beside three others, 0.5 s alone
        assert waited(os.getpid()) >= waited(pid) > 0.5
        with pytest.raises(ChildDied, match="timed out"):
            child.ask({"do": "while True: pass"}, {}, 0.2)
    finally:
        for one in beside:
            one.kill()
            one.wait()


def test_more_than_is_left_is_never_granted(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layercheck.processes.child.waited", lambda _: 99.0)
    started(child)
    child.ask({"do": "time.sleep(0.5)"}, {}, 0.3)
    monkeypatch.setattr("layercheck.processes.child.waited", lambda _: 199.0)
    ticket = child.begin({"do": "time.sleep(0.5)"})
    with pytest.raises(ChildDied, match="timed out"):
        child.result(ticket, 0.3, most=0.3)


def test_a_child_that_died_between_two_questions_is_told_as_what_it_died_of(child: Child) -> None:
    started(child)
    assert child._process is not None
    assert child._pipes is not None
    child._process.kill()
    while child._pipes._inbox.empty():  # until the end of the pipe has arrived
        time.sleep(0.01)
    with pytest.raises(ChildDied, match="crashed: SIGKILL"):
        child.ask({}, {}, SECONDS)


def test_a_child_that_died_can_be_started_again(child: Child) -> None:
    started(child)
    with pytest.raises(ChildDied):
        child.ask({"do": "os._exit(0)"}, {}, SECONDS)
    started(child)
    assert child.ask({"number": 1}, {}, SECONDS)[0] == {"number": 1}
    assert child.starts == 2


def test_an_answer_that_comes_before_its_question_is_none(child: Child) -> None:
    """What is written ahead is no answer to a question that is asked later."""
    started(child)
    ahead = "send(pipe, header, arrays); send(pipe, {**header, 'turn': header['turn'] + 1}, arrays)"
    child.ask({"do": f"{ahead}; header, arrays = receive(pipe)"}, {}, SECONDS)
    time.sleep(0.5)
    with pytest.raises(ChildDied, match="wrote to the private pipe by itself"):
        child.ask({}, {}, SECONDS)
    assert not child.running


def test_a_child_that_does_not_start_says_why(child: Child) -> None:
    with pytest.raises(ChildDied, match=r"exited: exit status 1.*no such thing"):
        started(child, "sys.exit('no such thing')")
    assert not child.running


def test_a_program_that_is_not_there_is_an_os_error(child: Child) -> None:
    with pytest.raises(OSError, match="no-such-program"):
        child.start(["/no-such-program"], SECONDS)
    assert not child.running


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sessions")
def test_stopping_a_child_ends_what_it_started(child: Child) -> None:
    started(child)
    spawned = "import subprocess; header['pid'] = subprocess.Popen(['sleep', '300']).pid"
    pid = child.ask({"do": spawned}, {}, SECONDS)[0]["pid"]
    child.stop()
    assert is_gone(pid)
    child.stop()  # a second time does nothing


def is_gone(pid: int) -> bool:
    """Whether a process ends within some seconds; one that nobody waited for is gone too."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.1)
    return False


# ---------------------------------------------------------------------- modules of ours


def test_a_module_of_ours_runs_beside_files_of_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, child: Child
) -> None:
    """The child has this process's path, and nothing of the working directory before it."""
    for name in ("json", "numpy", "layercheck", "oracles"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong file')\n")
    monkeypatch.chdir(tmp_path)
    ours = command("layercheck.implementations.framework_child", "matrix")
    assert "versions" in child.start(ours, SECONDS)


def test_the_path_of_a_module_of_ours_is_ours() -> None:
    made = command("some.module", "argument")
    assert made[:4] == [sys.executable, "-I", "-c", BOOTSTRAP]
    assert set(sys.path) <= set(json.loads(made[4]))
    assert made[5:] == [str(os.getpid()), "some.module", "argument"]


def test_a_module_of_ours_whose_parent_is_gone_ends_before_it_has_started(
    monkeypatch: pytest.MonkeyPatch, child: Child
) -> None:
    """It was begun by a process that was killed meanwhile."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    monkeypatch.setattr("os.getpid", lambda: gone.pid)
    ours = command("layercheck.implementations.framework_child", "torch")
    monkeypatch.undo()
    with pytest.raises(ChildDied):
        child.start(ours, SECONDS)


STARTING = ("subprocess.Popen", "os.fork", "Pipe")
UNPICKLING = (".recv", "pickle.load", "pickle.loads")


def test_one_place_starts_child_processes() -> None:
    """Whoever needs a child asks `processes`; a sandbox's keeper forks within its own, and a search
    within that of its framework."""
    package = Path(layercheck.__file__).parent
    starting = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if any(f"{name}(" in path.read_text(encoding="utf-8") for name in STARTING)
    }
    within = {"submissions/child/keeper.py", "search/forks.py"}
    assert starting == {"processes/child.py", *within}


def test_nothing_that_comes_from_a_child_is_unpickled() -> None:
    """It is JSON and plain buffers; a connection's own `recv` would unpickle."""
    package = Path(layercheck.__file__).parent
    for path in (*package.glob("processes/*.py"), *package.glob("submissions/**/*.py")):
        text = path.read_text(encoding="utf-8")
        assert not [name for name in UNPICKLING if f"{name}(" in text], path
