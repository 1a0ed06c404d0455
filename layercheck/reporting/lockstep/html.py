"""A lockstep training as a page: nothing is fetched, and there are no scripts."""

from __future__ import annotations

from .charts import BOTTOM, HEIGHT, LEFT, WIDTH, charts
from .records import LockstepReport
from .text import share_text


def render(report: LockstepReport) -> str:
    """The page as text."""
    from ..page.environment import environment  # the templates are needed for a page only

    template = environment().get_template("lockstep.html.j2")
    return template.render(
        report=report,
        charts=list(charts(report)),
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        bottom=HEIGHT - BOTTOM,
        share_text=share_text,
    )
