"""Stage 12, verify: look at the finished files as their readers will get them.

What runs in every build is here: it needs no tool beyond the Python packages. The
validators that need Java or a browser run in the tests.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pikepdf

from recension.problems import Report, Span
from recension.verify.epub import check_epub
from recension.verify.preflight import check_cover, check_print

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recension.model import Book

__all__ = ["check_cover", "check_epub", "check_print", "verify"]


def verify(
    folder: Path, book: Book, ibid: str, folios: tuple[str, ...], report: Report
) -> None:
    """Check the finished files in *folder*; what is wrong is an error in *report*.

    *ibid* is the word that print has for the note before; the EPUB must not have it.
    *folios* are those that the EPUB must mark where no PDF stands beside it.
    """
    slug = book.settings.edition.slug
    reading, epub = folder / f"{slug}.pdf", folder / f"{slug}.epub"
    if reading.exists():
        _verify_pdf(reading, report)
    if epub.exists():
        if folios and reading.exists():
            folios = _read_labels(reading)
        check_epub(epub, folios, ibid, report)


def _verify_pdf(path: Path, report: Report) -> None:
    with pikepdf.open(io.BytesIO(path.read_bytes())) as pdf:
        for font in _fonts(pdf):
            descriptor: Any = font.get("/FontDescriptor", {})
            if not any(key in descriptor for key in ("/FontFile2", "/FontFile3")):
                name = str(font.get("/BaseFont", "a font"))
                message = f"the font `{name}` is not embedded"
                report.error("V-001", message, Span(path=path.name), "mend the style")


def _read_labels(path: Path) -> tuple[str, ...]:
    """Return the folios of the pages of the PDF at *path*, as its readers show them."""
    with pikepdf.open(io.BytesIO(path.read_bytes())) as pdf:
        return tuple(str(page.label) for page in pdf.pages)


def _fonts(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font":
            yield from item.get("/DescendantFonts", [item])
