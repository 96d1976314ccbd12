"""Stage 8, construe: what the words of the book are, before any medium.

Titles, other languages, dates and the figures of the ledger find their place in the
trees, each as a span of a class of its own (`SpanClass`); the macros of
`marks.xhtml.jinja` set them. `names` knows titles and languages from the register and
the bibliography, `dated` the dates, `figures` the ledger, `lemmas` the languages of the
apparatus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from recension.construe.dated import Dates, mark_dates
from recension.construe.figures import put_figures
from recension.construe.lemmas import find_languages
from recension.construe.names import Names, read_names
from recension.each import Each, anew
from recension.model import ConstruedBook, ConstruedWork

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recension.model import Blocks, Book, Entry


def construe(book: Book, each: Each = anew) -> ConstruedBook:
    """Return the trees of *book*, what their words are marked in them."""
    trees = {key: (put_figures(tree, book), *how) for key, tree, *how in _list(book)}
    language = book.settings.edition.language
    (known,) = each(_prepare, {"": (read_names(book), language)}).values()
    marked = each(_mark, {key: (known, *given) for key, given in trees.items()})
    parts = _select(marked, "part")
    annotations = _select(marked, "annotation")
    return ConstruedBook(
        parts=parts,
        languages=dict(find_languages(list(parts.values()))),
        notes=_select(marked, "note"),
        passages=_select(marked, "passage"),
        works={
            citekey: ConstruedWork(entry=entry, annotation=annotations[citekey])
            for citekey, entry in _select(marked, "entry").items()
        },
    )


_TreeName = tuple[str, str]
"""What a tree is of: `part`, `note` and so on, and the id of that."""


class _Known(NamedTuple):
    """What is known of the words of a book."""

    names: Names
    dates: Dates


def _prepare(names: Names, language: str) -> _Known:
    return _Known(names, Dates(language))


def _list(book: Book) -> Iterator[tuple[_TreeName, Blocks, bool, Entry | None]]:
    """Yield every tree of *book*: what it is of, if it is cited, whose name it is."""
    own = {entry.name.id: entry for entry in book.tables.register}
    for part in book.parts:
        yield ("part", part.settings.id), part.blocks, False, None
        for note in part.notes:
            yield ("note", note.id), note.blocks, False, None
    for id_, blocks in book.passages.items():
        yield ("passage", id_), blocks, False, own.get(id_)
    for work in (work for section in book.bibliography for work in section.works):
        yield ("entry", work.citekey), work.entry, True, None
        yield ("annotation", work.citekey), work.annotation, False, None


def _mark(known: _Known, blocks: Blocks, cited: bool, named: Entry | None) -> Blocks:  # noqa: FBT001 - applied to each
    """Return *blocks* with its words marked; they are the name of *named*, if any."""
    whole = known.names.mark_name(named, blocks) if named else blocks
    return mark_dates(known.names.mark(whole, cited=cited), known.dates)


def _select(marked: Mapping[_TreeName, Blocks], kind: str) -> dict[str, Blocks]:
    return {id_: blocks for (of, id_), blocks in marked.items() if of == kind}
