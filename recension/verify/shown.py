"""What the finished EPUB prints, read from its pages: the text of each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from recension.access import XHTML, has_type
from recension.verify.units import LOOSE, Units
from recension.verify.unseen import Unseen

if TYPE_CHECKING:
    from recension.verify.opened import Epub

_INLINE = frozenset(
    ("a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins",
     "kbd", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strong",
     "sub", "sup", "time", "u", "var", "wbr")
)  # fmt: skip
_HOLDERS = ("section", "aside")
"""What begins a unit if it has an id."""
_LINKED = f"{XHTML}head/{XHTML}link"


def read_units(epub: Epub) -> dict[str, str]:
    """Return the text of each unit of *epub*, in the order of reading."""
    units, sheets = Units(), dict[tuple[str, ...], Unseen]()
    for name in epub.spine:
        page = epub.pages[name]
        styles = _find_styles(epub, name, page)
        if styles not in sheets:
            sheets[styles] = Unseen(styles)
        hidden = sheets[styles].find(page)
        body = page.find(f"{XHTML}body")
        if body is not None:
            _MarkupReader(units, hidden).read(body)
    return units.texts()


def _find_styles(epub: Epub, name: str, page: etree._Element) -> tuple[str, ...]:
    """Return the style sheets of a page: linked or its own."""
    linked = (epub.follow(name, link.get("href", "")).name
              for link in page.iterfind(_LINKED))  # fmt: skip
    styles = (epub.styles[target] for target in linked if target in epub.styles)
    return (*styles, *(style.text or "" for style in page.iter(f"{XHTML}style")))


class _MarkupReader:
    """Reads the elements of a page into *units*, but for what is *hidden*."""

    def __init__(self, units: Units, hidden: set[etree._Element]) -> None:
        self.units, self.hidden = units, hidden

    def read(self, element: etree._Element) -> None:
        """Read *element* and what stands behind it."""
        if isinstance(element.tag, str) and not self._passes(element):
            self._read_inside(element, etree.QName(element).localname)
        self.units.add(element.tail or "")

    def _passes(self, element: etree._Element) -> bool:
        """Tell whether *element* is the builder's mark, or is hidden."""
        marks = ("noteref", "pagebreak", "backlink")
        of_builder = any(has_type(element, kind) for kind in marks)
        return (
            of_builder
            or element.get("role") == "doc-backlink"
            or (element in self.hidden)
        )

    def _read_inside(self, element: etree._Element, name: str) -> None:
        id_ = element.get("id", "")
        if begins := bool(id_) and name in _HOLDERS:
            self.units.begin(id_)
        elif name not in _INLINE:
            self.units.divide()
        if name == "li":
            self.units.add(_number(element))
        self.units.add(element.text or "")
        for child in element:
            self.read(child)
        if begins:
            self.units.end()
        elif name not in _INLINE:
            self.units.divide()


def _number(item: etree._Element) -> str:
    """Return the number that the reader of the EPUB gives to an *item* of a list."""
    holder = item.getparent()
    if holder is None or holder.tag != f"{XHTML}ol":
        return ""
    before = sum(1 for _ in item.itersiblings(f"{XHTML}li", preceding=True))
    return f"{LOOSE}{int(holder.get('start', '1')) + before}. "
