"""Count the letters of the running text on laid-out pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recension.contract import Given, Made
from recension.layout.weasy.measuring import read_texts
from recension.model import PrintedPage
from recension.pagemap import count_letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recension.layout.weasy.protocols import WeasyDocument

APART = frozenset((Given.BULLET, Given.CALL, Given.FOLIO, Made.FOOT, Made.LABEL))
"""The classes of what is not running text: marks, notes, numbers."""


def count_pages(
    document: WeasyDocument, folios: Sequence[str]
) -> Iterator[PrintedPage]:
    """Yield what the map of the printed pages has of each page of *document*."""
    for folio, texts in zip(folios, read_texts(document, APART), strict=True):
        letters, offsets = 0, dict[str, int]()
        for id_, text in texts:
            if id_:
                offsets.setdefault(id_, letters)
            letters += count_letters(text)
        yield PrintedPage(folio=folio, letters=letters, offsets=offsets)
