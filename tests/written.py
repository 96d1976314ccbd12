"""The EPUB of an edition as the templates write it: no page is laid out.

The printed book is made up: three pages of so many letters, and whatever refers to a
place in it refers to page 1, line 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from recension import check, html
from recension.config import find_templates
from recension.construe import construe
from recension.epub import read_typeface
from recension.index import locate
from recension.layout import find_faces
from recension.model import PageMap, PrintedPage
from recension.problems import Report
from recension.timeline import draw_timeline
from recension.tree import plain_text

if TYPE_CHECKING:
    from pathlib import Path

    from recension.model import Book, IndexHeading, Place

PRINTED = PageMap(
    digest="",
    pages=tuple(PrintedPage(folio=f, letters=900, offsets={}) for f in ("i", "1", "2")),
    places={},
)
OPS = 'xmlns:epub="http://www.idpf.org/2007/ops"'


class _Anywhere(Mapping[str, "Place"]):
    """The place of every id."""

    def __getitem__(self, id_: str) -> Place:
        return "1", 1

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass(frozen=True, eq=False)
class Written:
    """A *book*, its trees as XHTML, the *pages* and the other *files* of its EPUB."""

    book: Book
    words: Mapping[str, str]
    fragments: Mapping[str, html.Fragments]
    pages: Mapping[str, etree._Element]
    files: Mapping[str, str]

    def part(self, name: str, medium: str) -> etree._Element:
        """Return what a front part or a text has in it, as a *medium* has it."""
        return etree.fromstring(f"<p {OPS}>{self.fragments[medium].parts[name]}</p>")


def write_epub(folder: Path) -> Written:
    """Return the EPUB of the edition in *folder*, but for its fonts."""
    book, folders = check(folder, Report())[1], find_templates(folder)
    templates = html.open_templates(folders, book.settings.edition.language)
    typeface = read_typeface(find_faces(folders))
    fragments = html.write_fragments(book, construe(book), templates)
    located = html.Located(
        places=_Anywhere(),
        index=_find_headings(book),
        timeline=draw_timeline(book.tables.chronology, height=400, gap=12),
        printed=PRINTED,
    )
    pages = html.render_reading(book, templates, fragments, located, typeface)
    return Written(
        book=book,
        words=templates.words,
        fragments=fragments,
        pages={page.name: etree.fromstring(page.xhtml.encode()) for page in pages},
        files=html.render_package(book, templates, pages, typeface),
    )


def _find_headings(book: Book) -> tuple[IndexHeading, ...]:
    names = {e.id: plain_text(book.passages[e.name.id]) for e in book.tables.register}
    see = (wording for entry in book.tables.register for wording in entry.see)
    names |= {wording.id: plain_text(book.passages[wording.id]) for wording in see}
    parts = book.parts
    return locate(
        book.indexed,
        book.tables,
        names=names,
        places=_Anywhere(),
        numbers={n.id: n.number for part in parts for n in part.notes},
        titles={part.settings.id: part.settings.id for part in parts},
    )
