"""Where in its file a reading has come to: the tree has no places of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recension.tree import walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recension.files import File
    from recension.model import Node, Word
    from recension.problems import Span

_WORD = re.compile(r"\w+")
_NEAR = 40
"""How many words ahead one is looked for: some that are printed are not in the file."""


@dataclass
class Course:
    """The way through the *words* of a file, in order."""

    file: File
    words: Sequence[Word]
    passed: int = 0

    def follow(self, wording: str) -> None:
        """Go on behind the words of *wording*."""
        for found in _WORD.finditer(wording):
            if (step := self._look_ahead(found[0])) is not None:
                self.passed += step + 1

    def find(self, wording: str) -> Span:
        """Return where the next words of the file are those of *wording*.

        Where it has no words, or they are not found, it is the place come to.
        """
        for found in _WORD.finditer(wording):
            if (step := self._look_ahead(found[0])) is not None:
                return self._span(self.words[self.passed + step])
        return self.here

    @property
    def here(self) -> Span:
        """The place of the last word that was passed."""
        passed = self.words[: self.passed][-1:]
        return self._span(passed[0]) if passed else self.file.at(1)

    def _look_ahead(self, word: str) -> int | None:
        ahead = self.words[self.passed : self.passed + _NEAR]
        return next((i for i, one in enumerate(ahead) if one.text == word), None)

    def _span(self, word: Word) -> Span:
        return self.file.at(word.line, word.column, len(word.text))


def spell(node: Node) -> str:
    """Return the words in a *node* of any kind, one after the other."""
    words = (one for one in walk(node) if one["t"] in ("Str", "Code", "CodeBlock"))
    return " ".join(w["c"] if w["t"] == "Str" else w["c"][1] for w in words)
