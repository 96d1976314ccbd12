"""The fonts of the PDF are cut to what it shows; glyphs keep their numbers."""

from __future__ import annotations

import io

import pytest
import uharfbuzz
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables.ttProgram import Program

from recension.layout.weasy.embedding import _cut

NAMES = [".notdef", "a", "b", "c", "d"]


@pytest.fixture(scope="module")
def whole() -> uharfbuzz.Face:
    """Return a font of four letters with hints, features and a table of its own."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((500, 0))
    pen.lineTo((500, 500))
    pen.closePath()
    square = pen.glyph()
    build = FontBuilder(1000)
    build.setupGlyphOrder(NAMES)
    build.setupCharacterMap({ord(name): name for name in NAMES[1:]})
    build.setupGlyf(dict.fromkeys(NAMES, square))
    build.setupHorizontalMetrics(dict.fromkeys(NAMES, (600, 0)))
    build.setupHorizontalHeader()
    build.setupNameTable({"familyName": "Own"})
    build.setupOS2()
    build.setupPost()
    build.addOpenTypeFeatures(
        "feature smcp { sub a by b; } smcp; feature kern { pos a b 9; } kern;"
    )
    for tag in ("fpgm", "prep"):
        build.font[tag] = newTable(tag)
        build.font[tag].program = Program()
        build.font[tag].program.fromBytecode(b"\xb0\x01")
    build.font["ZZZZ"] = newTable("ZZZZ")
    build.font["ZZZZ"].data = b"own"
    build.save(written := io.BytesIO())
    return uharfbuzz.Face(written.getvalue())


def cut(
    whole: uharfbuzz.Face, *glyphs: int, hinting: bool = False, outline: bool = False
) -> TTFont:
    return TTFont(
        io.BytesIO(_cut(whole, set(glyphs), hinting=hinting, outline=outline))
    )


def drawn(font: TTFont) -> list[bool]:
    """Return of each glyph whether anything is drawn for it."""
    names = font.getGlyphOrder()
    return [font["glyf"][name].numberOfContours > 0 for name in names]


def test_a_font_has_the_glyphs_that_are_used_at_their_numbers(
    whole: uharfbuzz.Face,
) -> None:
    """Those between are empty, those behind the last one are gone."""
    assert drawn(cut(whole, 1, 3)) == [False, True, False, True]
    assert drawn(cut(whole, 2)) == [False, False, True]
    assert drawn(cut(whole, 4)) == [False, False, False, False, True]


def test_what_stands_for_a_missing_letter_is_drawn_if_one_is(
    whole: uharfbuzz.Face,
) -> None:
    assert drawn(cut(whole, 1, outline=True)) == [True, True]
    assert drawn(cut(whole, 1, outline=False)) == [False, True]


@pytest.mark.parametrize("outline", [True, False])
def test_a_font_has_its_hints_only_where_they_are_wanted(
    whole: uharfbuzz.Face, *, outline: bool
) -> None:
    hints = {"fpgm", "prep"}
    with_hints = cut(whole, 1, hinting=True, outline=outline)
    without = cut(whole, 1, hinting=False, outline=outline)
    assert hints <= set(with_hints.keys())
    assert not hints & set(without.keys())


@pytest.mark.parametrize("hinting", [True, False])
def test_a_font_keeps_what_the_cutter_does_not_know_and_no_features(
    whole: uharfbuzz.Face, *, hinting: bool
) -> None:
    tables = set(cut(whole, 1, hinting=hinting).keys())
    assert "ZZZZ" in tables
    assert not {"GSUB", "GPOS"} & tables
