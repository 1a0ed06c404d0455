"""The table in docs/isolation.md: what each attack came to, level by level.

`python tests/attack_table.py` tries all attacks, as this user and, where that is root, as another
one too, and writes what they showed. It refuses where an attack's docstring says otherwise: a level
that stops what it says it cannot, or the other way round. A test holds the page to the docstrings,
and the attacks hold the docstrings.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from attacked import ATTACKS, HERE, LEVELS, Attack, Came, read_attack

PAGE = HERE.parent / "docs" / "isolation.md"
SECTION = re.compile(
    r"(<!-- made by python tests/attack_table.py -->\n).*?(<!-- end -->)", re.DOTALL
)
CELLS = {
    (True, True): "held",
    (False, True): "not held as root",
    (True, False): "not held as another user",
    (False, False): "**not held**",
}
"""In words: whether it is held of root, and of another user."""

Holds = Callable[[str, str, bool], bool]
"""Whether an attack is held at a level, of root or of another user."""


def rendered(holds: Holds) -> str:
    """The table."""
    lines = [f"| attack | {' | '.join(LEVELS)} |", "| --- |" + " --- |" * len(LEVELS)]
    for name, attack in attacks().items():
        cells = [CELLS[holds(name, level, True), holds(name, level, False)] for level in LEVELS]
        title = attack.title.rstrip(".").replace("|", "\\|")
        lines.append(f"| {title} ([{name}](../tests/attacks/{name}.py)) | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def attacks() -> dict[str, Attack]:
    """By name."""
    return {path.stem: read_attack(path, {}) for path in ATTACKS}


def declared() -> str:
    """The table as the docstrings have it."""
    known = attacks()
    return rendered(lambda name, level, as_root: known[name].is_stopped_by(level, as_root))


def page_with(table: str) -> str:
    """The page with this table."""
    text = PAGE.read_text(encoding="utf-8")
    return SECTION.sub(lambda found: f"{found[1]}\n{table}\n{found[2]}", text)


Shown = dict[tuple[str, str], Came]
"""By attack and level."""


def shown_by(try_all: Callable[[Path], list[Came]]) -> Shown:
    """What each attack came to at each level, tried by one user."""
    with tempfile.TemporaryDirectory(prefix="attacked-") as folder:
        os.chmod(folder, 0o777)
        came = try_all(Path(folder))
    return {(one.attack, one.level): one for one in came if one.attack}


def here(folder: Path) -> list[Came]:
    """What this user's run prints."""
    command = [sys.executable, str(HERE / "attacked.py"), str(folder)]
    told = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(HERE.parent)},  # not what is installed
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    return [Came(**one) for one in json.loads(told)]


def unlike_told(user: str, shown: Shown) -> list[str]:
    """What came otherwise than an attack's docstring has it."""
    known = attacks()
    return [
        f"{name} at {level}, of {user}: its text says otherwise than {came.outcomes} {came.left}"
        for (name, level), came in shown.items()
        if known[name].held(came) != known[name].is_stopped_by(level, user == "root")
    ]


def main() -> None:
    """Try all, and write the page."""
    from test_isolation import of_ordinary_users

    is_root = os.geteuid() == 0
    of_root = shown_by(here) if is_root else {}
    of_others = shown_by(of_ordinary_users if is_root else here)
    unlike = [*unlike_told("root", of_root), *unlike_told("another user", of_others)]
    if unlike:
        raise SystemExit("\n".join(unlike))
    known = attacks()
    table = rendered(
        lambda name, level, as_root: known[name].held(
            (of_root if as_root and is_root else of_others)[name, level]
        )
    )
    PAGE.write_text(page_with(table), encoding="utf-8")


if __name__ == "__main__":
    main()
