"""What the book should print: the wordings that its finished files are held against.

A text is the lemma of each piece as `annotate` found it and `collate` proved it; notes,
works and the wordings of the tables are as the style has formatted them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recension.contract import APPARATUS, note_id
from recension.normalisation import PARAGRAPH, PILCROW
from recension.problems import Span
from recension.tables import find_printed
from recension.tree import SpanClass, attributes_of, children, plain_text, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recension.model import (
        Book,
        Emendation,
        NumberedNote,
        TextPart,
        Word,
    )

WILD = "\ufdd2"
"""Stands for words that the builder puts in: a page and a line, or a figure."""
FREE = "\ufdd4"
"""Stands for words of texts that the builder puts in: a list of the ledger, a lemma."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Something that the finished files must print, and *what* it is in words.

    In both media it stands in the element *id*, or else in the part *home*; in the
    *wording* WILD and FREE stand for what the builder puts in. *short* is what print
    may have instead of all. *span* is where it is written, *words* have the places of
    single words. It may be not *in_print*.
    """

    what: str
    wording: str
    span: Span
    id: str = ""
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
    edited = part.edited.replace(PARAGRAPH, "\n")
    wording = edited if proved else spell(part.blocks)
    return Expected(
        what=f"the {'text' if proved else 'part'} `{part.settings.id}`",
        id=f"text-{part.settings.id}",
        wording=wording,
        span=Span(path=part.settings.file),
        words=part.words,
    )


def _expect_note(note: NumberedNote, book: Book, ibid: str) -> Expected:
    short = ""
    if book.settings.notes.ibid and note.ibid_locator is not None:
        short = f"{ibid}{WILD}{spell(note.ibid_locator)}"
    return Expected(
        what=f"the note `{note.label}`",
        id=note_id(note.id),
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
        id=f"{APPARATUS.prefix}{found.id}" if at_foot else "",
        home="apparatus",
        wording=f"{FREE} {reading} {FREE} {found.why}",
        span=found.span,
        in_print=in_print,
    )


def _expect_works(book: Book) -> Iterator[Expected]:
    for section in book.bibliography:
        for work in section.works:
            yield Expected(
                what=f"the work `{work.citekey}`",
                home="bibliography",
                wording=spell(work.entry) + spell(work.annotation),
                span=Span(path=book.settings.bibliography.file),
            )


def _expect_tables(book: Book) -> Iterator[Expected]:
    for part, told in find_printed(book.tables).items():
        for wording in told:
            yield Expected(
                what="the wording",
                home=part,
                wording=spell(book.passages[wording.id]),
                span=wording.span,
            )


# --- trees -------------------------------------------------------------------------


def spell(tree: Any) -> str:  # noqa: PLR0911 - a kind, a case
    """Return the characters that *tree* prints, a line for each block.

    What the builder puts in is WILD or FREE; calls of notes are nothing.
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
        return f"{FREE}\n"
    spelt = spell(inner)
    is_place = SpanClass.REFERENCE in own.classes and not spelt
    return WILD if is_place else spelt
