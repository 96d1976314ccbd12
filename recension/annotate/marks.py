"""What the marks of a text, a note or a table have in common: where they stand.

Readers add to one `Marks`: the references, the decisions of who is meant; and they
report through it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recension.annotate.notation import OWN, Holder, find_faults
from recension.config import LANGUAGE_TAG, WEB, leaves_folder
from recension.model import Mark, Node
from recension.problems import Report, Span
from recension.tree import (
    SpanClass,
    attributes_of,
    lead_to,
    make,
    make_span,
    with_attributes,
    with_children,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from recension.annotate.notation import Where
    from recension.files import File
    from recension.tree import Attributes

_ELIDED = re.compile(r"‘(?i:\d\ds?|tis|twas|twere|twill|em|n|til|cause|tween)\b")
"""What begins with an apostrophe, not with a quotation mark: ’90s, ’tis, rock ’n’."""


def is_apostrophe(wording: str) -> bool:
    """Tell whether *wording* begins with a mark that should be an apostrophe."""
    return bool(_ELIDED.match(wording))


STAMP = "pos"
"""The attribute in which `parse` keeps the place of a mark."""


@dataclass
class Marks:
    """The marks found in *file*; *sound* tells whether all of it could be read."""

    file: File
    report: Report
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

    def report_apostrophe(self, wording: str, span: Span) -> None:
        """Report an apostrophe at the beginning of *wording*, turned the wrong way."""
        word = wording[1:].split(maxsplit=1)[0].strip("’.,;:!?)”")
        message = f"`‘{word}` begins like a quotation"
        hint = f"if it is an apostrophe, write `’{word}`"
        self.report.warning("A-016", message, span, hint)

    def set_apart(self, own: Attributes, inlines: list[Node]) -> Node:
        """Return a span, what is no mark of its own in another one round it.

        That are classes for style sheets of the edition, and an anchor of a class.
        """
        classes = [name for name in own.classes if f".{name}".startswith(OWN)]
        others = tuple(name for name in own.classes if name not in classes)
        apart = classes or (others and own.id)
        rest = own._replace(id="" if apart else own.id, classes=others)
        inner = make("Span", [rest.written(), inlines])
        return make_span([inner], *classes, id_=own.id) if apart else inner

    def find_behind(self, wording: str, start: Span) -> Span:
        """Return where the first word of *wording* is from *start* on, else *start*."""
        words = wording.split()
        number = max(start.line, 1)
        for line in self.file.lines[number - 1 :] if words else ():
            if words[0] in line:
                return self.file.at(number, line.index(words[0]) + 1, len(words[0]))
            number += 1
        return start

    def read(self, node: Node, holder: Holder, where: Where) -> tuple[Attributes, Span]:
        """Return the attributes of *node*, a *holder*, and its place.

        Those that have no place *where* they stand are reported; who is meant is kept.
        """
        own = attributes_of(node)
        span = self.span(own.get(STAMP))
        own = own.without(STAMP)
        for message, hint in find_faults(own, holder, where):
            self.refuse(message, span, hint)
        if own.has("lang") and not LANGUAGE_TAG.fullmatch(own.get("lang")):
            message = f"`{own.get('lang')}` is not the tag of a language"
            hint = "write a tag such as `es`, `fr` or `ru-Latn`"
            self.refuse(message, span, hint)
        if who := own.get("who"):
            self.decisions.append(Mark(name=who, span=span))
        return own, span

    def link(
        self,
        node: Node,
        where: Where,
        read: Callable[[list[Node]], list[Node]],
        start: Span,
    ) -> Node:
        """Return what stands for a link, its words as *read* gives them.

        It stands at *start* or behind it.
        """
        own, span = self.read(node, Holder.LINK, where)
        _, inlines, (target, _) = node["c"]
        if not inlines and not target.startswith("#"):
            message = f"the link to `{target}` has no words"
            place = self.find_behind(f"]({target}", start)
            self.refuse(message, place, "put words between the brackets")
        if not target.startswith("#"):
            self._check_target(target, start)
            return lead_to(with_children(with_attributes(node, own), read(inlines)))
        if not span.line:
            span = self.find_behind(f"](#{target[1:]})", start)
        self.references.append(Mark(name=target[1:], span=span))
        return make_span(read(inlines), SpanClass.REFERENCE, to=target[1:])

    def _check_target(self, target: str, start: Span) -> None:
        """Report a link that leads neither to an anchor nor to the web."""
        if not target.startswith(WEB):
            message = f"the link to `{target}` leads nowhere"
            hint = f"an anchor is written with `#`: `(#{target})`"
            place = self.find_behind(f"]({target}", start)
            self.report.error("A-005", message, place, hint)

    def report_picture(self, target: str, start: Span) -> None:
        """Report a picture at *start* or behind it: none has a place in a text."""
        span = self.find_behind(f"]({target}", start)
        if leaves_folder(target) or target.startswith("//"):
            message = f"the picture `{target}` is not a file of the edition"
            hint = "a picture is a file inside the edition folder"
            self.refuse(message, span, hint, "P-003")
        else:
            message = f"the picture `{target}` stands in a text"
            hint = "a text has no pictures: describe it in a note"
            self.refuse(message, span, hint)
