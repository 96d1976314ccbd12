"""Check the bibliography: its entries, the citekeys of the book, the style."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from recension.cite.library import place_entry
from recension.config import SETTINGS_PATH
from recension.pandoc import PandocLimitError
from recension.popups import HINTS, find_ibid, find_wrong_length
from recension.problems import Report, Span, find_nearest, suggest
from recension.tree import make_word, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from recension.cite.library import Library, RawWork
    from recension.config import Settings
    from recension.files import File
    from recension.model import CitedNote, Manuscript, Mark
    from recension.pandoc import PandocError

FURTHER = "further"
"""The keyword of works that need not be cited: further reading."""

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


def report_citeproc(fault: PandocError, file: File, report: Report) -> None:
    """Tell what citeproc found wrong, which bibtexparser let pass."""
    message = str(fault)
    if isinstance(fault, PandocLimitError):
        reason = f"citeproc cannot format notes and works: {message}"
        hint = "look for an odd style or entry; `[limits]` sets what pandoc may take"
        report.error("P-006", reason, Span(path=SETTINGS_PATH), hint)
        return
    if not message.startswith("Error reading bibliography"):
        reason = f"the citation style cannot be read: {' '.join(message.split())}"
        hint = "mend the .csl file, or name a style of the CSL collection"
        report.error("C-008", reason, Span(path=SETTINGS_PATH), hint)
        return
    found = re.search(r"\(line (\d+), column (\d+)\):?\s*(.*)", message, re.DOTALL)
    line, reason = (int(found[1]), found[3]) if found else (1, message)
    span = place_entry(file, line - 1)
    reason = f"the bibliography cannot be read: {' '.join(reason.split())}"
    hint = "check the commas and the braces of the entry that ends before this line"
    report.error("C-002", reason, span, hint)


def check_works(
    works: Mapping[str, RawWork], settings: Settings, report: Report
) -> None:
    """Report each work that lacks a field or a section, or stands twice."""
    seen: dict[tuple[str, ...], str] = {}
    sections = [keyword for keyword, _ in settings.bibliography.sections]
    for key, work in works.items():
        for group in REQUIRED.get(work.kind.lower(), (("title",),)):
            if not any(name in work.fields for name in group):
                wanted = " or ".join(f"`{name}`" for name in group)
                message = f"the {work.kind} `{key}` has no {wanted}"
                report.error("C-004", message, work.span, f"add `{group[0]} = {{…}}`")
        if sections and work.section not in sections:
            message = f"the work `{key}` has no keyword that files it"
            hint = f"add `keywords = {{…}}` with one of {', '.join(sections)}"
            report.error("C-004", message, work.span, hint)
        identity = _identity(work)
        if identity in seen:
            message = f"`{key}` and `{seen[identity]}` stand for one work"
            hint = f"keep one citekey and cite it everywhere: `{seen[identity]}`"
            report.error("C-006", message, work.span, hint)
        seen.setdefault(identity, key)


def _identity(work: RawWork) -> tuple[str, ...]:
    names = ("author", "editor", "title", "subtitle", "date", "year", "volume", "pages")
    values = (work.fields.get(name, "") for name in names)
    return tuple(re.sub(r"\W+", " ", value).strip().casefold() for value in values)


def check_citekeys(
    manuscript: Manuscript, library: Library, file: File, report: Report
) -> None:
    """Report each citekey of the book that the bibliography does not have."""
    if not file.raw.strip():
        _report_no_works(list(_find_citekeys(manuscript)), file, report)
        return
    known = library.works.keys()
    named = [entry.citekey for entry in manuscript.tables.register if entry.citekey]
    for mark in (*_find_citekeys(manuscript), *named):
        if mark.name not in known and mark.name not in library.fault:
            otherwise = f"add the work to {file.path}"
            hint = suggest(mark.name, known, "citekey", otherwise)
            message = f"the citekey `{mark.name}` is not in the bibliography"
            report.error("C-001", message, mark.span, hint)


def _report_no_works(marks: Sequence[Mark], file: File, report: Report) -> None:
    """Report that works are cited and there is no bibliography."""
    if marks:
        count = f", in {len(marks)} places" if marks[1:] else ""
        message = f"a work is cited{count}, and the edition has no bibliography"
        report.error("C-001", message, marks[0].span, f"write {file.path}")


def _find_citekeys(manuscript: Manuscript) -> Iterator[Mark]:
    """Yield every citekey of the texts and the tables, with its place."""
    for text in (*manuscript.front, *manuscript.texts):
        yield from text.citekeys
    for passage in manuscript.passages:
        yield from passage.citekeys


def check_cited(
    manuscript: Manuscript, works: Mapping[str, RawWork], report: Report
) -> None:
    """Report each work that nothing cites, further reading apart."""
    cited = {mark.name for mark in _find_citekeys(manuscript)}
    cited |= {find_nearest(key, works) for key in cited - works.keys()}
    for key, work in works.items():
        if key not in cited and work.section != FURTHER:
            message = f"the work `{key}` is never cited"
            hint = f"cite it, or mark it `keywords = {{{FURTHER}}}`"
            report.error("C-005", message, work.span, hint)


def check_popup(cited: CitedNote, report: Report) -> None:
    """Warn of a note that does not pop up in readers, or cannot be read alone there."""
    name = cited.note.label
    wording = " ".join(plain_text([block, make_word(" ")]) for block in cited.blocks)
    shown = f"1 {' '.join(wording.split())} ↑"
    if not wording.strip():
        return  # `annotate` tells it
    for code, message in (*find_wrong_length(name, shown), *find_ibid(name, wording)):
        report.warning(code, message, cited.note.span, HINTS[code])
