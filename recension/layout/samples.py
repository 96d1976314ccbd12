"""Pages set as samples: what the style makes of the foot and of line numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recension import contract
from recension.contract import Given, Made
from recension.layout.setting.pagination import FootTier, Frame
from recension.layout.weasy.measuring import measure
from recension.layout.weasy.numbering import read_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recension.layout.weasy.documents import WeasyPrint
    from recension.layout.weasy.measuring import MeasuredPage
    from recension.layout.weasy.numbering import LineNumbers
    from recension.layout.weasy.protocols import WeasyDocument

LONGEST_NOTE = 0.55
"""The share of the type area's height that a piece of a note may fill."""
MOST_LINES = 100
"""How many lines of a page can be numbered: more than the greatest trim holds."""


def measure_frame(weasy: WeasyPrint) -> Frame:
    """Return the frame of a page, from one with an aside in each tier."""
    holders = "".join(
        f'<div class="{tier.holder}">'
        f'<p class="{tier.aside}" id="{tier.prefix}x">x</p></div>'
        for tier in contract.TIERS
    )
    sample = (
        f'<div class="{Made.PAGE}" style="height: 100px">'
        f'<p>x</p><div class="{Made.FOOT}">{holders}</div></div>'
    )
    (page,) = measure(_lay_out(weasy, Given.TEXT, sample))
    tiers = tuple(_find_rules(page))
    room = page.area.height - tiers[0].rule
    return Frame(
        width=page.area.width,
        height=page.area.height,
        tiers=tiers,
        longest=room * LONGEST_NOTE,
    )


def make_numbers(weasy: WeasyPrint, step: int) -> LineNumbers | None:
    """Return the numbers of every line that *step* divides, None if it is 0."""
    if not step:
        return None
    numbers = "".join(
        f'<p class="{Made.LINE_NUMBER}">{number}</p>'
        for number in range(step, MOST_LINES + 1, step)
    )
    return read_numbers(_lay_out(weasy, Given.BACK, numbers), step)


def _lay_out(weasy: WeasyPrint, kind: Given, inside: str) -> WeasyDocument:
    body = f'<body class="{kind}">{inside}</body>'
    return weasy.lay_out(weasy.read(f"<!DOCTYPE html><html>{body}</html>"), 1)


def _find_rules(page: MeasuredPage) -> Iterator[FootTier]:
    """Yield each tier of the sample *page* with what stands above its aside."""
    above = page.foot_top or 0.0
    for tier, aside in zip(contract.TIERS, page.asides, strict=True):
        yield FootTier(tier, aside.area.top - above)
        above = aside.area.bottom
