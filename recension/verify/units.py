"""What a finished file prints, by the ids of its parts, notes and entries.

A *unit* is the text of an element that has an id, without the units in it. The tags of
the PDF and the markup of the EPUB have the same ids.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field

LOOSE = "\ufdd3"
"""Before a number or a mark that the medium puts in front of an item of a list."""

FAINTEST = 0.12
"""How opaque text must be, how far its lightness from that of its ground, of 1."""
_UNSEEN: dict[int, str | None] = {
    **dict.fromkeys((0x00AD, 0x061C, 0x180E, 0x2010, 0xFEFF)),
    **dict.fromkeys((*range(0x200B, 0x2010), *range(0x202A, 0x202F))),
    **dict.fromkeys(range(0x2060, 0x2070)),
    0x2011: "-",
}
"""Hyphens where words are divided, and the characters of format (category Cf)."""


def fold(wording: str) -> str:
    """Return *wording* without what may differ between a text and its print.

    Those are capitals, which may be small capitals, and what is not seen.
    """
    return unicodedata.normalize("NFC", wording.translate(_UNSEEN)).casefold()


@dataclass(slots=True)
class Units:
    """The text of each unit by its id, in the order in which it is read."""

    pieces: defaultdict[str, list[str]] = field(
        default_factory=lambda: defaultdict(list)
    )
    open: list[str] = field(default_factory=list)

    def begin(self, id_: str) -> None:
        """Begin the unit *id_*: what follows is its text."""
        self.open.append(id_)
        self.divide()

    def end(self) -> None:
        """End the unit begun last."""
        self.divide()
        self.open.pop()

    def add(self, wording: str) -> None:
        """Add *wording* to the unit that is open."""
        if self.open:
            self.pieces[self.open[-1]].append(wording)

    def divide(self) -> None:
        """Say that a block begins or ends here."""
        self.add("\n")

    def texts(self) -> dict[str, str]:
        """Return the text of each unit."""
        return {id_: "".join(pieces) for id_, pieces in self.pieces.items()}
