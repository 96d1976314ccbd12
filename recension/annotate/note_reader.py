"""Read the body of a note, or a wording of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recension.annotate.notation import Holder
from recension.tree import (
    make_span,
    quoted,
    replace,
    with_attributes,
    with_children,
)

if TYPE_CHECKING:
    from recension.annotate.marks import Marks
    from recension.annotate.notation import Where
    from recension.model import Node


@dataclass(frozen=True, slots=True)
class NoteReader:
    """Read what stands *where*; citations stay as they are for the stage `cite`."""

    marks: Marks
    where: Where

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
                return [self.marks.link(node, self.where, self._read_all)]
            case "Span":
                own, _ = self.marks.read(node, Holder.SPAN, self.where)
                bare = with_attributes(node, own._replace(id=""))
                return [with_children(bare, self._read_all(node["c"][1]))]
            case "Image":
                self.marks.report_picture(node["c"][2][0])
        return None

    def _read_all(self, nodes: list[Node]) -> list[Node]:
        return [self.read(node) for node in nodes]
