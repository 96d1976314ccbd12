"""Measure the set lines: what a compositor would not let pass, page by page.

The rules are those of good books: Chicago Manual of Style 18, 2.116 and 2.117 (widows,
orphans, stacked hyphens); a page does not end in a divided word before a turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from recension.layout.setting.lines import MOST_HYPHENS
from recension.layout.setting.paragraphs import HEADINGS
from recension.model import Blemish

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recension.layout.setting.divisions import PlacedLine

LOOSE = 1.0
"""What a word space may gain, as a share of itself, before its line counts as loose."""


def find_blemishes(
    pages: Sequence[Sequence[PlacedLine]], folios: Sequence[str], first: int
) -> tuple[Blemish, ...]:
    """Return what is amiss on *pages*, whose folios are *folios*, *first* the number.

    A page of an odd number is a recto: behind it the leaf is turned.
    """
    found: list[Blemish] = []
    for number, (page, folio) in enumerate(
        zip(pages, folios, strict=True), start=first
    ):
        last = number == first + len(pages) - 1
        found += [
            Blemish(kind=kind, folio=folio, line=line)
            for line, kind in _page_blemishes(page, recto=bool(number % 2), last=last)
        ]
    return tuple(found)


def _page_blemishes(
    page: Sequence[PlacedLine], *, recto: bool, last: bool
) -> Iterator[tuple[int, str]]:
    if not page:
        return
    top, foot = page[0], page[-1]
    if top.is_last and not top.is_first:
        yield 1, "widow"
    if foot.is_first and not foot.is_last and not last:
        yield len(page), "orphan"
    if not last and (foot.keep or any(map(_is_heading, page[-2:]))):
        yield len(page), "heading at the foot"
    if foot.hyphen and recto and not last:
        yield len(page), "hyphen at a turn"
    for line, placed in enumerate(page, start=1):
        yield from ((line, kind) for kind in _line_blemishes(placed))


def _is_heading(placed: PlacedLine) -> bool:
    """Tell whether the line is of a heading, which has two lines below it."""
    return placed.paragraph.path[-1].tag in HEADINGS


def _line_blemishes(placed: PlacedLine) -> Iterator[str]:
    paragraph, index = placed.paragraph, placed.number
    line = paragraph.lines[index]
    if paragraph.justified and line.looseness > LOOSE:
        yield "loose line"
    run = paragraph.lines[max(0, index - MOST_HYPHENS) : index + 1]
    if len(run) > MOST_HYPHENS and all(each.hyphen for each in run):
        yield "ladder of hyphens"
    if paragraph.justified and placed.is_last and not placed.is_first:
        width = sum(paragraph.text.widths[line.start : line.end])
        if 0 < width < paragraph.indent:
            yield "short last line"
