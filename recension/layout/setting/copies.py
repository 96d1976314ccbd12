"""Copies of the elements that hold a text, page by page."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

from recension.contract import Data, Made

Path = tuple[Element, ...]
"""The elements round a stretch of text, from the outermost in."""


@dataclass(slots=True)
class Copies:
    """The open copies, on one page, of the elements that hold the text.

    An element copied before, on another page, loses its id and its data there, becomes
    `continued` and tells what it continues; *begun* are the others, with their copies.
    """

    top: Element
    seen: set[int]
    begun: list[tuple[Element, Element]]
    stack: list[tuple[Element, Element]] = field(default_factory=list)

    @property
    def inner(self) -> Element:
        """The innermost open copy."""
        return self.stack[-1][1] if self.stack else self.top

    def close_to(self, path: Path) -> None:
        """Close the copies of what *path* does not have."""
        depth = 0
        while (
            depth < min(len(self.stack), len(path))
            and self.stack[depth][0] is path[depth]
        ):
            depth += 1
        del self.stack[depth:]

    def open(self, path: Path) -> None:
        """Make the innermost copy the one of the last element of *path*."""
        self.close_to(path)
        for element in path[len(self.stack) :]:
            attributes = dict(element.attrib)
            is_new = id(element) not in self.seen
            if not is_new:
                attributes = {
                    name: value
                    for name, value in attributes.items()
                    if name != "id" and not name.startswith("data-")
                }
                before = attributes.get("class", "")
                attributes["class"] = f"{before} {Made.CONTINUED}".strip()
                attributes[Data.CONTINUES] = element.get("id", "")
            self.seen.add(id(element))
            copy = SubElement(self.inner, element.tag, attributes)
            if is_new:
                self.begun.append((element, copy))
            self.stack.append((element, copy))

    def drop_margins(self) -> None:
        """Take the white off the top of what begins a page."""
        for _, copy in self.stack:
            _add_style(copy, "margin-top: 0")

    def write(self, wording: str) -> None:
        """Add *wording* at the end of the innermost copy."""
        parent = self.inner
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + wording
        else:
            parent.text = (parent.text or "") + wording


def _add_style(element: Element, declaration: str) -> None:
    before = element.get("style")
    element.set("style", f"{before}; {declaration}" if before else declaration)
