"""`tests/pictures`: one mistake of each op at its smallest case, as the terminal and the page show
it. `python -m layercheck.upkeep.pictures` writes them."""

from __future__ import annotations

import io
from pathlib import Path

from layercheck.diagnosis.failing import failed_at
from layercheck.diagnosis.picture import picture_of
from layercheck.implementations.mistaken import Mistaken
from layercheck.implementations.protocol import PARTS
from layercheck.mistakes import of_op
from layercheck.reporting.page.picture import fragment
from layercheck.reporting.picture.record import Picture
from layercheck.reporting.picture.terminal import print_picture
from ref_layers import OPS

from .smallest_cases import Shrunk, shrunk

FOLDER = Path(__file__).parents[2] / "tests" / "pictures"
WIDTH = 100


def drawn(op: str) -> tuple[str, Picture]:
    """The first mistake of an op that there is a picture of, by its name, and that picture."""
    for one in shrunk(of_op(op)):
        made = picture_at(one)
        if made is not None:
            return one.mistake.name, made
    raise LookupError(f"no mistake of {op} has a picture")


def picture_at(one: Shrunk) -> Picture | None:
    """The picture of a mistake's smallest case; None where no number is wrong."""
    subject, case = Mistaken(one.mistake), one.found.case
    failed = failed_at(subject, PARTS, case, subject.answer(case))
    return failed and picture_of(failed.facts, failed.answer, failed.kind.array)


def as_text(op: str, name: str, picture: Picture) -> str:
    """As the terminal shows it, below what it is of."""
    from rich.console import Console

    console = Console(file=io.StringIO(), width=WIDTH, no_color=True)
    print_picture(picture, console)
    assert isinstance(console.file, io.StringIO)
    return f"{op} {name}\n{console.file.getvalue()}"


def files(op: str) -> dict[Path, str]:
    """What is kept of an op."""
    name, picture = drawn(op)
    text, page = as_text(op, name, picture), fragment(picture)
    return {FOLDER / f"{op}.txt": text, FOLDER / f"{op}.html": page}


def main() -> None:
    """Write them anew."""
    FOLDER.mkdir(exist_ok=True)
    for op in OPS:
        for path, text in files(op).items():
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
