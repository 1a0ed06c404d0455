"""Is a class graded in minutes, everybody judged, nobody right blamed, and killed runs the same?

`python benchmarks/classroom.py [--count 300] [--kills 2] [--jobs 2] [--keep DIR]` writes so many
submissions: a fifth right, in several styles; hostile and broken ones; the rest right but for one
to three named mistakes. They are handed in as platforms export them. The class is graded once
undisturbed, and once with SIGKILL to the tool so many times on the way, and started again; the two
grades.csv are compared byte by byte.
"""

from __future__ import annotations

import argparse
import ast
import csv
import io
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from layercheck.mistakes import Mistake, mistakes
from layercheck.upkeep.planted import STYLES, planted_layer

ROOT = Path(__file__).parents[1]
SEED = 20261126

ASSIGNMENT = {
    "affine": ("affine_forward", "affine_backward"),
    "relu": ("relu_forward", "relu_backward"),
    "softmax_cross_entropy": ("softmax_loss",),
    "conv2d": ("conv_forward_naive", "conv_backward_naive"),
    "max_pool": ("max_pool_forward_naive", "max_pool_backward_naive"),
}
"""What the class is asked for, by op."""

BASES = (
    "examples/homework/layers.py",
    "examples/homework/layers_vectorised.py",
    "tests/zoo/right/cs231n_01.py",
    "tests/zoo/right/cs231n_02.py",
    "tests/zoo/right/cs231n_03.py",
    "tests/zoo/right/cs231n_04.py",
    "tests/zoo/right/cs231n_05.py",
)
"""Right homework in several styles."""

ATTACKS = (
    "os_exit",
    "raises_at_import",
    "patches_numpy",
    "equals_everything",
    "changes_inputs",
    "nan_answers",
    "hostile_error",
    "segfault",
    "prints_forged_json",
    "sys_exit",
    "writes_report",
    "pickle_bomb",
)
"""Hostile files that need no minute each."""

BROKEN = (
    ("layers.py", b"def relu_forward(:\n"),
    ("layers.py", b""),
    ("layers.py", b"\x00\x01\xff\xfe" * 64),
    ("layers.docx", b"PK\x03\x04 a document"),
    ("layers.zip", b"no archive"),
    ("layers.py", b"# \xe9 in no encoding\nimport numpy as np\n"),
)
LEFT_OUT = ("return_indices", "ceil_mode", "dilation", "groups", "smooth", "ignore")
LEFT_OUT += ("all_samples", "promoted_to_double", "padded_image", "divided_always")
LEFT_OUT += ("crops_swapped", "same_taken")
"""What the assignment cannot ask: attributes that it has not, paddings unlike by side or by axis,
numbers that are not float64. A mistake in them is none in it."""

FUTURE = "from __future__ import annotations\n"


def course_mistakes() -> dict[str, list[Mistake]]:
    """The mistakes that can be made in the assignment, by op: its loss is given no dout."""
    found: dict[str, list[Mistake]] = {op: [] for op in ASSIGNMENT}
    for mistake in mistakes(list(ASSIGNMENT)):
        no_dout = mistake.op == "softmax_cross_entropy" and "dout" in mistake.name
        if not no_dout and not any(word in f"{mistake.name} {mistake.text}" for word in LEFT_OUT):
            found[mistake.op].append(mistake)
    return found


def right(base: str, without: Sequence[str] = ()) -> str:
    """A right file with the assignment's functions only, and without those of these ops."""
    text = (ROOT / base).read_text(encoding="utf-8")
    kept = {f for op, names in ASSIGNMENT.items() if op not in without for f in names}
    tree = ast.parse(text)
    lines = text.splitlines()
    every = course_functions()
    for node in reversed(tree.body):
        if isinstance(node, ast.FunctionDef) and node.name in every - kept:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            del lines[first - 1 : node.end_lineno]
    return "\n".join(line for line in lines if line != FUTURE.strip()) + "\n"


def course_functions() -> set[str]:
    """Every function of the course's templates."""
    from layercheck.submissions.profiles.cs231n import assignment

    return set(assignment())


def part(op: str, made: Sequence[Mistake], style: str) -> str:
    """The functions of one op, with these mistakes, under names that no other part has."""
    text = planted_layer(op, made, style).replace(FUTURE, "").replace("_lib", f"_lib_{op}")
    own = r"\b_(forward|backward|wrong_forward|wrong_backward|batch_norm)\b"
    return re.sub(own, rf"_\1_{op}", text)


def wrong(rs: random.Random, known: dict[str, list[Mistake]]) -> str:
    """A right file with one to three mistakes in it, each in another op."""
    ops = rs.sample([op for op in ASSIGNMENT if known[op]], rs.randint(1, 3))
    parts = [part(op, [rs.choice(known[op])], STYLES[0]) for op in ops]
    return "\n".join([FUTURE, right(rs.choice(BASES[:4]), ops), *parts])


def texts(count: int, rs: random.Random) -> Iterator[tuple[str, str, bytes]]:
    """Of each student the kind, the file's name and its bytes."""
    known = course_mistakes()
    hostile, broken = max(1, count // 25), max(1, count // 25)
    good = count // 5
    for number in range(good):
        text = f"# {number}\n" + right(BASES[number % len(BASES)])
        yield "right", "layers.py", text.encode()
    for number in range(hostile):
        text = (ROOT / f"tests/attacks/{ATTACKS[number % len(ATTACKS)]}.py").read_text()
        yield "hostile", "layers.py", text.replace("def relu(", "def relu_forward(").encode()
    for number in range(broken):
        yield "broken", *BROKEN[number % len(BROKEN)]
    for _ in range(count - good - hostile - broken):
        yield "wrong", "layers.py", wrong(rs, known).encode()


def hand_in(folder: Path, number: int, kind: str, name: str, data: bytes) -> None:
    """One submission as one of the platforms has it: a folder, a file or an archive."""
    who = f"{kind} {number:03}"
    way = number % 4
    if way == 0 or not name.endswith(".py"):
        place = folder / f"{who}_{10000 + number}_assignsubmission_file_"
        place.mkdir()
        (place / name).write_bytes(data)
    elif way == 1:
        (folder / f"{who.replace(' ', '')}_{10000 + number}_777_{name}").write_bytes(data)
    elif way == 2:
        with zipfile.ZipFile(folder / f"{who}.zip", "w") as archive:
            archive.writestr(f"homework/{name}", data)
    else:
        (folder / who).mkdir()
        (folder / who / name).write_bytes(data)


def begun(folder: Path, out: Path, jobs: int) -> subprocess.Popen[bytes]:
    """The tool over the class."""
    command = [sys.executable, "-m", "layercheck", "check", str(folder), "--out", str(out)]
    required = folder.parent / "required.toml"
    return subprocess.Popen(
        [*command, "--require", str(required), "--jobs", str(jobs), "--quiet"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )


def processor_seconds() -> float:
    """Of all processes that ended below this one."""
    times = os.times()
    return times.children_user + times.children_system


def rows_of(out: Path) -> list[dict[str, str]]:
    """The grades."""
    return list(csv.DictReader(io.StringIO((out / "grades.csv").read_text(encoding="utf-8"))))


def kind_of(row: dict[str, str]) -> str:
    """What a student's submission is, as the name says."""
    found = re.match(r"[a-z]+", row["student"])
    return found[0] if found else ""


def told_beyond(out: Path) -> set[str]:
    """The numbers of the submissions whose report tells of a failure beyond the assignment."""
    paths = (
        path for path in out.glob("wrong*.json") if "beyond the assignment" in path.read_text()
    )
    return {found[0] for path in paths if (found := re.search(r"\d+", path.name))}


def summed(rows: list[dict[str, str]], beyond: set[str]) -> Iterator[str]:
    """What came of each kind, the right ones that were blamed and the wrong ones that passed."""
    for kind in ("right", "wrong", "hostile", "broken"):
        own = [row for row in rows if kind_of(row) == kind]
        full = [row["student"] for row in own if row["score"] == row["most"]]
        yield f"{kind}: {len(own)} judged, {len(full)} with every point"
    for row in rows:
        if kind_of(row) == "right" and row["score"] != row["most"]:
            yield f"BLAMED: {row['student']}: {row['told']}"
        if kind_of(row) == "wrong" and row["score"] == row["most"]:
            number = "".join(filter(str.isdigit, row["student"]))
            told = "told as beyond the assignment" if number in beyond else "not seen"
            yield f"{told}: {row['student']}"


def killed(folder: Path, out: Path, jobs: int, kills: int, seconds: float) -> None:
    """Run with SIGKILL so many times on the way, then to the end."""
    rs = random.Random(SEED)
    for _ in range(kills):
        run = begun(folder, out, jobs)
        time.sleep(seconds * rs.uniform(0.15, 0.4))
        run.kill()
        run.wait()
        print(f"killed; {len(list(out.glob('*.json')))} reports", flush=True)
    begun(folder, out, jobs).wait()


def main() -> None:
    """Print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("count", 300), ("kills", 2), ("jobs", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--keep", type=Path, help="where the class and its grades stay")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = asked.keep or Path(name)
        folder, once, often = (root / part for part in ("class", "once", "often"))
        folder.mkdir(parents=True)
        functions = [f for names in ASSIGNMENT.values() for f in names]
        table = "\n".join(["[score]", *(f"{function} = 1" for function in functions), ""])
        (root / "required.toml").write_text(table)
        for number, (kind, file, data) in enumerate(texts(asked.count, random.Random(SEED))):
            hand_in(folder, number, kind, file, data)
        began, before = time.monotonic(), processor_seconds()
        begun(folder, once, asked.jobs).wait()
        seconds, processor = time.monotonic() - began, processor_seconds() - before
        rows = rows_of(once)
        print(
            f"{len(rows)} of {asked.count} submissions graded in {seconds:.0f} s "
            f"({seconds / len(rows):.2f} s each, {processor / len(rows):.2f} s of processor)"
        )
        print("\n".join(summed(rows, told_beyond(once))), flush=True)
        if asked.kills:
            killed(folder, often, asked.jobs, asked.kills, seconds)
            same = (once / "grades.csv").read_bytes() == (often / "grades.csv").read_bytes()
            told = "the same, byte for byte" if same else "ANOTHER"
            print(f"killed {asked.kills} times: grades.csv is {told}")
            for one, other in zip(rows, rows_of(often), strict=True):
                if one != other:
                    print(f"once: {list(one.values())}\nkilled: {list(other.values())}")


if __name__ == "__main__":
    main()
