"""Stage 10, epub: the EPUB 3 file. Alone knows the OPF and the zip.

The zip depends on its contents alone (EPUB 3.3, OCF §4.3): `mimetype` first and stored,
then the entries sorted by name, dated with the edition's date, all with mode 0644.
"""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from fontTools import subset
from fontTools.ttLib import TTFont
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from recension.model import Page

FEATURES = (
    "kern",
    "liga",
    "clig",
    "calt",
    "onum",
    "lnum",
    "pnum",
    "tnum",
    "smcp",
    "sups",
)
"""OpenType features that the EPUB's style uses; the rest leave the fonts."""


def subset_fonts(
    fonts: Sequence[Path], pages: Sequence[Page], moment: date
) -> dict[str, bytes]:
    """Return *fonts* with only the characters of *pages*, by name in the package.

    The files are dated *moment*; the licences that stand beside them come along.
    """
    characters = {c for page in pages for c in _readable(page.xhtml)}
    files = {f"fonts/{path.name}": _subset(path, characters, moment) for path in fonts}
    for licence in sorted({p for path in fonts for p in path.parent.glob("*.txt")}):
        files[f"fonts/{licence.name}"] = licence.read_bytes()
    return files


def _readable(xhtml: str) -> str:
    return "".join(etree.fromstring(xhtml.encode("utf-8")).itertext())


def _subset(path: Path, characters: Iterable[str], moment: date) -> bytes:
    options = subset.Options(
        layout_features=list(FEATURES),
        hinting=False,
        name_IDs=["*"],
        notdef_outline=True,
    )
    with TTFont(path, lazy=True, recalcTimestamp=False) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(text="".join(sorted(characters)))
        subsetter.subset(font)
        font["head"].modified = _mac_time(moment)
        written = io.BytesIO()
        font.save(written)
    return written.getvalue()


def _mac_time(moment: date) -> int:
    """Return *moment* in seconds since 1904, as OpenType's `head` table counts."""
    return (moment.toordinal() - type(moment)(1904, 1, 1).toordinal()) * 86_400


def write_epub(
    pages: Sequence[Page],
    package: Mapping[str, str],
    fonts: Mapping[str, bytes],
    moment: date,
    target: Path,
) -> None:
    """Write the EPUB to *target*.

    *package* has the other files by name, *fonts* the font files and their licence;
    *moment* dates every entry of the zip.
    """
    stamp = (moment.year, moment.month, moment.day, 0, 0, 0)
    texts = {f"{page.name}.xhtml": page.xhtml for page in pages} | dict(package)
    entries = {_place(name): text.encode("utf-8") for name, text in texts.items()}
    entries |= {_place(name): content for name, content in fonts.items()}
    with zipfile.ZipFile(target, "w") as packed:
        _add(packed, "mimetype", b"application/epub+zip", stamp, zipfile.ZIP_STORED)
        for name in sorted(entries):
            _add(packed, name, entries[name], stamp, zipfile.ZIP_DEFLATED)


def _place(name: str) -> str:
    return name if name.startswith("META-INF/") else f"EPUB/{name}"


def _add(
    packed: zipfile.ZipFile,
    name: str,
    content: bytes,
    stamp: tuple[int, int, int, int, int, int],
    compression: int,
) -> None:
    entry = zipfile.ZipInfo(name, stamp)
    entry.compress_type = compression
    entry.create_system = 3
    entry.external_attr = 0o100644 << 16
    packed.writestr(entry, content)
