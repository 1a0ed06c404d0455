"""The atlas as pages: one an op, and a first one that leads to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from layercheck.reporting.words import in_words

from .row import KINDS, Row

LANGUAGE = {
    "torch": "PyTorch",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "jax": "JAX",
    "onnxruntime": "ONNX Runtime",
}
"""What a recipe is headed by."""


def op_page(op: str, rows: Sequence[Row], versions: Mapping[str, str]) -> str:
    """All rows of an op, differences first."""
    lines = [f"# {op}", "", f"Executed with {in_words(dict(sorted(versions.items())))}.", ""]
    for kind in KINDS:
        chosen = [row for row in rows if row.kind == kind]
        if chosen:
            lines += [f"## {kind.capitalize()}", "", f"*{KINDS[kind]}*", ""]
        for row in chosen:
            lines += row_lines(row)
    return "\n".join(lines).rstrip() + "\n"


def row_lines(row: Row) -> list[str]:
    """A row: its question, who answers how, why, and what to write."""
    lines = [f"### {row.title}", "", f"`{row.case}`", ""]
    lines += [f"{row.note}", ""] if row.note else []
    lines += ["| answer | routes |", "| --- | --- |"]
    lines += [f"| {escaped(words)} | {', '.join(names)} |" for words, names in grouped(row).items()]
    lines += [""]
    for name, code in row.call.items():
        lines += [f"`{name}` was asked with", "", "```python", code.strip(), "```", ""]
    for name, code in row.recipe.items():
        lines += [f"{LANGUAGE.get(name, name)}, to the definition:", ""]
        lines += ["```python", code.strip(), "```", ""]
    if row.see:
        lines += [f"See <{row.see}>." if row.see.startswith("http") else f"See {row.see}.", ""]
    return lines


def grouped(row: Row) -> dict[str, list[str]]:
    """The routes by what they answer, in the order of the routes."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, words in row.answers.items():
        found[words].append(name)
    return dict(found)


def escaped(text: str) -> str:
    """As a cell of a table."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def first_page(rows: Sequence[Row], versions: Mapping[str, str]) -> str:
    """What there is, by op and by kind."""
    kinds = [kind for kind in KINDS if any(row.kind == kind for row in rows)]
    lines = [
        "# Where frameworks differ",
        "",
        f"{len(rows)} questions, each executed by every route that can be asked, with "
        f"{in_words(dict(sorted(versions.items())))}.",
        "An answer `agrees` where every array lies within the derived bound of the exact result of",
        "the definition (`ref_layers`); `as eps=0.001`: the definition with another setting.",
        "Made by `layercheck atlas --write`; a row that no longer holds fails.",
        "[Activations in 16 bits](half.md): every number of float16 and bfloat16.",
        "",
        "| | " + " | ".join(kinds) + " |",
        "| --- |" + " --- |" * len(kinds),
    ]
    for op in dict.fromkeys(row.op for row in rows):
        counts = [sum(row.op == op and row.kind == kind for row in rows) for kind in kinds]
        lines.append(f"| [{op}]({op}.md) | " + " | ".join(str(n or "") for n in counts) + " |")
    return "\n".join(lines) + "\n"
