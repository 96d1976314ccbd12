"""Stage 3, annotate: understand the marks in the tree. Alone knows the notation.

What an editor may write is the contract of docs/EDITING.md. Here each mark becomes a
value (note, emendation, anchor, reference) and the tree keeps a span in its place:
`texts` reads a text, `notes` a note or a wording of a table, `marks` what they share.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from recension.annotate.anchors import check_anchors, check_made, check_places
from recension.annotate.marks import Marks
from recension.annotate.notation import Where
from recension.annotate.note_reader import NoteReader
from recension.annotate.text_reader import TextReader
from recension.each import anew
from recension.model import AnnotatedManuscript, AnnotatedText, Mark, Note
from recension.problems import Report, gather, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from recension.each import Each
    from recension.model import Manuscript, ParsedText, Passage, Tables
    from recension.problems import Problem

REGISTER = "book/register.toml"
NOBODY = "none"
"""What `who=` names where a form stands for no entry of the register."""


def annotate(
    manuscript: Manuscript, report: Report, each: Each = anew
) -> AnnotatedManuscript:
    """Find the marks of all that was read; faults of the notation go to *report*.

    A text whose note labels are at fault is left out: its tree cannot be read.
    """
    ids = [text.files.settings.id for text in manuscript.texts]

    def read(texts: Iterable[ParsedText]) -> tuple[AnnotatedText, ...]:
        sound = [text for text in texts if _has_sound_labels(text, report)]
        given = {text.files.settings.id: (text, ids) for text in sound}
        found = each(_read_text, given).values()
        for _, problems in found:
            report.add(problems)
        return tuple(text for text, _ in found)

    front, texts = read(manuscript.front), read(manuscript.texts)
    tables, parts = manuscript.tables, (*front, *texts)
    table_marks, passages = _read_passages(manuscript, report)
    whole = manuscript.whole and len(parts) == len(manuscript.front + manuscript.texts)
    references = [mark for marks in table_marks for mark in marks.references]
    subs = [mark for entry in tables.register for s in entry.subs for mark in s.at]
    if whole:
        anchors = check_anchors(parts, [*references, *subs], report)
        check_made(parts, tables, anchors, report)
        settings = [text.parsed.files.settings for text in texts]
        homes = {text.siglum: text.id for text in settings}
        check_places(tables, homes, anchors, report)
    readings: list[AnnotatedText | Marks] = [*parts, *table_marks]
    decisions = [mark for reading in readings for mark in reading.decisions]
    with report.apart() as own:
        if "register" not in tables.faulty:
            _check_decisions(decisions, tables, own)
    known = own.sound and not tables.faulty
    sound = all(found.sound for found in (*readings, *manuscript.passages))
    return AnnotatedManuscript(
        front=front,
        texts=texts,
        tables=tables,
        passages=passages,
        whole=whole and known and sound,
    )


def _read_text(
    parsed: ParsedText, ids: Sequence[str]
) -> tuple[AnnotatedText, tuple[Problem, ...]]:
    """Return a text with its marks, and what is wrong with them."""
    return gather(lambda report: TextReader(parsed, ids, report).read())


def _read_passages(
    manuscript: Manuscript, report: Report
) -> tuple[list[Marks], tuple[Note, ...]]:
    """Return the marks of each table, and the wordings of all like notes."""
    files = {file.path: file for file in manuscript.tables.files}
    found: list[Marks] = []
    notes: list[Note] = []
    for path, passages in groupby(manuscript.passages, lambda p: p.wording.span.path):
        marks = Marks(files[path], report)
        notes += [_read_passage(passage, marks) for passage in passages]
        found.append(marks)
    return found, tuple(notes)


def _read_passage(passage: Passage, marks: Marks) -> Note:
    wording = passage.wording
    reader = NoteReader(marks, Where.TABLE, wording.span)
    kinds = [block["t"] for block in passage.blocks]
    if passage.sound and kinds not in (["Para"], ["Plain"]):
        message = "the wording is not one paragraph"
        hint = "write one paragraph; `\\1.` or `\\T.` where it would begin a list"
        marks.refuse(message, wording.span, hint)
    return Note(
        id=wording.id,
        text_id=wording.id.partition("-")[0],
        label=wording.id,
        kind="table",
        blocks=[reader.read(b) for b in passage.blocks if b["t"] in ("Para", "Plain")],
        span=wording.span,
    )


def _check_decisions(decisions: Iterable[Mark], tables: Tables, report: Report) -> None:
    """Report marks of who is meant that name no entry of the register."""
    known = {entry.id for entry in tables.register} | {NOBODY}
    for mark in decisions:
        if mark.name not in known:
            otherwise = f"add an entry to {REGISTER}, or write `who=none`"
            hint = suggest(mark.name, known, "", otherwise)
            message = f"the register has no entry `{mark.name}`"
            report.error("A-013", message, mark.span, hint)


def _has_sound_labels(parsed: ParsedText, report: Report) -> bool:
    """Report labels that do not go one to one; tell whether all do."""
    with report.apart() as own:
        _check_labels(parsed, own)
    return own.sound


def _check_labels(parsed: ParsedText, report: Report) -> None:
    definitions = [mark for mark in parsed.definitions if not mark.omitted]
    calls = [mark for mark in parsed.calls if not mark.omitted]
    defined = Counter(mark.name for mark in definitions)
    called = Counter(mark.name for mark in parsed.calls)
    marks = (*parsed.calls, *parsed.definitions)
    if omitted := [mark for mark in marks if mark.omitted]:
        count = (
            f"{len(omitted)} marks of notes stand"
            if omitted[1:]
            else "a note is called"
        )
        message = f"{count} in what is left out and not printed"
        hint = (
            "take the calls out of the `::: {.omit}`; `\\[^1]` are signs of the source"
        )
        report.error("A-008", message, omitted[0].span, hint)
    for call in calls:
        if call.name not in defined:
            otherwise = f"define it: `[^{call.name}]: …`"
            hint = suggest(call.name, defined, "note", otherwise)
            message = f"the note `{call.name}` is called but not defined"
            report.error("A-001", message, call.span, hint)
        if call.inside_note:
            message = f"the note `{call.name}` is called inside a note"
            hint = f"take the call out of the note `{call.inside_note}`"
            report.error("A-004", message, call.span, hint)
    for call in _after_first(calls):
        message = f"the note `{call.name}` is called twice"
        hint = "one call, one note: give the second a note of its own"
        report.error("A-009", message, call.span, hint)
    for definition in _after_first(definitions):
        message = f"the note `{definition.name}` is defined twice"
        report.error("A-003", message, definition.span, "rename or remove one of them")
    for definition in definitions:
        if definition.name not in called:
            message = f"the note `{definition.name}` is defined but not called"
            hint = f"call it in the text: `[^{definition.name}]`"
            report.error("A-002", message, definition.span, hint)


def _after_first(marks: Iterable[Mark]) -> Iterator[Mark]:
    seen: set[str] = set()
    for mark in marks:
        if mark.name in seen:
            yield mark
        seen.add(mark.name)
