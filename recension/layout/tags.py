"""Tag the PDF: read a structure tree from the boxes of its pages (PDF/UA-1).

WeasyPrint's own tree has an element for every box. Ours has one for every element of
the text: a paragraph on two pages is one paragraph, a note follows the paragraph that
calls it, running heads and line numbers are artifacts. The boxes are private API.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recension.layout.boxes import find_text_boxes
from recension.layout.elements import (
    ADDERS,
    GROUPS,
    HEADINGS,
    find_block,
    find_tag,
)
from recension.layout.lines import HYPHEN
from recension.layout.streams import (
    FOOTER,
    HEADER,
    PAGINATION,
    Marks,
    find_spaces,
    mend_objects,
    mend_page,
)
from recension.layout.structure import (
    Annotation,
    Content,
    Node,
    write_structure,
    write_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

_JOINED = re.compile(r"(?<=\S)[-—–/]$")
"""The end of a line that is no end of a word."""
_PX = 0.75
"""A CSS px in pt."""


def add_tags(
    pdf: Any, document: Any, _version: Any, page_streams: Sequence[Any]
) -> None:
    """Add the structure tree of *document* to *pdf*, as WeasyPrint's function does.

    The streams of the pages and the maps of the fonts are mended for it.
    """
    reader = _Reader(Node("Document", None, language=document.metadata.lang or ""))
    spaces = find_spaces(document.fonts.values())
    for page, stream in zip(document.pages, page_streams, strict=True):
        marks = reader.read_page(page, stream._tags)  # noqa: SLF001 - WeasyPrint's
        stream.stream = mend_page(stream.stream, marks, spaces)
    mend_objects(pdf.objects)
    reader.finish()
    write_structure(reader.root, pdf)
    for reference in pdf.page_references:
        page = pdf.objects[int(reference.split()[0])]
        if annotations := page.get("Annots"):
            annotations[:] = [a for a in annotations if a not in reader.doubles]
    pdf.catalog["MarkInfo"] = "<</Marked true>>"


@dataclass(slots=True)
class _Shown:
    """A text box of a line, its number on the page and the node that has it."""

    wording: str
    mcid: int
    node: Node


@dataclass(slots=True)
class _Reader:
    """Reads the tree page by page; *root* is the document.

    *nodes* are found by the identity of their element, *notes* by their id; *calls*
    and *variants* tell behind which block a note stands; *rows* are the blocks of the
    lines of the page, *line* is the line that is being read; *doubles* are annotations
    of what stands in a link that has its own.
    """

    root: Node
    nodes: dict[int, tuple[int, Node]] = field(default_factory=dict)
    notes: dict[str, Node] = field(default_factory=dict)
    calls: list[tuple[Node, str]] = field(default_factory=list)
    links: list[Node] = field(default_factory=list)
    parts: dict[str, Node] = field(default_factory=dict)
    rows: list[Node] = field(default_factory=list)
    line: list[_Shown] = field(default_factory=list)
    doubles: set[bytes] = field(default_factory=set)
    page: int = -1
    height: float = 0.0
    in_foot: bool = False
    contents: dict[Any, Any] = field(default_factory=dict)
    marks: Marks = field(default_factory=Marks)

    def read_page(self, page: Any, contents: dict[Any, Any]) -> Marks:
        """Read *page*, whose marked *contents* are given by box; say how to mark it."""
        self.page += 1
        self.height, self.contents, self.marks = page.height, contents, Marks()
        self.rows.clear()
        for box in page._page_box.children:  # noqa: SLF001 - WeasyPrint's boxes
            if hasattr(box, "at_keyword"):
                self._set_apart(box, _describe_margin(box.at_keyword))
            else:
                self._read(box, self.root)
        return self.marks

    def finish(self) -> None:
        """Put each note behind the block that calls it, describe the links."""
        behind: dict[int, tuple[Node, list[Node]]] = {}
        for block, id_ in self.calls:
            if note := self.notes.pop(id_, None):
                behind.setdefault(id(block), (block, []))[1].append(note)
        for block, notes in behind.values():
            _put_behind(block, notes)
        for note in self.notes.values():  # called nowhere: the gate has told so
            _put_behind(self.root, [note])
        _prune(self.root)
        for link in self.links:
            _describe_link(link)

    # -- boxes ------------------------------------------------------------------

    def _read(self, box: Any, parent: Node) -> None:
        element, node = box.element, parent
        if element is not None and element is not parent.element:
            classes = element.get("class", "").split()
            if "note-continued" in classes:
                self._set_apart(box, PAGINATION)
                return
            known = self.nodes.get(id(element))
            if known and known[0] < self.page and getattr(box, "is_header", False):
                self._set_apart(box, PAGINATION)  # the head of a table, again
                return
            node = known[1] if known else self._find_node(box, classes, parent)
            self.nodes[id(element)] = self.page, node
        if box.link_annotation:
            # a word in another language has an element of its own within its link
            link = node.inner.above("Link") or node.inner
            self._add_annotation(box, link)
        if box in self.contents:
            self._add_figure(box, node)
        elif type(box).__name__ == "LineBox":
            self._read_line(box, node)
        else:
            self._read_children(box, node)

    def _add_annotation(self, box: Any, link: Node) -> None:
        """Add the annotation of *box* to *link*, one for a box and what it holds."""
        annotation = box.link_annotation
        begun = (kid for kid in link.kids if isinstance(kid, Annotation))
        if not box.link and any(kid.page == self.page for kid in begun):
            self.doubles.add(annotation.reference)
            return
        annotation["F"] = 4  # printed (ISO 19005-2, 6.3.2)
        link.kids.append(Annotation(self.page, annotation))

    def _read_children(self, box: Any, node: Node) -> None:
        for child in getattr(box, "children", ()):
            if hasattr(child, "text"):
                self._add_text(child, node)
            else:
                self._read(child, node)

    def _read_line(self, box: Any, node: Node) -> None:
        before, self.line = self.line, []
        if not node.above("Note"):
            self.rows.append(node)
        self._read_children(box, node)
        self._space_line()
        self.line = before

    def _add_text(self, box: Any, node: Node) -> None:
        if box not in self.contents:
            return
        mcid = self.contents.pop(box)["mcid"]
        holder = node.inner
        if box.text.strip():
            if holder.tag in GROUPS:
                holder = _wrap(holder)
            holder.kids.append(Content(self.page, mcid))
        else:
            self.marks.empty.add(mcid)
        self.line.append(_Shown(box.text, mcid, holder))

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
                self.marks.spaced[text.mcid] = hard
                hard += " "
            if HYPHEN in hard:
                self.marks.wordings[text.mcid] = hard
            if link := text.node.above("Link"):
                link.words.append(hard)

    def _add_figure(self, box: Any, node: Node) -> None:
        mcid = self.contents.pop(box)["mcid"]
        if node.tag != "Figure":
            self.marks.artifacts[mcid] = PAGINATION
            return
        node.kids.append(Content(self.page, mcid))
        left, top = box.content_box_x(), self.height - box.content_box_y()
        edges = (left, top - box.height, left + box.width, top)
        written = " ".join(f"{edge * _PX:.2f}" for edge in edges)
        node.attributes = f"/O/Layout/Placement/Block/BBox[{written}]"

    def _set_apart(self, box: Any, description: str) -> None:
        """Make what stands in *box* an artifact."""
        for text in find_text_boxes(box):
            if text in self.contents:
                mcid = self.contents.pop(text)["mcid"]
                self.marks.artifacts[mcid] = description

    # -- elements ---------------------------------------------------------------

    def _find_node(self, box: Any, classes: list[str], parent: Node) -> Node:
        """Return the node of an element met for the first time: a new one or not."""
        element: Element = box.element
        if element.tag == "html":
            return self.root
        if element.tag == "body":
            return self._find_part(element, classes)
        tag = find_tag(element, classes)
        language = element.get("lang") or parent.language
        if not tag and language == parent.language:
            return parent
        if "continued" in classes and (found := self._find_begun(element, tag, parent)):
            return found
        inline = type(box).__name__ == "InlineBox"
        node = self._add(tag or ("Span" if inline else "Div"), box, classes, parent)
        inner: Node | None = node
        while inner and node is not parent:
            inner.language, inner = language, inner.body
        return node

    def _find_part(self, body: Element, classes: list[str]) -> Node:
        """Return the part of the book that *body*, a part as laid out, belongs to."""
        section = body.find(".//section")
        of_section = section.get("class", "").split() if section is not None else []
        kinds = [kind for kind in ("front", "back", "text") if kind in classes]
        if not kinds:
            return self.root
        kind = "front" if "front" in of_section else kinds[0]
        if kind not in self.parts:
            self.parts[kind] = self.root.add("Part")
        return self.parts[kind]

    def _find_begun(self, element: Element, tag: str, parent: Node) -> Node | None:
        """Return the node that *element*, a copy on a later page, goes on with."""
        if tag == "Note":
            begun = self.notes.get(element.get("data-continues", ""))
            return begun or next(reversed(self.notes.values()), None)
        kids = (kid for kid in reversed(parent.inner.kids) if isinstance(kid, Node))
        last = next(kids, None)
        if last and last.element is not None and last.element.tag == element.tag:
            return last
        return None

    def _add(self, tag: str, box: Any, classes: list[str], parent: Node) -> Node:
        element: Element = box.element
        match tag:
            case "Link":
                return self._add_link(element, classes, parent)
            case "Lbl":
                return self._add_label(element, parent)
            case "Note":
                return self._add_note(element, parent)
        if add := ADDERS.get(tag):
            return add(tag, element, parent)
        node = parent.add(tag, element)
        node.column = getattr(box, "grid_x", 0)
        return node

    def _add_link(self, element: Element, classes: list[str], parent: Node) -> Node:
        """Add a link; one inside the book is a reference too (14.8.4.4.2)."""
        target = element.get("href", "")
        if "call" in classes:
            self.calls.append((find_block(parent.inner), target.removeprefix("#")))
        node = parent
        if target.startswith("#"):
            node = parent.add("Reference", element)
        link = node.add("Link", element)
        self.links.append(link)
        if node is parent:
            return link
        node.body = link
        return node

    def _add_label(self, element: Element, parent: Node) -> Node:
        """Add a label before the body of its list item or note."""
        holder = parent.above("LI", "Note")
        if not holder:
            return parent
        label = holder.add("Lbl", element, at=0)
        if element.tag == "a":
            label.body = self._add_link(element, [], label)
        return label

    def _add_note(self, element: Element, parent: Node) -> Node:
        """Set a note aside until all calls are known; one id, one note (7.9)."""
        id_ = element.get("id", "")
        note = Node("Note", parent, element, parent.language, id=id_)
        self.notes[id_] = note
        if not any(kid.get("class") == "note-paragraph" for kid in element):
            note.body = note.add("P")
        label = next((kid for kid in element if kid.get("class") == "line"), None)
        number = int((label.text or "0") if label is not None else 0)
        if 0 < number <= len(self.rows):
            self.calls.append((find_block(self.rows[number - 1].inner), id_))
        return note


# --- the whole tree ----------------------------------------------------------------


def _wrap(node: Node) -> Node:
    """Return the paragraph for text that stands in *node*, a group, itself."""
    last = node.kids[-1] if node.kids else None
    if isinstance(last, Node) and last.tag == "P" and last.element is None:
        return last
    return node.add("P")


def _put_behind(block: Node, notes: list[Node]) -> None:
    """Put *notes* behind *block*, or in it if it must hold all that belongs to it."""
    holder, at = block, len(block.kids)
    if block.parent and (block.tag == "P" or block.tag in HEADINGS):
        holder = block.parent
        at = holder.kids.index(block) + 1
    holder.kids[at:at] = notes
    for note in notes:
        note.parent = holder


def _prune(node: Node) -> bool:
    """Take out what holds nothing, but not the cells of a table; tell if all is so."""
    node.kids = [
        kid for kid in node.kids if not isinstance(kid, Node) or not _prune(kid)
    ]
    return not node.kids and node.tag not in ("TH", "TD")


def _describe_link(link: Node) -> None:
    """Tell of each annotation of *link* where it leads (PDF/UA-1, 7.18.5).

    It is the link's text, or what the element says for those who do not see it.
    """
    element = link.element
    told = element.get("aria-label", "") if element is not None else ""
    wording = write_text(told or " ".join("".join(link.words).split()))
    for kid in link.kids:
        if isinstance(kid, Annotation):
            kid.written["Contents"] = wording


def _describe_margin(keyword: str) -> str:
    """Return what kind of artifact stands in a margin box (PDF/UA-1, 7.8)."""
    if keyword.startswith("@top"):
        return HEADER
    return FOOTER if keyword.startswith("@bottom") else PAGINATION
