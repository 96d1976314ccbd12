"""The structure tree of the book as it grows: a node for each element of the text.

Clauses are those of ISO 32000-1 and of PDF/UA-1 (ISO 14289-1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recension.contract import Data, Given, Made, classes_of
from recension.layout.tagging.elements import (
    ADDERS,
    HEADING_TYPES,
    find_block,
    find_tag,
)
from recension.layout.tagging.structure import StructureNode
from recension.layout.weasy.records import BoxKind

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from recension.layout.weasy.records import MarkedBox

_PARTS = (Given.FRONT, Given.BACK, Given.TEXT)
"""The classes of the parts of the book; the first that a part has decides."""


@dataclass(slots=True)
class StructureTree:
    """The nodes below *root*, the document.

    *pages* tells for each element, by its identity, its node and the page on which it
    was met last; *notes* are found by their id, *calls* tell behind which block a note
    stands; *parts* are those of the book by their class.
    """

    root: StructureNode
    pages: dict[int, tuple[int, StructureNode]] = field(default_factory=dict)
    notes: dict[str, StructureNode] = field(default_factory=dict)
    calls: list[tuple[StructureNode, str]] = field(default_factory=list)
    links: list[StructureNode] = field(default_factory=list)
    parts: dict[str, StructureNode] = field(default_factory=dict)

    def find(
        self, box: MarkedBox, element: Element, parent: StructureNode, page: int
    ) -> StructureNode:
        """Return the node of *element*, of which *box* stands on *page* in *parent*."""
        known = self.pages.get(id(element))
        node = known[1] if known else self._find_new(box, element, parent)
        self.pages[id(element)] = page, node
        return node

    def is_known(self, element: Element, before: int) -> bool:
        """Tell whether *element* has been met last on a page *before* this one."""
        known = self.pages.get(id(element))
        return known is not None and known[0] < before

    def call(self, block: StructureNode, note: str) -> None:
        """Say that the note with the id *note* stands behind *block*."""
        self.calls.append((find_block(block), note))

    def finish(self) -> None:
        """Put each note behind the block that calls it, and take out what is empty."""
        behind: dict[int, tuple[StructureNode, list[StructureNode]]] = {}
        for block, id_ in self.calls:
            if note := self.notes.pop(id_, None):
                behind.setdefault(id(block), (block, []))[1].append(note)
        for block, notes in behind.values():
            _put_behind(block, notes)
        for note in self.notes.values():  # called nowhere: the gate has told so
            _put_behind(self.root, [note])
        _prune(self.root)

    # -- new nodes ----------------------------------------------------------------

    def _find_new(
        self, box: MarkedBox, element: Element, parent: StructureNode
    ) -> StructureNode:
        """Return the node of an element met for the first time: a new one or not."""
        if element.tag == "html":
            return self.root
        if element.tag == "body":
            return self._find_part(element)
        tag = find_tag(element)
        language = element.get("lang") or parent.language
        if not tag and language == parent.language:
            return parent
        is_continued = Made.CONTINUED in classes_of(element)
        if is_continued and (begun := self._find_begun(element, tag, parent)):
            return begun
        plain = "Span" if box.kind is BoxKind.INLINE else "Div"
        node = self._add(tag or plain, box, element, parent)
        inner: StructureNode | None = node
        while inner and node is not parent:
            inner.language, inner = language, inner.body
        return node

    def _find_part(self, body: Element) -> StructureNode:
        """Return the part of the book that *body*, a part as laid out, belongs to."""
        section = body.find(".//section")
        of_section = classes_of(section) if section is not None else []
        kinds = [kind for kind in _PARTS if kind in classes_of(body)]
        if not kinds:
            return self.root
        kind = Given.FRONT if Given.FRONT in of_section else kinds[0]
        if kind not in self.parts:
            self.parts[kind] = self.root.add("Part")
        return self.parts[kind]

    def _find_begun(
        self, element: Element, tag: str, parent: StructureNode
    ) -> StructureNode | None:
        """Return the node that *element*, a copy on a later page, goes on with."""
        if tag == "Note":
            begun = self.notes.get(element.get(Data.CONTINUES, ""))
            return begun or next(reversed(self.notes.values()), None)
        last = next(reversed(parent.inner.nodes), None)
        if last and last.element is not None and last.element.tag == element.tag:
            return last
        return None

    def _add(
        self, tag: str, box: MarkedBox, element: Element, parent: StructureNode
    ) -> StructureNode:
        match tag:
            case "Link":
                return self._add_link(element, parent)
            case "Lbl":
                return self._add_label(element, parent)
            case "Note":
                return self._add_note(element, parent)
        if add := ADDERS.get(tag):
            return add(tag, element, parent)
        node = parent.add(tag, element)
        node.column = box.column
        return node

    def _add_link(self, element: Element, parent: StructureNode) -> StructureNode:
        """Add a link; one inside the book is a reference too (14.8.4.4.2)."""
        target = element.get("href", "")
        if Given.CALL in classes_of(element):
            self.call(parent.inner, target.removeprefix("#"))
        node = parent
        if target.startswith("#"):
            node = parent.add("Reference", element)
            node.id = element.get("id", "")
        link = node.add("Link", element)
        self.links.append(link)
        if node is parent:
            return link
        node.body = link
        return node

    def _add_label(self, element: Element, parent: StructureNode) -> StructureNode:
        """Add a label before the body of its list item or note."""
        holder = parent.above("LI", "Note")
        if not holder:
            return parent
        label = holder.add("Lbl", element, at=0)
        if element.tag == "a":
            label.body = self._add_link(element, label)
        return label

    def _add_note(self, element: Element, parent: StructureNode) -> StructureNode:
        """Set a note aside until all calls are known; one id, one note (7.9)."""
        id_ = element.get("id", "")
        note = StructureNode("Note", parent, element, parent.language, id=id_)
        self.notes[id_] = note
        if not any(Given.NOTE_PARAGRAPH in classes_of(kid) for kid in element):
            note.body = note.add("P")
        return note


def _put_behind(block: StructureNode, notes: list[StructureNode]) -> None:
    """Put *notes* behind *block*, or in it if it must hold all that belongs to it."""
    holder, at = block, len(block.kids)
    if block.parent and (block.tag == "P" or block.tag in HEADING_TYPES):
        holder = block.parent
        at = holder.kids.index(block) + 1
    holder.kids[at:at] = notes
    for note in notes:
        note.parent = holder


def _prune(node: StructureNode) -> bool:
    """Take out what holds nothing, but not the cells of a table; tell if all is so."""
    node.kids = [
        kid
        for kid in node.kids
        if not isinstance(kid, StructureNode) or not _prune(kid)
    ]
    return not node.kids and node.tag not in ("TH", "TD")
