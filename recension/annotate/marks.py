"""What the marks of a text, a note or a table have in common: where they stand.

Readers add to one `Marks`: the references, the decisions of who is meant; and they
report through it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recension.config import LANGUAGE_TAG, leaves_folder
from recension.model import Mark, Node
from recension.problems import Report, Span, find_nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ATTRIBUTES = ("sic", "cert", "why", "who", "lang", "short", "pos")
LEDGER_ATTRIBUTES = ("count", "list")
"""What marks a figure or a list of the ledger, in the front matter alone."""
WEB = ("https://", "http://", "mailto:")


@dataclass
class Marks:
    """The marks found in the file at *path*, whose lines are *lines*.

    *sound* tells whether all that the file has could be read.
    """

    path: str
    lines: Sequence[str]
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
            return Span(path=self.path)
        line, column = map(int, position.split(":"))
        excerpt = self.lines[line - 1]
        return Span(path=self.path, line=line, column=column, excerpt=excerpt)

    def find(self, wording: str, *, outside_notes: bool = False) -> Span:
        """Return where *wording* first stands in the file."""
        for number, line in enumerate(self.lines, start=1):
            if wording in line and not (outside_notes and line.startswith("[^")):
                return self.span(f"{number}:{line.index(wording) + 1}")
        return self.find(wording) if outside_notes else self.span("")

    def check_attributes(self, attributes: dict[str, str], span: Span) -> None:
        """Report attributes that the notation does not know; keep who is meant."""
        for name in attributes:
            if name not in self.known:
                nearest = find_nearest(name, self.known)
                hint = f"the nearest is `{nearest}`" if nearest else ""
                message = f"the notation knows no attribute `{name}`"
                self.refuse(message, span, hint or "take it out")
        if "lang" in attributes and not LANGUAGE_TAG.fullmatch(attributes["lang"]):
            message = f"`{attributes['lang']}` is not the tag of a language"
            hint = "write a tag such as `es`, `fr` or `ru-Latn`"
            self.refuse(message, span, hint)
        if who := attributes.get("who"):
            self.decisions.append(Mark(name=who, span=span))

    def link(
        self, contents: list[Any], read: Callable[[list[Node]], list[Node]]
    ) -> Node:
        """Return what stands for a link, its words as *read* gives them."""
        (identifier, classes, pairs), inlines, (target, title) = contents
        span = self.span(dict(pairs).get("pos", ""))
        if not target.startswith("#"):
            self._check_target(target)
            kept = [identifier, classes, without(pairs, "pos")]
            return {"t": "Link", "c": [kept, read(inlines), [target, title]]}
        if not span.line:
            span = self.find(f"](#{target[1:]})")
        self.references.append(Mark(name=target[1:], span=span))
        return span_node("", "reference", read(inlines), to=target[1:])

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


def str_node(text: str) -> Node:
    """Return the node of a word."""
    return {"t": "Str", "c": text}


def span_node(
    identifier: str, name: str, inlines: list[Node], **attributes: str
) -> Node:
    """Return a span of class *name* round *inlines*."""
    pairs = [[key, value] for key, value in attributes.items()]
    return {"t": "Span", "c": [[identifier, [name], pairs], inlines]}


def without(pairs: list[list[str]], name: str) -> list[list[str]]:
    """Return the attributes *pairs* but for *name*."""
    return [pair for pair in pairs if pair[0] != name]
