"""Stage 7, assemble: put the book together. Alone knows the order of a book."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from recension.model import Book, NumberedNote, TextPart, WorkSection
from recension.problems import Report, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recension.config import Settings
    from recension.model import (
        AnnotatedManuscript,
        AnnotatedText,
        Citations,
        CitedNote,
        IndexedText,
        Ledger,
    )


def assemble(  # noqa: PLR0913 - what the stages before have found
    manuscript: AnnotatedManuscript,
    indexed: Sequence[IndexedText],
    citations: Citations,
    ledger: Ledger,
    settings: Settings,
    report: Report,
) -> Book:
    """Put the parts, the numbered notes and the works in order.

    Notes are numbered from the front matter on. A part without a title is an error in
    *report*.
    """
    marked = {text.text_id: text for text in indexed}
    numbers = count(1)

    def put(text: AnnotatedText) -> TextPart:
        nonlocal numbers
        if settings.notes.numbering == "text":
            numbers = count(1)
        found = marked[text.parsed.files.settings.id]
        return _assemble_text(text, found, citations, numbers, report)

    front = tuple(put(part) for part in manuscript.front)
    texts = tuple(put(text) for text in manuscript.texts)
    return Book(
        settings=settings,
        front=front,
        texts=texts,
        tables=manuscript.tables,
        passages={p.note.id: p.blocks for p in citations.passages},
        indexed=tuple(indexed),
        bibliography=_file_works(citations, settings),
        ledger=ledger,
        homes={id_: p.settings for p in (*front, *texts) for id_ in p.anchors},
    )


def _assemble_text(
    text: AnnotatedText,
    indexed: IndexedText,
    citations: Citations,
    numbers: Iterator[int],
    report: Report,
) -> TextPart:
    settings = text.parsed.files.settings
    title = next((h for h in text.headings if h.level == 1), None)
    if title is None:
        span = Span(path=text.parsed.files.edited.path, line=1, column=1)
        what = "text" if settings.siglum else "part"
        message = f"the {what} `{settings.id}` has no title"
        report.error("B-001", message, span, f"begin with `# Title {{#{settings.id}}}`")
    own = [n for n in citations.notes if n.note.text_id == settings.id]
    return TextPart(
        settings=settings,
        title=title.title if title else "",
        blocks=indexed.blocks,
        headings=text.headings,
        notes=tuple(_number(note, next(numbers), settings.siglum) for note in own),
        emendations=text.emendations,
        anchors=tuple(anchor.id for anchor in text.anchors),
        pieces=text.pieces,
        words=text.parsed.words,
    )


def _number(cited: CitedNote, number: int, siglum: str) -> NumberedNote:
    note = cited.note
    return NumberedNote(
        id=note.id,
        number=number,
        text_id=note.text_id,
        siglum=siglum,
        label=note.label,
        kind=note.kind,
        blocks=cited.blocks,
        citekeys=cited.citekeys,
        ibid_locator=cited.ibid_locator,
        span=note.span,
    )


def _file_works(citations: Citations, settings: Settings) -> tuple[WorkSection, ...]:
    sections = settings.bibliography.sections or (("", ""),)
    filed = (
        WorkSection(
            title=title,
            works=tuple(
                work
                for work in citations.works
                if not keyword or work.section == keyword
            ),
        )
        for keyword, title in sections
    )
    return tuple(section for section in filed if section.works)
