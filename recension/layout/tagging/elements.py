"""What each element of the text is in the structure tree of the PDF.

Types of structure are those of PDF 1.7 (ISO 32000-1, 14.8.4): no other is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from recension.contract import LEVEL, Given, Made, classes_of, find_tier
from recension.layout.tagging.structure import StructureNode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from xml.etree.ElementTree import Element

_SVG = "{http://www.w3.org/2000/svg}"
TAGS = {
    "p": "P", "blockquote": "BlockQuote", "ul": "L", "ol": "L", "li": "LI",
    "table": "Table", "thead": "THead", "tbody": "TBody", "tfoot": "TFoot",
    "tr": "TR", "th": "TH", "td": "TD", "caption": "Caption", "section": "Sect",
    "h1": "H1", "h2": "H2", "h3": "H3", "h4": "H4", "h5": "H5", "h6": "H6",
    "img": "Figure", f"{_SVG}svg": "Figure", "a": "Link",
}  # fmt: skip
"""The type of structure (ISO 32000-1, 14.8.4) of what an element holds."""
CLASSES: Mapping[str, str] = {
    Given.NOTE_PARAGRAPH: "P", Given.DEFINITION: "LI", Given.COLUMNS: "Index",
    Given.BULLET: "Lbl", Given.ITEM_NUMBER: "Lbl",
    Given.TERM: "Lbl", Given.NOTE_NUMBER: "Lbl",
    Made.LABEL: "Lbl",
}  # fmt: skip
"""The same by class, which counts before the name; an aside is a note before all."""
GROUPS = frozenset(
    ("Document", "Part", "Art", "Sect", "BlockQuote", "TOC", "TOCI", "Index", "L",
     "LI", "Table", "THead", "TBody", "TFoot", "TR", "Note")
)  # fmt: skip
"""What holds no text of its own: its text is a paragraph."""
INLINE = frozenset(("Span", "Link", "Reference", "Lbl"))
HEADING_TYPES = frozenset(("H1", "H2", "H3", "H4", "H5", "H6"))
_DEEPEST = 6


def find_tag(element: Element) -> str:
    """Return the type of *element*, empty if it has none."""
    if find_tier(element):
        return "Note"
    of_class = (CLASSES[name] for name in classes_of(element) if name in CLASSES)
    return next(of_class, None) or TAGS.get(element.tag, "")


def find_block(node: StructureNode) -> StructureNode:
    """Return the block that *node* stands in."""
    while node.tag in INLINE and node.parent:
        node = node.parent
    return node.inner


def _add_heading(tag: str, element: Element, parent: StructureNode) -> StructureNode:
    """Add a heading; in a section, with the subsection that it opens.

    Its level is one more than that of the heading above it (PDF/UA-1, 7.4.2).
    """
    if parent.tag not in ("Sect", "Art"):
        return parent.add(tag, element)
    level, holder = int(tag[1]), parent
    while holder.body and holder.body.level < level:
        holder = holder.body
    if level > 1:
        holder.body = None
        section = holder.add("Sect")
        section.level, section.depth = level, holder.depth + 1
        holder.body = section
        holder = section
    return holder.add(f"H{min(holder.depth, _DEEPEST)}", element)


def _add_section(_: str, element: Element, parent: StructureNode) -> StructureNode:
    """Add a section; one of the texts of the edition is an article."""
    classes = classes_of(element)
    is_text = Given.TEXT in classes and Given.FRONT not in classes
    section = parent.add("Art" if is_text else "Sect", element)
    section.id = element.get("id", "")
    section.depth = parent.depth + 1
    return section


def _add_to_list(tag: str, element: Element, parent: StructureNode) -> StructureNode:
    """Add a list or an item of one; the list of contents has types of its own."""
    section = parent.above("Sect")
    source = section.element if section else None
    if source is not None and Given.CONTENTS in classes_of(source):
        return _add_contents(tag, element, parent)
    if tag == "L":
        node = parent.add("L", element)
        if element.tag == "ol":
            node.attributes = "/O/List/ListNumbering/Decimal"
        return node
    if parent.tag != "L":  # a definition: the list is ours
        last = next(reversed(parent.inner.nodes), None)
        is_list = last is not None and last.tag == "L" and last.element is None
        parent = last if last and is_list else parent.add("L")
    node = parent.add("LI", element)
    node.body = node.add("LBody")
    return node


def _add_contents(tag: str, element: Element, parent: StructureNode) -> StructureNode:
    """Add a list of contents or an entry of one, in the list of its level."""
    if tag == "L":
        return parent.add("TOC", element)
    named = (name for name in classes_of(element) if name.startswith(LEVEL))
    level = next((int(name.removeprefix(LEVEL)) for name in named), 1)
    for _ in range(1, level):
        last = parent.kids[-1] if parent.kids else None
        if not isinstance(last, StructureNode):
            break
        lists = (node for node in last.nodes if node.tag == "TOC")
        parent = next(lists, None) or last.add("TOC")
    return parent.add("TOCI", element)


def _add_figure(_: str, element: Element, parent: StructureNode) -> StructureNode:
    """Add a picture with its description; one without is no part of the text."""
    alt = element.get("alt", "")
    if element.tag.startswith(_SVG):
        told = (element.findtext(f"{_SVG}{name}") for name in ("title", "desc"))
        alt = ". ".join(wording.strip() for wording in told if wording)
    if not alt:
        return parent
    figure = parent.add("Figure", element)
    figure.alt = alt
    return figure


ADDERS: Mapping[str, Callable[[str, Element, StructureNode], StructureNode]] = {
    **dict.fromkeys(HEADING_TYPES, _add_heading),
    **dict.fromkeys(("L", "LI"), _add_to_list),
    "Sect": _add_section,
    "Figure": _add_figure,
}
"""What adds an element of a type to a node, where more is to be done than add it."""
