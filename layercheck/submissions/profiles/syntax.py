"""A submission's source as a syntax tree, and what is wrong with one that does not parse."""

from __future__ import annotations

import ast
import re

NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""What no source holds."""


def parse(source: str, name: str) -> ast.Module:
    """The syntax tree; raises SyntaxError that says what is wrong and where, in one line."""
    odd = NO_TEXT.search(source)
    if odd:
        what = "a NUL" if odd[0] == "\0" else f"half a character, {odd[0]!a},"
        line = source.count("\n", 0, odd.start()) + 1
        raise SyntaxError(f"not Python: {what} stands in line {line}; remove it")
    try:
        return ast.parse(source, name)
    except SyntaxError as error:
        raise SyntaxError(syntax_text(error, source)) from None
    except (RecursionError, MemoryError):
        raise SyntaxError("it is nested too deeply for the parser") from None
    except ValueError as error:
        raise SyntaxError(f"not Python: {error}") from None


def outline(source: str) -> ast.Module:
    """Of a source that does not parse: the functions and classes that it seems to define."""
    found = re.findall(r"^(def|class)\s+([A-Za-z_]\w*)", source, re.MULTILINE)
    lines = (f"{kind} {name}{'()' if kind == 'def' else ''}: pass" for kind, name in found)
    return ast.parse("\n".join(lines))


def syntax_text(error: SyntaxError, source: str) -> str:
    """What is wrong, where, and for leftovers of Python 2 what to write.

    >>> parse("print 'hello'", "layers.py")
    Traceback (most recent call last):
    SyntaxError: Python 2 print statement, line 1; in Python 3 write print(...)
    """
    lines = source.splitlines()
    number = error.lineno or 1
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    for pattern, what, now in PYTHON_2_SYNTAX:
        if re.search(pattern, line):
            return f"Python 2 {what}, line {number}; in Python 3 write {now}"
    if isinstance(error, TabError):
        return f"tabs and spaces mixed, line {number}; indent with spaces alone"
    return f"{error.msg}, line {number}: {line[:60]}"


PYTHON_2_SYNTAX = (
    (r"(^|[;:]\s*)print(\s+[^\s(=]|\s*>>|$|\s+\()", "print statement", "print(...)"),
    (r"^except\s+.+,\s*\w+\s*:", "except clause", "except Error as error:"),
    (r"^raise\s+\w+\s*,", "raise statement", "raise Error(text)"),
    (r"^exec\s+['\"\w]", "exec statement", "exec(...)"),
    (r"<>", "operator <>", "!="),
    (r"`[^`]+`", "backticks", "repr(...)"),
    (r"\b0[0-7]+\b", "octal number", "0o17"),
    (r"\bur['\"]", "string prefix ur", "r'...'"),
)
