"""The frozen values that pass between the stages; no behaviour.

A pandoc tree is kept as pandoc's JSON gives it: a node is `{"t": kind, "c": contents}`.
Character offsets count Python characters from 0; lines and columns count from 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from recension.config import Settings, TextSettings
    from recension.problems import Span

Node = dict[str, Any]
Blocks = list[Node]
Place = tuple[str, int]
"""Where an anchor fell: the folio as printed and the line, counted from 1."""


# --- load ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of the edition as read: *path* from the edition folder, its characters.

    Line ends are newlines and a byte order mark is gone.
    """

    path: str
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFiles:
    """One text: its settings, the edited text, and the source it is proved against."""

    settings: TextSettings
    edited: File
    source: File


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Everything that the editor wrote and that could be read."""

    folder: Path
    settings: Settings
    texts: tuple[TextFiles, ...]
    bibliography: File | None


# --- parse -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A name that the editor wrote in a text, and where: a note label, a citekey."""

    name: str
    span: Span
    inside_note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A printed word of a Markdown file and its place (1-based line and column)."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedText:
    """One edited text as pandoc's tree, with what the tree does not keep.

    *calls*, *definitions*, *citekeys* stand in the order of the file; *words* are the
    words of the running text, notes left out.
    """

    files: TextFiles
    blocks: Blocks
    calls: tuple[Mark, ...]
    definitions: tuple[Mark, ...]
    citekeys: tuple[Mark, ...]
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manuscript:
    """All the edited texts, in the order of the book."""

    texts: tuple[ParsedText, ...]


# --- annotate --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """An editor's note; *id* is unique in the book, *text_id* names its text."""

    id: str
    text_id: str
    label: str
    kind: str
    blocks: Blocks
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Emendation:
    """A place where the edited text departs from its source.

    *lemma* is what the book prints, *reading* what the source has; *certainty* is
    `certain` or `probable`; *why* is the editor's reason, if any.
    """

    id: str
    text_id: str
    lemma: str
    reading: str
    certainty: str
    why: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A place in a text that a reference can point to."""

    id: str
    text_id: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of a text: *level* 1 is the title of the text itself."""

    id: str
    level: int
    title: str


class PieceKind(StrEnum):
    """What became of a stretch of the source in the edited text."""

    KEPT = "kept"
    EMENDED = "emended"
    OMITTED = "omitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of the edited text with every emendation undone.

    *reading* is what the source should have, `¶` for the end of a paragraph; *lemma*
    is what the book prints. *span* is where an emendation stands, *why* its reason
    or that of an omission.
    """

    kind: PieceKind
    reading: str
    lemma: str = ""
    span: Span | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedText:
    """One text with its marks understood.

    In *blocks* a note is a span of class `note-call`, an emendation one of class
    `emendation`, a reference a link of class `reference`; *pieces* undo the edition.
    """

    parsed: ParsedText
    blocks: Blocks
    headings: tuple[Heading, ...]
    notes: tuple[Note, ...]
    emendations: tuple[Emendation, ...]
    anchors: tuple[Anchor, ...]
    references: tuple[Mark, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedManuscript:
    """All the annotated texts, in the order of the book."""

    texts: tuple[AnnotatedText, ...]


# --- collate ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Omission:
    """Lines of a source that the edition leaves out, and why."""

    why: str
    wording: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLedger:
    """The account of one source: every character is in exactly one column.

    *kept* + *normalised* + *emended* + *omitted* = *characters* (of the source file);
    *supplied* counts the characters that emendations put in their place,
    *normalisations* the places by rule.
    """

    text_id: str
    siglum: str
    characters: int
    kept: int
    normalised: int
    emended: int
    omitted: int
    supplied: int
    normalisations: Mapping[str, int]
    omissions: tuple[Omission, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The proof, text by text, that nothing of the sources was lost."""

    texts: tuple[TextLedger, ...]


# --- cite ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An item of the bibliography.

    *section* is the keyword that files it, *entry* the formatted reference,
    *annotation* the editor's remark, *notes* the ids of the notes that cite it, in
    order.
    """

    citekey: str
    kind: str
    section: str
    annotation: Blocks
    entry: Blocks
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedNote:
    """A note with its citations formatted.

    *citekeys* are the works cited, in order; *ibid_locator* is set (perhaps to
    nothing) when the note is a bare citation of the one work that the note before
    cites, None otherwise.
    """

    note: Note
    blocks: Blocks
    citekeys: tuple[str, ...]
    ibid_locator: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citations:
    """The notes and the works of the book, formatted by one run of the style."""

    notes: tuple[CitedNote, ...]
    works: tuple[Work, ...]


# --- assemble --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedNote:
    """A note in its place: *number* as printed, *text_id* and *siglum* of its text."""

    number: int
    cited: CitedNote
    siglum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """A text of the body: its tree, its headings and its notes, numbered."""

    settings: TextSettings
    title: str
    blocks: Blocks
    headings: tuple[Heading, ...]
    notes: tuple[NumberedNote, ...]
    emendations: tuple[Emendation, ...]
    anchors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSection:
    """A section of the bibliography with its works in alphabetical order."""

    title: str
    works: tuple[Work, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The book in order, before any medium: texts, works, the ledger's account."""

    settings: Settings
    texts: tuple[TextPart, ...]
    bibliography: tuple[WorkSection, ...]
    ledger: Ledger


# --- html ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of the book as one XHTML file: *name* is the file's stem."""

    name: str
    title: str
    kind: str
    xhtml: str


# --- layout ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOutPage:
    """A page as laid out: *folio* as printed, *lines* of the flow.

    *anchors* gives for each id that begins on the page its line, counted from 1;
    *notes* are the ids of the notes called on the page, in order.
    """

    folio: str
    lines: int
    anchors: Mapping[str, int]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOutPart:
    """A part of the book as pages; *document* is the layout engine's own.

    *looseness* gives for each justified line what its word spaces gained, as a share
    of a normal space; *hyphens* counts the lines that end in a hyphen of ours.
    """

    name: str
    pages: tuple[LaidOutPage, ...]
    document: Any
    looseness: tuple[float, ...]
    hyphens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOutBook:
    """The whole book as pages, blanks included, ready to be written.

    *labels* are the folios in order; *document* is the layout engine's own.
    """

    labels: tuple[str, ...]
    document: Any
