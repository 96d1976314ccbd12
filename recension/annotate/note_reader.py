"""Read the body of a note, or a wording of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recension.annotate.marks import is_apostrophe
from recension.annotate.notation import Holder, tell_kind
from recension.tree import make_span, plain_text, quoted, replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recension.annotate.marks import Marks
    from recension.annotate.notation import Where
    from recension.model import Mark, Node
    from recension.problems import Span

_KNOWN = (
    *("Para", "Plain", "Str", "Space", "SoftBreak", "LineBreak"),
    *("Emph", "Strong", "Superscript", "Subscript", "SmallCaps"),
)
"""The kinds that need no reading."""


def find_home(call: Mark, definitions: Iterable[Mark]) -> Span:
    """Return where the note of *call* is defined."""
    homes = (mark.span for mark in definitions if mark.name == call.name)
    return next(homes, call.span)


@dataclass(frozen=True, slots=True)
class NoteReader:
    """Read what stands *where*; citations stay as they are for the stage `cite`.

    *span* is where the note or the wording begins.
    """

    marks: Marks
    where: Where
    span: Span

    def read(self, node: Node) -> Node:
        """Return *node* with its marks understood."""
        read: Node = replace(node, self._read)
        return read

    def _read(self, node: Node) -> list[Node] | None:
        match node["t"]:
            case "Cite":
                return [node]
            case "Quoted":
                self._check_apostrophe(plain_text(node))
                return [make_span(self._read_all(quoted(node)))]
            case "Link":
                read = self._read_all
                return [self.marks.link(node, self.where, read, self.span)]
            case "Span":
                own, _ = self.marks.read(node, Holder.SPAN, self.where)
                inner = self._read_all(node["c"][1])
                return [self.marks.set_apart(own._replace(id=""), inner)]
            case "Image":
                self.marks.report_picture(node["c"][2][0], self.span)
            case "Str":
                self._check_apostrophe(node["c"])
            case kind if kind not in _KNOWN:
                message, hint = tell_kind(kind, self.where)
                span = self.marks.find_behind(plain_text(node), self.span)
                self.marks.refuse(message, span, hint)
                return []
        return None

    def _check_apostrophe(self, wording: str) -> None:
        if is_apostrophe(wording):
            span = self.marks.find_behind(wording[1:].split(maxsplit=1)[0], self.span)
            self.marks.report_apostrophe(wording, span)

    def _read_all(self, nodes: list[Node]) -> list[Node]:
        return [read for node in nodes for read in self._replaced(node)]

    def _replaced(self, node: Node) -> list[Node]:
        read: list[Node] = replace([node], self._read)
        return read
