"""What a file's docstrings settle: what dropout's p is, which shape group norm's gamma has."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace

from ..inventory import File
from ..meaning_of_p import meaning_of_p
from ..target import Target


@dataclass(frozen=True)
class Options:
    """p: `keep` or `drop`, the probability that dropout's p is; empty if the file does not say ·
    gamma: `1C11` or `C`, the shape of group norm's gamma; empty if the file does not say."""

    p: str = ""
    gamma: str = ""


def settled(file: File, target: Target) -> Target:
    """The target with the options that the file's docstring settles."""
    function = file.functions.get(target.forward)
    text = (ast.get_docstring(function) if function is not None else None) or ""
    return replace(target, options=Options(p=meaning_of_p(text), gamma=gamma_form(text)))


def gamma_form(docstring: str) -> str:
    """`1C11` or `C`: the shape of gamma in group norm, as the docstring says."""
    text = "".join(docstring.split())
    if "(1,C,1,1)" in text:
        return "1C11"
    return "C" if re.search(r"(gamma|scale)[^(]*\(C,\)", text, re.IGNORECASE) else ""
