"""Pages as they are kept: laid out, measured and drawn, their boxes gone.

A record is plain data: it can be sent to another process, kept on disk, and put into a
PDF as often as it is wanted. Lengths are CSS px (96 to the inch) from the top left of
the page.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read when records are decoded
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from recension.layout.weasy.measuring import (
    MeasuredPage,  # noqa: TC001 - read when records are decoded
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Corners = tuple[float, float, float, float]
"""Left, top, right and bottom."""
Bookmark = tuple[int, str, tuple[float, float], str]
"""Level, label, target and state of a bookmark."""
Drawn = bytes | int
"""An operator of a page's stream with its operands; a number is that of a mark."""


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

    *element* is the number of its element in the tree that the page was made from;
    *mcid* is that of its marked content on the page, *link* that of its link among
    those of the page, None if it has none. *wording* are the characters of a text, the
    keyword of a margin box; *linked* tells that the link is its own; *column* is that
    of a cell, from 0; *edges* are those of what it holds.
    """

    kind: BoxKind
    element: int | None
    children: tuple[MarkedBox, ...]
    mcid: int | None
    wording: str
    link: int | None
    linked: bool
    column: int
    edges: Corners | None

    def find_texts(self) -> Iterator[MarkedBox]:
        """Yield the texts in it, in order."""
        if self.kind is BoxKind.TEXT:
            yield self
        for child in self.children:
            yield from child.find_texts()


class FontUse(NamedTuple):
    """What a page shows of a font.

    *description* is Pango's, without the *size* in which it was used first (px);
    *widths* are those of its glyphs in thousandths of the size, *characters* what each
    stands for; *missing* gives the glyph for a character that the font has not.
    """

    description: str
    size: float
    widths: dict[int, int]
    characters: dict[int, str]
    missing: dict[int, int]


class PageLink(NamedTuple):
    """A link on a page: `internal` to an id, `external`, or to an `attachment`.

    That is saved under the name *download*, if one is asked for.
    """

    kind: str
    target: str
    area: Corners
    download: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRecord:
    """A page: what it shows, what leads to it and from it, what has been measured.

    *operators* draw it; *resources* are what they name, by the kind of resource, as
    `resources` encodes them, and so are *pictures*, those in forms and patterns too.
    *offsets* gives for each id on the page how many *letters*
    of the running text stand before it; *strings* are the named strings that are set on
    it, the last of each.
    """

    width: float
    height: float
    bleed: dict[str, float]
    operators: tuple[Drawn, ...]
    resources: dict[str, dict[str, Any]]
    pictures: dict[str, Any]
    fonts: tuple[FontUse, ...]
    links: tuple[PageLink, ...]
    anchors: dict[str, Corners]
    bookmarks: tuple[Bookmark, ...]
    boxes: tuple[MarkedBox, ...]
    measured: MeasuredPage
    letters: int
    offsets: Mapping[str, int]
    strings: Mapping[str, str]

    @property
    def seen(self) -> tuple[object, ...]:
        """All that can be seen of it."""
        size = self.width, self.height
        return size, self.operators, self.resources, self.pictures
