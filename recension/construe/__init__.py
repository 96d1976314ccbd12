"""Stage 8, construe: what the words of the book are, before any medium.

Titles, other languages, dates and the figures of the ledger find their place in the
trees, each as a span of a class of its own (`SpanClass`); the macros of
`marks.xhtml.jinja` set them. `names` knows titles and languages from the register and
the bibliography, `dated` the dates, `figures` the ledger, `lemmas` the languages of the
apparatus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from recension.construe.dated import Dates, mark_dates
from recension.construe.figures import put_figures
from recension.construe.lemmas import find_languages
from recension.construe.names import read_names
from recension.model import ConstruedBook, ConstruedWork

if TYPE_CHECKING:
    from recension.model import Blocks, Book


def construe(book: Book) -> ConstruedBook:
    """Return the trees of *book*, what their words are marked in them."""
    names = read_names(book)
    dates = Dates(book.settings.edition.language)
    own = {entry.name.id: entry for entry in book.tables.register}
    works = [work for section in book.bibliography for work in section.works]

    def mark(blocks: Blocks, *, cited: bool = False) -> Blocks:
        return mark_dates(names.mark(put_figures(blocks, book), cited=cited), dates)

    def mark_passage(id_: str, blocks: Blocks) -> Blocks:
        return mark(names.mark_name(own[id_], blocks) if id_ in own else blocks)

    parts = {part.settings.id: mark(part.blocks) for part in book.parts}
    return ConstruedBook(
        parts=parts,
        languages=dict(find_languages(list(parts.values()))),
        notes={
            note.id: mark(note.blocks) for part in book.parts for note in part.notes
        },
        passages={id_: mark_passage(id_, b) for id_, b in book.passages.items()},
        works={
            work.citekey: ConstruedWork(
                entry=mark(work.entry, cited=True), annotation=mark(work.annotation)
            )
            for work in works
        },
    )
