"""One file is judged within so much time and memory, and what happens then is told in a line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from layercheck.errors import JudgingFailed, UsageError, fault
from layercheck.pipeline.spec import is_file
from layercheck.processes import bounded
from layercheck.processes.bounded import Clock, TimeIsUp

from .streams import OutputError

ADVICE = "check its functions one by one, with --op"


@contextmanager
def in_bounds(spec: str) -> Iterator[Clock]:
    """The bounds, where a subject is a file; raises JudgingFailed."""
    if not is_file(spec):
        yield Clock(bounded.FILE_SECONDS)
        return
    put_back = bounded.limit_memory()
    try:
        with bounded.within(bounded.FILE_SECONDS) as clock:
            yield clock
    except TimeIsUp as error:
        raise JudgingFailed(f"{spec}: {error}; {ADVICE}") from None
    except (UsageError, OutputError):
        raise
    except Exception as error:
        raise JudgingFailed(f"{spec}: {fault(error)}") from error
    finally:
        put_back()
