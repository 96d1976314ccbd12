"""Read the body of a note, or a wording of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recension.annotate.marks import Marks, str_node, without
from recension.pandoc import QUOTES

if TYPE_CHECKING:
    from recension.model import Node


@dataclass
class NoteReader:
    """Read a note: citations stay as they are for the stage `cite`."""

    marks: Marks

    def read(self, node: Node) -> Node:
        """Return *node* with its marks understood."""
        kind: str = node["t"]
        contents: Any = node.get("c")
        if kind == "Cite":
            return node
        if kind == "Quoted":
            opening, closing = QUOTES[contents[0]["t"]]
            inner = [str_node(opening), *contents[1], str_node(closing)]
            return {"t": "Span", "c": [["", [], []], self._read_all(inner)]}
        if kind == "Link":
            return self.marks.link(contents, self._read_all)
        if kind == "Span":
            (identifier, classes, pairs), inlines = contents
            self._check_span(identifier, dict(pairs))
            kept = ["", classes, without(pairs, "pos")]
            return {"t": kind, "c": [kept, self._read_all(inlines)]}
        if kind == "Image":
            self.marks.report_picture(contents[2][0])
        if isinstance(contents, list):
            return {"t": kind, "c": self._contents(contents)}
        return node

    def _read_all(self, nodes: list[Node]) -> list[Node]:
        return [self.read(node) for node in nodes]

    def _check_span(self, identifier: str, attributes: dict[str, str]) -> None:
        """Report a mark that a note cannot have."""
        span = self.marks.span(attributes.get("pos", ""))
        if "sic" in attributes or identifier:
            what = "an emendation" if "sic" in attributes else "an anchor"
            message = f"a note has {what}"
            hint = "emendations and anchors stand in the text, not in its notes"
            self.marks.refuse(message, span, hint)
        self.marks.check_attributes(attributes, span)

    def _contents(self, contents: list[Any]) -> list[Any]:
        read: list[Any] = []
        for item in contents:
            if isinstance(item, dict) and "t" in item:
                read.append(self.read(item))
            else:
                nested = isinstance(item, list)
                read.append(self._contents(item) if nested else item)
        return read
