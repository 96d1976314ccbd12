"""Make the elements of the pages of a part, line by line.

Each page becomes a `<div class="page">` with its own copies of the blocks that stand on
it, each line ends in a newline. At its foot a `<div class="foot">` has a `<div>` for
each tier; what is set in columns stands in a `<div class="column">`. The engine's own
footnotes (`float: footnote`) cannot be used: on these texts they lose notes and move
them behind their calls. Lengths are CSS px.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element, SubElement

from recension.contract import Made
from recension.layout.setting.breaks import SOFT_HYPHEN
from recension.layout.setting.copies import Copies
from recension.layout.setting.lines import HYPHEN, Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recension.layout.setting.divisions import Division
    from recension.layout.setting.pagination import AsidePiece, PagePlan
    from recension.layout.setting.paragraphs import Atom, Paragraph

SPARE = 0.02
"""How much lower than the type area a page is, in px, lest a length that is rounded up
leave it no room on its page."""


class SetLine(NamedTuple):
    """A line as written into the tree: *line* if it is of justified text.

    *width* is what its glyphs must fill (px), None where they keep their own width.
    """

    line: Line | None
    width: float | None


class BuiltPage(NamedTuple):
    """A page as an element, and its *lines* in the order in which the tree has them.

    *begun* are the elements of the part that begin on it, with their copies.
    """

    element: Element
    lines: tuple[SetLine, ...]
    begun: tuple[tuple[Element, Element], ...]


def build_pages(division: Division, continued: str) -> Iterator[BuiltPage]:
    """Make the pages of *division*; *continued* marks the rest of an aside."""
    builder = _Builder(division=division, continued=continued)
    for plan in division.pages:
        page = builder.build(plan)
        yield BuiltPage(page, tuple(builder.lines), tuple(builder.begun))


@dataclass(slots=True, kw_only=True)
class _Builder:
    """Builds pages in order: what it has *seen* goes on.

    *lines* and *begun* are those of the page that has been built last.
    """

    division: Division
    continued: str
    seen: set[int] = field(default_factory=set)
    lines: list[SetLine] = field(default_factory=list)
    begun: list[tuple[Element, Element]] = field(default_factory=list)

    def build(self, plan: PagePlan) -> Element:
        """Return the page of *plan*, whose white space is that of its lines."""
        self.lines, self.begun = [], []
        height = self.division.frame.height - SPARE
        style = f"height: {height:.4f}px; white-space: pre"
        page = Element("div", {"class": Made.PAGE, "style": style})
        self._build_rows(page, plan)
        self._build_columns(page, plan)
        self._build_foot(page, plan)
        return page

    def _build_rows(self, holder: Element, plan: PagePlan) -> None:
        """Put the rows of *plan* into *holder*, a page or a column of it."""
        copies = Copies(holder, self.seen, self.begun)
        for placed in self.division.lines[plan.start : plan.stop]:
            top = not len(holder)
            copies.open(placed.paragraph.path)
            if top:
                copies.drop_margins()
            self.lines.append(_set_line(copies, placed.paragraph, placed.number))

    def _build_columns(self, page: Element, plan: PagePlan) -> None:
        """Put columns side by side below what spans them."""
        columns = self.division.columns
        if not columns or not plan.columns:
            return
        row = SubElement(page, "div", {"class": Made.ROW})
        for number, column in enumerate(plan.columns):
            left = number * (columns.width + columns.gap)
            box = SubElement(row, "div", {"class": Made.COLUMN})
            box.set("style", f"left: {left:.4f}px; width: {columns.width:.4f}px")
            self._build_rows(box, column)

    def _build_foot(self, page: Element, plan: PagePlan) -> None:
        """Put the asides at the foot of *page*, tier below tier."""
        if not plan.pieces:
            return
        foot = SubElement(page, "div", {"class": Made.FOOT})
        for number, (tier, _) in enumerate(self.division.frame.tiers):
            pieces = [piece for piece in plan.pieces if piece.tier == number]
            if pieces:
                holder = SubElement(foot, "div", {"class": tier.holder})
                for piece in pieces:
                    label = str(piece.row - plan.start + 1) if tier.keyed else ""
                    self._build_aside(holder, piece, label)

    def _build_aside(self, holder: Element, piece: AsidePiece, label: str) -> None:
        """Put a piece of an aside into *holder*: behind *label*, or as continued."""
        places = self.division.find_aside(piece).places[piece.first : piece.stop]
        copies = Copies(holder, self.seen, self.begun)
        for number, (paragraph, line) in enumerate(places):
            copies.open(paragraph.path)
            block = copies.inner
            begins = number == 0
            if begins and piece.first:
                mark = SubElement(block, "span", {"class": Made.NOTE_CONTINUED})
                mark.text = self.continued
                self.lines.append(SetLine(line=None, width=None))
            self.lines.append(_set_line(copies, paragraph, line))
            if begins and label and not piece.first:
                _put_label(block, label)


def _put_label(block: Element, label: str) -> None:
    """Put *label* before what stands in *block*."""
    element = Element("span", {"class": Made.LABEL})
    element.text, element.tail, block.text = label, block.text, None
    block.insert(0, element)


def _set_line(copies: Copies, paragraph: Paragraph, index: int) -> SetLine:
    """Write the line *index* of *paragraph* behind what its block holds on the page."""
    text, path, line = paragraph.text, paragraph.path, paragraph.lines[index]
    atoms = list(_atoms_between(text.atoms, line.start, paragraph.until(index)))
    if len(copies.inner) or copies.inner.text or len(copies.stack) > len(path):
        copies.close_to((*path, *(atoms[0].path if atoms else ())))
        copies.write("\n")
    for atom in atoms:
        copies.open((*path, *atom.path))
        start, end = max(atom.start, line.start), min(atom.end, line.end)
        wording = text.wording[start:end] if start < end else ""
        copies.write(wording.replace(SOFT_HYPHEN, ""))
    if line.hyphen:
        copies.write(HYPHEN)
    return SetLine(line=line if paragraph.justified else None, width=line.width)


def _atoms_between(atoms: Sequence[Atom], start: int, until: int) -> Iterator[Atom]:
    for atom in atoms:
        empty = atom.start == atom.end
        if start <= atom.start < until if empty else atom.start < until:
            if empty or atom.end > start:
                yield atom
        elif atom.start >= until:
            return
