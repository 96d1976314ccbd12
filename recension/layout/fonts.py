"""The fonts of an edition: which files they are, and which characters they have."""

from __future__ import annotations

import io
import re
import struct
import unicodedata
from dataclasses import replace
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING

from fontTools.ttLib import TTFont, TTLibError

from recension.problems import Report, Span, ToolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from recension.files import File

BOLD = 600
"""The weight from which a font counts as bold."""
RESTRICTED, NO_SUBSETS = 0x0002, 0x0100
"""Bits of fsType: not to be embedded; only whole (OpenType, table `OS/2`)."""
_FAULTS = (OSError, TTLibError, LookupError, ValueError, AssertionError, struct.error)
"""What fontTools raises where a font is not sound."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f]")
_WRITTEN = re.compile(r"&#?\w+;|.")
"""A character as it stands in a file, or the entity that stands for one."""
DRAWN_AS_NOTHING = frozenset((*"\t\n \u00ad\u202f", *map(chr, range(0x2000, 0x200B))))
"""What needs no glyph: HarfBuzz makes spaces of other widths from the common one."""


def check_glyphs(
    printed: Iterable[tuple[File, frozenset[str]]],
    known: frozenset[str],
    report: Report,
) -> None:
    """Report the characters *printed*, file by file, that are not *known* to the fonts.

    Those of one script are one problem, at the first place.
    """
    missing: dict[str, list[tuple[str, Span]]] = {}
    for file, characters in printed:
        lacking = characters - known
        for character, span in _find_places(file, lacking) if lacking else ():
            missing.setdefault(_name_script(character), []).append((character, span))
    for script, places in missing.items():
        message, hint = _tell_missing(script, [character for character, _ in places])
        report.error("Y-001", message, places[0][1], hint)


def find_known(fonts: Iterable[Path], report: Report) -> frozenset[str] | None:
    """Return the characters that can be set in all *fonts*, None if one is at fault."""
    known: list[frozenset[str]] = []
    sound = True
    for path in fonts:
        span = Span(path=f"templates/fonts/{path.name}")
        try:
            has, locked = _examine(path.read_bytes())
        except _FAULTS as fault:
            message = f"the font cannot be read: {_tell(fault)}"
            report.error("Y-001", message, span, "take a sound font, or take it out")
            sound = False
            continue
        if locked:
            message = f"the font does not allow {locked}"
            report.error("Y-001", message, span, "take a font that allows it")
        known.append(frozenset(map(chr, has)))
    if not sound or not known:
        return None
    return frozenset.intersection(*known) | DRAWN_AS_NOTHING


def _find_places(file: File, characters: frozenset[str]) -> Iterator[tuple[str, Span]]:
    """Yield each place of *characters* in *file*, written so or as an entity.

    One that is not found there is told of the file.
    """
    found = set()
    for number, line in enumerate(file.lines, start=1):
        for written in _WRITTEN.finditer(line):
            character = unescape(written[0])
            if character in characters:
                found.add(character)
                span = file.at(number, written.start() + 1, len(written[0]))
                yield character, replace(span, excerpt=_CONTROLS.sub(" ", line))
    for character in sorted(characters - found):
        yield character, Span(path=file.path)


def _name_script(character: str) -> str:
    """Return the script of *character* by its name, nothing for a sign."""
    name = unicodedata.name(character, "")
    is_letter = unicodedata.category(character)[0] in "LM"
    return name.partition(" ")[0].title() if is_letter else character


def _tell_missing(script: str, characters: Sequence[str]) -> tuple[str, str]:
    """Return message and hint for *characters* of one *script* that a font lacks."""
    first, kinds, count = characters[0], len(set(characters)), len(characters)
    code = f"U+{ord(first):04X}"
    places = f", in {count} places" if count > 1 else ""
    if first < " ":
        return f"the control character {code} cannot be printed{places}", "take it out"
    message = f"the font has no `{first}` ({code})"
    if kinds > 1:
        more = "others" if kinds > 2 else "another"  # noqa: PLR2004
        which = f"{kinds - 1} {more}" if kinds > 2 else more  # noqa: PLR2004
        message += f" and {which} of {script}"
    hint = "write it another way, or take a font that has it"
    return message + places, hint


def check_words(
    words: Iterable[tuple[str, Span]], known: frozenset[str], report: Report
) -> None:
    """Report each of *words*, at its place, with what is not *known* to the fonts."""
    for word, span in words:
        missing = [c for c in dict.fromkeys(word) if c not in known]
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
