"""The structure tree of a tagged PDF: its nodes, and how they are written.

Clauses are those of ISO 32000-1 (PDF 1.7) and ISO 14289-1 (PDF/UA-1). What is written
are the bytes themselves: a book has some thousand nodes, and WeasyPrint's dictionaries
would take longer for them than their pages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from recension.layout.weasy.writing import TaggedFile


class Content(NamedTuple):
    """Marked content of a page: its page, from 0, and its number there (MCID)."""

    page: int
    mcid: int


class Annotation(NamedTuple):
    """A link's annotation on a page, from 0: one for each line that the link has.

    *number* is that of the object in the PDF.
    """

    page: int
    number: int


@dataclass(slots=True, eq=False)
class StructureNode:
    """An element of the structure tree.

    *element* is where it comes from; *body* is the child that takes what the element
    holds (a list item's LBody, the open subsection of a section). *language* is that
    of its text, *depth* how many sections hold it, *level* that of a subsection's
    heading, *column* a cell's column, from 0, *attributes* its attribute dictionary
    as written, *words* the text of a link.
    """

    tag: str
    parent: StructureNode | None
    element: Element | None = None
    language: str = ""
    body: StructureNode | None = None
    depth: int = 0
    level: int = 0
    column: int = 0
    id: str = ""
    alt: str = ""
    attributes: str = ""
    kids: list[StructureNode | Content | Annotation] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def nodes(self) -> list[StructureNode]:
        """The children that are nodes."""
        return [kid for kid in self.kids if isinstance(kid, StructureNode)]

    @property
    def inner(self) -> StructureNode:
        """The node that takes what the element holds."""
        node = self
        while node.body:
            node = node.body
        return node

    def add(
        self, tag: str, element: Element | None = None, at: int = -1
    ) -> StructureNode:
        """Add a child, last or before the child *at*, to the node or its body."""
        parent = self.inner if at < 0 else self
        node = StructureNode(tag, parent, element, parent.language, depth=parent.depth)
        parent.kids.insert(len(parent.kids) if at < 0 else at, node)
        return node

    def above(self, *tags: str) -> StructureNode | None:
        """Return the nearest node of one of *tags*: this one or one that holds it."""
        node: StructureNode | None = self
        while node and node.tag not in tags:
            node = node.parent
        return node


def write_structure(root: StructureNode, file: TaggedFile) -> None:
    """Write the tree of *root* into *file*, with its way back from the pages."""
    nodes = list(_walk(root))
    top, *numbers = file.reserve(len(nodes) + 1)
    references = {
        id(node): refer(number) for node, number in zip(nodes, numbers, strict=True)
    }
    number_headers(nodes)
    pages = file.page_references
    for node, number in zip(nodes, numbers, strict=True):
        parent = references[id(node.parent)] if node.parent else refer(top)
        file.write(number, _write(node, parent, references, pages))
    links = [kid for node in nodes for kid in node.kids if isinstance(kid, Annotation)]
    parts = [
        f"/Type/StructTreeRoot/K {references[id(root)]}",
        f"/ParentTree<</Nums[{_map_contents(nodes, references, len(pages))}]>>",
        f"/IDTree<</Names[{_map_ids(nodes, references)}]>>",
    ]
    file.write(top, f"<<{''.join(parts)}>>")
    file.set_catalog("StructTreeRoot", refer(top))
    for place, link in enumerate(links, start=len(pages)):
        file.set_entry(link.number, "StructParent", place)


def _walk(node: StructureNode) -> Iterator[StructureNode]:
    yield node
    for kid in node.nodes:
        yield from _walk(kid)


def refer(number: int) -> str:
    """Return the reference to the object *number*."""
    return f"{number} 0 R"


def _write(
    node: StructureNode,
    parent: str,
    references: Mapping[int, str],
    pages: Sequence[str],
) -> str:
    """Return the dictionary of *node* (14.7.2, table 323)."""
    page = next(
        (kid.page for kid in node.kids if not isinstance(kid, StructureNode)), None
    )
    kids = " ".join(
        references[id(kid)]
        if isinstance(kid, StructureNode)
        else _write_kid(kid, page, pages)
        for kid in node.kids
    )
    parts = [f"/Type/StructElem/S/{node.tag}/P {parent}/K[{kids}]"]
    if page is not None:
        parts.append(f"/Pg {pages[page]}")
    if node.parent is None or node.language != node.parent.language:
        parts.append(f"/Lang{write_text(node.language)}")
    if node.id:
        parts.append(f"/ID{write_text(node.id)}")
    if node.alt:
        parts.append(f"/Alt{write_text(node.alt)}")
    if node.attributes:
        parts.append(f"/A<<{node.attributes}>>")
    return f"<<{''.join(parts)}>>"


def _write_kid(
    kid: Content | Annotation, page: int | None, pages: Sequence[str]
) -> str:
    if isinstance(kid, Annotation):
        return f"<</Type/OBJR/Obj {refer(kid.number)}/Pg {pages[kid.page]}>>"
    if kid.page == page:
        return str(kid.mcid)
    return f"<</Type/MCR/MCID {kid.mcid}/Pg {pages[kid.page]}>>"


def write_text(wording: str) -> str:
    """Return *wording* as a text string: UTF-16 in hexadecimal (7.9.2.2)."""
    return f"<feff{wording.encode('utf-16-be').hex()}>"


def _map_contents(
    nodes: list[StructureNode], references: Mapping[int, str], count: int
) -> str:
    """Return which node has each content of *count* pages, each link (14.7.4.4)."""
    pages: list[dict[int, str]] = [{} for _ in range(count)]
    annotations: list[str] = []
    for node in nodes:
        for kid in node.kids:
            if isinstance(kid, Content):
                pages[kid.page][kid.mcid] = references[id(node)]
            elif isinstance(kid, Annotation):
                annotations.append(references[id(node)])
    written = [
        f"[{' '.join(page.get(n, 'null') for n in range(max(page, default=-1) + 1))}]"
        for page in pages
    ]
    return " ".join(f"{n} {what}" for n, what in enumerate(written + annotations))


def _map_ids(nodes: list[StructureNode], references: Mapping[int, str]) -> str:
    """Return the nodes by their ids, in order (14.7.2)."""
    found = sorted((write_text(n.id), references[id(n)]) for n in nodes if n.id)
    return " ".join(f"{id_} {reference}" for id_, reference in found)


# --- tables --------------------------------------------------------------------------


@dataclass(slots=True)
class _HeaderIds:
    """The ids of the header cells of a table: by column, of a group of rows, of a row.

    *number* is that of the table, *count* how many headers have been found.
    """

    number: int
    count: int = 0
    columns: dict[int, str] = field(default_factory=dict)
    group: str = ""
    row: list[str] = field(default_factory=list)

    def add(self, cell: StructureNode, scope: str, covered: range) -> None:
        """Note that *cell* is the header of the columns *covered*, or of rows."""
        self.count += 1
        cell.id = f"table-{self.number}-{self.count}"
        if scope.startswith("col"):
            self.columns |= dict.fromkeys(covered, cell.id)
        elif scope == "rowgroup":
            self.group = cell.id
        else:
            self.row.append(cell.id)

    def of(self, covered: range) -> list[str]:
        """Return the ids of the headers of a cell in the columns *covered*."""
        columns = (self.columns[n] for n in covered if n in self.columns)
        group = [self.group] if self.group else []
        return [*dict.fromkeys(columns), *group, *self.row]


def number_headers(nodes: Iterable[StructureNode]) -> None:
    """Give the cells of every table their spans, scopes and headers (14.8.5.7).

    A cell's headers are those of its columns, then of its group of rows, then of its
    row. PDF knows no scope for a group of rows: such a header has that of a row.
    """
    for number, table in enumerate(node for node in nodes if node.tag == "Table"):
        headers = _HeaderIds(number)
        for group in _kids(table, "THead", "TBody", "TFoot"):
            headers.group = ""
            for row in _kids(group, "TR"):
                headers.row = []
                for cell in _kids(row, "TH", "TD"):
                    cell.attributes = _describe(cell, headers)


def _kids(node: StructureNode, *tags: str) -> Iterator[StructureNode]:
    return (kid for kid in node.nodes if kid.tag in tags)


def _describe(cell: StructureNode, headers: _HeaderIds) -> str:
    """Return the attributes of *cell*; a header is added to *headers*."""
    source: Mapping[str, str] = cell.element.attrib if cell.element is not None else {}
    columns, rows = int(source.get("colspan", 1)), int(source.get("rowspan", 1))
    covered = range(cell.column, cell.column + columns)
    written = "/O/Table"
    written += f"/ColSpan {columns}" if columns > 1 else ""
    written += f"/RowSpan {rows}" if rows > 1 else ""
    if cell.tag == "TH":
        scope = source.get("scope", "col")
        headers.add(cell, scope, covered)
        return written + ("/Scope/Column" if scope.startswith("col") else "/Scope/Row")
    ids = "".join(write_text(id_) for id_ in headers.of(covered))
    return written + (f"/Headers[{ids}]" if ids else "")
