"""Stage 5, cite: check the bibliography and format notes and works.

Alone knows BibTeX (`library` reads it) and the CSL style (`style` reads it, pandoc's
citeproc formats with it, in one run for the whole book). `checks` tells what is wrong
with the bibliography, `works` reads what the builder itself needs of its fields.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from recension.cite.checks import (
    check_cited,
    check_citekeys,
    check_popup,
    check_works,
    report_citeproc,
)
from recension.cite.library import find_ending, read_library
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
from recension.pandoc import PandocError, Works, format_citations
from recension.tree import (
    SpanClass,
    attributes_of,
    make,
    make_div,
    make_span,
    plain_text,
    replace,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from recension.cite.library import RawWork
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
        works = _read_works(sources, parsed, own)
    return _format(sources, manuscript, works, style, report) if own.sound else NOTHING


def _read_works(
    sources: Sources, parsed: Manuscript, report: Report
) -> Mapping[str, RawWork]:
    """Return the works by their citekeys; what is wrong with them goes to *report*."""
    file = sources.bibliography
    if file is None:
        return {}
    library = read_library(file, report)
    check_works(library.works, sources.settings, report)
    check_citekeys(parsed, library, file, report)
    if sources.whole and not sources.tables.faulty:
        check_cited(parsed, library.works, report)
    return library.works


def _format(
    sources: Sources,
    manuscript: AnnotatedManuscript,
    works: Mapping[str, RawWork],
    style: str,
    report: Report,
) -> Citations:
    """Return what one run of citeproc makes of notes, wordings and *works*."""
    file, settings = sources.bibliography, sources.settings
    if file is None or not style:
        return NOTHING  # `load` has told why
    with report.apart() as own:
        read = read_fields(works, settings.limits, own)
    if not own.sound:
        return NOTHING
    texts = (*manuscript.front, *manuscript.texts)
    notes = [note for text in texts for note in text.notes]
    passages = [p for p in manuscript.passages if any(_find_citations(p.blocks))]
    try:
        formatted = format_citations(
            [_as_footnote(note) for note in (*notes, *passages)],
            Works(
                bibliography=file.raw,
                ending=find_ending(file),
                style=style,
                language=settings.edition.language,
            ),
            settings.limits,
        )
    except PandocError as fault:
        report_citeproc(fault, file, report)
        return NOTHING
    code = settings.language_code
    titles = {key: find_titles(work, read, code) for key, work in works.items()}
    cited = _cited_notes([*notes, *passages], formatted, titles)
    for one in cited[: len(notes)]:
        check_popup(one, report)
    of_tables = {note.note.id: note for note in cited[len(notes) :]}
    return Citations(
        notes=cited[: len(notes)],
        passages=tuple(of_tables.get(p.id, _uncited(p)) for p in manuscript.passages),
        works=_make_works(works, formatted, cited[: len(notes)], titles, read),
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


def _make_works(
    works: Mapping[str, RawWork],
    formatted: Blocks,
    cited: Sequence[CitedNote],
    titles: Titles,
    read: Read,
) -> tuple[Work, ...]:
    listed = (b["c"][1] for b in reversed(formatted) if attributes_of(b).id == "refs")
    references: Blocks = next(listed, [])
    citing: dict[str, list[str]] = {key: [] for key in works}
    for note in cited:
        for key in note.citekeys:
            citing[key].append(note.note.id)
    return tuple(
        Work(
            citekey=key,
            kind=works[key].kind,
            section=works[key].section,
            annotation=find_annotation(key, read),
            titles=titles[key],
            entry=mark_works(block["c"][1], [key], titles),
            notes=tuple(citing[key]),
        )
        for block in references
        for key in [attributes_of(block).id.removeprefix("ref-")]
    )
