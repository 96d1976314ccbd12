"""The works as the bibliography has them. Alone knows BibTeX, by bibtexparser.

Another format is another reader: a row of `READERS`, by the ending of the file.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bibtexparser.model import Entry, ParsingFailedBlock

    from recension.files import File
    from recension.problems import Report, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class RawWork:
    """A work as written: its citekey, its type, its fields by name, its place."""

    citekey: str
    kind: str
    fields: Mapping[str, str]
    span: Span

    def field(self, name: str) -> str:
        """Return the field *name* without needless white space, or nothing."""
        return " ".join(self.fields.get(name, "").split())

    @property
    def section(self) -> str:
        """The keyword that files the work: its first one."""
        return self.fields.get("keywords", "").partition(",")[0].strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The *works* by their citekeys, and what is written of those at *fault*."""

    works: Mapping[str, RawWork]
    fault: str


def read_library(file: File, report: Report) -> Library:
    """Read the bibliography in *file*; what cannot be read goes to *report*."""
    read = READERS.get(find_ending(file), _read_bibtex)
    return read(file, report)


def find_ending(file: File) -> str:
    """Return the ending of the name of *file*, by which its format is known."""
    return PurePosixPath(file.path).suffix or ".bib"


def place_entry(file: File, start: int | None) -> Span:
    """Return the span of the block that begins at *start* (bibtexparser: 0-based)."""
    line = (start or 0) + 1
    excerpt = file.at(line).excerpt
    indent = len(excerpt) - len(excerpt.lstrip())
    return file.at(line, indent + 1, len(excerpt.strip()))


def _read_bibtex(file: File, report: Report) -> Library:
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = parse_string(file.raw)
    for block in library.failed_blocks:
        code, message, hint = _describe_failed(block)
        report.error(code, message, place_entry(file, block.start_line), hint)
    return Library(
        works={entry.key: _make_work(entry, file) for entry in library.entries},
        fault=" ".join(block.raw or "" for block in library.failed_blocks),
    )


def _make_work(entry: Entry, file: File) -> RawWork:
    return RawWork(
        citekey=entry.key,
        kind=entry.entry_type,
        fields={name: str(f.value) for name, f in entry.fields_dict.items()},
        span=place_entry(file, entry.start_line),
    )


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


READERS: Mapping[str, Callable[[File, Report], Library]] = {".bib": _read_bibtex}
"""The readers by the ending of the file; pandoc must know the ending too."""
