"""The characters of a paragraph, with what stands among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recension.tree import (
    BARRIER,
    SPACES,
    THIN_SPACE,
    Attributes,
    SpanClass,
    attributes_of,
    children,
    has_class,
    with_attributes,
    with_children,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recension.model import Node


@dataclass(slots=True)
class Words:
    """Inlines as characters, with what stands among them and at which character.

    *decided* has start, end, who is meant and the words, which are barriers in the
    *pieces*; *works* and *calls* the place and the citekey or the note.
    """

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    decided: list[tuple[int, int, str, str]] = field(default_factory=list)
    works: list[tuple[int, str]] = field(default_factory=list)
    calls: list[tuple[int, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def add(self, inlines: Iterable[Node]) -> Words:
        """Add the characters of *inlines*."""
        for node in inlines:
            if node["t"] == "Str":
                self._keep("" if node["c"] == THIN_SPACE else node["c"])
            elif node["t"] in SPACES:
                self._keep(" ")
            else:
                self._add(node)
        return self

    def _add(self, node: Node) -> None:
        kind = node["t"]
        if kind == "Span":
            self._add_span(node)
        elif kind == "Cite":
            keys = (citation["citationId"] for citation in node["c"][0])
            self.works += [(self.length, key) for key in keys]
            self._keep(BARRIER)
        elif (inlines := children(node)) is not None:
            id_ = attributes_of(node).id
            self.ids += [id_] if id_ else []
            self.add(inlines)
        else:
            self._keep(BARRIER)

    def _keep(self, characters: str) -> None:
        self.pieces.append(characters)
        self.length += len(characters)

    def _add_span(self, node: Node) -> None:
        own = attributes_of(node)
        if has_class(node, SpanClass.NOTE_CALL):
            self.calls.append((self.length, own.get("note")))
            return
        self.ids += [own.id] if own.id else []
        start, kept = self.length, len(self.pieces)
        decided, works = len(self.decided), len(self.works)
        self.add(node["c"][1])
        if own.has("who"):
            wording = "".join(self.pieces[kept:])
            self.pieces[kept:] = [BARRIER * len(wording)]
            del self.decided[decided:], self.works[works:]
            self.decided.append((start, self.length, own.get("who"), wording))


def without_who(inlines: list[Node]) -> list[Node]:
    """Return *inlines* without decisions; a span left with nothing gives its words."""
    kept: list[Node] = []
    for node in inlines:
        inner = children(node)
        if inner is None:
            kept.append(node)
            continue
        bare, own = with_children(node, without_who(inner)), attributes_of(node)
        decided = node["t"] == "Span" and own.has("who")
        own = own.without("who")
        if decided:
            bare = with_attributes(bare, own)
        kept += bare["c"][1] if decided and own == Attributes() else [bare]
    return kept
