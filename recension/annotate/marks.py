"""What the marks of a text, a note or a table have in common: where they stand.

Readers add to one `Marks`: the references, the decisions of who is meant; and they
report through it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recension.config import LANGUAGE_TAG, leaves_folder
from recension.model import Mark, Node
from recension.problems import Report, Span, suggest
from recension.tree import (
    SpanClass,
    attributes_of,
    make_span,
    with_attributes,
    with_children,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from recension.files import File
    from recension.tree import Attributes

ATTRIBUTES = ("sic", "cert", "why", "who", "lang", "short", "pos")
LEDGER_ATTRIBUTES = ("count", "list")
"""What marks a figure or a list of the ledger, in the front matter alone."""
WEB = ("https://", "http://", "mailto:")


@dataclass
class Marks:
    """The marks found in *file*, with the attributes that are *known* there.

    *sound* tells whether all that the file has could be read.
    """

    file: File
    report: Report
    known: tuple[str, ...] = ATTRIBUTES
    references: list[Mark] = field(default_factory=list)
    decisions: list[Mark] = field(default_factory=list)
    sound: bool = True

    def refuse(self, message: str, span: Span, hint: str, code: str = "A-008") -> None:
        """Report what the notation does not have: what is read is then not sound."""
        self.sound = False
        self.report.error(code, message, span, hint)

    def span(self, position: str) -> Span:
        """Return the span of a stamp `line:column`, of the file where there is none."""
        if not position:
            return Span(path=self.file.path)
        line, column = map(int, position.split(":"))
        return self.file.at(line, column)

    def find(self, wording: str, *, outside_notes: bool = False) -> Span:
        """Return where *wording* first stands in the file."""
        for number, line in enumerate(self.file.lines, start=1):
            if wording in line and not (outside_notes and line.startswith("[^")):
                return self.file.at(number, line.index(wording) + 1)
        return self.find(wording) if outside_notes else self.span("")

    def check_attributes(self, own: Attributes, span: Span) -> None:
        """Report attributes that the notation does not know; keep who is meant."""
        for name, _ in own.pairs:
            if name not in self.known:
                message = f"the notation knows no attribute `{name}`"
                hint = suggest(name, self.known, "", "take it out")
                self.refuse(message, span, hint)
        if own.has("lang") and not LANGUAGE_TAG.fullmatch(own.get("lang")):
            message = f"`{own.get('lang')}` is not the tag of a language"
            hint = "write a tag such as `es`, `fr` or `ru-Latn`"
            self.refuse(message, span, hint)
        if who := own.get("who"):
            self.decisions.append(Mark(name=who, span=span))

    def link(self, node: Node, read: Callable[[list[Node]], list[Node]]) -> Node:
        """Return what stands for a link, its words as *read* gives them."""
        own, (_, inlines, (target, _)) = attributes_of(node), node["c"]
        if not target.startswith("#"):
            self._check_target(target)
            bare = with_attributes(node, own.without("pos"))
            return with_children(bare, read(inlines))
        span = self.span(own.get("pos"))
        if not span.line:
            span = self.find(f"](#{target[1:]})")
        self.references.append(Mark(name=target[1:], span=span))
        return make_span(read(inlines), SpanClass.REFERENCE, to=target[1:])

    def _check_target(self, target: str) -> None:
        """Report a link that leads neither to an anchor nor to the web."""
        if not target.startswith(WEB):
            message = f"the link to `{target}` leads nowhere"
            hint = f"an anchor is written with `#`: `(#{target})`"
            self.report.error("A-005", message, self.find(f"]({target}"), hint)

    def report_picture(self, target: str) -> None:
        """Report a picture: none has a place in a text."""
        span = self.find(f"]({target}")
        if leaves_folder(target) or target.startswith("//"):
            message = f"the picture `{target}` is not a file of the edition"
            hint = "a picture is a file inside the edition folder"
            self.refuse(message, span, hint, "P-003")
        else:
            message = f"the picture `{target}` stands in a text"
            hint = "a text has no pictures: describe it in a note"
            self.refuse(message, span, hint)
