"""What a user got wrong: told in one line, with exit status 2."""

from __future__ import annotations


class UsageError(Exception):
    """The message says what was got, what was expected and what to do."""


class SubjectError(UsageError):
    """There is nothing to check in what was named: an earlier report of it holds no longer."""
