"""Pages as they are recorded: their boxes, with the elements that they are of."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from recension.contract import Made, classes_of
from recension.layout.runs import BoundBook
from recension.layout.tagging.tags import add_tags
from recension.layout.weasy.documents import parse
from recension.layout.weasy.records import BoxKind, MarkedBox
from recension.layout.weasy.writing import write_tagged

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from xml.etree.ElementTree import Element

    from recension.layout.runs import BoundPage
    from recension.layout.weasy.documents import WeasyPrint
    from recension.layout.weasy.measuring import MeasuredPage


class Shown(NamedTuple):
    """A box of a page and its element; whether it is in the foot."""

    box: MarkedBox
    element: Element | None
    at_foot: bool


@lru_cache(maxsize=4)
def elements_of(xhtml: str) -> tuple[Element, ...]:
    """Return the elements that boxes know by their numbers."""
    return tuple(parse(xhtml).iter())


def measures_of(part: Any) -> tuple[MeasuredPage, ...]:
    """Return the measures of the pages of a part that is laid out."""
    return tuple(page.record.measured for page in part.bound)


def walk(page: BoundPage) -> Iterator[Shown]:
    """Yield what stands in the type area of *page*, each box before what it holds."""
    for box in page.record.boxes:
        if box.kind is not BoxKind.MARGIN:
            yield from _walk(box, elements_of(page.xhtml), at_foot=False)


def _walk(box: MarkedBox, elements: Sequence[Element], *, at_foot: bool) -> Any:
    element = None if box.element is None else elements[box.element]
    at_foot = at_foot or Made.FOOT in _classes(element)
    yield Shown(box, element, at_foot)
    for child in box.children:
        yield from _walk(child, elements, at_foot=at_foot)


def _classes(element: Element | None) -> list[str]:
    return [] if element is None else classes_of(element)


def running_lines(page: BoundPage, apart: Collection[str]) -> list[str]:
    """Return the lines above the foot of *page*, without what has a class *apart*."""
    elements = elements_of(page.xhtml)
    return [
        "".join(_read(shown.box, elements, apart))
        for shown in walk(page)
        if shown.box.kind is BoxKind.LINE and not shown.at_foot
    ]


def _read(
    box: MarkedBox, elements: Sequence[Element], apart: Collection[str]
) -> Iterator[str]:
    element = None if box.element is None else elements[box.element]
    if set(apart).isdisjoint(_classes(element)):
        if box.kind is BoxKind.TEXT:
            yield box.wording
        for child in box.children:
            yield from _read(child, elements, apart)


def write_pages(weasy: WeasyPrint, pages: Sequence[BoundPage]) -> bytes:
    """Return *pages* as a tagged PDF, uncompressed."""
    document = weasy.bind([page.record for page in pages], {})
    return write_tagged(document, BoundBook(document, pages).find_elements, add_tags)
