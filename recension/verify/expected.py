"""What the book should print: the wordings that its finished files are held against.

A text is the lemma of each piece as `annotate` found it and `collate` proved it; notes,
works and the wordings of the tables are as the style has formatted them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recension.model import PieceKind
from recension.normalisation import PARAGRAPH, PILCROW
from recension.problems import Span
from recension.tables import DESCRIBED, find_aliases
from recension.tree import SpanClass, attributes_of, children, plain_text, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recension.model import (
        Book,
        Emendation,
        NumberedNote,
        Piece,
        TextPart,
        Word,
        Wording,
    )

WILD = "\ufdd2"
"""Stands for words that the builder puts in: a page and a line, a figure, a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Something that the finished files must print, and *what* it is in words.

    In both media it stands in the element *id*, or else in the part *home*; in the
    *wording* WILD stands for what the builder puts in. *short* is what print
    may have instead of all. *span* is where it is written, *words* have the places of
    single words. It may be not *in_print*.
    """

    what: str
    id: str
    wording: str
    span: Span
    home: str = ""
    short: str = ""
    words: tuple[Word, ...] = ()
    in_print: bool = True


def expect(book: Book, ibid: str) -> Iterator[Expected]:
    """Yield all that *book* should print, part by part.

    *ibid* is the word that print has for the work of the note before.
    """
    for part in book.parts:
        yield _expect_part(part)
        yield from (_expect_note(note, book, ibid) for note in part.notes)
        yield from (_expect_entry(found, book) for found in part.emendations)
    yield from _expect_works(book)
    yield from _expect_tables(book)


def _expect_part(part: TextPart) -> Expected:
    proved = bool(part.settings.siglum)
    wording = _join(part.pieces) if proved else spell(part.blocks)
    return Expected(
        what=f"the {'text' if proved else 'part'} `{part.settings.id}`",
        id=f"text-{part.settings.id}",
        wording=wording,
        span=Span(path=part.settings.file),
        words=part.words,
    )


def _join(pieces: tuple[Piece, ...]) -> str:
    """Return what the book prints of *pieces*."""
    return "".join(
        "\n" if piece.lemma == PARAGRAPH else piece.lemma
        for piece in pieces
        if piece.kind is not PieceKind.OMITTED
    )


def _expect_note(note: NumberedNote, book: Book, ibid: str) -> Expected:
    short = ""
    if book.settings.notes.ibid and note.ibid_locator is not None:
        short = f"{ibid}{WILD}{spell(note.ibid_locator)}"
    return Expected(
        what=f"the note `{note.label}`",
        id=f"note-{note.id}",
        wording=spell(note.blocks),
        short=short,
        span=note.span,
    )


def _expect_entry(found: Emendation, book: Book) -> Expected:
    """Return an entry of the apparatus: what the source has, and why it is wrong."""
    reading = found.reading.replace(PILCROW, f" {PILCROW} ")
    if not found.lemma:  # the words beside it show the place
        reading = f"{found.before}{reading}{found.after}"
    at_foot = book.settings.print.apparatus == "foot"
    in_print = book.settings.print.apparatus != "none"
    return Expected(
        what="the entry of the apparatus",
        id=f"variant-{found.id}" if at_foot else "apparatus",
        home="apparatus",
        wording=f"{WILD} {reading} {WILD} {found.why}",
        span=found.span,
        in_print=in_print,
    )


def _expect_works(book: Book) -> Iterator[Expected]:
    for section in book.bibliography:
        for work in section.works:
            yield Expected(
                what=f"the work `{work.citekey}`",
                id=f"work-{work.citekey}",
                home="bibliography",
                wording=spell(work.entry) + spell(work.annotation),
                span=Span(path=book.settings.bibliography.file),
            )


def _expect_tables(book: Book) -> Iterator[Expected]:
    tables = book.tables
    for event in tables.parallels:
        told = (event.title, *event.says.values(), event.remark)
        yield from _expect_wordings(book, "parallels", *told)
    for dated in tables.chronology:
        told = (dated.what, dated.evidence, dated.remark)
        yield from _expect_wordings(book, "chronology", *told)
    for entry in tables.register:
        if entry.kind in DESCRIBED:
            told = (entry.name, *find_aliases(entry), entry.who)
            yield from _expect_wordings(book, "persons", *told)


def _expect_wordings(
    book: Book, home: str, *wordings: Wording | None
) -> Iterator[Expected]:
    for wording in filter(None, wordings):
        yield Expected(
            what="the wording",
            id=home,
            home=home,
            wording=spell(book.passages[wording.id]),
            span=wording.span,
        )


# --- trees -------------------------------------------------------------------------


def spell(tree: Any) -> str:  # noqa: PLR0911 - a kind, a case
    """Return the characters that *tree* prints, a line for each block.

    What the builder puts in is WILD; calls of notes are nothing.
    """
    if isinstance(tree, list):
        return "".join(map(spell, tree))
    if not isinstance(tree, dict):
        return ""
    kind, contents = tree["t"], tree.get("c", [])
    match kind:
        case "Para" | "Plain":
            return spell(contents) + "\n"
        case "Header":
            return spell(contents[2]) + "\n"
        case "LineBlock":
            return "".join(spell(line) + "\n" for line in contents)
        case "DefinitionList":
            return "".join(
                f"{spell(term)}\n{spell(bodies)}" for term, bodies in contents
            )
        case "Quoted":
            return spell(quoted(tree))
        case "Span" | "Div" | "Link":
            return _spell_marked(tree)
        case "Str" | "Code" | "Space" | "SoftBreak" | "LineBreak" | "Note":
            return plain_text(tree)
        case _:
            return spell(contents)


def _spell_marked(node: Any) -> str:
    own, inner = attributes_of(node), children(node)
    if SpanClass.NOTE_CALL in own.classes:
        return ""
    if own.has("count"):
        return WILD
    if own.has("list"):
        return f"{WILD}\n"
    spelt = spell(inner)
    is_place = SpanClass.REFERENCE in own.classes and not spelt
    return WILD if is_place else spelt
