"""The characters of a paragraph, with what stands among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recension.model import Node

BARRIER = "\ufffc"
"""Stands for what no form runs over: neither a word character nor white space."""
THIN_SPACE = "\u2009"
"""What annotate puts between two calls."""
PLAIN = {
    *("Emph", "Strong", "Underline", "SmallCaps"),
    *("Superscript", "Subscript", "Strikeout"),
}
SPACES = ("Space", "SoftBreak", "LineBreak")


def children(node: Node) -> list[Node] | None:
    """Return the inlines in *node*, None if it has none of the running text."""
    if node["t"] in PLAIN:
        inlines: list[Node] = node["c"]
        return inlines
    return node["c"][1] if node["t"] in ("Span", "Link", "Quoted") else None


def with_children(node: Node, inlines: list[Node]) -> Node:
    """Return *node* with *inlines* in it."""
    contents = node["c"]
    inner = inlines if node["t"] in PLAIN else [contents[0], inlines, *contents[2:]]
    return {"t": node["t"], "c": inner}


def attribute(node: Node, name: str) -> str | None:
    """Return the attribute *name* of a span, None where there is none."""
    pairs = node["c"][0][2] if node["t"] == "Span" else ()
    return next((str(value) for key, value in pairs if key == name), None)


def has_class(node: Node, name: str) -> bool:
    """Tell whether *node* is a span of the class *name*."""
    return bool(node["t"] == "Span" and name in node["c"][0][1])


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
            self.ids += [node["c"][0][0]] if kind == "Link" and node["c"][0][0] else []
            self.add(inlines)
        else:
            self._keep(BARRIER)

    def _keep(self, characters: str) -> None:
        self.pieces.append(characters)
        self.length += len(characters)

    def _add_span(self, node: Node) -> None:
        if has_class(node, "note-call"):
            self.calls.append((self.length, attribute(node, "note") or ""))
            return
        self.ids += [node["c"][0][0]] if node["c"][0][0] else []
        who = attribute(node, "who")
        start, kept = self.length, len(self.pieces)
        decided, works = len(self.decided), len(self.works)
        self.add(node["c"][1])
        if who is not None:
            wording = "".join(self.pieces[kept:])
            self.pieces[kept:] = [BARRIER * len(wording)]
            del self.decided[decided:], self.works[works:]
            self.decided.append((start, self.length, who, wording))


def without_who(inlines: list[Node]) -> list[Node]:
    """Return *inlines* without decisions; a span left with nothing gives its words."""
    kept: list[Node] = []
    for node in inlines:
        inner = children(node)
        if inner is None:
            kept.append(node)
            continue
        bare = with_children(node, without_who(inner))
        if attribute(node, "who") is not None:
            identifier, classes, pairs = node["c"][0]
            pairs = [pair for pair in pairs if pair[0] != "who"]
            bare["c"][0] = [identifier, classes, pairs]
        plain = node["t"] == "Span" and node["c"][0] != bare["c"][0]
        kept += bare["c"][1] if plain and not any(bare["c"][0]) else [bare]
    return kept
