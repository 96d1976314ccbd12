"""Stage 11, epub: the EPUB 3 file. Alone knows the OPF and the zip.

The zip depends on its contents alone (EPUB 3.3, OCF §4.3): `mimetype` first and stored,
then the entries sorted by name, dated with the edition's date, all with mode 0644.
"""

from __future__ import annotations

import zipfile
from datetime import date
from typing import TYPE_CHECKING

from recension.epub.subsets import read_typeface, subset_faces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from recension.model import EpubPage

__all__ = ["read_typeface", "subset_faces", "write_epub"]


FIRST, LAST = date(1980, 1, 1), date(2107, 12, 31)
"""The days that a zip can tell (APPNOTE 4.4.6: a DOS date)."""


def write_epub(
    pages: Sequence[EpubPage],
    package: Mapping[str, str],
    others: Mapping[str, bytes],
    moment: date,
    target: Path,
) -> None:
    """Write the EPUB to *target*.

    *package* has the other texts by name, *others* the pictures, fonts and licences;
    *moment* dates every entry of the zip, as near as a zip can.
    """
    day = min(max(moment, FIRST), LAST)
    stamp = (day.year, day.month, day.day, 0, 0, 0)
    texts = {f"{page.name}.xhtml": page.xhtml for page in pages} | dict(package)
    entries = {_place(name): text.encode("utf-8") for name, text in texts.items()}
    entries |= {_place(name): content for name, content in others.items()}
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
