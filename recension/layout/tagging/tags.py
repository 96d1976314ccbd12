"""Tag the PDF: read a structure tree from the boxes of its pages (PDF/UA-1).

WeasyPrint's own tree has an element for every box. Ours has one for every element of
the text: a paragraph on two pages is one paragraph, a note follows the paragraph that
calls it, running heads and line numbers are artifacts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recension.contract import Made, classes_of, find_tier
from recension.layout.setting.lines import HYPHEN
from recension.layout.tagging.elements import GROUPS
from recension.layout.tagging.nodes import StructureTree
from recension.layout.tagging.streams import (
    FOOTER,
    HEADER,
    PAGINATION,
    PageContents,
    find_spaces,
    mend_page,
    mend_stream,
)
from recension.layout.tagging.structure import (
    Annotation,
    Content,
    StructureNode,
    write_structure,
    write_text,
)
from recension.layout.weasy.records import BoxKind

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from recension.layout.weasy.records import MarkedBox
    from recension.layout.weasy.writing import MarkedPage, TaggedFile

_JOINED = re.compile(r"(?<=\S)[-—–/]$")
"""The end of a line that is no end of a word."""
_PX = 0.75
"""A CSS px in pt."""
_PRINT = 4
"""The flags of an annotation that is printed (ISO 19005-2, 6.3.2)."""


def add_tags(file: TaggedFile) -> None:
    """Add to *file* the structure tree of its pages.

    The streams of the pages and the maps of the fonts are mended for it.
    """
    tree = StructureTree(StructureNode("Document", None, language=file.language))
    spaces, doubles = find_spaces(file.glyphs), set[int]()
    for number, page in enumerate(file.read_pages()):
        reader = _PageReader(tree=tree, number=number, page=page)
        contents = reader.read()
        doubles |= reader.doubles
        for link in reader.links:
            file.set_entry(link, "F", _PRINT)
        file.rewrite(number, mend_page(page.operators, contents, spaces))
    file.rewrite_streams(mend_stream)
    tree.finish()
    _describe_links(tree, file)
    write_structure(tree.root, file)
    file.remove_annotations(doubles)
    file.set_catalog("MarkInfo", "<</Marked true>>")


def _describe_links(tree: StructureTree, file: TaggedFile) -> None:
    """Tell of each annotation of a link where it leads (PDF/UA-1, 7.18.5).

    It is the link's text, or what the element says for those who do not see it.
    """
    for link in tree.links:
        element = link.element
        told = element.get("aria-label", "") if element is not None else ""
        wording = write_text(told or " ".join("".join(link.words).split()))
        for kid in link.kids:
            if isinstance(kid, Annotation):
                file.set_entry(kid.number, "Contents", wording)


@dataclass(slots=True)
class _Shown:
    """A text of a line, its number on the page and the node that has it."""

    wording: str
    mcid: int
    node: StructureNode


@dataclass(slots=True, kw_only=True)
class _PageReader:
    """Reads the page *number*, from 0, into *tree*.

    *contents* says what becomes of what is marked; *rows* are the blocks of the lines
    that have been read, *line* is the one that is; *links* are annotations by their
    numbers, *doubles* those of what stands in a link that has its own.
    """

    tree: StructureTree
    number: int
    page: MarkedPage
    contents: PageContents = field(default_factory=PageContents)
    rows: list[StructureNode] = field(default_factory=list)
    line: list[_Shown] = field(default_factory=list)
    links: list[int] = field(default_factory=list)
    doubles: set[int] = field(default_factory=set)

    def read(self) -> PageContents:
        """Read the page; return how it is to be marked."""
        for box in self.page.boxes:
            if box.kind is BoxKind.MARGIN:
                self._set_apart(box, _describe_margin(box.wording))
            else:
                self._read(box, self.tree.root)
        return self.contents

    def _read(self, box: MarkedBox, parent: StructureNode) -> None:
        element = None if box.element is None else self.page.elements[box.element]
        node = parent
        if element is not None and element is not parent.element:
            again = self.tree.is_known(element, self.number)
            if Made.NOTE_CONTINUED in classes_of(element) or (
                again and box.kind is BoxKind.TABLE_HEAD
            ):
                self._set_apart(box, PAGINATION)
                return
            node = self.tree.find(box, element, parent, self.number)
            self._key(element)
        number = None if box.link is None else self.page.annotations[box.link]
        if number is not None:
            # a word in another language has an element of its own within its link
            link = node.inner.above("Link") or node.inner
            self._add_annotation(box, number, link)
        if box.mcid is not None:
            self._add_figure(box, box.mcid, node)
        elif box.kind is BoxKind.LINE:
            self._read_line(box, node)
        else:
            self._read_children(box, node)

    def _key(self, element: Element) -> None:
        """Say behind which block an aside stands that is keyed to a line."""
        tier = find_tier(element)
        if not tier or not tier.keyed:
            return
        label = next((kid for kid in element if Made.LABEL in classes_of(kid)), None)
        number = int(label.text or "0") if label is not None else 0
        if 0 < number <= len(self.rows):
            self.tree.call(self.rows[number - 1].inner, element.get("id", ""))

    def _add_annotation(
        self, box: MarkedBox, annotation: int, link: StructureNode
    ) -> None:
        """Add the annotation of *box* to *link*, one for a box and what it holds."""
        begun = (kid for kid in link.kids if isinstance(kid, Annotation))
        if not box.linked and any(kid.page == self.number for kid in begun):
            self.doubles.add(annotation)
            return
        self.links.append(annotation)
        link.kids.append(Annotation(self.number, annotation))

    def _read_children(self, box: MarkedBox, node: StructureNode) -> None:
        for child in box.children:
            if child.kind is BoxKind.TEXT:
                self._add_text(child, node)
            else:
                self._read(child, node)

    def _read_line(self, box: MarkedBox, node: StructureNode) -> None:
        before, self.line = self.line, []
        if not node.above("Note"):
            self.rows.append(node)
        self._read_children(box, node)
        self._space_line()
        self.line = before

    def _add_text(self, box: MarkedBox, node: StructureNode) -> None:
        if box.mcid is None:
            return
        holder = node.inner
        if box.wording.strip():
            if holder.tag in GROUPS:
                holder = _wrap(holder)
            holder.kids.append(Content(self.number, box.mcid))
        else:
            self.contents.empty.add(box.mcid)
        self.line.append(_Shown(box.wording, box.mcid, holder))

    def _space_line(self) -> None:
        """Say where the words of a line need a space, and which hyphens are hard."""
        shown = [text for text in self.line if text.wording.strip()]
        blank = {n for n, text in enumerate(self.line) if not text.wording.strip()}
        for number, text in enumerate(self.line):
            if number in blank:
                continue
            hard, spaced = text.wording, number + 1 in blank
            if text is shown[-1]:
                spaced = not hard.endswith(HYPHEN) and not _JOINED.search(hard)
                hard = hard.removesuffix(HYPHEN)
            if spaced and not hard.endswith(" "):
                self.contents.spaced[text.mcid] = hard
                hard += " "
            if HYPHEN in hard:
                self.contents.wordings[text.mcid] = hard
            if link := text.node.above("Link"):
                link.words.append(hard)

    def _add_figure(self, box: MarkedBox, mcid: int, node: StructureNode) -> None:
        if node.tag != "Figure" or not box.edges:
            self.contents.artifacts[mcid] = PAGINATION
            return
        node.kids.append(Content(self.number, mcid))
        left, top, right, bottom = box.edges
        height = self.page.height
        edges = (left, height - bottom, right, height - top)
        written = " ".join(f"{edge * _PX:.2f}" for edge in edges)
        node.attributes = f"/O/Layout/Placement/Block/BBox[{written}]"

    def _set_apart(self, box: MarkedBox, description: str) -> None:
        """Make what stands in *box* an artifact."""
        for text in box.find_texts():
            if text.mcid is not None:
                self.contents.artifacts[text.mcid] = description


def _wrap(node: StructureNode) -> StructureNode:
    """Return the paragraph for text that stands in *node*, a group, itself."""
    last = node.kids[-1] if node.kids else None
    if isinstance(last, StructureNode) and last.tag == "P" and last.element is None:
        return last
    return node.add("P")


def _describe_margin(keyword: str) -> str:
    """Return what kind of artifact stands in a margin box (PDF/UA-1, 7.8)."""
    if keyword.startswith("@top"):
        return HEADER
    return FOOTER if keyword.startswith("@bottom") else PAGINATION
