"""The fonts that go into the EPUB: subsets of the edition's, with their licence.

A subset has the characters that the pages show and the features that the style asks
for; nothing in it tells when it was made. Fonts are core media types (EPUB 3.3 §3.2).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import uharfbuzz
from fontTools.ttLib import TTFont

from recension.access import parse_page
from recension.model import Face, Typeface

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

COPYRIGHT, LICENCE, FAMILY, TYPOGRAPHIC_FAMILY = 0, 13, 1, 16
"""Numbers of the names that a font has (OpenType, table `name`)."""
LICENCE_FILES = re.compile(r"(?i:OFL|LICEN[CS]E|COPYING)([-._][-._A-Za-z0-9]*)?")
HYPHENS = "-\u2010"
"""What a reading system may set where it divides a word."""
ALWAYS = ("calt", "ccmp", "clig", "kern", "liga", "mark", "mkmk", "rlig")
"""The features that a browser applies unasked (CSS Fonts 4 §7.1), but for `locl`.

That one may set another letter for a language: *v* for the Latin *u*.
"""
VARIANTS = {
    "small-caps": ("smcp",),
    "all-small-caps": ("smcp", "c2sc"),
    "petite-caps": ("pcap",),
    "all-petite-caps": ("pcap", "c2pc"),
    "oldstyle-nums": ("onum",),
    "lining-nums": ("lnum",),
    "proportional-nums": ("pnum",),
    "tabular-nums": ("tnum",),
    "super": ("sups",),
    "sub": ("subs",),
}
"""The features behind the words of `font-variant` and its kin (CSS Fonts 4 §6)."""

_FLAGS = uharfbuzz.SubsetFlags.NO_HINTING | uharfbuzz.SubsetFlags.NOTDEF_OUTLINE


def read_typeface(faces: Mapping[tuple[bool, bool], Path]) -> Typeface | None:
    """Return the typeface of the font files *faces*, by (italic, bold); none: None.

    Family, copyright and licence are what the fonts say of themselves in English.
    """
    if not faces:
        return None
    first = faces[min(faces)]
    with TTFont(first, lazy=True) as font:
        names = {n: font["name"].getDebugName(n) or "" for n in range(17)}
    return Typeface(
        family=names[TYPOGRAPHIC_FAMILY] or names[FAMILY],
        copyright=names[COPYRIGHT],
        licence=names[LICENCE],
        faces=tuple(_name_face(*style, faces[style]) for style in sorted(faces)),
        licences={f"fonts/{p.name}": p for p in _find_licences(first.parent)},
    )


def _name_face(italic: bool, bold: bool, path: Path) -> Face:  # noqa: FBT001 - a style
    kind = path.suffix.lower().removeprefix(".")
    words = [word for word, has in (("bold", bold), ("italic", italic)) if has]
    return Face(
        name=f"fonts/{'-'.join(words) or 'regular'}.{kind}",
        media_type=f"font/{kind}",
        italic=italic,
        bold=bold,
        file=path,
    )


def _find_licences(folder: Path) -> list[Path]:
    """Return the files in *folder* that are licences, and no links to elsewhere."""
    found = sorted(p for p in folder.iterdir() if LICENCE_FILES.fullmatch(p.name))
    return [path for path in found if path.is_file() and not path.is_symlink()]


def subset_faces(
    typeface: Typeface, pages: Iterable[str], style: str
) -> dict[str, bytes]:
    """Return the files of *typeface* by name: its faces for *pages*, its licences.

    *pages* are XHTML, *style* is their style sheet.
    """
    characters = _find_characters(pages, style)
    features = _find_features(style)
    fonts = {f.name: _subset(f.file, characters, features) for f in typeface.faces}
    return fonts | {n: path.read_bytes() for n, path in typeface.licences.items()}


def _find_characters(pages: Iterable[str], style: str) -> set[str]:
    """Return the characters of *pages*, and those that *style* brings.

    Small capitals come with the capitals of all letters: an engine that does not find,
    or know, those of the font makes its own of them (CSS Fonts 4, 6.6).
    """
    trees = map(parse_page, pages)
    shown = {tree.xpath("string()") for tree in trees if tree is not None}
    written = re.findall(r'content:\s*"([^"]*)"', style)
    characters = {*"".join([*shown, *written]), *HYPHENS}
    if "small-caps" in style:
        characters |= {*"".join(characters).upper()}
    return characters


def _find_features(style: str) -> tuple[str, ...]:
    """Return the OpenType features that *style* asks for, and those always applied."""
    named = re.findall(r'"([a-z0-9]{4})"', style)
    words = re.findall(r"font-variant[-a-z]*:([^;}]*)", style)
    asked = (VARIANTS.get(word, ()) for value in words for word in value.split())
    return tuple(sorted({*ALWAYS, *named, *(tag for tags in asked for tag in tags)}))


def _subset(path: Path, characters: set[str], features: tuple[str, ...]) -> bytes:
    """Return the font at *path* with *characters* and *features* alone.

    By HarfBuzz, in a hundredth of the time that fontTools takes for it.
    """
    wanted = uharfbuzz.SubsetInput()
    wanted.flags = _FLAGS
    wanted.unicode_set.update(map(ord, characters))
    wanted.name_id_set.clear()
    wanted.name_id_set.invert()  # all that the font says of its makers
    wanted.layout_feature_tag_set.clear()
    tags = (int.from_bytes(feature.encode(), "big") for feature in features)
    wanted.layout_feature_tag_set.update(tags)
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))
    return bytes(uharfbuzz.subset(face, wanted).blob.data)
