"""Stage 6, assemble: put the book together. Alone knows the order of a book."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from recension.model import Book, NumberedNote, TextPart, WorkSection
from recension.problems import Report, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recension.config import Settings
    from recension.model import (
        AnnotatedManuscript,
        AnnotatedText,
        Citations,
        CitedNote,
        Ledger,
    )


def assemble(
    manuscript: AnnotatedManuscript,
    citations: Citations,
    ledger: Ledger,
    settings: Settings,
    report: Report,
) -> Book:
    """Put texts, numbered notes and works in order.

    A text without a title is an error in *report*.
    """
    numbers = count(1)
    texts = []
    for text in manuscript.texts:
        if settings.notes.numbering == "text":
            numbers = count(1)
        texts.append(_assemble_text(text, citations, numbers, report))
    return Book(
        settings=settings,
        texts=tuple(texts),
        bibliography=_file_works(citations, settings),
        ledger=ledger,
    )


def _assemble_text(
    text: AnnotatedText,
    citations: Citations,
    numbers: Iterator[int],
    report: Report,
) -> TextPart:
    settings = text.parsed.files.settings
    title = next((h for h in text.headings if h.level == 1), None)
    if title is None:
        span = Span(path=text.parsed.files.edited.path, line=1, column=1)
        message = f"the text `{settings.id}` has no title"
        report.error("B-001", message, span, f"begin with `# Title {{#{settings.id}}}`")
    own = [n for n in citations.notes if n.note.text_id == settings.id]
    return TextPart(
        settings=settings,
        title=title.title if title else "",
        blocks=text.blocks,
        headings=text.headings,
        notes=tuple(_number(note, next(numbers), settings.siglum) for note in own),
        emendations=text.emendations,
        anchors=tuple(anchor.id for anchor in text.anchors),
    )


def _number(cited: CitedNote, number: int, siglum: str) -> NumberedNote:
    return NumberedNote(number=number, cited=cited, siglum=siglum)


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
