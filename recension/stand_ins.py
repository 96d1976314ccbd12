r"""What pandoc would make too much or too little of, behind characters of our own.

Before pandoc reads a file, a mark that the editor has escaped (`\[`) and white at the
edge of a bracket, which pandoc trims, get stand-ins of the private use area; in the
tree these become again what they stand for. So a mark that is left in the tree and was
not escaped is one that pandoc did not take for a mark: it would be printed as typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recension.tree import SPACE as WHITE
from recension.tree import make_word, plain_text, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from recension.model import Blocks, Node

ESCAPABLE = "[]{}*_`^~:\\"
"""What Markdown could read as a mark, and what is looked for in a tree."""
_FIRST = 0xE800
"""Where the stand-ins begin: behind those that the stage `html` has."""
SPACE = chr(_FIRST)
"""Stands for white at the edge of a bracket."""
_STANDING = {chr(_FIRST + ord(mark)): mark for mark in ESCAPABLE}
_HIDE = {mark: standing for standing, mark in _STANDING.items()}
_REVEAL = str.maketrans(_STANDING)
_REVEAL_ALL = str.maketrans(_STANDING | {SPACE: " "})
_WRITTEN = str.maketrans(
    {s: f"\\{mark}" for s, mark in _STANDING.items()} | {SPACE: " "}
)
_LEFT = re.compile(r"[\[\]{}*`^\\]|~~|^::|(?<!\w)_|_(?!\w)")
"""What of a word looks like a mark: a low line within a word is none."""


def hide(escaped: str) -> str:
    r"""Return what stands for an *escaped* mark, `\[`; other escapes as they are."""
    return _HIDE.get(escaped[1:], escaped)


def reveal(blocks: Blocks) -> Blocks:
    """Return *blocks* with what the stand-ins stand for."""

    def put(node: Node) -> list[Node] | None:
        if node["t"] != "Str":
            return None
        pieces = node["c"].translate(_REVEAL).split(SPACE)
        words = [[make_word(piece)] if piece else [] for piece in pieces]
        return [item for word in words for item in (WHITE, *word)][1:]

    revealed: Blocks = replace(blocks, put)
    shown: Blocks = _reveal_strings(revealed)
    return shown


def _reveal_strings(item: Any) -> Any:
    """Reveal what stands outside words: in targets of links, in citations."""
    if isinstance(item, str):
        return item.translate(_REVEAL_ALL)
    if isinstance(item, list):
        return [_reveal_strings(one) for one in item]
    if isinstance(item, dict):
        return {key: _reveal_strings(value) for key, value in item.items()}
    return item


# --- marks that pandoc left ----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A *word* with something that looks like a mark and was read as none.

    *place* is the line and the column of the mark that it was to be, or of the one
    round it, if that is known. It stands in the note of the number *note*, counted by
    their calls from 0; *edited* tells that it is in an emendation.
    """

    word: str
    place: tuple[int, int] | None
    note: int | None
    edited: bool

    @property
    def shown(self) -> str:
        """The word as it is written, the sign of an escaped one behind its stroke."""
        return self.word.translate(_WRITTEN).strip()

    @property
    def hint(self) -> str:
        """What leads to the mark that was meant, or to the sign."""
        if self.place and "{" in self.word:
            return 'an anchor is one word, a value stands in straight quotes: `sic="…"`'
        sign = next(sign for sign in self.word if sign in ESCAPABLE)
        meant = _MEANT.get(sign, "close it if it is a mark")
        if self.word.startswith("^["):
            meant = "a note is called `[^label]` and has a paragraph `[^label]: …`"
        return f"{meant}; the sign itself is `\\{sign}`"


_MEANT = {
    "[": "a citation is `[@key, 34]`, a link `[words](#anchor)`",
    "]": "open the bracket if it is a mark",
}
"""What editors mean by a sign that is left."""
_STAMPED = re.compile(
    r"(?:\[[^\[\]]*\])?\{[^{}]*?pos=[“\"](\d+):(\d+)[”\"][^{}]*\}", re.DOTALL
)
_STAMPED_ROUND = re.compile(r"\{.*? pos=[“\"](\d+):(\d+)[”\"]\}?", re.DOTALL)
"""The same round other braces."""
_HELD = "\ufffc"
"""Stands for an inline with inlines of its own."""


def find_unread(blocks: Blocks) -> Iterator[Unread]:
    """Yield for each run of inlines the first thing in it that looks like a mark."""
    return _Seeker().find(blocks)


@dataclass(slots=True)
class _Seeker:
    """Goes through a tree with its stand-ins, counting the notes."""

    notes: int = 0
    note: int | None = None
    round: tuple[int, int] | None = None

    def find(self, item: Any) -> Iterator[Unread]:
        if not isinstance(item, list):
            return
        if any(isinstance(one, dict) and one.get("t") == "Str" for one in item):
            yield from self._judge(_flatten(item))
        for one in item:
            yield from self._find_in(one) if isinstance(one, dict) else self.find(one)

    def _find_in(self, node: Node) -> Iterator[Unread]:
        before = self.note, self.round
        contents = node.get("c", [])
        match node["t"]:
            case "Cite" | "Code" | "CodeBlock" | "Image":
                return
            case "Link" if _is_bare(node):
                return
            case "Note":
                self.note, self.notes = self.notes, self.notes + 1
            case "Span" if place := _find_emendation(contents[0]):
                self.round = place
        yield from self.find(contents)
        self.note, self.round = before

    def _judge(self, wording: str) -> Iterator[Unread]:
        if stamped := _STAMPED.search(wording) or _STAMPED_ROUND.search(wording):
            place = int(stamped[1]), int(stamped[2])
            word = re.sub(r" ?pos=[“\"]\d+:\d+[”\"]", "", stamped[0])
            yield self._unread(word, place)
        elif found := _LEFT.search(wording):
            start = wording.rfind(" ", 0, found.start()) + 1
            end = wording.find(" ", found.start())
            word = wording[start : end if end >= 0 else len(wording)]
            yield self._unread(word.strip(_HELD), self.round)

    def _unread(self, word: str, place: tuple[int, int] | None) -> Unread:
        edited = self.round is not None
        return Unread(word=word, place=place, note=self.note, edited=edited)


def _flatten(inlines: Iterable[Any]) -> str:
    """Return the words of a run of inlines, what holds others as one character."""
    held = ("Str", "Space", "SoftBreak", "LineBreak", "Quoted")
    return "".join(plain_text(one) if one["t"] in held else _HELD for one in inlines)


def _is_bare(link: Node) -> bool:
    """Tell whether a *link* is written as its address alone."""
    _, inlines, (target, _) = link["c"]
    return plain_text(inlines) in (target, target.removeprefix("mailto:"))


def _find_emendation(attributes: list[Any]) -> tuple[int, int] | None:
    """Return the place in the *attributes* of an emendation, None of another span."""
    pairs: dict[str, str] = dict(attributes[2])
    if "sic" not in pairs or "pos" not in pairs:
        return None
    line, column = map(int, pairs["pos"].split(":"))
    return line, column
