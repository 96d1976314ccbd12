"""Read the body of a note, or a wording of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recension.tree import (
    attributes_of,
    make_span,
    quoted,
    replace,
    with_attributes,
    with_children,
)

if TYPE_CHECKING:
    from recension.annotate.marks import Marks
    from recension.model import Node
    from recension.tree import Attributes


@dataclass(frozen=True, slots=True)
class NoteReader:
    """Read a note: citations stay as they are for the stage `cite`."""

    marks: Marks

    def read(self, node: Node) -> Node:
        """Return *node* with its marks understood."""
        read: Node = replace(node, self._read)
        return read

    def _read(self, node: Node) -> list[Node] | None:
        match node["t"]:
            case "Cite":
                return [node]
            case "Quoted":
                return [make_span(self._read_all(quoted(node)))]
            case "Link":
                return [self.marks.link(node, self._read_all)]
            case "Span":
                own = attributes_of(node)
                self._check_span(own)
                bare = with_attributes(node, own.without("pos")._replace(id=""))
                return [with_children(bare, self._read_all(node["c"][1]))]
            case "Image":
                self.marks.report_picture(node["c"][2][0])
        return None

    def _read_all(self, nodes: list[Node]) -> list[Node]:
        return [self.read(node) for node in nodes]

    def _check_span(self, own: Attributes) -> None:
        """Report a mark that a note cannot have."""
        place = self.marks.span(own.get("pos"))
        if own.has("sic") or own.id:
            what = "an emendation" if own.has("sic") else "an anchor"
            message = f"a note has {what}"
            hint = "emendations and anchors stand in the text, not in its notes"
            self.marks.refuse(message, place, hint)
        self.marks.check_attributes(own, place)
