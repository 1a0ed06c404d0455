"""`python -m layercheck.upkeep.standard [OP ...]`: the combinations of the standard grid, anew."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from layercheck.cases.standard import FOLDER, text_of
from layercheck.cases.standard.choosing import choose
from ref_layers import OPS


def write(op_names: Sequence[str]) -> None:
    """Write the files of some ops."""
    for name in op_names:
        (FOLDER / f"{name}.txt").write_text(text_of(name, choose(OPS[name])), encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:] or list(OPS))
