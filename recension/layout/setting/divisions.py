"""Divide a galley into pages, and tell where its anchors fall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from recension.layout.setting.pagination import (
    AsidePiece,
    Frame,
    PagePlan,
    Row,
    paginate,
    paginate_columns,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from recension.layout.setting.galleys import Block, Galley
    from recension.layout.setting.paragraphs import Aside, Paragraph
    from recension.layout.setting.styles import Columns

Spot = tuple[int, int]
"""A page, counted from 0, and a line on it, counted from 1."""


class PlacedLine(NamedTuple):
    """A line of the running text: its paragraph, which line of it, if it is kept.

    *asides* are those that belong to it, tier by tier.
    """

    paragraph: Paragraph
    number: int
    keep: bool
    asides: tuple[tuple[Aside, ...], ...]

    @property
    def is_first(self) -> bool:
        """Tell whether the line begins its paragraph."""
        return self.number == 0

    @property
    def is_last(self) -> bool:
        """Tell whether the line ends its paragraph."""
        return self.number == len(self.paragraph.lines) - 1

    @property
    def hyphen(self) -> bool:
        """Tell whether the line ends in a hyphen of ours."""
        return self.paragraph.lines[self.number].hyphen


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """The *lines* of a part, its rows, on their *pages*.

    *anchors* gives the place of each id, *lemmas* that of each emendation that has an
    entry of the apparatus at the foot.
    """

    frame: Frame
    columns: Columns | None
    lines: tuple[PlacedLine, ...]
    pages: tuple[PagePlan, ...]
    anchors: Mapping[str, Spot]
    lemmas: Mapping[str, Spot]

    def find_aside(self, piece: AsidePiece) -> Aside:
        """Return the aside that *piece* is of."""
        return self.lines[piece.row].asides[piece.tier][piece.number]

    @property
    def page_lines(self) -> list[list[PlacedLine]]:
        """The lines of the running text, page by page; not those of asides."""
        return [[self.lines[row] for row in page.rows] for page in self.pages]

    @property
    def hyphens(self) -> tuple[int, ...]:
        """How many lines of each page, asides included, end in our hyphen."""
        return tuple(
            sum(self.lines[row].hyphen for row in page.rows)
            + sum(
                paragraph.lines[line].hyphen
                for piece in page.pieces
                for paragraph, line in self.find_aside(piece).places[
                    piece.first : piece.stop
                ]
            )
            for page in self.pages
        )


def divide(galley: Galley, frame: Frame) -> Division:
    """Divide *galley* into pages of *frame*."""
    lines = tuple(line for b in galley.blocks for line in _place_lines(b, frame))
    pages = _paginate(galley, tuple(_find_rows(galley, lines)), frame)
    anchors = _find_anchors(lines, pages)
    lemmas = {
        id_: anchors[id_]
        for block in galley.blocks
        for _, aside in block.asides
        if aside.tier.keyed
        for id_ in [aside.tier.id_of(aside.element)]
    }
    return Division(
        frame=frame,
        columns=galley.columns,
        lines=lines,
        pages=pages,
        anchors=anchors,
        lemmas=lemmas,
    )


def _place_lines(block: Block, frame: Frame) -> Iterator[PlacedLine]:
    paragraph = block.paragraph
    for number, line in enumerate(paragraph.lines):
        until = paragraph.until(number)
        here = [aside for at, aside in block.asides if line.start <= at < until]
        asides = tuple(
            tuple(aside for aside in here if aside.tier == foot.tier)
            for foot in frame.tiers
        )
        yield PlacedLine(paragraph, number, block.keep, asides)


def _find_rows(galley: Galley, lines: Sequence[PlacedLine]) -> Iterator[Row]:
    """Yield what pagination must know of each of *lines*."""
    of_block = (b for b in galley.blocks for _ in b.paragraph.lines)
    for line, block in zip(lines, of_block, strict=True):
        yield Row(
            height=block.paragraph.height,
            gap=block.gap if line.is_first else 0.0,
            head=block.head if line.is_first else 0.0,
            asides=tuple(tuple(a.heights for a in asides) for asides in line.asides),
            first=line.is_first,
            last=line.is_last,
            keep=block.keep,
            hyphen=line.hyphen,
        )


def _paginate(
    galley: Galley, rows: Sequence[Row], frame: Frame
) -> tuple[PagePlan, ...]:
    columns = galley.columns
    if not columns:
        return paginate(rows, frame)
    spanning = (block for block in galley.blocks if block.measure > columns.width)
    first = sum(len(block.paragraph.lines) for block in spanning)
    return paginate_columns(rows, frame, first, columns.many)


def _find_anchors(
    lines: Sequence[PlacedLine], pages: Sequence[PagePlan]
) -> dict[str, Spot]:
    found: dict[str, Spot] = {}
    for number, page in enumerate(pages):
        for line, row in enumerate(page.rows, start=1):
            for id_ in _ids(lines[row]):
                found.setdefault(id_, (number, line))
    return found


def _ids(placed: PlacedLine) -> Iterator[str]:
    """Yield the ids that begin on a line."""
    paragraph, line = placed.paragraph, placed.paragraph.lines[placed.number]
    if placed.is_first:
        yield from (e.get("id", "") for e in paragraph.path if e.get("id"))
    for atom in paragraph.text.atoms:
        if line.start <= atom.start <= line.end:
            yield from (e.get("id", "") for e in atom.path if e.get("id"))
    until = paragraph.until(placed.number)
    for offset, mark in paragraph.text.marks:
        if line.start <= offset < until:
            yield mark.get("id", "")
