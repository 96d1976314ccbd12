"""What a note must be to pop up in a reader of EPUBs, and to be understood there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST, LONGEST = 9, 5000
"""How many characters a note may have, its number and the link back with it.

Shorter ones are passed over by readers that guess what a note is, and longer ones are
cut off in a pop-up.
"""
_IBID = r"\bibid(em)?\b|\b(op|loc|art)\.\s*cit\b"
"""Latin, in whatever language: the note before, the work cited."""
HINTS = {
    "E-008": "write the note longer, or divide it",
    "E-009": "name the work again",
}


def find_wrong_length(name: str, wording: str) -> Iterator[tuple[str, str]]:
    """Yield code and message if the note *name* is too short or too long to pop up."""
    if not SHORTEST <= len(wording) <= LONGEST:
        limits = f"{SHORTEST} to {LONGEST} can pop up"
        yield "E-008", f"the note `{name}` has {len(wording)} characters; {limits}"


def find_ibid(name: str, wording: str, own: str = "") -> Iterator[tuple[str, str]]:
    """Yield code and message if the note *name* leans on the one before it.

    *own* is the word that print has for that.
    """
    own = own.strip(" .")
    pattern = f"{_IBID}|\\b{re.escape(own)}\\b" if own else _IBID
    if found := re.search(pattern, wording, re.IGNORECASE):
        yield "E-009", f"the note `{name}` says `{found[0]}` and pops up alone"
