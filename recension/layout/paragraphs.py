"""Read the text of a block from the element tree, and break it into lines.

Lengths are CSS px.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from recension.layout.lines import (
    HYPHEN,
    Face,
    Line,
    LineStyle,
    advances,
    break_lines,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from xml.etree.ElementTree import Element

    from recension.layout.copies import Path

SAMPLE = "p. 00, l. 00"
"""What stands for a reference until its page and line are known."""
ASIDE = frozenset(("note", "variant"))
"""The classes of what stands in the tree where it is called, and goes to the foot."""


HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
"""What is set in lines of about one length."""


class Columns(NamedTuple):
    """How a block is divided: *many* columns of *width*, *gap* apart (px)."""

    many: int
    width: float
    gap: float


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

    def columns(self, element: Element, measure: float) -> Columns | None:
        """Return the columns into which *measure* px are divided, None if not."""

    def language(self, element: Element) -> str:
        """Return the language of the element's text."""


class Atom(NamedTuple):
    """A stretch of a paragraph: its range, the inline elements round it, its font."""

    start: int
    end: int
    path: Path
    face: Face | None = None


@dataclass(slots=True)
class Text:
    """The text of a block as it is gathered: characters, widths, marks.

    *calls* gives the note called at an offset: no line begins there; *refers* are the
    anchors whose page and line it tells; *marks* are elements that only mark an offset,
    an entry of the apparatus among them.
    """

    characters: list[str] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    atoms: list[Atom] = field(default_factory=list)
    calls: dict[int, Element] = field(default_factory=dict)
    refers: set[str] = field(default_factory=set)
    marks: list[tuple[int, Element]] = field(default_factory=list)

    @property
    def wording(self) -> str:
        """The characters as one string."""
        return "".join(self.characters)


@dataclass(slots=True)
class _Run:
    """Text between two elements, and the marks at offsets in it."""

    wording: str
    marks: list[tuple[int, Element]] = field(default_factory=list)


@dataclass(slots=True)
class Paragraph:
    """A block of text broken into lines, and the elements it stands in."""

    path: Path
    text: Text
    lines: tuple[Line, ...]
    height: float
    justified: bool
    indent: float = 0.0

    def until(self, index: int) -> int:
        """Return the offset before which the line *index* ends, its space included."""
        following = self.lines[index + 1 :]
        return following[0].start if following else len(self.text.characters) + 1


@dataclass(slots=True)
class SetAside:
    """A note or an entry of the apparatus in lines, paragraph by paragraph."""

    element: Element
    paragraphs: list[Paragraph]

    @property
    def places(self) -> list[tuple[Paragraph, int]]:
        """Every line: its paragraph and its number there, from 0."""
        return [(p, index) for p in self.paragraphs for index in range(len(p.lines))]

    @property
    def heights(self) -> tuple[float, ...]:
        """The height of every line."""
        return tuple(paragraph.height for paragraph, _ in self.places)


@dataclass(slots=True)
class Breaker:
    """Break blocks into lines by their *styles*; *fit* is as for LineStyle."""

    styles: Styles
    fit: str
    references: Mapping[str, str] = field(default_factory=dict)

    def set_aside(self, element: Element, width: float) -> SetAside:
        """Break a note or an entry of the apparatus *width* px wide."""
        inner = [child for child in element if self.styles.display(child) == "block"]
        paths: list[Path] = [(element, child) for child in inner] or [(element,)]
        for side in ("left", "right"):
            width -= self.styles.length(element, f"padding_{side}")
        paragraphs = [self.set_paragraph(path, width) for path in paths]
        return SetAside(element, paragraphs)

    def set_paragraph(self, path: Path, measure: float) -> Paragraph:
        """Break the block at the end of *path*, *measure* px wide."""
        element, text = path[-1], Text()
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
            balance=not justified and element.tag in HEADINGS,
            fit=self.fit,
        )
        calls = frozenset(text.calls)
        lines = break_lines(text.wording, text.widths, style, unbroken=calls)
        height = self.styles.line_height(element)
        return Paragraph(path, text, lines, height, justified, style.indent)

    def _gather(self, element: Element, path: Path, text: Text) -> None:
        run = _Run(element.text or "")
        for child in element:
            if _is_mark(child):
                run.marks.append((len(run.wording), child))
                run.wording += child.tail or ""
                continue
            self._add(run, element, path, text)
            self._gather_child(child, element, path, text)
            run = _Run(child.tail or "")
        self._add(run, element, path, text)

    def _gather_child(
        self, child: Element, element: Element, path: Path, text: Text
    ) -> None:
        before = len(text.characters)
        if is_aside(child):
            call = next(a.start for a in reversed(text.atoms) if a.start < before)
            text.calls[call] = child
        elif child.tag == "br":
            self._write("\n", [0.0], element, path, text)
        elif "data-to" in child.attrib:
            to = child.get("data-to", "")
            words = _Run(self.references.get(to, SAMPLE))
            self._add(words, child, (*path, child), text)
            text.refers.add(to)
        else:
            self._gather(child, (*path, child), text)
            self._add_padding(child, before, text)
            if len(text.characters) == before:
                text.atoms.append(Atom(before, before, (*path, child)))

    def _add(self, run: _Run, element: Element, path: Path, text: Text) -> None:
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
        text.marks += [(start + len(collapsed), mark) for _, mark in marks[::-1]]
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
        text: Text,
    ) -> None:
        start = len(text.characters)
        text.characters += wording
        text.widths += widths
        face = self.styles.face(element)
        text.atoms.append(Atom(start, len(text.characters), path, face))

    def _add_padding(self, element: Element, before: int, text: Text) -> None:
        if len(text.widths) > before:
            for side, offset in (("left", before), ("right", -1)):
                for name in ("margin", "padding"):
                    text.widths[offset] += self.styles.length(element, f"{name}_{side}")


def _is_mark(element: Element) -> bool:
    """Tell whether *element* only marks a place: it is not set."""
    return element.get("class") in ("mark", "variant")


def is_aside(element: Element) -> bool:
    """Tell whether *element* goes to the foot of the page of its call."""
    return not ASIDE.isdisjoint(element.get("class", "").split())


def _strip(text: Text) -> None:
    """Take the space off the end of a block's text."""
    while text.characters and text.characters[-1] in " \n":
        text.characters.pop()
        text.widths.pop()
    size = len(text.characters)
    text.atoms = [
        atom._replace(start=min(atom.start, size), end=min(atom.end, size))
        for atom in text.atoms
    ]
