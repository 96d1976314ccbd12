"""Stage 3, annotate: understand the marks in the tree. Alone knows the notation.

What an editor may write is the contract of docs/EDITING.md. Here each mark becomes a
value (note, emendation, anchor, reference) and the tree keeps a span in its place:
`texts` reads a text, `notes` a note or a wording of a table, `marks` what they share.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from recension.annotate.marks import Marks
from recension.annotate.notation import Where
from recension.annotate.note_reader import NoteReader
from recension.annotate.text_reader import TextReader
from recension.model import Anchor, AnnotatedManuscript, AnnotatedText, Mark, Note
from recension.problems import Report, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from recension.model import Manuscript, ParsedText, Passage, Tables

REGISTER = "book/register.toml"
NOBODY = "none"
"""What `who=` names where a form stands for no entry of the register."""


def annotate(manuscript: Manuscript, report: Report) -> AnnotatedManuscript:
    """Find the marks of all that was read; faults of the notation go to *report*.

    A text whose note labels are at fault is left out: its tree cannot be read.
    """
    ids = [text.files.settings.id for text in manuscript.texts]

    def read(texts: Iterable[ParsedText]) -> tuple[AnnotatedText, ...]:
        sound = [text for text in texts if _has_sound_labels(text, report)]
        return tuple(TextReader(parsed, ids, report).read() for parsed in sound)

    front, texts = read(manuscript.front), read(manuscript.texts)
    tables, parts = manuscript.tables, (*front, *texts)
    table_marks, passages = _read_passages(manuscript, report)
    whole = manuscript.whole and len(parts) == len(manuscript.front + manuscript.texts)
    references = [mark for marks in table_marks for mark in marks.references]
    subs = [mark for entry in tables.register for s in entry.subs for mark in s.at]
    if whole:
        anchors = _check_anchors(parts, [*references, *subs], report)
        settings = [text.parsed.files.settings for text in texts]
        homes = {text.siglum: text.id for text in settings}
        _check_places(tables, homes, anchors, report)
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
    defined = Counter(mark.name for mark in parsed.definitions)
    called = Counter(mark.name for mark in parsed.calls)
    for call in parsed.calls:
        if call.name not in defined:
            otherwise = f"define it: `[^{call.name}]: …`"
            hint = suggest(call.name, defined, "note", otherwise)
            message = f"the note `{call.name}` is called but not defined"
            report.error("A-001", message, call.span, hint)
        if call.inside_note:
            message = f"the note `{call.name}` is called inside a note"
            hint = f"take the call out of the note `{call.inside_note}`"
            report.error("A-004", message, call.span, hint)
    for call in _after_first(parsed.calls):
        message = f"the note `{call.name}` is called twice"
        hint = "one call, one note: give the second a note of its own"
        report.error("A-009", message, call.span, hint)
    for definition in _after_first(parsed.definitions):
        message = f"the note `{definition.name}` is defined twice"
        report.error("A-003", message, definition.span, "rename or remove one of them")
    for definition in parsed.definitions:
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


def _check_anchors(
    texts: Iterable[AnnotatedText], references: Iterable[Mark], report: Report
) -> dict[str, Anchor]:
    """Report anchors that stand twice, and references to none; return the anchors.

    *references* are those of the tables; those of the texts are checked with them.
    """
    anchors: dict[str, Anchor] = {}
    for text in texts:
        for anchor in text.anchors:
            if anchor.id in anchors:
                message = f"the anchor `{anchor.id}` is defined twice"
                first = anchors[anchor.id].span
                hint = f"it stands already at {first.path}:{first.line}"
                report.error("A-006", message, anchor.span, hint)
            anchors.setdefault(anchor.id, anchor)
    referring = [mark for text in texts for mark in text.references]
    for reference in (*referring, *references):
        _check_anchor(reference, anchors, anchors, "", report)
    return anchors


def _check_places(
    tables: Tables,
    homes: Mapping[str, str],
    anchors: Mapping[str, Anchor],
    report: Report,
) -> None:
    """Report places of *tables* that are not in the texts where they should be.

    *homes* has the id of each text by its siglum.
    """
    own: dict[str, dict[str, Anchor]] = {
        siglum: {id_: a for id_, a in anchors.items() if a.text_id == home}
        for siglum, home in homes.items()
    }
    for event in tables.parallels:
        for siglum, mark in event.anchors.items():
            _check_anchor(mark, anchors, own[siglum], siglum, report)
    in_texts = {id_: anchor for known in own.values() for id_, anchor in known.items()}
    for dated in tables.chronology:
        for mark in dated.anchors:
            _check_anchor(mark, anchors, in_texts, "a text", report)


def _check_anchor(
    mark: Mark,
    anchors: Mapping[str, Anchor],
    allowed: Mapping[str, Anchor],
    where: str,
    report: Report,
) -> None:
    """Report *mark* if it names none of the *allowed* anchors, which are *where*."""
    if mark.name in allowed:
        return
    if there := anchors.get(mark.name):
        message = f"the anchor `{mark.name}` does not stand in {where}"
        hint = f"it stands at {there.span.path}:{there.span.line}; name another"
    else:
        message = f"the anchor `{mark.name}` does not exist"
        otherwise = f"set the anchor: `[]{{#{mark.name}}}`"
        hint = suggest(mark.name, allowed, "anchor", otherwise)
    report.error("A-005", message, mark.span, hint)
