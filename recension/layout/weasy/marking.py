"""The boxes of a page as a tagged PDF needs them: elements and marked contents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from xml.etree.ElementTree import Element

    from recension.layout.weasy.protocols import Box, Operator, PageStream, WeasyPage


class BoxKind(StrEnum):
    """What kind of box it is, as far as tags depend on it."""

    TEXT = "text"
    LINE = "line"
    INLINE = "inline"
    MARGIN = "margin"
    TABLE_HEAD = "table head"
    OTHER = "other"


class MarkedBox(NamedTuple):
    """A box of a page with what it holds.

    *mcid* is the number of its marked content on the page, None if it has none;
    *wording* are the characters of a text, the keyword of a margin box; *annotation* is
    the number of the object that its link has in the PDF, *linked* tells that the link
    is its own; *column* is that of a cell, from 0; *edges* are left, top, right and
    bottom of what it holds, in px.
    """

    kind: BoxKind
    element: Element | None
    children: tuple[MarkedBox, ...]
    mcid: int | None
    wording: str
    annotation: int | None
    linked: bool
    column: int
    edges: tuple[float, float, float, float] | None

    def find_texts(self) -> Iterator[MarkedBox]:
        """Yield the texts in it, in order."""
        if self.kind is BoxKind.TEXT:
            yield self
        for child in self.children:
            yield from child.find_texts()


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedPage:
    """A page as drawn: its *height* in px, its boxes, its operators."""

    height: float
    boxes: tuple[MarkedBox, ...]
    operators: list[Operator]


def read_marked(page: WeasyPage, stream: PageStream) -> MarkedPage:
    """Return *page* with the contents that are marked in its *stream*."""
    contents = stream._tags  # noqa: SLF001 - the door to WeasyPrint's streams
    boxes = tuple(_read(box, contents) for box in root_of(page).children)
    return MarkedPage(height=page.height, boxes=boxes, operators=stream.stream)


def _read(box: Box, contents: Mapping[Box, Mapping[str, int]]) -> MarkedBox:
    mark = contents.get(box)
    annotation = box.link_annotation
    return MarkedBox(
        kind=_find_kind(box),
        element=box.element,
        children=tuple(_read(child, contents) for child in box.children),
        mcid=mark["mcid"] if mark else None,
        wording=_find_wording(box),
        annotation=number_of(annotation.reference) if annotation else None,
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


def number_of(reference: bytes) -> int:
    """Return the number of the object that *reference* of a PDF names."""
    return int(reference.split()[0])
