"""Stage 12, verify: look at the finished files as their readers will get them.

What runs in every build is here: it needs no tool beyond the Python packages. The
validators that need Java or a browser run in the tests.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pikepdf

from recension.contract import note_id
from recension.popups import find_ibid
from recension.problems import OURS, Report, Span
from recension.tree import plain_text
from recension.verify import shown, tagged
from recension.verify.epub import check_epub
from recension.verify.expected import expect
from recension.verify.glyphs import find_strange
from recension.verify.opened import open_epub
from recension.verify.preflight import check_cover, check_print
from recension.verify.proof import prove

__all__ = [
    "check_cover",
    "check_epub",
    "check_print",
    "compare",
    "verify_epub",
    "verify_reading",
]

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from recension.model import Book


def verify_epub(
    path: Path, book: Book, ibid: str, folios: tuple[str, ...], report: Report
) -> Mapping[str, str] | None:
    """Check the EPUB at *path*; what is wrong goes into *report*.

    *ibid* is the word that print has for the note before; the EPUB must not have it.
    *folios* are those that it must mark. Return its units, None where a file of it
    cannot be read.
    """
    opened, unread = open_epub(path, folios, ibid)
    check_epub(path, opened, unread, _find_told(book), report)
    return shown.read_units(opened) if opened and not unread else None


def verify_reading(
    path: Path, folios: tuple[str, ...], fonts: Sequence[Path], report: Report
) -> Mapping[str, str]:
    """Check the reading PDF at *path*; what is wrong goes into *report*.

    *folios* are those of its pages, *fonts* the files of the edition's. Return its
    units.
    """
    span = Span(path=path.name)
    with pikepdf.open(io.BytesIO(path.read_bytes())) as pdf:
        for font in _fonts(pdf):
            descriptor: Any = font.get("/FontDescriptor", {})
            if not any(key in descriptor for key in ("/FontFile2", "/FontFile3")):
                name = str(font.get("/BaseFont", "a font"))
                message = f"the font `{name}` is not embedded"
                report.error("V-001", message, span, "mend the style")
        if tuple(str(page.label) for page in pdf.pages) != folios:
            message = "readers show other folios than the pages have"
            report.error("V-001", message, span, OURS)
        units, drawn = tagged.read_units(pdf)
    for page, characters in find_strange(drawn, fonts):
        message = f"page {page}: a glyph of another character stands for `{characters}`"
        hint = "take out the font's feature that exchanges it, or take another font"
        report.error("V-002", message, span, hint)
    return units


def compare(
    book: Book, ibid: str, units: Mapping[str, Mapping[str, str]], report: Report
) -> dict[str, dict[str, int]]:
    """Hold the *units* of the files, by their names, against what *book* should print.

    What is lost, doubled or in another order is an error in *report*. Return by format,
    then by id, the characters of the text that the file prints.
    """
    printed = prove(list(expect(book, ibid)), units, report)
    return {
        name.rpartition(".")[2]: {
            text.settings.id: counts.get(f"text-{text.settings.id}", 0)
            for text in book.texts
        }
        for name, counts in printed.items()
    }


def _find_told(book: Book) -> set[tuple[str, str]]:
    """Return what the check of *book* has told of notes, by code and id."""
    notes = [note for part in book.parts for note in part.notes]
    told = {("E-008", note_id(note.id)) for note in notes}
    return told | {
        ("E-009", note_id(note.id))
        for note in notes
        if any(find_ibid("", plain_text(note.blocks)))
    }


def _fonts(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font":
            yield from item.get("/DescendantFonts", [item])
