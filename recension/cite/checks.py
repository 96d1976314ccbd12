"""Check the bibliography: its entries, the citekeys of the book, the style."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bibtexparser.model import (
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
)

from recension.config import SETTINGS_PATH
from recension.problems import Report, Span, find_nearest, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bibtexparser.library import Library
    from bibtexparser.model import ParsingFailedBlock

    from recension.config import Settings
    from recension.files import File
    from recension.model import Manuscript, Mark

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


def report_citeproc(message: str, file: File, report: Report) -> None:
    """Tell what citeproc found wrong, which bibtexparser let pass."""
    if not message.startswith("Error reading bibliography"):
        reason = f"the citation style cannot be read: {' '.join(message.split())}"
        hint = "mend the .csl file, or name a style of the CSL collection"
        report.error("C-008", reason, Span(path=SETTINGS_PATH), hint)
        return
    found = re.search(r"\(line (\d+), column (\d+)\):?\s*(.*)", message, re.DOTALL)
    line, reason = (int(found[1]), found[3]) if found else (1, message)
    span = _entry_span(file, line - 1)
    reason = f"the bibliography cannot be read: {' '.join(reason.split())}"
    hint = "check the commas and the braces of the entry that ends before this line"
    report.error("C-002", reason, span, hint)


def _entry_span(file: File, start: int | None) -> Span:
    """Return the span of the block that begins at *start* (bibtexparser: 0-based)."""
    line = (start or 0) + 1
    excerpt = file.at(line).excerpt
    indent = len(excerpt) - len(excerpt.lstrip())
    return file.at(line, indent + 1, len(excerpt.strip()))


def report_failed(library: Library, file: File, report: Report) -> None:
    """Tell which blocks of the bibliography bibtexparser could not read."""
    for block in library.failed_blocks:
        code, message, hint = _describe_failed(block)
        report.error(code, message, _entry_span(file, block.start_line), hint)


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


def check_works(
    entries: dict[str, Entry], file: File, settings: Settings, report: Report
) -> None:
    """Report each work that lacks a field or a section, or stands twice."""
    seen: dict[tuple[str, ...], str] = {}
    sections = [keyword for keyword, _ in settings.bibliography.sections]
    for key, entry in entries.items():
        fields = entry.fields_dict
        span = _entry_span(file, entry.start_line)
        for group in REQUIRED.get(entry.entry_type.lower(), (("title",),)):
            if not any(name in fields for name in group):
                wanted = " or ".join(f"`{name}`" for name in group)
                message = f"the {entry.entry_type} `{key}` has no {wanted}"
                report.error("C-004", message, span, f"add `{group[0]} = {{…}}`")
        if sections and find_section(entry) not in sections:
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


def find_section(entry: Entry) -> str:
    """Return the keyword that files *entry*: its first one."""
    field = entry.fields_dict.get("keywords")
    return str(field.value).partition(",")[0].strip() if field else ""


def check_citekeys(
    manuscript: Manuscript, library: Library, file: File, report: Report
) -> None:
    """Report each citekey of the book that the bibliography does not have."""
    known = {entry.key for entry in library.entries}
    faulty = " ".join(block.raw or "" for block in library.failed_blocks)
    named = [entry.citekey for entry in manuscript.tables.register if entry.citekey]
    for mark in (*_find_citekeys(manuscript), *named):
        if mark.name not in known and mark.name not in faulty:
            otherwise = f"add the work to {file.path}"
            hint = suggest(mark.name, known, "citekey", otherwise)
            message = f"the citekey `{mark.name}` is not in the bibliography"
            report.error("C-001", message, mark.span, hint)


def _find_citekeys(manuscript: Manuscript) -> Iterator[Mark]:
    """Yield every citekey of the texts and the tables, with its place."""
    for text in (*manuscript.front, *manuscript.texts):
        yield from text.citekeys
    for passage in manuscript.passages:
        yield from passage.citekeys


def check_cited(
    manuscript: Manuscript, entries: dict[str, Entry], file: File, report: Report
) -> None:
    """Report each work that nothing cites, further reading apart."""
    cited = {mark.name for mark in _find_citekeys(manuscript)}
    cited |= {find_nearest(key, entries) for key in cited - entries.keys()}
    for key, entry in entries.items():
        if key not in cited and find_section(entry) != FURTHER:
            span = _entry_span(file, entry.start_line)
            message = f"the work `{key}` is never cited"
            hint = f"cite it, or mark it `keywords = {{{FURTHER}}}`"
            report.error("C-005", message, span, hint)
