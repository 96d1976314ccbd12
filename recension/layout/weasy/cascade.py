"""WeasyPrint's cascade, spared what makes a style of its own for each element.

WeasyPrint shares a computed style between elements of one parent style whose
declarations are the same objects (`css.StyleFor`). Those of an attribute `style` or
`lang` it reads anew for each element, and each `id` is to it a declaration: 1,179
styles where 49 differ. Here equal attributes are read once, and ids stay out of the
cascade: where they stand is found on the finished pages.
"""

from __future__ import annotations

import copy
import re
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from recension.layout.weasy.process import replaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from recension.layout.weasy.protocols import Box, Matrix

    Declared = tuple[tuple[int, int, int], Element, Iterable[object], str | None]

_READ = ("lang", "name", "style")
"""The attributes that WeasyPrint reads as declarations, but for `id` and pictures'."""
_PSEUDO = 3
"""Where an entry of a matcher of cssselect2 has the pseudo-element."""
_SVG = "{http://www.w3.org/2000/svg}svg"
_OF_NOTES = (
    "footnote-call",
    "footnote-marker",
    "note-call",
    "note-marker",
    "note-callback",
)
"""What WeasyPrint's own sheet gives to every element, and only its notes need."""
_ITEMS = ("li", "summary")
"""The elements that it makes items of a list, whose markers have a style."""


class SharedStyles:
    """Lets WeasyPrint, the module *weasy*, share the styles of elements alike.

    Targets, notes and items of lists that are none in HTML need what is spared: where
    *styles*, the sheet and those of a page, have them, all is as WeasyPrint has it. So
    it is where a sheet brings others in.
    """

    def __init__(self, weasy: ModuleType, *styles: str) -> None:
        """Look in *styles* for what cannot be spared."""
        told = " ".join(styles).lower()
        self._weasy = weasy
        self._find: Any = weasy.css.find_style_attributes
        self._gather: Any = weasy.document.gather_anchors
        self._known: dict[object, list[Declared]] = {}
        self._targets, self._notes, self._items = (
            re.search(f"@import|{asked}", told) is not None
            for asked in (r"target-", r"footnote|note\(", r"list-item")
        )

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Share styles while it lasts, and find anchors by their ids."""
        if self._targets:
            yield
            return
        with ExitStack() as stack:
            css, document = self._weasy.css, self._weasy.document
            stack.enter_context(
                replaced(css, "find_style_attributes", self._find_declarations)
            )
            stack.enter_context(
                replaced(document, "gather_anchors", self._gather_anchors)
            )
            yield

    def make_sheets(self) -> list[object]:
        """Return WeasyPrint's own style sheet, without what no element needs."""
        sheet = self._weasy.html.UA_STYLESHEET
        spared = copy.copy(sheet)
        spared.matcher = copy.copy(sheet.matcher)
        spared.matcher.other_selectors = [
            self._restrict(entry)
            for entry in sheet.matcher.other_selectors
            if self._notes or entry[_PSEUDO] not in _OF_NOTES
        ]
        return [spared]

    def _restrict(self, entry: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the *entry* of a selector; that of markers is for items alone."""
        test, *others = entry
        if self._items or entry[_PSEUDO] != "marker":
            return entry
        return lambda element: element.local_name in _ITEMS and test(element), *others

    def _find_declarations(
        self,
        tree: Element,
        presentational_hints: bool = False,  # noqa: FBT001, FBT002 - WeasyPrint calls it
        base_url: str | None = None,
    ) -> Iterator[Declared]:
        """Yield the declarations of attributes, equal ones as the same objects."""
        for element in tree.iter():
            if element.tag == _SVG:
                named = {k: v for k, v in element.items() if k != "id"}
                own = Element(element.tag, named)
                found = list(self._find(own, presentational_hints, base_url))
            elif named := {
                name: element.attrib[name] for name in _READ if name in element.attrib
            }:
                found = self._read_known(element.tag, named, base_url)
            else:
                continue
            for specificity, _, declarations, url in found:
                yield specificity, element, declarations, url

    def _read_known(
        self, tag: str, named: dict[str, str], base_url: str | None
    ) -> list[Declared]:
        """Return the declarations of what is *named*: all in one, by which it is told.

        Their specificity is that of `style`, which no other of them competes with.
        """
        key = tag, *named.items()
        if key not in self._known:
            found = list(self._find(Element(tag, named), base_url=base_url))
            together = [one for _, _, declarations, _ in found for one in declarations]
            self._known[key] = [
                (specificity, element, together, url)
                for specificity, element, _, url in found[:1]
            ]
        return self._known[key]

    def _gather_anchors(
        self, box: Box, anchors: dict[str, tuple[float, ...]], *others: object
    ) -> None:
        """Gather what *box* has as WeasyPrint does; add the *anchors* of its ids."""
        self._gather(box, anchors, *others)
        _add_ids(box, anchors, None)


def find_own_styles(root: Element) -> Iterator[str]:
    """Yield the styles that the page *root* brings; of a link, that it imports one."""
    for element in root.iter():
        if element.tag == "link":
            yield "@import"
        elif style := element.text if element.tag == "style" else element.get("style"):
            yield style


def _add_ids(
    box: Box, anchors: dict[str, tuple[float, ...]], matrix: Matrix | None
) -> None:
    """Add to *anchors* the ids of *box* and below, where *matrix* moves them."""
    matrix = box.transformation_matrix or matrix
    if (
        box.element is not None
        and (id_ := box.element.get("id"))
        and id_ not in anchors
        and type(box.style).__name__ == "ComputedStyle"
        and "::" not in box.element_tag
    ):
        left, top, width, height = box.hit_area()
        right, bottom = left + width, top + height
        if matrix:
            left, top = matrix.transform_point(left, top)
            right, bottom = matrix.transform_point(right, bottom)
        anchors[id_] = left, top, right, bottom
    for child in box.all_children():
        _add_ids(child, anchors, matrix)
