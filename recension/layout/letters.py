"""Count the letters of the running text on a laid-out page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recension.model import PrintedPage
from recension.pagemap import count_letters

if TYPE_CHECKING:
    from collections.abc import Iterator

APART = {"bullet", "call", "folio", "foot", "line"}
"""The classes of what is not running text: marks, notes, numbers."""


def count_page(page: Any, folio: str) -> PrintedPage:
    """Return what the map of the printed pages has of a laid-out *page*."""
    letters, offsets = 0, dict[str, int]()
    for child in page._page_box.children:  # noqa: SLF001 - WeasyPrint's boxes
        if type(child).__name__ != "MarginBox":
            for id_, text in _walk(child):
                if id_:
                    offsets.setdefault(id_, letters)
                letters += count_letters(text)
    return PrintedPage(folio=folio, letters=letters, offsets=offsets)


def _walk(box: Any) -> Iterator[tuple[str, str]]:
    """Yield the ids and the texts in *box* in reading order, as (id, text)."""
    if box.element is not None:
        apart = APART.intersection(box.element.get("class", "").split())
        if not hasattr(box, "text"):
            yield box.element.get("id", ""), ""
        # a head of a table stands on each page, what a style generates in print alone
        if apart or box.element.tag == "thead" or "::" in box.element_tag:
            return
    if hasattr(box, "text"):
        yield "", box.text
    for child in getattr(box, "children", ()):
        yield from _walk(child)
