"""Set the paragraphs and notes of a part line by line, and divide them into pages.

Works on the element tree that the layout engine will lay out. Each page becomes a
`<div class="page">` with its own copies of the blocks that stand on it, each line ends
in a newline. At its foot a `<div class="foot">` has the page's notes and, below them,
its apparatus; what is set in columns stands in a `<div class="column">`. The engine's
own footnotes (`float: footnote`) cannot be used: on these texts they lose notes and
move them behind their calls. Lengths are CSS px.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element, SubElement

from recension.layout.copies import Copies, Path
from recension.layout.lines import HYPHEN, Line
from recension.layout.pagination import (
    Frame,
    PagePlan,
    Piece,
    Row,
    paginate,
    paginate_columns,
)
from recension.layout.paragraphs import (
    Atom,
    Breaker,
    Columns,
    Paragraph,
    SetAside,
    Styles,
    is_aside,
)
from recension.layout.typography import PlacedLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class _Place(NamedTuple):
    """The line of a row: its paragraph, which line of it, what it puts at the foot."""

    paragraph: Paragraph
    line: int
    notes: tuple[SetAside, ...]
    variants: tuple[SetAside, ...]


@dataclass(slots=True)
class _Block:
    """A block of text as read: where it stands, and the white above it.

    *gap* vanishes at the top of a page, *head* stays; what is set of the block is
    *paragraph* and, by the offsets of their calls, *notes*, of the lemmas *variants*;
    *carried* are the marks of emptied blocks before it, *trailing* those behind the
    last block of the part.
    """

    path: Path
    measure: float
    gap: float
    head: float
    keep: bool
    paragraph: Paragraph
    carried: list[Element]
    notes: dict[int, SetAside]
    trailing: list[Element] = field(default_factory=list)
    variants: list[tuple[int, SetAside]] = field(default_factory=list)

    @property
    def refers(self) -> set[str]:
        notes = (p.text.refers for n in self.notes.values() for p in n.paragraphs)
        return self.paragraph.text.refers.union(*notes)


class SetLine(NamedTuple):
    """A line as written into the tree: *line* if it is of justified text.

    *width* is what its glyphs must fill (px), None where they keep their own width.
    """

    line: Line | None
    width: float | None


@dataclass(frozen=True, slots=True)
class Setting:
    """What came of a part: its pages, and where its anchors fell.

    *anchors* gives for each id its page, counted from 0, and its line on the page,
    counted from 1; *lemmas* the same for each emendation that has an entry of the
    apparatus at the foot.
    """

    pages: tuple[PagePlan, ...]
    anchors: Mapping[str, tuple[int, int]]
    lemmas: Mapping[str, tuple[int, int]]


@dataclass(slots=True)
class Typesetter:
    """Set a part whose type area is *width* px wide, with the *styles* of its tree.

    *fit* is `total-fit` or `first-fit`; *continued* marks the rest of a split note.
    Read a part, plan it, perhaps anew when references have found their pages, and
    build it.
    """

    styles: Styles
    width: float
    frame: Frame
    fit: str
    continued: str
    _breaker: Breaker = field(init=False)
    _blocks: list[_Block] = field(default_factory=list)
    _setting: Setting | None = None
    _places: list[_Place] = field(default_factory=list)
    _carried: list[Element] = field(default_factory=list)
    _margins: list[float] = field(default_factory=list)
    _columns: Columns | None = None
    _gap: float = 0.0
    _head: float = 0.0

    def __post_init__(self) -> None:
        """Prepare what breaks the blocks into lines."""
        self._breaker = Breaker(self.styles, self.fit)

    def read(self, body: Element) -> None:
        """Break every paragraph and note below *body* into lines."""
        self._set_container(body, (), self.width)
        if self._blocks:
            self._blocks[-1].trailing = self._carried
        for block in self._blocks:
            self._add_marks(block)

    def plan(self, references: Mapping[str, str]) -> Setting:
        """Divide the part into pages; *references* gives the words for an anchor.

        What refers to an anchor is broken anew when its words are new.
        """
        before, self._breaker.references = self._breaker.references, references
        changed = {id_ for id_, words in references.items() if before.get(id_) != words}
        for block in self._blocks:
            if self._refresh(block, changed):
                self._setting = None
        if self._setting:
            return self._setting
        rows = self._find_rows()
        pages = self._paginate(rows)
        anchors = self._find_anchors(pages)
        lemmas = {
            id_: anchors[id_]
            for block in self._blocks
            for _, variant in block.variants
            for id_ in [variant.element.get("id", "").removeprefix("variant-")]
        }
        self._setting = Setting(pages=pages, anchors=anchors, lemmas=lemmas)
        return self._setting

    def _paginate(self, rows: Sequence[Row]) -> tuple[PagePlan, ...]:
        if not self._columns:
            return paginate(rows, self.frame)
        spanning = (b for b in self._blocks if b.measure > self._columns.width)
        first = sum(len(block.paragraph.lines) for block in spanning)
        return paginate_columns(rows, self.frame, first, self._columns.many)

    def build(self, body: Element, setting: Setting) -> tuple[SetLine, ...]:
        """Replace what is below *body* by the pages of *setting*.

        Returns the lines in the order in which they now stand in the tree.
        """
        for child in list(body):
            body.remove(child)
        seen: set[int] = set()
        built: list[SetLine] = []
        for plan in setting.pages:
            self._build_page(body, plan, seen, built)
        return tuple(built)

    def placed_lines(self, setting: Setting) -> list[list[PlacedLine]]:
        """Return the lines of the running text, page by page; not those of notes."""
        kept = {id(block.paragraph): block.keep for block in self._blocks}
        return [
            [
                PlacedLine(place.paragraph, place.line, kept[id(place.paragraph)])
                for place in (self._places[row] for row in plan.rows)
            ]
            for plan in setting.pages
        ]

    def count_hyphens(self, setting: Setting) -> tuple[int, ...]:
        """Return how many lines of each page, notes included, end in our hyphen."""
        return tuple(
            sum(
                place.paragraph.lines[place.line].hyphen
                for place in (self._places[row] for row in plan.rows)
            )
            + sum(
                paragraph.lines[line].hyphen
                for piece in plan.pieces
                for paragraph, line in self._places[piece.row]
                .notes[piece.note]
                .places[piece.first : piece.stop]
            )
            for plan in setting.pages
        )

    # -- blocks ---------------------------------------------------------------

    def _set_container(self, element: Element, path: Path, measure: float) -> None:
        for child in element:
            if self._is_block(child):
                self._set_block(child, (*path, child), measure)

    def _is_block(self, element: Element) -> bool:
        return not is_aside(element) and self.styles.display(element) == "block"

    def _set_block(self, element: Element, path: Path, measure: float) -> None:
        length = self.styles.length
        for side in ("left", "right"):
            measure -= length(element, f"margin_{side}")
            measure -= length(element, f"padding_{side}")
        if columns := self.styles.columns(element, measure):
            self._columns, measure = columns, columns.width
        self._margins.append(length(element, "margin_top"))
        if padding := length(element, "padding_top"):
            self._gap += self._collapse()
            self._head += padding
        if any(self._is_block(child) for child in element):
            self._set_container(element, path, measure)
        else:
            self._set_paragraph(path, measure)
        if padding := length(element, "padding_bottom"):
            self._gap += self._collapse() + padding
        self._margins.append(length(element, "margin_bottom"))

    def _collapse(self) -> float:
        """Return the white that adjoining margins make (CSS 2.2, 8.3.1)."""
        white = max([0.0, *self._margins]) + min([0.0, *self._margins])
        self._margins.clear()
        return white

    def _set_paragraph(self, path: Path, measure: float) -> None:
        paragraph = self._breaker.set_paragraph(path, measure)
        if not paragraph.lines:  # an emendation may delete a whole paragraph
            self._carried += _find_marks(paragraph)
            return
        carried, self._carried = self._carried, []
        calls = paragraph.text.calls.items()
        block = _Block(
            path=path,
            measure=measure,
            gap=self._gap + self._collapse(),
            head=self._head,
            keep=any(self.styles.kept(element) for element in path),
            paragraph=paragraph,
            carried=carried,
            notes={offset: self._set_aside(note) for offset, note in calls},
        )
        self._gap, self._head = 0.0, 0.0
        self._blocks.append(block)

    def _refresh(self, block: _Block, changed: set[str]) -> bool:
        """Break anew what refers to one of the *changed* anchors; tell if anything."""
        if not block.refers & changed:
            return False
        notes = {note.element: note for note in block.notes.values()}
        for element, note in notes.items():
            if any(p.text.refers & changed for p in note.paragraphs):
                notes[element] = self._set_aside(element)
        if block.paragraph.text.refers & changed:
            block.paragraph = self._breaker.set_paragraph(block.path, block.measure)
            self._add_marks(block)
        calls = block.paragraph.text.calls.items()
        block.notes = {offset: notes[element] for offset, element in calls}
        return True

    def _add_marks(self, block: _Block) -> None:
        """Add the marks of emptied blocks to those of *block*; find its entries."""
        text = block.paragraph.text
        end = len(text.characters)
        text.marks[:0] = [(0, mark) for mark in block.carried]
        text.marks += [(end, mark) for mark in block.trailing]
        block.variants = [
            (offset, self._set_aside(mark))
            for offset, mark in text.marks
            if is_aside(mark)
        ]

    def _set_aside(self, element: Element) -> SetAside:
        return self._breaker.set_aside(element, self.width)

    def _find_rows(self) -> list[Row]:
        """Return the rows of the part, and remember which line each is."""
        self._places.clear()
        rows: list[Row] = []
        for block in self._blocks:
            lines = block.paragraph.lines
            for index, line in enumerate(lines):
                notes = tuple(
                    note
                    for offset, note in block.notes.items()
                    if line.start <= offset < line.end
                )
                until = block.paragraph.until(index)
                variants = tuple(
                    variant
                    for offset, variant in block.variants
                    if line.start <= offset < until
                )
                rows.append(
                    Row(
                        height=block.paragraph.height,
                        gap=0.0 if index else block.gap,
                        head=0.0 if index else block.head,
                        notes=tuple(note.heights for note in notes),
                        variants=sum(sum(variant.heights) for variant in variants),
                        first=index == 0,
                        last=index == len(lines) - 1,
                        keep=block.keep,
                        hyphen=line.hyphen,
                    )
                )
                place = _Place(block.paragraph, index, notes, variants)
                self._places.append(place)
        return rows

    def _find_anchors(self, pages: Sequence[PagePlan]) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for number, plan in enumerate(pages):
            for line, row in enumerate(plan.rows, start=1):
                for id_ in _ids(self._places[row]):
                    found.setdefault(id_, (number, line))
        return found

    # -- pages ----------------------------------------------------------------

    def _build_page(
        self, body: Element, plan: PagePlan, seen: set[int], built: list[SetLine]
    ) -> None:
        page = SubElement(body, "div", {"class": "page"})
        page.set("style", f"height: {self.frame.height - 0.02:.4f}px")
        self._build_rows(page, plan, seen, built)
        if plan.columns:
            self._build_columns(page, plan, seen, built)
        self._build_foot(page, plan, seen, built)

    def _build_rows(
        self, page: Element, plan: PagePlan, seen: set[int], built: list[SetLine]
    ) -> None:
        """Put the rows of *plan* into *page*, or into a column of it."""
        copies = Copies(page, seen)
        for place in self._places[plan.start : plan.stop]:
            top = not len(page)
            copies.open(place.paragraph.path)
            if top:
                copies.drop_margins()
            built.append(_set_line(copies, place.paragraph, place.line))

    def _build_columns(
        self, page: Element, plan: PagePlan, seen: set[int], built: list[SetLine]
    ) -> None:
        """Put columns side by side below what spans them."""
        columns = self._columns
        assert columns, "a page of columns has columns"  # noqa: S101 - for the type
        row = SubElement(page, "div", {"class": "row"})
        for number, column in enumerate(plan.columns):
            left = number * (columns.width + columns.gap)
            box = SubElement(row, "div", {"class": "column"})
            box.set("style", f"left: {left:.4f}px; width: {columns.width:.4f}px")
            self._build_rows(box, column, seen, built)

    def _build_foot(
        self, page: Element, plan: PagePlan, seen: set[int], built: list[SetLine]
    ) -> None:
        """Put the notes at the foot of *page*, and the apparatus below them."""
        variants = [
            (line, variant)
            for line, place in enumerate(self._places[plan.start : plan.stop], start=1)
            for variant in place.variants
        ]
        if not plan.pieces and not variants:
            return
        foot = SubElement(page, "div", {"class": "foot"})
        if plan.pieces:
            notes = SubElement(foot, "div", {"class": "notes"})
            for piece in plan.pieces:
                self._build_note(notes, piece, seen, built)
        if variants:
            tier = SubElement(foot, "div", {"class": "variants"})
            for line, variant in variants:
                _build_variant(tier, line, variant, seen, built)

    def _build_note(
        self, foot: Element, piece: Piece, seen: set[int], built: list[SetLine]
    ) -> None:
        note = self._places[piece.row].notes[piece.note]
        copies = Copies(foot, seen)
        for number, (paragraph, line) in enumerate(
            note.places[piece.first : piece.stop]
        ):
            copies.open(paragraph.path)
            if piece.first and number == 0:
                mark = SubElement(copies.inner, "span", {"class": "note-continued"})
                mark.text = self.continued
                built.append(SetLine(line=None, width=None))
            built.append(_set_line(copies, paragraph, line))


def _find_marks(paragraph: Paragraph) -> Iterator[Element]:
    """Yield what marks a place in a block of which nothing is printed."""
    yield from (mark for _, mark in paragraph.text.marks)
    for atom in paragraph.text.atoms:
        yield from (element for element in atom.path if element.get("id"))


def _build_variant(
    tier: Element, line: int, variant: SetAside, seen: set[int], built: list[SetLine]
) -> None:
    """Write an entry of the apparatus, the number of its *line* before it."""
    copies = Copies(tier, seen)
    for number, (paragraph, index) in enumerate(variant.places):
        copies.open(paragraph.path)
        block = copies.inner
        built.append(_set_line(copies, paragraph, index))
        if number == 0:
            label = Element("span", {"class": "line"})
            label.text, label.tail, block.text = str(line), block.text, None
            block.insert(0, label)


def _ids(place: _Place) -> Iterator[str]:
    """Yield the ids that begin on a line."""
    paragraph, line = place.paragraph, place.paragraph.lines[place.line]
    if place.line == 0:
        yield from (e.get("id", "") for e in paragraph.path if e.get("id"))
    for atom in paragraph.text.atoms:
        if line.start <= atom.start <= line.end:
            yield from (e.get("id", "") for e in atom.path if e.get("id"))
    until = paragraph.until(place.line)
    for offset, mark in paragraph.text.marks:
        if line.start <= offset < until:
            yield mark.get("id", "")


def _set_line(copies: Copies, paragraph: Paragraph, index: int) -> SetLine:
    """Write the line *index* of *paragraph* behind what its block holds on the page."""
    lines, text, path = paragraph.lines, paragraph.text, paragraph.path
    line, is_last = lines[index], index + 1 == len(lines)
    until = line.end + 1 if is_last else lines[index + 1].start
    atoms = list(_atoms_between(text.atoms, line.start, until))
    if len(copies.inner) or copies.inner.text or len(copies.stack) > len(path):
        copies.close_to((*path, *(atoms[0].path if atoms else ())))
        copies.write("\n")
    for atom in atoms:
        copies.open((*path, *atom.path))
        start, end = max(atom.start, line.start), min(atom.end, line.end)
        copies.write("".join(text.characters[start:end]) if start < end else "")
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


def find_texts(root: Element) -> Iterator[Element]:
    """Yield the elements of *root* that hold a text to be set line by line."""
    for element in root.iter("body"):
        if "text" in element.get("class", "").split():
            yield element
