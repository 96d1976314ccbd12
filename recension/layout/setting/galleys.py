"""Set the blocks of a part in lines: a galley, which has no pages yet.

Lengths are CSS px.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from recension.contract import find_tier
from recension.layout.setting.styles import LEFT, RIGHT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from xml.etree.ElementTree import Element

    from recension.layout.setting.copies import Path
    from recension.layout.setting.paragraphs import Aside, Breaker, Paragraph
    from recension.layout.setting.styles import Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of text in lines: where it stands, and the white above it.

    *gap* vanishes at the top of a page, *head* stays; *asides* stand at offsets of the
    paragraph; *before* and *behind* are marks of blocks of which nothing is printed,
    those *behind* only of the last block.
    """

    path: Path
    measure: float
    gap: float
    head: float
    keep: bool
    before: tuple[Element, ...]
    behind: tuple[Element, ...]
    paragraph: Paragraph
    asides: tuple[tuple[int, Aside], ...]

    @property
    def refers(self) -> frozenset[str]:
        """The anchors whose page and line are told in it."""
        asides = (aside.refers for _, aside in self.asides)
        return self.paragraph.text.refers.union(*asides)


@dataclass(frozen=True, slots=True, kw_only=True)
class Galley:
    """The blocks of a part in lines, and the *columns* of the last of them, if any.

    *references* are the words for anchors that it has been set with.
    """

    blocks: tuple[Block, ...]
    columns: Columns | None
    references: Mapping[str, str]

    def choose(self, references: Mapping[str, str]) -> dict[str, str]:
        """Return those of *references* that are told in it."""
        told = frozenset[str]().union(*(block.refers for block in self.blocks))
        return {id_: references[id_] for id_ in told & references.keys()}


def set_galley(body: Element, breaker: Breaker) -> Galley:
    """Break every block below *body*, and its asides, into lines."""
    reader = _BlockReader(breaker=breaker)
    reader.read(body, (), breaker.width)
    return reader.finish()


def set_anew(galley: Galley, breaker: Breaker) -> Galley:
    """Return *galley* with the references of *breaker*.

    What refers to an anchor is broken anew when its words are new; where nothing is,
    the blocks are the same tuple.
    """
    before, references = galley.references, breaker.references
    changed = {id_ for id_, words in references.items() if before.get(id_) != words}
    blocks = tuple(
        _set_block_anew(block, breaker, changed) if block.refers & changed else block
        for block in galley.blocks
    )
    same = all(new is old for new, old in zip(blocks, galley.blocks, strict=True))
    blocks = galley.blocks if same else blocks
    return replace(galley, blocks=blocks, references=references)


def _set_block_anew(block: Block, breaker: Breaker, changed: set[str]) -> Block:
    known = [aside for _, aside in block.asides if not aside.refers & changed]
    paragraph = block.paragraph
    if paragraph.text.refers & changed:
        paragraph = breaker.set_paragraph(block.path, block.measure)
        paragraph = _add_marks(paragraph, block.before, block.behind)
    return replace(
        block, paragraph=paragraph, asides=_set_asides(paragraph, breaker, known)
    )


def _set_asides(
    paragraph: Paragraph, breaker: Breaker, known: Iterable[Aside] = ()
) -> tuple[tuple[int, Aside], ...]:
    """Set the asides of *paragraph* that are not *known*."""
    by_element = {aside.element: aside for aside in known}
    return tuple(
        (offset, by_element.get(element) or breaker.set_aside(element, tier))
        for offset, element, tier in paragraph.text.find_asides()
    )


def _add_marks(
    paragraph: Paragraph, before: Iterable[Element], behind: Iterable[Element]
) -> Paragraph:
    """Return *paragraph* with marks at its beginning and at its end."""
    text = paragraph.text
    end = len(text.wording)
    marks = (
        *((0, mark) for mark in before),
        *text.marks,
        *((end, mark) for mark in behind),
    )
    return replace(paragraph, text=replace(text, marks=marks))


@dataclass(slots=True, kw_only=True)
class _BlockReader:
    """Reads the blocks of one part in order.

    *margins* are those that adjoin, *gap* and *head* the white above the next block;
    *carried* are the marks of blocks that are empty.
    """

    breaker: Breaker
    blocks: list[Block] = field(default_factory=list)
    columns: Columns | None = None
    carried: tuple[Element, ...] = ()
    margins: list[float] = field(default_factory=list)
    gap: float = 0.0
    head: float = 0.0

    def read(self, element: Element, path: Path, measure: float) -> None:
        """Read the blocks in *element*, the innermost of *path*."""
        for child in element:
            if self._is_block(child):
                self._read_block(child, (*path, child), measure)

    def finish(self) -> Galley:
        """Return what has been read."""
        if self.blocks and self.carried:
            last = self.blocks.pop()
            paragraph = _add_marks(last.paragraph, (), self.carried)
            known = [aside for _, aside in last.asides]
            asides = _set_asides(paragraph, self.breaker, known)
            last = replace(last, behind=self.carried, asides=asides)
            self.blocks.append(replace(last, paragraph=paragraph))
        return Galley(
            blocks=tuple(self.blocks),
            columns=self.columns,
            references=self.breaker.references,
        )

    def _is_block(self, element: Element) -> bool:
        styles = self.breaker.styles
        return not find_tier(element) and styles.display(element) == "block"

    def _read_block(self, element: Element, path: Path, measure: float) -> None:
        length = self.breaker.styles.length
        for name in (*LEFT, *RIGHT):
            measure -= length(element, name)
        if columns := self.breaker.styles.columns(element, measure):
            self.columns, measure = columns, columns.width
        self.margins.append(length(element, "margin_top"))
        if padding := length(element, "padding_top"):
            self.gap += self._collapse()
            self.head += padding
        if any(self._is_block(child) for child in element):
            self.read(element, path, measure)
        else:
            self._set_paragraph(path, measure)
        if padding := length(element, "padding_bottom"):
            self.gap += self._collapse() + padding
        self.margins.append(length(element, "margin_bottom"))

    def _collapse(self) -> float:
        """Return the white that adjoining margins make (CSS 2.2, 8.3.1)."""
        white = max([0.0, *self.margins]) + min([0.0, *self.margins])
        self.margins.clear()
        return white

    def _set_paragraph(self, path: Path, measure: float) -> None:
        paragraph = self.breaker.set_paragraph(path, measure)
        if not paragraph.lines:  # an emendation may delete a whole paragraph
            self.carried += tuple(_find_marks(paragraph))
            return
        before, self.carried = self.carried, ()
        paragraph = _add_marks(paragraph, before, ())
        block = Block(
            path=path,
            measure=measure,
            gap=self.gap + self._collapse(),
            head=self.head,
            keep=any(self.breaker.styles.kept(element) for element in path),
            before=before,
            behind=(),
            paragraph=paragraph,
            asides=_set_asides(paragraph, self.breaker),
        )
        self.gap, self.head = 0.0, 0.0
        self.blocks.append(block)


def _find_marks(paragraph: Paragraph) -> Iterator[Element]:
    """Yield what marks a place in a block of which nothing is printed."""
    yield from (mark for _, mark in paragraph.text.marks)
    for atom in paragraph.text.atoms:
        yield from (element for element in atom.path if element.get("id"))
