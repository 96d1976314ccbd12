"""Read the text of a block from the element tree, and break it into lines.

Lengths are CSS px.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from recension.contract import Data, Given, Tier, classes_of, find_tier
from recension.layout.setting.breaks import SOFT_HYPHEN
from recension.layout.setting.lines import (
    HYPHEN,
    Line,
    LineStyle,
    advances,
    break_lines,
)
from recension.layout.setting.styles import LEFT, RIGHT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from xml.etree.ElementTree import Element

    from recension.layout.setting.copies import Path
    from recension.layout.setting.lines import Font
    from recension.layout.setting.styles import Styles

SAMPLE = "p. 00, l. 00"
"""What stands for a reference until its page and line are known."""
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
"""What is set in lines of about one length."""


class Atom(NamedTuple):
    """A stretch of a paragraph: its range, and the inline elements round it."""

    start: int
    end: int
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockText:
    """The text of a block: its characters and their *widths* in px.

    *calls* gives the aside called at an offset: no line begins there; *refers* are the
    anchors whose page and line it tells; *marks* are elements that only mark an offset,
    asides of a keyed tier among them.
    """

    wording: str
    widths: tuple[float, ...]
    atoms: tuple[Atom, ...]
    calls: Mapping[int, Element]
    refers: frozenset[str]
    marks: tuple[tuple[int, Element], ...]

    def find_asides(self) -> Iterator[tuple[int, Element, Tier]]:
        """Yield the asides that stand in the text, each with its offset and tier."""
        for offset, element in (*self.calls.items(), *self.marks):
            if tier := find_tier(element):
                yield offset, element, tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A block of text broken into lines, and the elements it stands in."""

    path: Path
    text: BlockText
    lines: tuple[Line, ...]
    height: float
    justified: bool
    indent: float

    def until(self, index: int) -> int:
        """Return the offset before which the line *index* ends, its space included."""
        following = self.lines[index + 1 :]
        return following[0].start if following else len(self.text.wording) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """What goes to the foot of the page, in lines, paragraph by paragraph."""

    tier: Tier
    element: Element
    paragraphs: tuple[Paragraph, ...]

    @property
    def places(self) -> list[tuple[Paragraph, int]]:
        """Every line: its paragraph and its number there, from 0."""
        return [(p, index) for p in self.paragraphs for index in range(len(p.lines))]

    @property
    def heights(self) -> tuple[float, ...]:
        """The height of every line."""
        return tuple(paragraph.height for paragraph, _ in self.places)

    @property
    def refers(self) -> frozenset[str]:
        """The anchors whose page and line it tells."""
        return frozenset[str]().union(*(p.text.refers for p in self.paragraphs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """Breaks blocks into lines by their *styles*; *fit* is as for LineStyle.

    Asides are *width* px wide; *references* gives the words for an anchor.
    """

    styles: Styles
    width: float
    fit: str
    references: Mapping[str, str] = field(default_factory=dict)

    def set_aside(self, element: Element, tier: Tier) -> Aside:
        """Break *element*, an aside of *tier*."""
        inner = [child for child in element if self.styles.display(child) == "block"]
        paths: list[Path] = [(element, child) for child in inner] or [(element,)]
        width = self.width
        for name in ("padding_left", "padding_right"):
            width -= self.styles.length(element, name)
        paragraphs = tuple(self.set_paragraph(path, width) for path in paths)
        return Aside(tier=tier, element=element, paragraphs=paragraphs)

    def set_paragraph(self, path: Path, measure: float) -> Paragraph:
        """Break the block at the end of *path*, *measure* px wide."""
        element = path[-1]
        gatherer = _Gatherer(styles=self.styles, references=self.references)
        gatherer.gather(element, ())
        text = gatherer.finish()
        font, justified = self.styles.font(element), self.styles.justified(element)
        style = LineStyle(
            measure=measure,
            indent=self.styles.length(element, "text_indent"),
            language=self.styles.language(element),
            space=advances(" ", font)[0],
            hyphen=advances(HYPHEN, font)[0],
            justify=justified,
            balance=not justified and element.tag in HEADINGS,
            fit=self.fit,
        )
        calls = frozenset(text.calls)
        return Paragraph(
            path=path,
            text=text,
            lines=break_lines(text.wording, text.widths, style, unbroken=calls),
            height=self.styles.line_height(element),
            justified=justified,
            indent=style.indent,
        )


# --- the text of a block -------------------------------------------------------------


@dataclass(slots=True)
class _TextNode:
    """Text between two elements, and the marks at offsets in it."""

    wording: str
    marks: list[tuple[int, Element]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Gatherer:
    """Gathers the text of one block, element by element."""

    styles: Styles
    references: Mapping[str, str]
    characters: list[str] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    atoms: list[Atom] = field(default_factory=list)
    calls: dict[int, Element] = field(default_factory=dict)
    refers: set[str] = field(default_factory=set)
    marks: list[tuple[int, Element]] = field(default_factory=list)

    def gather(self, element: Element, path: Path) -> None:
        """Add what stands in *element*, the innermost of *path*."""
        text = _TextNode(element.text or "")
        for child in element:
            if _is_mark(child):
                text.marks.append((len(text.wording), child))
                text.wording += child.tail or ""
                continue
            self._add(text, element, path)
            self._gather_child(child, path)
            text = _TextNode(child.tail or "")
        self._add(text, element, path)

    def finish(self) -> BlockText:
        """Return the text, without the space at its end."""
        size = len("".join(self.characters).rstrip(" \n"))
        atoms = (
            atom._replace(start=min(atom.start, size), end=min(atom.end, size))
            for atom in self.atoms
        )
        return BlockText(
            wording="".join(self.characters[:size]),
            widths=tuple(self.widths[:size]),
            atoms=tuple(atoms),
            calls=self.calls,
            refers=frozenset(self.refers),
            marks=tuple((min(offset, size), mark) for offset, mark in self.marks),
        )

    def _gather_child(self, child: Element, path: Path) -> None:
        before = len(self.characters)
        if find_tier(child):
            call = next(a.start for a in reversed(self.atoms) if a.start < before)
            self.calls[call] = child
        elif child.tag == "br":
            self._write("\n", [0.0], path)
        elif to := child.get(Data.TO):
            words = _TextNode(self.references.get(to, SAMPLE))
            self._add(words, child, (*path, child))
            self.refers.add(to)
        else:
            self.gather(child, (*path, child))
            self._add_padding(child, before)
            if len(self.characters) == before:
                self.atoms.append(Atom(before, before, (*path, child)))

    def _add(self, text: _TextNode, element: Element, path: Path) -> None:
        """Add the wording of *text* in *element*, white space run together."""
        collapsed: list[str] = []
        start = len(self.characters)
        last = self.characters[-1] if self.characters else " "
        marks = text.marks[::-1]
        for offset, character in enumerate(text.wording):
            while marks and marks[-1][0] == offset:
                self.marks.append((start + len(collapsed), marks.pop()[1]))
            plain = " " if character in " \n\t\r" else character
            if not (plain == " " and last in " \n"):
                collapsed.append(plain)
            last = plain
        self.marks += [(start + len(collapsed), mark) for _, mark in marks[::-1]]
        if collapsed:
            wording = "".join(collapsed)
            self._write(wording, _measure(wording, self.styles.font(element)), path)

    def _write(self, wording: str, widths: Iterable[float], path: Path) -> None:
        start = len(self.characters)
        self.characters += wording
        self.widths += widths
        self.atoms.append(Atom(start, len(self.characters), path))

    def _add_padding(self, element: Element, before: int) -> None:
        if len(self.widths) > before:
            for names, offset in ((LEFT, before), (RIGHT, -1)):
                for name in names:
                    self.widths[offset] += self.styles.length(element, name)


def _measure(wording: str, font: Font) -> Iterator[float]:
    """Yield the width of each character; soft hyphens are not printed."""
    widths = iter(advances(wording.replace(SOFT_HYPHEN, ""), font))
    return (0.0 if one == SOFT_HYPHEN else next(widths) for one in wording)


def _is_mark(element: Element) -> bool:
    """Tell whether *element* only marks a place: it is not set."""
    tier = find_tier(element)
    return tier.keyed if tier else Given.MARK in classes_of(element)
