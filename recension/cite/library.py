"""The works as the bibliography has them.

Another format is another reader: a row of `READERS`, by the ending of the file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from recension.cite.bibtex import read_entries
from recension.cite.fields import find_aliases, read_entry
from recension.cite.inherit import XDATA, Heir, find_sources, inherit
from recension.problems import Report, Severity, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from recension.cite.bibtex import RawEntry
    from recension.files import File
    from recension.problems import Problem, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class RawWork:
    """A work as written: its citekey, its type, its fields by name, its place.

    *fields* has those that it takes from its *sources*, which are citekeys; *spans*
    tells where its own stand as written, *problems* what is wrong with it.
    """

    citekey: str
    kind: str
    fields: Mapping[str, str]
    span: Span
    spans: Mapping[str, Span]
    sources: tuple[str, ...]
    problems: tuple[Problem, ...]

    def field(self, name: str) -> str:
        """Return the field *name* without needless white space, or nothing."""
        return " ".join(self.fields.get(name, "").split())

    def place(self, name: str) -> Span:
        """Return where the field *name* stands, the whole entry if it has none."""
        return self.spans.get(name, self.span)

    def has(self, name: str) -> bool:
        """Tell whether the work has the field *name*, readable or not."""
        return name in self.fields or name in self.spans

    @property
    def sound(self) -> bool:
        """Tell whether nothing in the work is at fault."""
        return all(p.severity is not Severity.ERROR for p in self.problems)

    @property
    def section(self) -> str:
        """The keyword that files the work: its first one."""
        return self.fields.get("keywords", "").partition(",")[0].strip()

    @property
    def is_stock(self) -> bool:
        """Tell whether it is no work, but holds fields, or works, of others."""
        return self.kind in (XDATA, "set")


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The *works* by their citekeys, and what is written of those at *fault*."""

    works: Mapping[str, RawWork]
    fault: str


def read_library(file: File, annotation: str, report: Report) -> Library:
    """Read the bibliography in *file*; what cannot be read goes to *report*.

    The edition's remark on a work is in the field *annotation*. What is wrong with a
    single work is told by the work.
    """
    ending = PurePosixPath(file.path).suffix
    return READERS.get(ending, _read_bibtex)(file, annotation, report)


def _read_bibtex(file: File, annotation: str, report: Report) -> Library:
    read, aliases = read_entries(file, report), find_aliases(annotation)
    works = {entry.citekey: _make_work(entry, aliases) for entry in read.entries}
    heirs = {key: Heir(work.kind, work.fields) for key, work in works.items()}
    return Library(
        works={key: _complete(work, heirs) for key, work in works.items()},
        fault=read.fault,
    )


def _make_work(entry: RawEntry, aliases: Mapping[str, str]) -> RawWork:
    own = Report()
    kind, fields, spans = read_entry(entry, aliases, own)
    return RawWork(
        citekey=entry.citekey,
        kind=kind,
        fields=fields,
        span=entry.span,
        spans=spans,
        sources=tuple(key for _, key in find_sources(Heir(kind, fields))),
        problems=tuple(own.problems),
    )


def _complete(work: RawWork, heirs: Mapping[str, Heir]) -> RawWork:
    """Return *work* with what it takes from others."""
    own = Report(list(work.problems))
    for name, source in find_sources(heirs[work.citekey]):
        if source not in heirs:
            message = f"the work `{source}`, named by `{name}`, is not there"
            hint = suggest(source, heirs, "citekey", "add it, or take the field out")
            own.error("C-001", message, work.place(name), hint)
    fields = inherit(work.citekey, heirs)
    return replace(work, fields=fields, problems=tuple(own.problems))


def find_lineage(citekey: str, works: Mapping[str, RawWork]) -> Iterator[str]:
    """Yield the citekeys of all that the work *citekey* takes fields from."""
    waiting, seen = [*works[citekey].sources], {citekey}
    while waiting:
        source = waiting.pop()
        if source in works and source not in seen:
            seen.add(source)
            waiting += works[source].sources
            yield source


READERS: Mapping[str, Callable[[File, str, Report], Library]] = {".bib": _read_bibtex}
"""The readers by the ending of the file."""
