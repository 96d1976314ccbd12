"""The EPUB of an edition as the templates write it: no page is laid out.

The printed book is made up: three pages of so many letters, and whatever refers to a
place in it refers to page 1, line 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
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

    from recension.model import Book, IndexHeading, Page, Place, Typeface

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
    """A *book* whose trees are XHTML by medium, *fragments*; its EPUB on demand."""

    book: Book
    templates: html.Templates
    fragments: Mapping[str, html.Fragments]

    def part(self, name: str, medium: str) -> etree._Element:
        """Return what a front part or a text has in it, as a *medium* has it."""
        return etree.fromstring(f"<p {OPS}>{self.fragments[medium].parts[name]}</p>")

    @cached_property
    def pages(self) -> Mapping[str, etree._Element]:
        """The pages of the EPUB by name."""
        pages = self._rendered
        return {page.name: etree.fromstring(page.xhtml.encode()) for page in pages}

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The other files of the EPUB by name, but for its fonts."""
        rendered, typeface = self._rendered, self._typeface
        return html.render_package(self.book, self.templates, rendered, typeface)

    @cached_property
    def _rendered(self) -> tuple[Page, ...]:
        located = html.Located(
            places=_Anywhere(),
            index=_find_headings(self.book),
            timeline=draw_timeline(self.book.tables.chronology, height=400, gap=12),
            printed=PRINTED,
        )
        own = (self.book, self.templates, self.fragments["epub"])
        return html.render_reading(*own, located, self._typeface)

    @cached_property
    def _typeface(self) -> Typeface | None:
        return read_typeface(find_faces(self.templates.folders))


def write_epub(folder: Path) -> Written:
    """Return the edition in *folder*, checked and written."""
    book = check(folder, Report())[1]
    language = book.settings.edition.language
    templates = html.open_templates(find_templates(folder), language)
    construed = construe(book)
    fragments = {
        medium.name: html.write_fragments(book, construed, templates, medium)
        for medium in (html.PRINT, html.EPUB)
    }
    return Written(book, templates, fragments)


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
