"""The fonts of an edition: which files they are, and which characters they have."""

from __future__ import annotations

import io
import re
import struct
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from fontTools.ttLib import TTFont, TTLibError

from recension.problems import Report, Span, ToolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from recension.files import File

BOLD = 600
"""The weight from which a font counts as bold."""
RESTRICTED, NO_SUBSETS = 0x0002, 0x0100
"""Bits of fsType: not to be embedded; only whole (OpenType, table `OS/2`)."""
_FAULTS = (OSError, TTLibError, LookupError, ValueError, AssertionError, struct.error)
"""What fontTools raises where a font is not sound."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f]")


def check_glyphs(files: Iterable[File], fonts: Iterable[Path], report: Report) -> None:
    """Report each printed character of *files* that one of *fonts* lacks."""
    known: frozenset[int] | None = None
    for path in fonts:
        span = Span(path=f"templates/fonts/{path.name}")
        try:
            has, locked = _examine(path.read_bytes())
        except _FAULTS as fault:
            message = f"the font cannot be read: {_tell(fault)}"
            report.error("Y-001", message, span, "take a sound font, or take it out")
            continue
        if locked:
            message = f"the font does not allow {locked}"
            report.error("Y-001", message, span, "take a font that allows it")
        known = has if known is None else known & has
    for file in files:
        missing = {c for c in set(file.raw) - {*"\t\n "} if ord(c) not in (known or ())}
        for number, line in enumerate(file.raw.split("\n") if missing else [], start=1):
            for column, character in enumerate(line, start=1):
                if character in missing:
                    code = f"U+{ord(character):04X}"
                    message = f"the font has no `{character}` ({code})"
                    hint = "write it another way, or take a font that has it"
                    if character < " ":
                        message = f"the control character {code} cannot be printed"
                        hint = "take it out"
                    shown = _CONTROLS.sub(" ", line)
                    span = Span(
                        path=file.path, line=number, column=column, excerpt=shown
                    )
                    report.error("Y-001", message, span, hint)


def check_words(
    words: Iterable[tuple[str, Span]], fonts: Iterable[Path], report: Report
) -> None:
    """Report each of *words* that has characters which one of *fonts* lacks.

    Each has its place. What is wrong with a font itself is told by `check_glyphs`.
    """
    sound = []
    for path in fonts:
        with suppress(*_FAULTS):
            sound.append(_examine(path.read_bytes())[0])
    known = frozenset.intersection(*sound) if sound else frozenset()
    for word, span in words:
        missing = [c for c in dict.fromkeys(word) if ord(c) not in known]
        if missing:
            codes = ", ".join(f"`{c}` (U+{ord(c):04X})" for c in missing)
            message = f"the font has no {codes}"
            hint = "write it another way, or take a font that has it"
            report.error("Y-001", message, span, hint)


@lru_cache(maxsize=8)
def _examine(data: bytes) -> tuple[frozenset[int], str]:
    """Return the characters of the font *data*, and what its makers do not allow.

    Every table is read, so that a font cut short is told.
    """
    with TTFont(io.BytesIO(data), lazy=True) as font:
        for tag in font.reader.keys():  # noqa: SIM118 - it has no iterator
            font.reader[tag]
        rights = font["OS/2"].fsType
        needed = [bool(font[tag]) for tag in ("head", "hhea", "hmtx", "maxp", "name")]
        has = frozenset(font.getBestCmap() or ()) if all(needed) else frozenset()
    if rights & 0xF == RESTRICTED:
        return has, "to be embedded"
    return has, "subsets" if rights & NO_SUBSETS else ""


def _tell(fault: Exception) -> str:
    """Return what *fault* says, without the folders of this machine."""
    if isinstance(fault, OSError):
        return (fault.strerror or "it is no file").lower()
    if isinstance(fault, KeyError):
        return f"it has no table {fault}"
    return str(fault)


def find_faces(folders: Sequence[Path]) -> dict[tuple[bool, bool], Path]:
    """Return the font files by (italic, bold): the first folder with fonts has them."""
    found: dict[tuple[bool, bool], Path] = {}
    for path in find_fonts(folders):
        with TTFont(path, lazy=True) as font:
            italic = bool(font["OS/2"].fsSelection & 1)
            found[italic, font["OS/2"].usWeightClass >= BOLD] = path
    return found


def find_fonts(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Return the fonts of the first of *folders* that has any, in order of name.

    Raises ToolError when none has: the builder's own are not where they should be.
    """
    for folder in folders:
        if fonts := tuple(sorted((folder / "fonts").glob("*.[ot]tf"))):
            return fonts
    message = "the builder's templates and fonts are missing"
    raise ToolError(message, "install it anew: pipx reinstall recension")
