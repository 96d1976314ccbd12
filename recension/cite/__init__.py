"""Stage 5, cite: check the bibliography and format notes and works.

Alone knows BibTeX and the CSL style. `bibtex` reads the syntax, `fields` the fields of
an entry (`biblatex` has their names, `edtf` the dates), `inherit` what one work takes
from another; `library` has the works that come of it, `choice` those to be printed.
`checks` tells what is wrong with them, `works` reads what the builder itself needs of
their LaTeX. `style` reads the style; citeproc formats with it, in one run for the whole
book, what `normal` writes, and what `ibid` needs to know of locators.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from recension.cite.checks import (
    check_cited,
    check_citekeys,
    check_popup,
    check_works,
    find_cited,
    report_citeproc,
    report_empty,
    report_unprinted,
    report_works,
)
from recension.cite.choice import choose_works, find_sources_of
from recension.cite.ibid import (
    find_citations,
    find_repeats,
    read_locators,
    write_probes,
)
from recension.cite.library import read_library
from recension.cite.normal import write_bibliography
from recension.cite.style import read_style
from recension.cite.works import (
    Read,
    Titles,
    find_annotation,
    find_titles,
    list_words,
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
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


__all__ = ["cite", "list_words"]

REFERENCES = "refs"
"""The id of the div with the references, which citeproc puts last."""
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
    """Return the works to be printed; what is wrong with them goes to *report*."""
    file, settings = sources.bibliography, sources.settings
    if file is None:
        return {}
    library = read_library(file, settings.bibliography.annotation, report)
    cited = find_cited(parsed, library.works)
    whole = settings.bibliography.uncited == "error"
    works = choose_works(library, cited, whole=whole)
    report_works(library, works, whole=whole, report=report)
    check_works(works, settings, report)
    check_citekeys(parsed, library, file, report)
    if whole and sources.whole and not sources.tables.faulty:
        named = cited | find_sources_of(library.works, works)
        check_cited(works, named, report)
    return works


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
    passages = [p for p in manuscript.passages if any(find_citations(p.blocks))]
    footnotes = [_as_footnote(note) for note in (*notes, *passages)]
    repeats = find_repeats(notes)
    probes = write_probes(repeats, [key for note in notes for key in _citekeys(note)])
    try:
        formatted = format_citations(
            [*footnotes, *probes],
            Works(
                bibliography=write_bibliography(works),
                style=style,
                language=settings.edition.language,
            ),
            settings.limits,
        )
    except PandocError as fault:
        report_citeproc(fault, works, report)
        return NOTHING
    code = settings.language_code
    titles = {key: find_titles(work, read, code) for key, work in works.items()}
    with report.apart() as own:
        references = _find_references(formatted, works, own)
        _check_printed(works, read, references, own)
    if not own.sound:
        return NOTHING
    shown = formatted[len(footnotes) : len(footnotes) + len(probes)]
    locators = read_locators(repeats, shown)
    cited = _cited_notes([*notes, *passages], formatted, locators, titles)
    for one in cited[: len(notes)]:
        check_popup(one, report)
    of_tables = {note.note.id: note for note in cited[len(notes) :]}
    return Citations(
        notes=cited[: len(notes)],
        passages=tuple(of_tables.get(p.id, _uncited(p)) for p in manuscript.passages),
        works=_make_works(
            works,
            references,
            (_find_citing(cited[: len(notes)]), _find_citing(cited[len(notes) :])),
            titles,
            read,
        ),
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
    notes: Sequence[Note],
    formatted: Sequence[Node],
    locators: Mapping[str, list[Node]],
    titles: Titles,
) -> tuple[CitedNote, ...]:
    return tuple(
        CitedNote(
            note=note,
            blocks=[
                _mark_citations(call["c"][0]["c"][0], titles) for call in block["c"][1]
            ],
            citekeys=_citekeys(note),
            ibid_locator=locators.get(note.id),
        )
        for note, block in zip(notes, formatted, strict=False)
    )


def _citekeys(note: Note) -> tuple[str, ...]:
    """Return the works that *note* cites, each once, in order."""
    keys = (citation["citationId"] for citation in find_citations(note.blocks))
    return tuple(dict.fromkeys(keys))


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


def _find_references(
    formatted: Blocks, works: Mapping[str, RawWork], report: Report
) -> dict[str, Blocks]:
    """Return the references of *works* by citekey; those without words are reported."""
    lists = [b for b in formatted[-1:] if attributes_of(b).id == REFERENCES]
    found = {
        attributes_of(block).id.removeprefix("ref-"): block["c"][1]
        for references in lists
        for block in references["c"][1]
    }
    for citekey, blocks in found.items():
        if not re.search(r"\w", plain_text(blocks)):
            report_empty(works[citekey], report)
    return found


def _check_printed(
    works: Mapping[str, RawWork],
    read: Read,
    references: Mapping[str, Blocks],
    report: Report,
) -> None:
    """Report what the style leaves out of *works*, which are formatted."""
    words: dict[str, dict[str, str]] = {key: {} for key in works}
    for (key, name), blocks in read.items():
        words[key][name] = plain_text(blocks)
    for key, entry in references.items():
        report_unprinted(works[key], words[key], plain_text(entry), report)


def _find_citing(cited: Sequence[CitedNote]) -> dict[str, list[str]]:
    """Return for each work the ids of what cites it, in order."""
    citing: dict[str, list[str]] = {}
    for note in cited:
        for key in note.citekeys:
            citing.setdefault(key, []).append(note.note.id)
    return citing


def _make_works(
    works: Mapping[str, RawWork],
    references: Mapping[str, Blocks],
    citing: tuple[Mapping[str, list[str]], Mapping[str, list[str]]],
    titles: Titles,
    read: Read,
) -> tuple[Work, ...]:
    """Return the works; *citing* has the notes of each, and the wordings of tables."""
    notes, passages = citing
    return tuple(
        Work(
            citekey=key,
            kind=works[key].kind,
            section=works[key].section,
            annotation=find_annotation(key, read),
            titles=titles[key],
            entry=mark_works(entry, [key], titles),
            notes=tuple(notes.get(key, ())),
            passages=tuple(passages.get(key, ())),
            span=works[key].span,
        )
        for key, entry in references.items()
    )
