"""An autograder for Gradescope: the files of its specification, with this very layercheck."""

from __future__ import annotations

import io
import json
import shlex
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from layercheck.reporting.classroom.records import Required

ROOT = Path(__file__).parents[3]
PACKAGES = ("layercheck", "ref_layers", "oracles")
NEEDED = (
    "numpy",
    "click",
    "rich",
    "jinja2",
    "simpleeval",
    "packaging",
    "python-flint",
    "py-landlock",
    "pyseccomp",
)
"""What is installed: in the versions that are here, as far as the image's Python has them."""

SETUP = """\
#!/usr/bin/env bash
# Run once, when Gradescope builds the image.
set -e
apt-get update
apt-get install -y python3 python3-venv bubblewrap
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install {pinned} || /autograder/venv/bin/pip install {named}
"""

RUN = """\
#!/usr/bin/env bash
# Run for each submission. AUTOGRADER_ROOT and AUTOGRADER_PYTHON are for trying it elsewhere.
root="${{AUTOGRADER_ROOT:-/autograder}}"
python="${{AUTOGRADER_PYTHON:-$root/venv/bin/python}}"
results="$root/results/results.json"
mkdir -p "$root/results"
rm -f "$results"
cd "$root/source"
PYTHONPATH="$root/source/packages" "$python" -m layercheck grade "$root/submission" \\
    --require "$root/source/required.toml" {options} --results "gradescope=$results"
if [ ! -s "$results" ]; then
    echo '{{"score": 0, "output": "The autograder itself failed: please tell your teacher."}}' \\
        > "$results"
fi
"""

TOMLI = "tomli; python_version < '3.11'"
EXECUTABLE = 0o755
FILE = 0o644
BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The time of every member: the same autograder is the same bytes."""


def made(required: Required, options: str) -> bytes:
    """The archive. options: of `layercheck grade`, as a shell reads them."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in scripts(required, options).items():
            add(archive, name, text.encode(), FILE if name.endswith(".toml") else EXECUTABLE)
        for path in sources():
            name = f"packages/{path.relative_to(ROOT).as_posix()}"
            add(archive, name, path.read_bytes(), FILE)
    return data.getvalue()


def scripts(required: Required, options: str) -> Mapping[str, str]:
    """What Gradescope runs, and the table of what counts."""
    return {
        "setup.sh": SETUP.format(**requirements()),
        "run_autograder": RUN.format(options=options),
        "required.toml": table_of(required),
    }


def table_of(required: Required) -> str:
    """What counts as a table that `--require` takes."""
    lines = [f"{json.dumps(name)} = {points!r}" for name, points in required.points.items()]
    partial = f"partial = {json.dumps(required.partial)}"
    return "\n".join([partial, "", "[score]", *lines, ""])


def requirements() -> dict[str, str]:
    """The packages that are needed, in the versions that are here, and in any; those that are not
    here nobody needs."""
    pinned, named = [TOMLI], [TOMLI]
    for name in NEEDED:
        with suppress(metadata.PackageNotFoundError):
            pinned.append(f"{name}=={metadata.version(name)}")
            named.append(name)
    return {"pinned": shlex.join(pinned), "named": shlex.join(named)}


def sources() -> Iterator[Path]:
    """Every file of the packages, in order."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def add(archive: zipfile.ZipFile, name: str, data: bytes, mode: int) -> None:
    """One member."""
    member = zipfile.ZipInfo(name, BEGINNING)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = mode << 16
    archive.writestr(member, data)
