"""`tox run -e reports`: run the main job and write the published tolerance reports."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from layercheck.cases.grids import GRIDS
from layercheck.judging.defects import machine
from layercheck.pipeline.options import Options
from layercheck.pipeline.run import check
from layercheck.pipeline.subject import Asked
from layercheck.reporting.numbers import number
from layercheck.reporting.words import verdict_counts
from oracles import ESTABLISHED

from .ledger import FIGURES, FOLDER, Ledger, Line, ledgers

SUBJECT = "ref_layers"
ABOUT = """# Published tolerance reports

How far the reference layers, torch and TensorFlow are from the exact result, array by array, over
the standard grid: the largest error in units in the last place (ulp), the largest share of its
derived limit that an error used (1 fails), and the absolute and relative tolerance that would have
been needed, `|error| <= t (1 + |expected|)`. An ulp is counted of the expected number: where terms
cancel to almost nothing, an error far within its limit is a great many of them.

Written by `tox run -e reports`, in full in the JSON files beside this page; a test asks every
eighth case of each op and dtype again and fails where a figure moved beyond a factor of two on the
processor and BLAS named here, or where an array is no longer compared.
"""


def main() -> None:
    """Write everything anew."""
    publish(FOLDER)


def publish(folder: Path) -> None:
    """Run the main job and write the files."""
    made = measure("standard")
    folder.mkdir(exist_ok=True)
    for ledger in made:
        ledger.write(folder)
    (folder / "README.md").write_text(page(made), encoding="utf-8")


def measure(
    grid: str, ops: tuple[str, ...] = (), kept: Mapping[str, Asked] | None = None
) -> list[Ledger]:
    """The ledgers of the layers and of the frameworks that they are held against, as of now.

    ops: only these; all where none is named · kept: those frameworks, where they run already.
    """
    report = check(SUBJECT, Options(oracles=ESTABLISHED, grid=grid, ops=ops, hunt=False), kept)
    sampled = {str(case) for case in GRIDS["sample"](ops or None)}
    made = ledgers(report, sampled, lambda who: environment_of(who, report.environment))
    return sorted(made, key=lambda ledger: (SUBJECT, *ESTABLISHED).index(ledger.subject))


def environment_of(subject: str, versions: Mapping[str, Any]) -> dict[str, str]:
    """What a subject's rounding depends on. versions: of the frameworks, among other things."""
    here = {"processor": machine(), "instructions": instructions(), "machine": platform.machine()}
    if subject in ESTABLISHED:
        return {subject: str(versions[subject]), **here}
    return {"numpy": np.__version__, "blas": blas(), **here}


def instructions() -> str:
    """The widest vector instructions that NumPy found, which frameworks choose kernels by, too:
    processors of one name differ in them."""
    config = np.show_config(mode="dicts") or {}
    return ", ".join(config.get("SIMD Extensions", {}).get("found", ())) or "?"


def blas() -> str:
    """NumPy's BLAS, and the kernel that it chose."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        config = np.show_config(mode="dicts")
        return str((config or {}).get("Build Dependencies", {}).get("blas", {}).get("name", "?"))
    found = [one for one in threadpool_info() if "numpy" in one.get("filepath", "")]
    return ", ".join(
        f"{one['internal_api']} {one['version']} {one.get('architecture', '')}".strip()
        for one in found
    )


# ---------------------------------------------------------------------- the page


def page(made: Sequence[Ledger]) -> str:
    """README.md."""
    lines = [ABOUT]
    for ledger in made:
        told = "; ".join(f"{name} {value}" for name, value in ledger.environment.items())
        file = f"{ledger.subject}.json"
        lines += [f"## {ledger.subject}", "", f"{told}. All figures: [{file}]({file}).", ""]
        lines += [*table(ledger), ""]
    return "\n".join(lines)


def table(ledger: Ledger) -> list[str]:
    """A line for each op and dtype; the array that used most of its limit stands for the others."""
    rows = ["| op | dtype | verdicts | largest ulp | of limit | tolerance | most of its limit |"]
    rows.append("| --- | --- | --- | ---: | ---: | ---: | --- |")
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in ledger.lines.values():
        groups.setdefault((line.op, line.dtype), []).append(line)
    return rows + [row(*key, lines) for key, lines in groups.items()]


def row(op: str, dtype: str, lines: Sequence[Line]) -> str:
    """One op in one dtype, all its arrays together."""
    worst = max(lines, key=lambda line: line.whole.limit_used)
    verdicts: Counter[str] = Counter()
    for line in lines:
        verdicts.update(line.verdicts)
    largest = [max(getattr(line.whole, name) for line in lines) for name in FIGURES]
    figures = " | ".join(number(figure, 2) for figure in largest)
    place = f"{worst.array}: `{worst.whole.worst}`"
    return f"| {op} | {dtype} | {verdict_counts(verdicts)} | {figures} | {place} |"


if __name__ == "__main__":
    main()
