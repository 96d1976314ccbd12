"""Count the letters of the running text on laid-out pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recension.contract import Given, Made
from recension.layout.weasy.measuring import read_texts
from recension.pagemap import count_letters

if TYPE_CHECKING:
    from recension.layout.weasy.protocols import WeasyPage

APART = frozenset((Given.BULLET, Given.CALL, Given.FOLIO, Made.FOOT, Made.LABEL))
"""The classes of what is not running text: marks, notes, numbers."""


def count_page(page: WeasyPage) -> tuple[int, dict[str, int]]:
    """Return the letters on *page*, and for each id on it how many stand before it."""
    letters, offsets = 0, dict[str, int]()
    for id_, text in read_texts(page, APART):
        if id_:
            offsets.setdefault(id_, letters)
        letters += count_letters(text)
    return letters, offsets
