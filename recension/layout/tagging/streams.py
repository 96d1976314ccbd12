"""Mend the marked content of pages that WeasyPrint has written, for tags and text.

What is no part of the text becomes an artifact, what draws nothing is not marked, and
the text has the spaces that its lines end with and soft hyphens where we divide words.
A stream of WeasyPrint's is a list of operators. Clauses are those of ISO 32000-1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from recension.layout.setting.lines import HYPHEN
from recension.layout.tagging.structure import write_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from recension.layout.weasy.protocols import Operator

HEADER = "<</Type/Pagination/Subtype/Header/Attached[/Top]>>"
FOOTER = "<</Type/Pagination/Subtype/Footer/Attached[/Bottom]>>"
PAGINATION = "<</Type/Pagination>>"
"""How an artifact is described (14.8.2.2.2; PDF/UA-1, 7.8)."""

_BLACK = {b"0 0 0 rg": b"0 g", b"0 0 0 RG": b"0 G"}
_SOFT = (f"> <{ord(HYPHEN):04x}>".encode(), b"> <00ad>")
_KERN = re.compile(rb"-?[0-9.]+$")
_FONT = re.compile(rb"/(\S+) \S+ Tf")
_SHOWN = re.compile(rb"(.*)\] TJ", re.DOTALL)


@dataclass(slots=True)
class PageContents:
    """What becomes of the marked contents of a page, by their numbers (MCID).

    *artifacts* gives how each is described; the *empty* lose their marks; behind the
    *spaced*, whose wording it gives, stands a space; *wordings* gives what is to be
    read where the glyphs mislead.
    """

    artifacts: dict[int, str] = field(default_factory=dict)
    empty: set[int] = field(default_factory=set)
    spaced: dict[int, str] = field(default_factory=dict)
    wordings: dict[int, str] = field(default_factory=dict)


def find_spaces(glyphs: Mapping[str, Mapping[int, str]]) -> dict[bytes, bytes]:
    """Return by the name of each font its glyph of a space, in hexadecimal.

    *glyphs* gives by the name of a font the characters of its glyphs.
    """
    return {
        font.encode("ascii"): f"<{glyph:04x}>".encode()
        for font, characters in glyphs.items()
        for glyph, wording in characters.items()
        if wording == " "
    }


def mend_page(
    operators: Sequence[bytes | int],
    marks: PageContents,
    spaces: Mapping[bytes, bytes],
) -> list[Operator]:
    """Return the *operators* of a page with its contents marked as *marks* says.

    The glyph of a space is that of *spaces*. Marks inside marks go: nothing of the text
    may be in an artifact, no artifact in the text (PDF/UA-1, 7.1).
    """
    mended: list[Operator] = []
    opened: list[_OpenedMark | None] = []
    for operator in operators:
        if opened and (isinstance(operator, int) or operator == b"BMC"):
            mended.pop()
            opened.append(None)
        elif isinstance(operator, int):
            opened.append(_open(mended, operator, marks))
        elif operator == b"BMC":
            mended.append(operator)
            opened.append(_OpenedMark(None, 0))
        elif operator == b"EMC":
            _close(mended, opened.pop(), marks, spaces)
        elif operator != b"BDC":
            mended.append(_blacken(operator))
    return mended


class _OpenedMark(NamedTuple):
    """A marked content: its number, None for an artifact; where its properties are."""

    number: int | None
    at: int


def _open(
    mended: list[Operator], number: int, marks: PageContents
) -> _OpenedMark | None:
    """Begin the marked content *number*; return None if it shall have no mark."""
    if number in marks.empty:
        mended.pop()
        return None
    if description := marks.artifacts.get(number):
        mended[-1:] = [b"/Artifact", description, b"BDC"]
        return _OpenedMark(None, 0)
    mended += [_write_properties(number, marks.wordings.get(number, "")), b"BDC"]
    return _OpenedMark(number, len(mended) - 2)


def _write_properties(number: int, wording: str) -> str:
    told = f"/ActualText{write_text(wording)}" if wording else ""
    return f"<</MCID {number}{told}>>"


def _close(
    mended: list[Operator],
    mark: _OpenedMark | None,
    marks: PageContents,
    spaces: Mapping[bytes, bytes],
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


def _show_space(mended: list[Operator], spaces: Mapping[bytes, bytes]) -> bool:
    """Show a space behind what has been shown last; tell if its font has one."""
    at, shown = _find_last(_SHOWN, mended, len(mended))
    _, font = _find_last(_FONT, mended, at)
    space, glyphs = spaces.get(font[1]), shown[1]
    if space and not _KERN.sub(b"", glyphs).endswith(space[1:]):
        mended[at] = glyphs + space + b"] TJ"
    return bool(space)


def _find_last(
    pattern: re.Pattern[bytes], operators: Sequence[Operator], before: int
) -> tuple[int, re.Match[bytes]]:
    """Return where one of *operators* is of *pattern* last, *before* a place."""
    return next(
        (at, found)
        for at in range(before - 1, -1, -1)
        for operator in [operators[at]]
        if isinstance(operator, bytes) and (found := pattern.fullmatch(operator))
    )


def mend_stream(operators: list[Operator], entries: Collection[str]) -> list[Operator]:
    """Make black grey in a form, and hyphens soft in the map of a font.

    A stream is known by its first operator and by the *entries* of its dictionary. The
    map gives each glyph its character (ToUnicode); the hyphen of the builder's division
    of words is no part of the text (14.8.2.2.3).
    """
    if operators[0] == b"/CIDInit /ProcSet findresource begin":
        return [_soften(line) for line in operators]
    if "Group" in entries or "PatternType" in entries:
        return [_blacken(operator) for operator in operators]
    return operators


def _blacken(operator: Operator) -> Operator:
    return _BLACK.get(operator, operator) if isinstance(operator, bytes) else operator


def _soften(line: Operator) -> Operator:
    before, after = _SOFT
    if isinstance(line, bytes) and line.endswith(before):
        return line.removesuffix(before) + after
    return line
