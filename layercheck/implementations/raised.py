"""What code under check raises, and what ends the run: told apart.

`sys.exit()` in a function under check is that function's error. So is a KeyboardInterrupt that it
raises itself; one by Ctrl-C, or by a signal, comes between its instructions.
"""

from __future__ import annotations

import dis
from types import TracebackType

RAISE = dis.opmap["RAISE_VARARGS"]


def theirs(error: BaseException) -> BaseException:
    """The error of the code under check; what ends the run is raised again."""
    if is_interruption(error):
        raise error
    return error


def is_interruption(error: BaseException) -> bool:
    """Whether it is Ctrl-C, a signal, or the end of its time: not raised by a statement."""
    if not isinstance(error, KeyboardInterrupt):
        return False
    ours = type(error).__module__.partition(".")[0] == "layercheck"
    again = isinstance(error.__context__, KeyboardInterrupt)
    return ours or again or not is_by_statement(error.__traceback__)


def is_by_statement(place: TracebackType | None) -> bool:
    """Whether the innermost instruction of a traceback is one that raises."""
    if place is None:
        return False
    while place.tb_next is not None:
        place = place.tb_next
    return place.tb_frame.f_code.co_code[place.tb_lasti] == RAISE
