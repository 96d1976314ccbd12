"""Set the paragraphs and notes of a part line by line, and divide them into pages.

Works on the element tree that the layout engine will lay out. Each page becomes a
`<div class="page">` with its own copies of the blocks that stand on it, each line ends
in a newline, and the page's notes are a `<div class="notes">` at its foot. The
engine's own footnotes (`float: footnote`) cannot be used: on these texts they lose
notes and move them behind their calls. Lengths are CSS px.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol
from xml.etree.ElementTree import Element, SubElement

from recension.layout.copies import Copies, Path
from recension.layout.lines import (
    HYPHEN,
    Face,
    Line,
    LineStyle,
    advances,
    break_lines,
)
from recension.layout.pagination import Frame, PagePlan, Piece, Row, paginate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


SAMPLE = "p. 00, l. 00"
"""What stands for a reference until its page and line are known."""


class Styles(Protocol):
    """What the typesetter needs to know of the style of an element."""

    def display(self, element: Element) -> str:
        """Return `block`, `inline` or `none`."""

    def face(self, element: Element) -> Face:
        """Return the font of the element's text."""

    def length(self, element: Element, name: str) -> float:
        """Return a length of the element's style in px (`margin_left`, …)."""

    def line_height(self, element: Element) -> float:
        """Return the height of the element's lines in px."""

    def justified(self, element: Element) -> bool:
        """Tell whether the element's text is justified."""

    def kept(self, element: Element) -> bool:
        """Tell whether the element must stand on one page with what follows it."""

    def language(self, element: Element) -> str:
        """Return the language of the element's text."""


class Atom(NamedTuple):
    """A stretch of a paragraph: its range, the inline elements round it, its font."""

    start: int
    end: int
    path: Path
    face: Face | None = None


@dataclass(slots=True)
class _Text:
    """The text of a block as it is gathered: characters, widths, marks.

    *calls* gives the note called at an offset: no line begins there; *refers* are the
    anchors whose page and line it tells; *marks* are ids and their offsets.
    """

    characters: list[str] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    atoms: list[Atom] = field(default_factory=list)
    calls: dict[int, Element] = field(default_factory=dict)
    refers: set[str] = field(default_factory=set)
    marks: list[tuple[int, str]] = field(default_factory=list)

    @property
    def wording(self) -> str:
        return "".join(self.characters)


@dataclass(slots=True)
class _Run:
    """Text between two elements, and the marks at offsets in it."""

    wording: str
    marks: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Paragraph:
    """A block of text broken into lines, and the elements it stands in."""

    path: Path
    text: _Text
    lines: tuple[Line, ...]
    height: float
    justified: bool


@dataclass(slots=True)
class _Note:
    """A note broken into lines, paragraph by paragraph."""

    element: Element
    paragraphs: list[_Paragraph]

    @property
    def places(self) -> list[tuple[_Paragraph, int]]:
        return [(p, index) for p in self.paragraphs for index in range(len(p.lines))]

    @property
    def heights(self) -> tuple[float, ...]:
        return tuple(paragraph.height for paragraph, _ in self.places)


class _Place(NamedTuple):
    """The line of a row: its paragraph, which line of it, the notes it calls."""

    paragraph: _Paragraph
    line: int
    notes: tuple[_Note, ...]


@dataclass(slots=True)
class _Block:
    """A block of text as read: where it stands, and the white above it.

    *gap* vanishes at the top of a page, *head* stays; what is set of the block is
    *paragraph* and, by the offsets of their calls, *notes*.
    """

    path: Path
    measure: float
    gap: float
    head: float
    keep: bool
    paragraph: _Paragraph
    notes: dict[int, _Note]

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
    counted from 1.
    """

    pages: tuple[PagePlan, ...]
    anchors: Mapping[str, tuple[int, int]]


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
    _references: Mapping[str, str] = field(default_factory=dict)
    _blocks: list[_Block] = field(default_factory=list)
    _setting: Setting | None = None
    _places: list[_Place] = field(default_factory=list)
    _strays: list[tuple[int, str]] = field(default_factory=list)
    _margins: list[float] = field(default_factory=list)
    _gap: float = 0.0
    _head: float = 0.0

    def read(self, body: Element) -> None:
        """Break every paragraph and note below *body* into lines."""
        self._set_container(body, (), self.width)

    def plan(self, references: Mapping[str, str]) -> Setting:
        """Divide the part into pages; *references* gives the words for an anchor.

        What refers to an anchor is broken anew when its words are new.
        """
        before, self._references = self._references, references
        changed = {id_ for id_, words in references.items() if before.get(id_) != words}
        for block in self._blocks:
            if self._refresh(block, changed):
                self._setting = None
        if self._setting:
            return self._setting
        rows = self._find_rows()
        pages = paginate(rows, self.frame)
        self._setting = Setting(pages=pages, anchors=self._find_anchors(pages))
        return self._setting

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

    # -- blocks ---------------------------------------------------------------

    def _set_container(self, element: Element, path: Path, measure: float) -> None:
        for child in element:
            if self._is_block(child):
                self._set_block(child, (*path, child), measure)

    def _is_block(self, element: Element) -> bool:
        return not _is_note(element) and self.styles.display(element) == "block"

    def _set_block(self, element: Element, path: Path, measure: float) -> None:
        length = self.styles.length
        for side in ("left", "right"):
            measure -= length(element, f"margin_{side}")
            measure -= length(element, f"padding_{side}")
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
        paragraph = self._break(path[-1], path, measure)
        if not paragraph.lines:  # an emendation may delete a whole paragraph
            ids = [id_ for _, id_ in paragraph.text.marks]
            ids += [e.get("id", "") for atom in paragraph.text.atoms for e in atom.path]
            self._strays += [(len(self._blocks), id_) for id_ in ids]
            return
        block = _Block(
            path=path,
            measure=measure,
            gap=self._gap + self._collapse(),
            head=self._head,
            keep=any(self.styles.kept(element) for element in path),
            paragraph=paragraph,
            notes=self._set_notes(paragraph),
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
                notes[element] = self._set_note(element)
        if block.paragraph.text.refers & changed:
            block.paragraph = self._break(block.path[-1], block.path, block.measure)
        calls = block.paragraph.text.calls.items()
        block.notes = {offset: notes[element] for offset, element in calls}
        return True

    def _set_notes(self, paragraph: _Paragraph) -> dict[int, _Note]:
        calls = paragraph.text.calls.items()
        return {offset: self._set_note(note) for offset, note in calls}

    def _find_rows(self) -> list[Row]:
        """Return the rows of the part, and remember which line each is."""
        self._places.clear()
        rows: list[Row] = []
        for block in self._blocks:
            lines = block.paragraph.lines
            for index, line in enumerate(lines):
                called = (
                    note
                    for offset, note in block.notes.items()
                    if line.start <= offset < line.end
                )
                notes = tuple(called)
                rows.append(
                    Row(
                        height=block.paragraph.height,
                        gap=0.0 if index else block.gap,
                        head=0.0 if index else block.head,
                        notes=tuple(note.heights for note in notes),
                        first=index == 0,
                        last=index == len(lines) - 1,
                        keep=block.keep,
                        hyphen=line.hyphen,
                    )
                )
                self._places.append(_Place(block.paragraph, index, notes))
        return rows

    def _find_anchors(self, pages: Sequence[PagePlan]) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        firsts: list[tuple[int, int]] = []
        at = (0, 1)
        for number, plan in enumerate(pages):
            places = self._places[plan.start : plan.stop]
            for line, place in enumerate(places, start=1):
                at = number, line
                firsts += [at] if place.line == 0 else []
                for id_ in _ids(place):
                    found.setdefault(id_, at)
        strays = {id_: [*firsts, at][block] for block, id_ in self._strays}
        return strays | found

    def _set_note(self, note: Element) -> _Note:
        inner = [child for child in note if self.styles.display(child) == "block"]
        paths: list[Path] = [(note, child) for child in inner] or [(note,)]
        paragraphs = [self._break(path[-1], path, self.width) for path in paths]
        return _Note(note, paragraphs)

    def _break(self, element: Element, path: Path, measure: float) -> _Paragraph:
        text = _Text()
        self._gather(element, (), text)
        _strip(text)
        face, justified = self.styles.face(element), self.styles.justified(element)
        style = LineStyle(
            measure=measure,
            indent=self.styles.length(element, "text_indent"),
            language=self.styles.language(element),
            space=advances(" ", face)[0],
            hyphen=advances(HYPHEN, face)[0],
            justify=justified,
            balance=not justified and self.styles.kept(element),
            fit=self.fit,
        )
        calls = frozenset(text.calls)
        lines = break_lines(text.wording, text.widths, style, unbroken=calls)
        height = self.styles.line_height(element)
        return _Paragraph(path, text, lines, height, justified=justified)

    # -- inlines --------------------------------------------------------------

    def _gather(self, element: Element, path: Path, text: _Text) -> None:
        run = _Run(element.text or "")
        for child in element:
            if _is_mark(child):
                run.marks.append((len(run.wording), child.get("id", "")))
                run.wording += child.tail or ""
                continue
            self._add(run, element, path, text)
            self._gather_child(child, element, path, text)
            run = _Run(child.tail or "")
        self._add(run, element, path, text)

    def _gather_child(
        self, child: Element, element: Element, path: Path, text: _Text
    ) -> None:
        before = len(text.characters)
        if _is_note(child):
            call = next(a.start for a in reversed(text.atoms) if a.start < before)
            text.calls[call] = child
        elif child.tag == "br":
            self._write("\n", [0.0], element, path, text)
        elif "data-to" in child.attrib:
            to = child.get("data-to", "")
            words = _Run(self._references.get(to, SAMPLE))
            self._add(words, child, (*path, child), text)
            text.refers.add(to)
        else:
            self._gather(child, (*path, child), text)
            self._add_padding(child, before, text)
            if len(text.characters) == before:
                text.atoms.append(Atom(before, before, (*path, child)))

    def _add(self, run: _Run, element: Element, path: Path, text: _Text) -> None:
        """Add the wording of *run* to *text*, white space run together."""
        collapsed: list[str] = []
        start = len(text.characters)
        last = text.characters[-1] if text.characters else " "
        marks = run.marks[::-1]
        for offset, character in enumerate(run.wording):
            while marks and marks[-1][0] == offset:
                text.marks.append((start + len(collapsed), marks.pop()[1]))
            plain = " " if character in " \n\t\r" else character
            if not (plain == " " and last in " \n"):
                collapsed.append(plain)
            last = plain
        text.marks += [(start + len(collapsed), id_) for _, id_ in marks[::-1]]
        if collapsed:
            wording = "".join(collapsed)
            widths = advances(wording, self.styles.face(element))
            self._write(wording, widths, element, path, text)

    def _write(
        self,
        wording: str,
        widths: Iterable[float],
        element: Element,
        path: Path,
        text: _Text,
    ) -> None:
        start = len(text.characters)
        text.characters += wording
        text.widths += widths
        face = self.styles.face(element)
        text.atoms.append(Atom(start, len(text.characters), path, face))

    def _add_padding(self, element: Element, before: int, text: _Text) -> None:
        if len(text.widths) > before:
            for side, offset in (("left", before), ("right", -1)):
                for name in ("margin", "padding"):
                    text.widths[offset] += self.styles.length(element, f"{name}_{side}")

    # -- pages ----------------------------------------------------------------

    def _build_page(
        self, body: Element, plan: PagePlan, seen: set[int], built: list[SetLine]
    ) -> None:
        page = SubElement(body, "div", {"class": "page"})
        page.set("style", f"height: {self.frame.height - 0.02:.4f}px")
        copies = Copies(page, seen)
        for place in self._places[plan.start : plan.stop]:
            top = not len(page)
            copies.open(place.paragraph.path)
            if top:
                copies.drop_margins()
            built.append(_set_line(copies, place.paragraph, place.line))
        if plan.pieces:
            foot = SubElement(page, "div", {"class": "notes"})
            for piece in plan.pieces:
                self._build_note(foot, piece, seen, built)

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


def _ids(place: _Place) -> Iterator[str]:
    """Yield the ids that begin on a line."""
    paragraph, line = place.paragraph, place.paragraph.lines[place.line]
    if place.line == 0:
        yield from (e.get("id", "") for e in paragraph.path if e.get("id"))
    for atom in paragraph.text.atoms:
        if line.start <= atom.start <= line.end:
            yield from (e.get("id", "") for e in atom.path if e.get("id"))
    following = paragraph.lines[place.line + 1 :]
    until = following[0].start if following else len(paragraph.text.characters) + 1
    for offset, id_ in paragraph.text.marks:
        if line.start <= offset < until:
            yield id_


def _is_mark(element: Element) -> bool:
    """Tell whether *element* only marks a place: it is not set."""
    return element.get("class") == "mark"


def _is_note(element: Element) -> bool:
    return "note" in element.get("class", "").split()


def _strip(text: _Text) -> None:
    """Take the space off the end of a block's text."""
    while text.characters and text.characters[-1] in " \n":
        text.characters.pop()
        text.widths.pop()
    size = len(text.characters)
    text.atoms = [
        atom._replace(start=min(atom.start, size), end=min(atom.end, size))
        for atom in text.atoms
    ]


def _set_line(copies: Copies, paragraph: _Paragraph, index: int) -> SetLine:
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
