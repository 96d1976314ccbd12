"""The boxes of a page as a tagged PDF needs them: elements and marked contents."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from recension.layout.weasy.boxes import root_of
from recension.layout.weasy.protocols import (
    is_cell,
    is_group,
    is_inline,
    is_line,
    is_margin,
    is_text,
)
from recension.layout.weasy.records import BoxKind, MarkedBox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from xml.etree.ElementTree import Element

    from recension.layout.weasy.protocols import Box, PageStream, WeasyPage


def read_boxes(
    page: WeasyPage,
    stream: PageStream,
    elements: Mapping[Element, int],
    links: Mapping[int, int],
) -> tuple[MarkedBox, ...]:
    """Return the boxes of *page* with the contents that are marked in its *stream*.

    *elements* numbers those of its tree, *links* the boxes that lead to somewhere, by
    their identity.
    """
    reader = _BoxReader(stream._tags or {}, elements, links)  # noqa: SLF001 - the door to WeasyPrint's streams
    return tuple(map(reader.read, root_of(page).children))


class _BoxReader(NamedTuple):
    """Reads boxes: their *contents*, their *elements* and *links* by numbers."""

    contents: Mapping[Box, Mapping[str, int]]
    elements: Mapping[Element, int]
    links: Mapping[int, int]

    def read(self, box: Box) -> MarkedBox:
        """Return *box* and what it holds."""
        mark = self.contents.get(box)
        element = box.element
        return MarkedBox(
            kind=_find_kind(box),
            element=None if element is None else self.elements.get(element),
            children=tuple(map(self.read, box.children)),
            mcid=mark["mcid"] if mark else None,
            wording=_find_wording(box),
            link=self.links.get(id(box)),
            linked=bool(box.link),
            column=box.grid_x if is_cell(box) else 0,
            edges=_find_edges(box) if mark and not is_text(box) else None,
        )


def _find_kind(box: Box) -> BoxKind:
    for kind, is_of_kind in _KINDS.items():
        if is_of_kind(box):
            return kind
    return BoxKind.OTHER


def _is_head(box: Box) -> bool:
    return is_group(box) and box.is_header


_KINDS: Mapping[BoxKind, Callable[[Box], bool]] = {
    BoxKind.TEXT: is_text,
    BoxKind.LINE: is_line,
    BoxKind.INLINE: is_inline,
    BoxKind.MARGIN: is_margin,
    BoxKind.TABLE_HEAD: _is_head,
}


def _find_wording(box: Box) -> str:
    if is_text(box):
        return box.text
    return box.at_keyword if is_margin(box) else ""


def _find_edges(box: Box) -> tuple[float, float, float, float]:
    left, top = box.content_box_x(), box.content_box_y()
    return left, top, left + box.width, top + box.height
