"""A finding as a folder: a script that shows it, its numbers, and drafts of what to write where."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layercheck.atlas.machine import instructions
from layercheck.atlas.update import quoted
from layercheck.cases.parse import parse
from layercheck.judging.defects import machine
from layercheck.processes.death import exit_text
from layercheck.reporting.files import write_text
from oracles import routes

from .script import SHOWN, script, write_numbers
from .suspicion import FATAL, KINDS, Suspicion
from .tried import exact

RUN_SECONDS = 300.0
"""How long a script may take, the framework's import and a busy machine included."""

FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile")
"""Instructions by which frameworks choose their kernels."""


@dataclass(frozen=True)
class Finding:
    """number: in the search · one: the smallest case · framework, versions · where: the condition ·
    quiet: seconds after which a question hangs."""

    number: int
    one: Suspicion
    framework: str
    versions: Mapping[str, str]
    where: str
    quiet: float

    @property
    def name(self) -> str:
        """Of its folder."""
        kind = self.one.kind.replace(" ", "-")
        return f"{self.number:03d}-{self.one.route.replace('/', '-')}-{self.one.op}-{kind}"

    @property
    def title(self) -> str:
        """One line for people."""
        array = f" ({self.one.array})" if self.one.array else ""
        under = f", where {self.where}" if self.where else ""
        return f"{self.one.op} by {self.one.route}{array}: {KINDS[self.one.kind]}{under}"

    def write(self, folder: Path) -> Path:
        """All files, in a folder of its own; which one."""
        own = folder / self.name
        own.mkdir(parents=True, exist_ok=True)
        write_numbers(self.one, own)
        write_text(own / "show.py", script(self.one, self.title, self.quiet))
        write_text(own / "environment.json", json.dumps(environment(self), indent=1) + "\n")
        write_text(own / "row.toml", self.row())
        write_text(own / "defect.toml", self.entry())
        return own

    def row(self) -> str:
        """A row for the atlas; who else answers what, `layercheck atlas --update` writes."""
        lines = [
            "[[row]]",
            f'id = "{self.name.partition("-")[2]}"',
            f"title = {quoted(self.title)}",
            f"case = {quoted(self.one.case)}",
            'kind = "defect"',
            f"note = {quoted(self.one.told)}",
            'see = ""',
            "",
            "[row.answers]",
            f"{quoted(self.one.route)} = {quoted(self.answer())}",
        ]
        return "\n".join(lines) + "\n"

    def answer(self) -> str:
        """As the atlas would word it."""
        words = {"crash": f"crashes: {self.one.told}", "hang": "timed out"}
        return words.get(self.one.kind, f"differs: {self.one.array}")

    def entry(self) -> str:
        """An entry for oracles/defects.toml; its reason is for whoever has found it."""
        kind = {"crash": "crashed", "hang": "timed out"}.get(self.one.kind, "wrong")
        version = self.versions.get(self.framework, "")
        where = [self.where] if self.where else exact(parse(self.one.case))
        condition = " and ".join([f"op == '{self.one.op}'", *where])
        own = routes.environment(self.one.route)
        lines = [
            "[[defect]]",
            f'id = "{self.framework}-{self.name.partition("-")[2]}"',
            f'oracles = ["{self.framework}"]',
            f'framework = "{self.framework}"',
            f'versions = "=={version.partition("+")[0]}"',
            f"condition = {quoted(condition)}",
            f'kind = "{kind}"',
            *([f'message = "{self.one.told}"'] if kind == "crashed" else []),
            *([f'arrays = ["{self.one.array}"]'] if self.one.array else []),
            f"case = {quoted(self.one.case)}",
            f"what = {quoted(self.one.told)}",
            'reason = ""',
            "environment = {" + ", ".join(f"{n} = {quoted(v)}" for n, v in own.items()) + "}",
        ]
        return "\n".join(lines) + "\n"

    def report(self, shown: Mapping[str, str], printed: str) -> str:
        """A draft for the framework's tracker."""
        told = environment(self)
        versions = ", ".join(f"{name} {value}" for name, value in told["versions"].items())
        lines = [
            f"# {self.title}",
            "",
            f"{self.one.told}.",
            "",
            "The smallest question that shows it:",
            "",
            f"    {self.one.case}",
            "",
            "`show.py` asks it with NumPy and the framework alone. It printed:",
            "",
            *(f"    {line}" for line in printed.splitlines()[-12:]),
            "",
            f"- memory filled (MALLOC_PERTURB_): {shown['filled']}",
            f"- memory not filled: {shown['unfilled']}",
            f"- {versions}; {told['processor']}, {', '.join(told['instructions'])}; "
            f"{told['system']}, Python {told['python']}",
        ]
        return "\n".join(lines) + "\n"


def environment(finding: Finding) -> dict[str, Any]:
    """Where it was seen."""
    return {
        "versions": dict(finding.versions),
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": machine(),
        "instructions": [name for name in FLAGS if name in instructions()],
        "variables": dict(routes.environment(finding.one.route)),
    }


def shows(one: Suspicion, status: int) -> bool:
    """Whether a script that ended so has shown what it is about. A script that breaks, which Python
    ends with 1, has shown nothing; a process that a framework ends may end like that."""
    if one.kind in FATAL:
        return status not in (0, 1) or one.told == exit_text(status)
    return status == SHOWN


def run_script(folder: Path, *options: str) -> tuple[int, str]:
    """Run a finding's script in a process of its own, that finds nothing of ours: its exit status
    and what it printed."""
    bare = {n: v for n, v in os.environ.items() if n != "PYTHONPATH" and "PERTURB" not in n}
    command = [sys.executable, "-P", "show.py", *options]
    if sys.version_info < (3, 11):
        command.remove("-P")
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=bare,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=RUN_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -signal.SIGALRM, f"no answer within {RUN_SECONDS:g} s"
    return done.returncode, done.stdout.decode(errors="replace")
