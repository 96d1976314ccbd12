"""Mend the marked content of pages that WeasyPrint has written, for tags and text.

What is no part of the text becomes an artifact, what draws nothing is not marked, and
the text has the spaces that its lines end with and soft hyphens where we divide words.
A stream of WeasyPrint's is a list of operators. Clauses are those of ISO 32000-1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from recension.layout.lines import HYPHEN
from recension.layout.structure import write_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HEADER = "<</Type/Pagination/Subtype/Header/Attached[/Top]>>"
FOOTER = "<</Type/Pagination/Subtype/Footer/Attached[/Bottom]>>"
PAGINATION = "<</Type/Pagination>>"
"""How an artifact is described (14.8.2.2.2; PDF/UA-1, 7.8)."""

_BLACK = {b"0 0 0 rg": b"0 g", b"0 0 0 RG": b"0 G"}
_SOFT = (f"> <{ord(HYPHEN):04x}>".encode(), b"> <00ad>")
_KERN = re.compile(rb"-?[0-9.]+$")
_FONT = re.compile(rb"/(\S+) \S+ Tf")


@dataclass(slots=True)
class Marks:
    """What becomes of the marked contents of a page, by their numbers (MCID).

    *artifacts* gives how each is described; the *empty* lose their marks; behind the
    *spaced*, whose wording it gives, stands a space; *wordings* gives what is to be
    read where the glyphs mislead.
    """

    artifacts: dict[int, str] = field(default_factory=dict)
    empty: set[int] = field(default_factory=set)
    spaced: dict[int, str] = field(default_factory=dict)
    wordings: dict[int, str] = field(default_factory=dict)


def find_spaces(fonts: Iterable[Any]) -> dict[bytes, bytes]:
    """Return by the name of each of *fonts* its glyph of a space, in hexadecimal."""
    return {
        font.hash.encode("ascii"): f"<{glyph:04x}>".encode()
        for font in fonts
        for glyph, wording in font.to_unicode.items()
        if wording == " "
    }


def mend_page(
    operators: list[Any], marks: Marks, spaces: Mapping[bytes, bytes]
) -> list[Any]:
    """Return the *operators* of a page with its contents marked as *marks* says.

    The glyph of a space is that of *spaces*. Marks inside marks go: nothing of the text
    may be in an artifact, no artifact in the text (PDF/UA-1, 7.1).
    """
    mended: list[Any] = []
    opened: list[_Mark | None] = []
    for operator in operators:
        marked = isinstance(operator, dict)
        if opened and (marked or operator == b"BMC"):
            mended.pop()
            opened.append(None)
        elif marked:
            opened.append(_open(mended, operator["MCID"], marks))
        elif operator == b"BMC":
            mended.append(operator)
            opened.append(_Mark(None, 0))
        elif operator == b"EMC":
            _close(mended, opened.pop(), marks, spaces)
        elif operator != b"BDC":
            mended.append(_BLACK.get(operator, operator))
    return mended


class _Mark(NamedTuple):
    """A marked content: its number, None for an artifact; where its properties are."""

    number: int | None
    at: int


def _open(mended: list[Any], number: int, marks: Marks) -> _Mark | None:
    """Begin the marked content *number*; return None if it shall have no mark."""
    if number in marks.empty:
        mended.pop()
        return None
    if description := marks.artifacts.get(number):
        mended[-1:] = [b"/Artifact", description, b"BDC"]
        return _Mark(None, 0)
    mended += [_write_properties(number, marks.wordings.get(number, "")), b"BDC"]
    return _Mark(number, len(mended) - 2)


def _write_properties(number: int, wording: str) -> str:
    told = f"/ActualText{write_text(wording)}" if wording else ""
    return f"<</MCID {number}{told}>>"


def _close(
    mended: list[Any], mark: _Mark | None, marks: Marks, spaces: Mapping[bytes, bytes]
) -> None:
    """End a marked content, with a space if it needs one.

    The words of a tagged text are divided by spaces, at the ends of lines too, whatever
    the places of its glyphs (14.8.2.5).
    """
    if not mark:
        return
    wording = marks.spaced.get(mark.number) if mark.number is not None else None
    if wording and mark.number is not None and not _show_space(mended, spaces):
        mended[mark.at] = _write_properties(mark.number, f"{wording} ")
    mended.append(b"EMC")


def _show_space(mended: list[Any], spaces: Mapping[bytes, bytes]) -> bool:
    """Show a space behind what has been shown last; tell if its font has one."""
    shown = len(mended) - 1
    while not (isinstance(mended[shown], bytes) and mended[shown].endswith(b" TJ")):
        shown -= 1
    at = shown
    while not (font := _FONT.fullmatch(mended[at])):
        at -= 1
    space = spaces.get(font[1])
    glyphs = mended[shown].removesuffix(b"] TJ")
    if space and not _KERN.sub(b"", glyphs).endswith(space[1:]):
        mended[shown] = glyphs + space + b"] TJ"
    return bool(space)


def mend_objects(objects: Iterable[Any]) -> None:
    """Make black grey in the forms of *objects*, and hyphens soft in its fonts' maps.

    The fonts map each glyph to its character (ToUnicode); the hyphen of the builder's
    division of words is no part of the text (14.8.2.2.3).
    """
    for written in objects:
        operators = getattr(written, "stream", None)
        if not operators:
            continue
        if operators[0] == b"/CIDInit /ProcSet findresource begin":
            written.stream = [_soften(line) for line in operators]
        elif {"Group", "PatternType"} & written.extra.keys():
            written.stream = [
                _BLACK.get(o, o) if isinstance(o, bytes) else o for o in operators
            ]


def _soften(line: bytes) -> bytes:
    before, after = _SOFT
    return line.removesuffix(before) + after if line.endswith(before) else line
