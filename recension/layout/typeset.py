"""Set the paragraphs and notes of a part line by line, and divide them into pages.

Works on the element tree that the layout engine will lay out: each paragraph becomes a
run of `<span class="line">`, each page begins with a forced break. Lengths are CSS px.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from xml.etree.ElementTree import Element, SubElement

from recension.layout.lines import (
    CALL,
    HYPHEN,
    SPACES,
    Face,
    Line,
    advances,
    break_lines,
)
from recension.layout.pagination import Frame, PagePlan, Piece, Row, paginate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KEPT_WITH_NEXT = ("h1", "h2", "h3", "h4")


class Styles(Protocol):
    """What the typesetter needs to know of the style of an element."""

    def display(self, element: Element) -> str:
        """Return `block`, `inline` or `none`."""

    def face(self, element: Element, pseudo: str | None = None) -> Face:
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
    """A stretch of a paragraph: its range and the inline elements round it."""

    start: int
    end: int
    path: tuple[Element, ...]
    face: Face | None = None


@dataclass(slots=True)
class _Text:
    """The text of a block as it is gathered: characters, widths, marks."""

    characters: list[str] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    atoms: list[Atom] = field(default_factory=list)
    calls: dict[int, Element] = field(default_factory=dict)

    @property
    def wording(self) -> str:
        return "".join(self.characters)


@dataclass(slots=True)
class _SetLine:
    """A line set in the tree: its element, the blocks that begin with it, its notes."""

    element: Element
    line: Line
    opened: tuple[Element, ...]
    notes: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What came of a part: the plan of its pages and the lines, for the report."""

    pages: tuple[PagePlan, ...]
    lines: tuple[Line, ...]


@dataclass(slots=True)
class Typesetter:
    """Set a part whose type area is *width* wide, with the *styles* of its elements.

    *fit* is `total-fit` or `first-fit`.
    """

    styles: Styles
    width: float
    frame: Frame
    fit: str
    continued: str
    rows: list[Row] = field(default_factory=list)
    set_lines: list[_SetLine] = field(default_factory=list)
    note_lines: dict[Element, list[tuple[Element, float]]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    _margins: list[float] = field(default_factory=list)
    _gap: float = 0.0
    _head: float = 0.0
    _opened: list[Element] = field(default_factory=list)

    def set_part(self, body: Element) -> Setting:
        """Set every paragraph below *body*, in place, and begin its pages."""
        self._set_container(body, self.width)
        pages = paginate(self.rows, self.frame)
        for page in pages:
            if page.start and page.start < len(self.set_lines):
                self._begin_page(self.set_lines[page.start])
            for piece in page.pieces:
                self._place(piece, page)
        return Setting(pages=pages, lines=tuple(self.lines))

    # -- blocks ---------------------------------------------------------------

    def _set_container(self, element: Element, measure: float) -> None:
        for child in list(element):
            if self._is_block(child):
                self._set_block(child, measure)

    def _set_block(self, element: Element, measure: float) -> None:
        length = self.styles.length
        for side in ("left", "right"):
            measure -= length(element, f"margin_{side}")
            measure -= length(element, f"padding_{side}")
        self._open(element)
        if self._holds_blocks(element):
            self._set_container(element, measure)
        else:
            self._set_paragraph(element, measure)
        self._close(element)

    def _holds_blocks(self, element: Element) -> bool:
        return any(self._is_block(child) for child in element)

    def _is_block(self, element: Element) -> bool:
        return not _is_note(element) and self.styles.display(element) == "block"

    def _open(self, element: Element) -> None:
        self._opened.append(element)
        self._margins.append(self.styles.length(element, "margin_top"))
        if padding := self.styles.length(element, "padding_top"):
            self._gap += self._collapse()
            self._head += padding

    def _close(self, element: Element) -> None:
        if padding := self.styles.length(element, "padding_bottom"):
            self._gap += self._collapse() + padding
        self._margins.append(self.styles.length(element, "margin_bottom"))
        if element in self._opened:
            self._opened.remove(element)

    def _collapse(self) -> float:
        """Return the white that adjoining margins make (CSS 2.2, 8.3.1)."""
        high = max([0.0, *self._margins])
        low = min([0.0, *self._margins])
        self._margins.clear()
        return high + low

    def _set_paragraph(self, element: Element, measure: float) -> None:
        lines, text = self._break(element, measure)
        spans = _rebuild(element, text, lines, self.styles.length(element, "text_indent"))
        gap, head = self._gap + self._collapse(), self._head
        height = self.styles.line_height(element)
        for index, (line, span) in enumerate(zip(lines, spans, strict=True)):
            notes = tuple(
                text.calls[offset]
                for offset in sorted(text.calls)
                if line.start <= offset < line.end
            )
            self.rows.append(
                Row(
                    height=height,
                    gap=gap if index == 0 else 0.0,
                    head=head if index == 0 else 0.0,
                    notes=tuple(self._set_note(note) for note in notes),
                    first=index == 0,
                    last=index == len(lines) - 1,
                    keep=self.styles.kept(element),
                    hyphen=line.hyphen,
                )
            )
            opened = tuple(self._opened) if index == 0 else ()
            self.set_lines.append(_SetLine(span, line, opened, notes))
        if lines:
            self._gap, self._head = 0.0, 0.0
            self._opened.clear()

    def _set_note(self, note: Element) -> tuple[float, ...]:
        """Set a note's paragraphs; return the heights of its lines."""
        paragraphs = list(note) if self._holds_blocks(note) else [note]
        measure = self.width
        found: list[tuple[Element, float]] = []
        for paragraph in paragraphs:
            lines, text = self._break(paragraph, measure)
            indent = self.styles.length(paragraph, "text_indent")
            spans = _rebuild(paragraph, text, lines, indent)
            height = self.styles.line_height(paragraph)
            found += [(span, height) for span in spans]
        self.note_lines[note] = found
        return tuple(height for _, height in found)

    def _break(
        self, element: Element, measure: float
    ) -> tuple[tuple[Line, ...], _Text]:
        text = _Text()
        self._gather(element, (), text)
        _strip(text)
        face = self.styles.face(element)
        lines = break_lines(
            text.wording,
            text.widths,
            measure=measure,
            indent=self.styles.length(element, "text_indent"),
            language=self.styles.language(element),
            space=advances(" ", face)[0],
            hyphen=advances(HYPHEN, face)[0],
            justify=self.styles.justified(element),
            fit=self.fit,
        )
        if self.styles.justified(element):
            lines = tuple(self._adjust(line, text) for line in lines)
            self.lines += lines
        return lines, text

    @staticmethod
    def _adjust(line: Line, text: _Text) -> Line:
        """Spread over the spaces what a ligature cut by a line's end is wider."""
        wider, wording = 0.0, text.wording
        for atom in text.atoms:
            start, end = max(atom.start, line.start), min(atom.end, line.end)
            cut = start < end and (start, end) != (atom.start, atom.end)
            if cut and atom.face and not wording[start:end].isspace():
                whole = advances(wording[atom.start : atom.end], atom.face)
                kept = whole[start - atom.start : end - atom.start]
                wider += sum(advances(wording[start:end], atom.face)) - sum(kept)
        spaces = sum(c in SPACES for c in wording[line.start : line.end])
        if not spaces or not wider:
            return line
        return replace(line, word_spacing=line.word_spacing - wider / spaces)

    # -- inlines --------------------------------------------------------------

    def _gather(self, element: Element, path: tuple[Element, ...], text: _Text) -> None:
        self._add(element.text, element, path, text)
        for child in element:
            if _is_note(child):
                self._add_call(child, path, text)
            elif child.tag == "br":
                self._add("\u2028", element, path, text)
            else:
                before = len(text.characters)
                self._gather(child, (*path, child), text)
                self._add_padding(child, before, text)
                if len(text.characters) == before:
                    text.atoms.append(Atom(before, before, (*path, child)))
            self._add(child.tail, element, path, text)

    def _add(
        self, wording: str | None, element: Element, path: tuple[Element, ...], text: _Text
    ) -> None:
        collapsed = []
        last = text.characters[-1] if text.characters else " "
        for character in wording or "":
            plain = " " if character in " \n\t\r" else character
            if not (plain == " " and last == " "):
                collapsed.append(plain)
            last = plain
        if collapsed:
            start = len(text.characters)
            text.characters += collapsed
            face = self.styles.face(element)
            text.widths += advances("".join(collapsed), face)
            text.atoms.append(Atom(start, len(text.characters), path, face))

    def _add_padding(self, element: Element, before: int, text: _Text) -> None:
        if len(text.widths) > before:
            for side, offset in (("left", before), ("right", -1)):
                for name in ("margin", "padding"):
                    text.widths[offset] += self.styles.length(element, f"{name}_{side}")

    def _add_call(self, note: Element, path: tuple[Element, ...], text: _Text) -> None:
        offset = len(text.characters)
        face = self.styles.face(note, "footnote-call")
        text.characters.append(CALL)
        text.widths.append(sum(advances(note.get("data-number", ""), face)))
        text.atoms.append(Atom(offset, offset + 1, (*path, note)))
        text.calls[offset] = note

    # -- pages ----------------------------------------------------------------

    @staticmethod
    def _begin_page(first: _SetLine) -> None:
        if not first.opened:
            _add_style(first.element, "break-before: page")
            return
        _add_style(first.opened[0], "break-before: page")
        for element in first.opened:
            _add_style(element, "margin-top: 0")

    def _place(self, piece: Piece, page: PagePlan) -> None:
        """Leave in a note the lines of its first piece; set the rest on later pages."""
        note = self.set_lines[piece.row].notes[piece.note]
        lines = self.note_lines[note]
        if (piece.first, piece.stop) == (0, len(lines)):
            return
        if piece.first == 0:
            _keep_lines(note, [span for span, _ in lines[: piece.stop]])
            return
        rest = Element("span", {"class": "note note-continued"})
        rest.set("id", f"{note.get('id')}-continued-{piece.first}")
        mark = SubElement(rest, "span", {"class": "line continued"})
        mark.text = self.continued
        for span, _ in lines[piece.first : piece.stop]:
            rest.append(span)
        first = min(page.start, len(self.set_lines) - 1)
        self.set_lines[first].element.insert(0, rest)
        rest.tail = self.set_lines[first].element.text
        self.set_lines[first].element.text = None


def _is_note(element: Element) -> bool:
    return "note" in element.get("class", "").split()


def _strip(text: _Text) -> None:
    """Take the space off the end of a block's text."""
    while text.characters and text.characters[-1] == " ":
        text.characters.pop()
        text.widths.pop()
    size = len(text.characters)
    text.atoms = [
        atom._replace(start=min(atom.start, size), end=min(atom.end, size))
        for atom in text.atoms
    ]


def _rebuild(
    element: Element, text: _Text, lines: Sequence[Line], indent: float
) -> list[Element]:
    """Replace the contents of *element* by a span a line; return the spans."""
    for child in list(element):
        element.remove(child)
    element.text = None
    spans, seen = [], set[int]()
    for index, line in enumerate(lines):
        until = lines[index + 1].start if index + 1 < len(lines) else line.end + 1
        span = SubElement(element, "span", {"class": "line"})
        style = f"word-spacing: {line.word_spacing:.4f}px"
        if index == 0 and indent:
            style += f"; text-indent: {indent:.4f}px"
        if line.left:
            style += f"; margin-left: -{line.left:.4f}px"
        if line.right:
            style += f"; margin-right: -{line.right:.4f}px"
        span.set("style", style)
        _fill(span, text, line, until, seen)
        spans.append(span)
    return spans


def _fill(span: Element, text: _Text, line: Line, until: int, seen: set[int]) -> None:
    stack: list[tuple[Element, Element]] = []
    for atom in text.atoms:
        inside = line.start <= atom.start < until and atom.start == atom.end
        start, end = max(atom.start, line.start), min(atom.end, line.end)
        if not (inside or start < end):
            continue
        if atom.path and id(atom.path[-1]) in map(id, text.calls.values()):
            _descend(span, stack, atom.path[:-1], seen).append(atom.path[-1])
            atom.path[-1].tail = None
            continue
        parent = _descend(span, stack, atom.path, seen)
        _append_text(parent, "".join(text.characters[start:end]))
    if line.hyphen:
        last = stack[-1][1] if stack else span
        _append_text(last, HYPHEN)


def _descend(
    span: Element,
    stack: list[tuple[Element, Element]],
    path: tuple[Element, ...],
    seen: set[int],
) -> Element:
    """Return the copy of the innermost element of *path* in the line *span*."""
    depth = 0
    while depth < min(len(stack), len(path)) and stack[depth][0] is path[depth]:
        depth += 1
    del stack[depth:]
    for element in path[depth:]:
        parent = stack[-1][1] if stack else span
        copy = SubElement(parent, element.tag, dict(element.attrib))
        if id(element) in seen:
            copy.attrib.pop("id", None)
        seen.add(id(element))
        stack.append((element, copy))
    return stack[-1][1] if stack else span


def _append_text(parent: Element, wording: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + wording
    else:
        parent.text = (parent.text or "") + wording


def _add_style(element: Element, declaration: str) -> None:
    before = element.get("style")
    element.set("style", f"{before}; {declaration}" if before else declaration)


def _keep_lines(note: Element, kept: Sequence[Element]) -> None:
    keep = {id(span) for span in kept}
    for parent in list(note.iter()):
        for child in list(parent):
            if child.get("class") == "line" and id(child) not in keep:
                parent.remove(child)


def find_texts(root: Element) -> Iterator[Any]:
    """Yield the elements of *root* that hold a text to be set line by line."""
    for element in root.iter("body"):
        if "text" in element.get("class", "").split():
            yield element
