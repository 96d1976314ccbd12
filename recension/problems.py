"""What can go wrong with a book, and how it is told: spans, problems, the report."""

from __future__ import annotations

import difflib
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Value = TypeVar("Value")

CODES: dict[str, str] = {
    "L-001": "a file that the edition names is missing",
    "L-002": "a file is not UTF-8",
    "L-003": "a TOML file cannot be read",
    "L-004": "a setting is unknown",
    "L-005": "a setting has the wrong type or an impossible value",
    "L-006": "a path leaves the edition folder",
    "L-007": "a source is not the file that was collated",
    "L-008": "a text is empty",
    "L-009": "a setting is missing",
    "L-010": "a date is impossible",
    "L-011": "a kind of agreement is unknown",
    "L-012": "a file has a character that no text can have",
    "P-001": "a div is opened and not closed, or closed and not opened",
    "P-002": "raw HTML stands in a Markdown file",
    "P-003": "a picture is remote, absolute or outside the edition folder",
    "P-004": "pandoc warns of something in a Markdown file",
    "P-005": "what looks like a mark is none",
    "P-006": "pandoc needs more time or memory than it may take",
    "A-001": "a note is called but not defined",
    "A-002": "a note is defined but not called",
    "A-003": "a note is defined twice",
    "A-004": "a note is called inside a note",
    "A-005": "a reference points to an anchor that does not exist",
    "A-006": "an anchor is defined twice",
    "A-007": "an emendation has an unknown degree of doubt",
    "A-008": "something is written that the notation does not have",
    "A-009": "a note is called twice",
    "A-010": "a citation stands outside a note",
    "A-011": "a note is empty",
    "A-012": "a reference by page and line stands in the running text",
    "A-013": "a mark names nobody in the register",
    "A-014": "a count or a list is not one that the ledger has",
    "A-015": "an emendation changes nothing, or not what it says",
    "A-016": "an apostrophe is set as the beginning of a quotation",
    "K-001": "an edited text differs from its source",
    "K-002": "an emendation gives a reading that the source does not have",
    "C-001": "a citekey is not in the bibliography",
    "C-002": "a BibTeX entry cannot be read",
    "C-003": "a citekey or a string is defined twice",
    "C-004": "a work lacks a field that its type needs",
    "C-005": "a work is never cited and not marked as further reading",
    "C-006": "two citekeys stand for one work",
    "C-007": "a bracketed citation stands in the middle of a sentence",
    "C-008": "the citation style cannot be used",
    "C-009": "a type, a field or a language is unknown, or a field is not printed",
    "C-010": "a date of a work cannot be read",
    "C-011": "a link of the bibliography leads out of the web",
    "I-001": "a form could stand for two entries of the register",
    "I-002": "a form of the register is never found",
    "I-003": "a cross-reference of the register leads nowhere",
    "B-001": "a part has no title",
    "H-001": "a template cannot be rendered",
    "Y-001": "the font lacks a character",
    "Y-002": "a note is not whole on the page of its call",
    "Y-003": "the layout does not settle",
    "Y-004": "a style or a picture cannot be used by the layout engine",
    "Y-005": "a running head is too long for its line",
    "Y-006": "a page has a widow, an orphan, a stranded heading or a ladder of hyphens",
    "V-001": "a finished PDF is not what it should be",
    "V-002": "a finished file does not print what was proved",
    "E-001": "a file of the EPUB cannot be read",
    "E-002": "an id stands twice in the EPUB",
    "E-003": "a link of the EPUB leads nowhere",
    "E-004": "a reference has no note, or a note no reference",
    "E-005": "two references lead to one note",
    "E-006": "a note does not lead back to its reference",
    "E-007": "a note stands before its reference",
    "E-008": "a note is too short or too long to pop up",
    "E-009": "a note cannot be read alone",
    "E-010": "a note is called an endnote",
    "E-011": "an epub:type is not in the vocabulary",
    "E-012": "a title is not that of its page",
    "E-013": "the language of a page is not told, or told in two ways",
    "E-014": "a picture has no words that stand for it",
    "E-015": "a printed page is marked and not in the page-list",
    "E-016": "a printed page is missing, or there is one too many",
    "E-017": "a printed page is marked or listed twice",
    "E-018": "the printed pages are out of order",
    "E-019": "an entry of the page-list does not lead to its page",
    "E-020": "a link that is no note goes both ways",
    "E-021": "the contents are not in the reading order",
    "E-022": "a landmark is missing",
    "E-023": "the summary of the accessibility is missing",
    "E-024": "what is claimed of the accessibility is not what the EPUB has",
    "E-025": "a hazard is not told as it is",
    "E-026": "the manifest is not what the EPUB holds",
}
"""Every problem code with what it stands for; the letter is the stage's, or E: EPUB."""


class Severity(StrEnum):
    """How much a problem weighs: an error stops the book, a warning is told."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Span:
    """A place in a file of the edition.

    *path* is relative to the edition folder, *line* and *column* count from 1
    (0: the file as a whole), *length* is in characters, *excerpt* is the line.
    """

    path: str
    line: int = 0
    column: int = 0
    length: int = 1
    excerpt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault: where it is, what it is, and what leads to its cure."""

    code: str
    message: str
    span: Span
    hint: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """Return the problem as the command line shows it, over several lines."""
        lines = [f"{_place(self.span)}: {self.severity}[{self.code}]: {self.message}"]
        if self.span.excerpt:
            lines += _show_excerpt(self.span)
        if self.hint:
            lines.append(f"    hint: {self.hint}")
        return "\n".join(lines)


def _place(span: Span) -> str:
    parts = [span.path, str(span.line), str(span.column)]
    return ":".join(parts[: 1 + bool(span.line) + bool(span.line and span.column)])


def _show_excerpt(span: Span, width: int = 72) -> list[str]:
    start = max(0, min(span.column - 1 - width // 2, len(span.excerpt) - width))
    excerpt = span.excerpt[start : start + width]
    number = f"{span.line:>8} | "
    caret = " " * max(0, span.column - 1 - start)
    room = max(1, width - len(caret))
    marks = "^" * max(1, min(span.length, room))
    return [number + excerpt, " " * 9 + "| " + caret + marks]


@dataclass(slots=True)
class Report:
    """The problems found so far, for people: stages add to it, go on and never read it.

    What a stage must know of soundness is in the values that it gets. One that decides
    about what it makes itself gathers the problems of that apart.
    """

    problems: list[Problem] = field(default_factory=list)
    _known: set[Problem] = field(default_factory=set, init=False, repr=False)

    def __post_init__(self) -> None:
        """Know the problems that it begins with."""
        self._known.update(self.problems)

    def error(self, code: str, message: str, span: Span, hint: str = "") -> None:
        """Record that the book cannot be made as it is."""
        self._add(code, message, span, hint, Severity.ERROR)

    def warning(self, code: str, message: str, span: Span, hint: str = "") -> None:
        """Record something that the editor should look at."""
        self._add(code, message, span, hint, Severity.WARNING)

    def _add(
        self, code: str, message: str, span: Span, hint: str, severity: Severity
    ) -> None:
        problem = Problem(
            code=code, message=message, span=span, hint=hint, severity=severity
        )
        self.add([problem])

    def add(self, problems: Iterable[Problem]) -> None:
        """Record *problems*, each once."""
        for problem in problems:
            if problem not in self._known:
                self._known.add(problem)
                self.problems.append(problem)

    @contextmanager
    def apart(self) -> Iterator[Report]:
        """Give a report for one matter; its problems join these in the end."""
        own = Report()
        try:
            yield own
        finally:
            self.add(own.problems)

    @property
    def sound(self) -> bool:
        """Tell whether no error has been recorded."""
        return not self.errors

    @property
    def sorted(self) -> tuple[Problem, ...]:
        """The problems by file, line and column."""
        return tuple(sorted(self.problems, key=lambda p: (p.span, p.code, p.message)))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop the book, sorted."""
        return tuple(p for p in self.sorted if p.severity is Severity.ERROR)

    @contextmanager
    def gather(self) -> Iterator[None]:
        """Let a BookError be told with all problems that were found before it."""
        try:
            yield
        except BookError as fault:
            self.add(fault.problems)
            raise BookError(self.sorted) from fault

    def stop_if_faulty(self) -> None:
        """Raise BookError if there is an error among the problems."""
        if not self.sound:
            self.stop()

    def stop(self) -> NoReturn:
        """Raise BookError with all problems: what is wanted cannot be made."""
        raise BookError(self.sorted)


class EditionError(Exception):
    """A fault that the user can mend; never a bug of the builder."""


class BookError(EditionError):
    """The book has faults: the editor can act (exit status 1)."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep *problems*, all of them, in order."""
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[BookError], tuple[tuple[Problem, ...]]]:
        """Let the fault pass from one process to another."""
        return BookError, (self.problems,)


class ToolError(EditionError):
    """The machine lacks something (exit status 3); *hint* is the cure."""

    def __init__(self, message: str, hint: str) -> None:
        """Say in *message* what is missing and in *hint* the command that mends it."""
        self.hint = hint
        super().__init__(message)


def gather(
    work: Callable[[Report], Value],
) -> tuple[Value, tuple[Problem, ...]]:
    """Return what *work* gives, and the problems that it reports."""
    report = Report()
    value = work(report)
    return value, tuple(report.problems)


OURS = (
    "if the edition has templates or styles of its own, mend those; "
    "if not, this is a fault of the builder: report it with the edition"
)
"""The hint for what no editor can have written."""


def suggest(word: str, known: Iterable[str], what: str, otherwise: str) -> str:
    """Return the hint for a *word* that is none of *known*: the nearest, if there is.

    *what* is the kind of thing that is meant, *otherwise* the hint where none is near.
    """
    nearest = find_nearest(word, known)
    named = f"the nearest {what}".rstrip()
    return f"{named} is `{nearest}`" if nearest else otherwise


def find_nearest(word: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """Return the one of *known* that *word* is most likely meant for, or nothing.

    They must be alike by the share *likeness* of their letters (difflib).
    """
    matches = difflib.get_close_matches(word, list(known), n=1, cutoff=likeness)
    return next(iter(matches), "")
