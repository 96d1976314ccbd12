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

    from recension.config import MatterSettings, Settings, TextSettings
    from recension.files import File
    from recension.problems import Span

Node = dict[str, Any]
Blocks = list[Node]
Place = tuple[str, int]
"""Where an anchor fell: the folio as printed and the line, counted from 1."""


# --- load ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFiles:
    """One text: its settings, the edited text, and the source it is proved against.

    A part of the front matter has no source: the editor wrote it.
    """

    settings: TextSettings | MatterSettings
    edited: File
    source: File | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A stretch of Markdown in a table: one paragraph, citations and references in it.

    *id* is unique in the book (`parallels-3-remark`); *span* is where its key stands.
    """

    id: str
    markdown: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A name that the editor wrote, and where: a note label, a citekey, an anchor.

    It may stand *inside_note*, which is a label, or in what is *omitted*.
    """

    name: str
    span: Span
    inside_note: str = ""
    omitted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelEvent:
    """An event that the texts tell, as parallels.toml has it.

    *agreement* is `agree`, `differ`, `contradict` or `only-` and a siglum; *anchors*
    and *says* have the place and the version of each text by siglum.
    """

    id: str
    title: Wording
    agreement: str
    anchors: Mapping[str, Mark]
    says: Mapping[str, Wording]
    remark: Wording | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day, a month (*day* is 0), a season (*month* 21–24) or a year (*month* 0)."""

    year: int
    month: int = 0
    day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A date of EDTF (ISO 8601-2): a day, or an interval up to *until*.

    *qualifier* is `~` (approximate), `?` (uncertain), `%` (both) or nothing; *first*
    and *last* are the days that bound it, counted as `date.toordinal` does.
    """

    start: Day
    until: Day | None
    qualifier: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedEvent:
    """An event of chronology.toml; *short* is its label in the time-line, if drawn."""

    id: str
    date: Period
    what: Wording
    anchors: tuple[Mark, ...]
    evidence: Wording | None
    remark: Wording | None
    short: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubHeading:
    """A sub-heading of the index: it takes what stands in the paragraphs of *at*."""

    name: str
    at: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of register.toml: a heading of the index, and who or what it is.

    *forms* are the words that stand for it in the texts, *see* the headings that refer
    to it, *see_also* the ids of entries that it refers to; *lang* is the language of
    its name, if not the edition's; *who* is for persons and organisations.
    """

    id: str
    kind: str
    name: Wording
    forms: tuple[Mark, ...]
    see: tuple[Wording, ...]
    see_also: tuple[Mark, ...]
    citekey: Mark | None
    lang: str
    dates: str
    who: Wording | None
    subs: tuple[SubHeading, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The tables of an edition: each is empty where the edition has no such file.

    So are the *faulty*, of which it is not known what they would have.
    """

    parallels: tuple[ParallelEvent, ...] = ()
    chronology: tuple[DatedEvent, ...] = ()
    register: tuple[Entry, ...] = ()
    files: tuple[File, ...] = ()
    faulty: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Everything that the editor wrote and that could be read.

    *front* are the parts of the front matter, *texts* the texts of the body; *written*
    is the file of the settings, *style* a citation style of the edition's own. The
    edition is *whole* if all its texts could be read.
    """

    folder: Path
    settings: Settings
    written: File
    front: tuple[TextFiles, ...]
    texts: tuple[TextFiles, ...]
    tables: Tables
    whole: bool
    bibliography: File | None
    style: File | None


# --- parse -----------------------------------------------------------------------


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
    words of the running text, notes left out. In a text that is not *sound* the tree
    may lack something that the editor wrote, or have something else.
    """

    files: TextFiles
    blocks: Blocks
    calls: tuple[Mark, ...]
    definitions: tuple[Mark, ...]
    citekeys: tuple[Mark, ...]
    words: tuple[Word, ...]
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A wording of a table as a tree, with the citekeys in it, *sound* as a text is."""

    wording: Wording
    blocks: Blocks
    citekeys: tuple[Mark, ...]
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Manuscript:
    """All that is to be read, in the order of the book; *whole* as the sources are."""

    front: tuple[ParsedText, ...]
    texts: tuple[ParsedText, ...]
    tables: Tables
    passages: tuple[Passage, ...]
    whole: bool


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

    *lemma* is what the book prints, *reading* what the source has, *before* and *after*
    the words printed beside it, with the white between; *certainty* is `certain` or
    `probable`; *why* is the editor's reason, if any.
    """

    id: str
    text_id: str
    lemma: str
    reading: str
    before: str
    after: str
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
    `emendation`, a reference one of class `reference`, a decision of who is meant one
    with the attribute `who`; *pieces* undo the edition. Only of a *sound* text do they
    stand for all that is in the file.
    """

    parsed: ParsedText
    blocks: Blocks
    headings: tuple[Heading, ...]
    notes: tuple[Note, ...]
    emendations: tuple[Emendation, ...]
    anchors: tuple[Anchor, ...]
    references: tuple[Mark, ...]
    decisions: tuple[Mark, ...]
    pieces: tuple[Piece, ...]
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedManuscript:
    """All that was read, its marks understood; *passages* are the tables' wordings.

    It is *whole* if nothing of the edition, tables included, is missing in it.
    """

    front: tuple[AnnotatedText, ...]
    texts: tuple[AnnotatedText, ...]
    tables: Tables
    passages: tuple[Note, ...]
    whole: bool


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
class Title:
    """A title that a work goes by, in *language*, empty for that of the edition."""

    wording: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An item of the bibliography.

    *section* is the keyword that files it, *entry* the formatted reference,
    *annotation* the editor's remark in paragraphs, *notes* the ids of the notes that
    cite it, in order, *passages* those of the tables' wordings; *titles* are those of
    the work and of what it appeared in, *span* is the place of its entry.
    """

    citekey: str
    kind: str
    section: str
    titles: tuple[Title, ...]
    annotation: Blocks
    entry: Blocks
    notes: tuple[str, ...]
    passages: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedNote:
    """A note with its citations formatted, the titles in them marked (see `titles`).

    *citekeys* are the works cited, in order; *ibid_locator* is the locator as the
    style writes it (perhaps nothing) when the note is a bare citation of the one work
    that the note before cites, None otherwise.
    """

    note: Note
    blocks: Blocks
    citekeys: tuple[str, ...]
    ibid_locator: list[Node] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citations:
    """What the style has formatted, in one run: notes, tables' wordings, works."""

    notes: tuple[CitedNote, ...]
    passages: tuple[CitedNote, ...]
    works: tuple[Work, ...]


# --- index -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A place where an entry of the register is meant.

    *id* is the mark in the text's tree, or the id of the note that has it (*note* is
    then true); *paragraph* is the id of the paragraph in the text, the note's call's
    where it stands in a note.
    """

    id: str
    entry: str
    text_id: str
    paragraph: str
    note: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedText:
    """A text with its mentions marked.

    In *blocks* a paragraph that something refers to begins with an empty span of class
    `paragraph`, and a mention is a span of class `mention` with its id; with the
    attribute `who` it is the first of its person in the text.
    """

    text_id: str
    blocks: Blocks
    mentions: tuple[Mention, ...]
    anchors: Mapping[str, str]
    """The paragraph of each anchor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locator:
    """A place as the index prints it: *label* is `34–36`, `27n14` or `27nn14–15`.

    *first* is the first of the mentions that it stands for.
    """

    label: str
    first: Mention


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedGroup:
    """The locators of a heading, or of one of its sub-headings (*name* is then set)."""

    name: str
    locators: tuple[Locator, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexHeading:
    """A heading of the index: an entry with its places, or a reference to one.

    *see* is the id of the entry that it refers to, then without *groups*; *id* is then
    that of the wording.
    """

    id: str
    key: str
    name: str
    see: str
    see_also: tuple[str, ...]
    groups: tuple[LocatedGroup, ...]


# --- assemble --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedNote:
    """A note in its place: *number* as printed, *text_id* and *siglum* of its text.

    All else is as in Note and in CitedNote.
    """

    id: str
    number: int
    text_id: str
    siglum: str
    label: str
    kind: str
    blocks: Blocks
    citekeys: tuple[str, ...]
    ibid_locator: list[Node] | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """A text of the body: its tree, its headings and its notes, numbered.

    *pieces* undo the edition, *words* are those of the file that are printed.
    """

    settings: TextSettings | MatterSettings
    title: str
    blocks: Blocks
    headings: tuple[Heading, ...]
    notes: tuple[NumberedNote, ...]
    emendations: tuple[Emendation, ...]
    anchors: tuple[str, ...]
    pieces: tuple[Piece, ...]
    words: tuple[Word, ...]

    @property
    def edited(self) -> str:
        """The text as edited: what the book prints of its pieces."""
        return "".join(piece.lemma for piece in self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSection:
    """A section of the bibliography with its works in alphabetical order."""

    title: str
    works: tuple[Work, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The book in order, before any medium.

    *passages* are the formatted wordings of the tables by id, *indexed* the parts with
    their mentions; *homes* gives for each anchor the settings of the part that has it.
    """

    settings: Settings
    front: tuple[TextPart, ...]
    texts: tuple[TextPart, ...]
    tables: Tables
    passages: Mapping[str, Blocks]
    indexed: tuple[IndexedText, ...]
    bibliography: tuple[WorkSection, ...]
    ledger: Ledger
    homes: Mapping[str, TextSettings | MatterSettings]

    @property
    def parts(self) -> tuple[TextPart, ...]:
        """The parts that an editor writes, in order."""
        return (*self.front, *self.texts)


# --- construe --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstruedWork:
    """The formatted reference to a work and the editor's remark."""

    entry: Blocks
    annotation: Blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstruedBook:
    """The trees of a book with what their words are: titles, languages, dates, figures.

    *parts*, *notes* and *passages* are given by their ids, *works* by citekey;
    *languages* has those of the emendations that are in another, by their ids.
    """

    parts: Mapping[str, Blocks]
    languages: Mapping[str, str]
    notes: Mapping[str, Blocks]
    passages: Mapping[str, Blocks]
    works: Mapping[str, ConstruedWork]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineMark:
    """An event in the time-line, heights from the top in the unit of the drawing.

    *y_date* is the height of its date on the axis, *y_until* that of its end if it
    lasts longer than a year, *y_label* the one of its label; *year* is its first year.
    """

    event: str
    label: str
    year: int
    y_date: float
    y_until: float | None
    y_label: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The drawn time-line: its axis from *start* to *end*, a tick with its height each.

    *height* is that of the axis and of the labels; *marks* are in the order of dates.
    """

    start: int
    end: int
    height: float
    ticks: tuple[tuple[int, float], ...]
    marks: tuple[TimelineMark, ...]


# --- html ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EpubPage:
    """A part of the book as one XHTML file: *name* is the file's stem.

    *folios* are those of the printed pages that begin in it, in order.
    """

    name: str
    title: str
    kind: str
    xhtml: str
    folios: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A font of the EPUB: the subset *name* of the whole font *file*."""

    name: str
    media_type: str
    italic: bool
    bold: bool
    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Typeface:
    """The typeface of the EPUB: what its fonts say of themselves.

    *licences* are the files with the terms for embedding them, by name in the EPUB.
    """

    family: str
    copyright: str
    licence: str
    faces: tuple[Face, ...]
    licences: Mapping[str, Path]


# --- layout ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOutPage:
    """A page as laid out: its *folio* as printed, the ids that begin on it."""

    folio: str
    anchors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedPage:
    """A page by its *folio*, with the *letters* of its running text.

    *offsets* gives for each id that begins on the page how many letters stand before
    it there. A blank page has neither.
    """

    folio: str
    letters: int
    offsets: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMap:
    """The pages in order, and the folio and line of each id of the texts.

    *digest* is that of everything that the pages were made from.
    """

    digest: str
    pages: tuple[PrintedPage, ...]
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blemish:
    """Something amiss with a set line: its *kind*, its page and line (1-based)."""

    kind: str
    folio: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOutPart:
    """A part of the book as pages; *bound* is for `layout` alone to look into.

    *looseness* gives for each justified line what its word spaces gained, as a share
    of a normal space; *hyphens* counts for each page the lines that end in a hyphen of
    ours; *blemishes* are what good setting would avoid.
    """

    name: str
    pages: tuple[LaidOutPage, ...]
    bound: object
    looseness: tuple[float, ...]
    hyphens: tuple[int, ...]
    blemishes: tuple[Blemish, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOutBook:
    """The whole book as pages, blanks included, ready to be written.

    *pages* tell the folios in order; *bound* is for `layout` alone to look into.
    """

    pages: tuple[PrintedPage, ...]
    bound: object
