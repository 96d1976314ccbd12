"""Stage 5, cite: check the bibliography and format notes and works.

Alone knows BibTeX (bibtexparser reads and checks it) and the CSL style (pandoc's
citeproc formats with it, in one run for the whole book). `checks` tells what is wrong
with the bibliography, `works` reads what the builder itself needs of its fields.
"""

from __future__ import annotations

import logging
from itertools import chain
from typing import TYPE_CHECKING

from bibtexparser.entrypoint import parse_string

from recension.cite.checks import (
    check_cited,
    check_citekeys,
    check_works,
    find_section,
    report_citeproc,
    report_failed,
)
from recension.cite.style import read_style
from recension.cite.works import (
    Read,
    Titles,
    find_annotation,
    find_titles,
    mark_works,
    read_fields,
)
from recension.model import Citations, CitedNote, Work
from recension.pandoc import PandocError, format_citations
from recension.tree import (
    SpanClass,
    make,
    make_div,
    make_span,
    plain_text,
    replace,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bibtexparser.model import Entry

    from recension.model import (
        AnnotatedManuscript,
        Blocks,
        Manuscript,
        Node,
        Note,
        Sources,
    )
    from recension.problems import Report


NOTHING = Citations(notes=(), passages=(), works=())
"""What a bibliography or a style at fault gives."""


def cite(
    sources: Sources,
    parsed: Manuscript,
    manuscript: AnnotatedManuscript,
    report: Report,
) -> Citations:
    """Format every note and every work; faults of the bibliography go to *report*.

    With a fault of it, of the style or of a citekey nothing is formatted.
    """
    with report.apart() as own:
        style = read_style(sources, own)
        entries = _read_works(sources, parsed, own)
    return (
        _format(sources, manuscript, entries, style, report) if own.sound else NOTHING
    )


def _read_works(
    sources: Sources, parsed: Manuscript, report: Report
) -> dict[str, Entry]:
    """Return the works by their citekeys; what is wrong with them goes to *report*."""
    file = sources.bibliography
    if file is None:
        return {}
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = parse_string(file.raw)
    report_failed(library, file, report)
    entries = {entry.key: entry for entry in library.entries}
    check_works(entries, file, sources.settings, report)
    check_citekeys(parsed, library, file, report)
    if sources.whole and not sources.tables.faulty:
        check_cited(parsed, entries, file, report)
    return entries


def _format(
    sources: Sources,
    manuscript: AnnotatedManuscript,
    entries: dict[str, Entry],
    style: str,
    report: Report,
) -> Citations:
    """Return what one run of citeproc makes of notes, wordings and *entries*."""
    file, settings = sources.bibliography, sources.settings
    if file is None or not style:
        return NOTHING  # `load` has told why
    texts = (*manuscript.front, *manuscript.texts)
    notes = [note for text in texts for note in text.notes]
    passages = [p for p in manuscript.passages if any(_find_citations(p.blocks))]
    try:
        formatted = format_citations(
            [_as_footnote(note) for note in (*notes, *passages)],
            bibliography=file.raw,
            style=style,
            language=settings.edition.language,
        )
    except PandocError as fault:
        report_citeproc(str(fault), file, report)
        return NOTHING
    read, language = read_fields(entries), settings.language_code
    titles = {key: find_titles(e, read, language) for key, e in entries.items()}
    cited = _cited_notes([*notes, *passages], formatted, titles)
    of_tables = {note.note.id: note for note in cited[len(notes) :]}
    return Citations(
        notes=cited[: len(notes)],
        passages=tuple(of_tables.get(p.id, _uncited(p)) for p in manuscript.passages),
        works=_works(entries, formatted, cited[: len(notes)], titles, read),
    )


def _uncited(passage: Note) -> CitedNote:
    blocks = passage.blocks
    return CitedNote(note=passage, blocks=blocks, citekeys=(), ibid_locator=None)


# --- formatting --------------------------------------------------------------------


def _as_footnote(note: Note) -> Node:
    """Return *note* for citeproc: a footnote a paragraph, or it adds parentheses."""
    calls = [make("Para", [make("Note", [block])]) for block in note.blocks]
    return make_div(calls, id_=note.id)


def _cited_notes(
    notes: Sequence[Note], formatted: Sequence[Node], titles: Titles
) -> tuple[CitedNote, ...]:
    cited: list[CitedNote] = []
    before: tuple[Note | None, list[tuple[str, str]]] = (None, [])
    for note, block in zip(notes, formatted, strict=False):
        citations = list(_find_citations(note.blocks))
        same_text = before[0] is not None and before[0].text_id == note.text_id
        locator = _ibid_locator(note, citations, before[1] if same_text else [])
        cited.append(
            CitedNote(
                note=note,
                blocks=[
                    _mark_citations(call["c"][0]["c"][0], titles)
                    for call in block["c"][1]
                ],
                citekeys=tuple(dict.fromkeys(key for key, _ in citations)),
                ibid_locator=locator,
            )
        )
        before = (note, citations)
    return tuple(cited)


def _find_citations(blocks: Blocks) -> Iterator[tuple[str, str]]:
    """Yield (citekey, locator) of every citation in a tree, in order."""
    cites = (node for node in walk(blocks) if node["t"] == "Cite")
    for citation in chain.from_iterable(node["c"][0] for node in cites):
        locator = plain_text(citation["citationSuffix"]).lstrip(", ")
        yield citation["citationId"], locator.strip()


def _ibid_locator(
    note: Note, citations: list[tuple[str, str]], before: list[tuple[str, str]]
) -> str | None:
    """Return the locator to print after “Ibid.”, None where ibid. would be wrong.

    After the Chicago Manual: it stands for the one work that the note before cites.
    """
    if len(citations) != 1 or not _is_bare(note.blocks) or not before:
        return None
    (citekey, locator), last = citations[0], before[-1]
    if {key for key, _ in before} != {citekey}:
        return None
    if locator == last[1]:
        return ""
    return locator or None


def _is_bare(blocks: Blocks) -> bool:
    if len(blocks) != 1 or blocks[0]["t"] not in ("Para", "Plain"):
        return False
    inlines = blocks[0]["c"]
    if not inlines or inlines[0]["t"] != "Cite":
        return False
    citation = inlines[0]["c"][0][0]
    plain = citation["citationMode"]["t"] == "NormalCitation"
    rest = plain_text(inlines[1:]).strip()
    return plain and not citation["citationPrefix"] and rest in ("", ".")


def _mark_citations(block: Node, titles: Titles) -> Node:
    """Replace each Cite by a span of class `citation` with its works' citekeys."""

    def mark(node: Node) -> list[Node] | None:
        if node["t"] != "Cite":
            return None
        keys = [citation["citationId"] for citation in node["c"][0]]
        inlines = mark_works(node["c"][1], keys, titles)
        return [make_span(inlines, SpanClass.CITATION, works=" ".join(keys))]

    marked: Node = replace(block, mark)
    return marked


def _works(
    entries: dict[str, Entry],
    formatted: Blocks,
    cited: Sequence[CitedNote],
    titles: Titles,
    read: Read,
) -> tuple[Work, ...]:
    references = next(b for b in reversed(formatted) if b["t"] == "Div")["c"][1]
    citing: dict[str, list[str]] = {key: [] for key in entries}
    for note in cited:
        for key in note.citekeys:
            citing[key].append(note.note.id)
    return tuple(
        Work(
            citekey=entry.key,
            kind=entry.entry_type,
            section=find_section(entry),
            annotation=find_annotation(entry.key, read),
            titles=titles[entry.key],
            entry=mark_works(block["c"][1], [entry.key], titles),
            notes=tuple(citing[entry.key]),
        )
        for block in references
        if (entry := entries[block["c"][0][0].removeprefix("ref-")])
    )
