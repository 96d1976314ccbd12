"""The fonts in a PDF: the same whichever Pango and HarfBuzz the machine has.

WeasyPrint names a font after a hash of Pango's description of it, which from Pango 1.56
on tells its features too, and has the machine's HarfBuzz cut it, whose versions differ
in what they leave of `GDEF`. Here features are no part of the name, and the HarfBuzz
that is pinned cuts.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import uharfbuzz

_FEATURES = 1 << 8
"""PANGO_FONT_MASK_FEATURES, a field that an older Pango does not have."""
_PANGO_SCALE = 1024
_NUMBERS = 1 << 16
"""How many numbers glyphs can have."""
_DECLARED = """
PangoFontDescription * pango_font_description_from_string (const char *str);
const char * hb_version_string (void);
"""
"""What WeasyPrint does not use of the libraries that it opens."""
_FLAGS = (
    uharfbuzz.SubsetFlags.PASSTHROUGH_UNRECOGNIZED
    | uharfbuzz.SubsetFlags.DESUBROUTINIZE
)
_DROPPED = "BASE DSIG EBDT EBLC EBSC GPOS GSUB JSTF LTSH PCLT SVG"
"""Tables that a PDF has no use for: its text is glyphs in their places."""


@cache
def make_font_class() -> type[Any]:
    """Return the class of fonts that WeasyPrint is to write PDFs with."""
    from weasyprint.pdf.fonts import Font  # noqa: PLC0415 - slow, and needs Pango
    from weasyprint.text.ffi import ffi, pango  # noqa: PLC0415 - the same

    class _SteadyFont(Font):  # type: ignore[misc]  # WeasyPrint has no types
        """A font that is named and cut by what is pinned."""

        file_content: bytes
        missing: dict[int, int]

        def __init__(self, font: object, description: object, size: float) -> None:
            pango.pango_font_description_unset_fields(description, _FEATURES)
            written = pango.pango_font_description_to_string(description)
            self.description: str = ffi.string(written).decode()
            super().__init__(font, description, size)

        def get_unused_glyph_id(self, codepoint: int) -> int:
            """Return the number of what is missing, on each page the same."""
            free = _NUMBERS - int(self.glyph_count)
            number = int(self.glyph_count) + codepoint % free
            return self.missing.setdefault(codepoint, number)

        def subset(self, to_unicode: dict[int, str], hinting: bool) -> None:  # noqa: FBT001 - WeasyPrint's
            """Keep the glyphs of *to_unicode*; none: all."""
            if to_unicode:
                self.file_content = _cut(
                    uharfbuzz.Face(self.file_content, self.index),
                    set(to_unicode),
                    hinting=hinting,
                    outline=bool(self.missing),
                )

    return _SteadyFont


@cache
def _open_libraries() -> Any:
    """Return WeasyPrint's module of Pango and HarfBuzz, with what we use beside."""
    from weasyprint.text import ffi as text  # noqa: PLC0415 - slow, and needs Pango

    ffi = text.ffi
    ffi.cdef(_DECLARED)
    return text


def find_versions() -> tuple[int, str]:
    """Return the versions of the machine's Pango and HarfBuzz."""
    text = _open_libraries()
    ffi, harfbuzz, pango = text.ffi, text.harfbuzz, text.pango
    return pango.pango_version(), ffi.string(harfbuzz.hb_version_string()).decode()


def load_font(fonts: Any, description: str, size: float) -> Any:
    """Return the font of *description*, Pango's, as WeasyPrint is to write it.

    *fonts* is WeasyPrint's configuration of fonts, *size* that of its first use (px).
    """
    from weasyprint.text.fonts import get_pango_font_key  # noqa: PLC0415 - slow

    text = _open_libraries()
    ffi, gobject, pango = text.ffi, text.gobject, text.pango
    wanted = pango.pango_font_description_from_string(description.encode())
    wanted = ffi.gc(wanted, pango.pango_font_description_free)
    pango.pango_font_description_set_absolute_size(wanted, size * _PANGO_SCALE)
    context = pango.pango_font_map_create_context(fonts.font_map)
    context = ffi.gc(context, gobject.g_object_unref)
    font = pango.pango_font_map_load_font(fonts.font_map, context, wanted)
    font = ffi.gc(font, gobject.g_object_unref)
    _, found, _ = get_pango_font_key(font)
    return make_font_class()(font, found, size)


def _cut(
    face: uharfbuzz.Face, glyphs: set[int], *, hinting: bool, outline: bool
) -> bytes:
    """Return the font *face* with *glyphs* alone, which keep their numbers.

    *outline* keeps the drawing of the glyph for what is missing. First all others are
    emptied, which keeps the numbers; then those behind the last one go.
    """
    flags = _FLAGS
    if outline:
        flags |= uharfbuzz.SubsetFlags.NOTDEF_OUTLINE
    emptied = _subset(face, glyphs, flags | uharfbuzz.SubsetFlags.RETAIN_GIDS)
    if not hinting:
        flags |= uharfbuzz.SubsetFlags.NO_HINTING
    return bytes(_subset(emptied, set(range(max(glyphs) + 1)), flags).blob.data)


def _subset(
    face: uharfbuzz.Face, glyphs: set[int], flags: uharfbuzz.SubsetFlags
) -> uharfbuzz.Face:
    wanted = uharfbuzz.SubsetInput()
    wanted.flags = flags
    wanted.glyph_set.update(glyphs)
    dropped = (int.from_bytes(tag.ljust(4).encode(), "big") for tag in _DROPPED.split())
    wanted.drop_table_tag_set.update(dropped)
    return uharfbuzz.subset(face, wanted)
