"""The terminal output that the documents show, made by the commands that stand above it.

A sample is a block fenced by ```console whose first line is `$ layercheck ...`; what follows is its
output. `python -m layercheck.upkeep.samples` runs the commands and writes what they print.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
SAMPLE = re.compile(
    r"^```console\n\$ layercheck (?P<arguments>.*)\n(?P<output>(?:.*\n)*?)```$", re.MULTILINE
)
COLUMNS = "100"


def renewed(text: str, run: Callable[[str], str]) -> str:
    """A page with the output of its samples as `run` gives it.

    >>> page = "```console\\n$ layercheck ops\\nold\\n```"
    >>> print(renewed(page, lambda arguments: f"what {arguments} says\\n"))
    ```console
    $ layercheck ops
    what ops says
    ```
    """

    def block(found: re.Match[str]) -> str:
        return f"```console\n$ layercheck {found['arguments']}\n{run(found['arguments'])}```"

    return SAMPLE.sub(block, text)


def run(arguments: str) -> str:
    """What a command prints, run in the root of the repository."""
    ran = subprocess.run(
        [sys.executable, "-m", "layercheck", *shlex.split(arguments)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": COLUMNS, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode not in (0, 1):
        raise RuntimeError(f"layercheck {arguments}: exit status {ran.returncode}: {ran.stderr}")
    return ran.stdout


def main() -> None:
    """Renew every page."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        page.write_text(renewed(text, run), encoding="utf-8")


if __name__ == "__main__":
    main()
