"""Whether the glyphs of a PDF may stand for the characters that they are said to be.

A glyph may if the font has it for the character, or if the font's features lead to it
(OpenType, GSUB): a ligature, a small capital, a figure of another form, a superior. No
other letter may, as the `v` which some fonts have for a Latin `u`.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

import uharfbuzz

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from recension.verify.drawn import Drawn
    from recension.verify.fontfile import DrawnFont

_NO_FORMS = [int.from_bytes(tag, "big") for tag in (b"locl", b"aalt")]
"""Features whose glyphs are no form of a letter: of other languages; of all kinds."""
_ALIKE = {**dict.fromkeys(map(ord, "\u2010\u2011\u00ad"), "-"), 0x00A0: " "}
"""What has the glyph of another character: hyphens, a space that divides no line."""


class EditionFont:
    """A font of the edition: which glyphs may stand for which characters."""

    def __init__(self, data: bytes) -> None:
        """Read the font *data*."""
        self.face = uharfbuzz.Face(data)
        self.letters: defaultdict[int, set[str]] = defaultdict(set)
        self.font = uharfbuzz.Font(self.face)
        for code in self.face.unicodes:
            self.letters[self.font.get_nominal_glyph(code)].add(_base(chr(code)))

    def find(self, name: str) -> int:
        """Return the glyph of that *name*."""
        return int(self.font.glyph_from_string(name))

    def allows(self, glyph: int, characters: str) -> bool:
        """Tell whether *glyph* may stand for *characters*."""
        if own := self.letters.get(glyph):
            return _base(characters) in own
        return bool(glyph) and glyph in self._find_forms(characters)

    def _find_forms(self, characters: str) -> set[int]:
        """Return the glyphs that features lead to, but for those of other languages."""
        asked = uharfbuzz.SubsetInput()
        asked.unicode_set.clear()
        asked.unicode_set.update(map(ord, characters))
        asked.layout_feature_tag_set.clear()
        asked.layout_feature_tag_set.invert()
        for feature in _NO_FORMS:
            asked.layout_feature_tag_set.discard(feature)
        asked.flags = uharfbuzz.SubsetFlags.RETAIN_GIDS
        return set(uharfbuzz.SubsetPlan(self.face, asked).old_to_new_glyph_mapping)


def find_strange(
    pages: Sequence[Drawn], fonts: Iterable[Path]
) -> Iterator[tuple[int, str]]:
    """Yield the page, from 1, and the characters of each glyph that may not be theirs.

    *fonts* are the files of the edition. A glyph is told once; nothing is without them.
    """
    sources = [EditionFont(path.read_bytes()) for path in fonts]
    first: dict[DrawnFont, dict[int, int]] = {}
    for number, page in enumerate(pages, start=1):
        for font, codes in page.glyphs.items():
            found = first.setdefault(font, {})
            found.update((code, number) for code in codes if code not in found)
    for font, places in first.items():
        found_wrong = (_find_wrong(font, places, one) for one in sources)
        wrong = min(found_wrong, key=len, default=[])
        yield from ((places[code], font.characters[code]) for code in wrong)


def _find_wrong(
    font: DrawnFont, codes: Iterable[int], source: EditionFont
) -> list[int]:
    """Return the *codes* of *font* that *source* does not allow."""
    return [code for code in codes if not source.allows(code, font.characters[code])]


def _base(characters: str) -> str:
    """Return *characters* without marks, capitals and what has the same glyph."""
    plain = unicodedata.normalize("NFKD", characters.translate(_ALIKE))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()
