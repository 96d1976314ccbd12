"""Open and render the templates of an edition; what is wrong with one is told."""

from __future__ import annotations

import tomllib
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from recension.problems import BookError, Problem, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from recension.model import Book, Day, Period

_WORDS = "words.toml"
_MONTHS = {
    "en": "January February March April May June July August September October "
    "November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre "
    "novembre décembre",
}
_SPRING = 21
"""The first of the months that stand for seasons (EDTF, level 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The templates of an edition, the builder's own where it brings none."""

    environment: SandboxedEnvironment
    words: Mapping[str, str]
    folders: tuple[Path, ...]

    def is_own(self, name: str) -> bool:
        """Tell whether the edition brings the template *name* itself."""
        return len(self.folders) > 1 and (self.folders[0] / name).is_file()

    def refer(self, folio: str, line: int) -> str:
        """Return the words that refer to a page and a line."""
        return self.words["reference"].format(folio=folio, line=line)

    def render(self, name: str, book: Book, **values: object) -> str:
        """Return the template *name* rendered; a fault of it is a BookError."""
        try:
            template = self.environment.get_template(name)
            return template.render(
                edition=book.settings.edition,
                settings=book.settings,
                front=book.front,
                texts=book.texts,
                words=self.words,
                **values,
            )
        except Exception as fault:
            place, line = _find_fault(fault, name)
            if isinstance(fault, jinja2.TemplateError) or self.is_own(place):
                raise _template_error(place, line, str(fault)) from fault
            raise

    def call(self, name: str, macro: str, **values: object) -> str:
        """Return what a *macro* of the template *name* gives, without white round it.

        Raises BookError where the template has no such macro, or it fails.
        """
        try:
            module = self.environment.get_template(name).module
            return str(getattr(module, macro)(**values)).strip()
        except (jinja2.TemplateError, AttributeError, TypeError) as fault:
            place, line = _find_fault(fault, name)
            raise _template_error(place, line, str(fault)) from fault


def open_templates(folders: Sequence[Path], language: str) -> Templates:
    """Open the templates in *folders*, the first that has a file giving it.

    *language* is a code such as `en`; it decides the words the templates print.
    """
    environment = SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters["long_date"] = long_date
    environment.filters["period"] = write_period
    words = _read_words(folders, language)
    return Templates(environment=environment, words=words, folders=tuple(folders))


def _read_words(folders: Sequence[Path], language: str) -> Mapping[str, str]:
    words: dict[str, str] = {}
    for folder in reversed(folders):
        path = folder / _WORDS
        if path.is_file():
            try:
                table = tomllib.loads(path.read_text("utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
                raise _template_error(_WORDS, 0, str(fault)) from fault
            words |= table.get("en", {}) | table.get(language, {})
    months = _MONTHS.get(language, _MONTHS["en"])
    return {"months": months, **words}


# --- dates -------------------------------------------------------------------------


def long_date(day: date, words: Mapping[str, str]) -> str:
    """Return a day in words: `22 November 2026`."""
    return f"{day.day} {words['months'].split()[day.month - 1]} {day.year}"


def write_period(period: Period, words: Mapping[str, str]) -> str:
    """Return a period in words: `24 May 1940`, `26–27 May 1940`, `c. 1933`."""
    start, until = period.start, period.until
    if until is None:
        written = _write_day(start, words)
    elif not start.month and not until.month:
        written = f"{start.year}–{until.year}"
    else:
        first = _write_day(start, words)
        last = _write_day(until, words)
        same = _shared_end(start, until)
        first = " ".join(first.split()[: len(first.split()) - same])
        dash = "–" if " " not in first and same else " – "
        written = f"{first}{dash}{last}"
    key = {"~": "approximate", "?": "uncertain", "%": "doubtful"}.get(period.qualifier)
    return words[key].format(date=written) if key else written


def _shared_end(start: Day, until: Day) -> int:
    """Return how many words at the end of two days are the same."""
    if start.year != until.year:
        return 0
    both = start.month == until.month and start.day and until.day
    return 2 if both else 1


def _write_day(day: Day, words: Mapping[str, str]) -> str:
    month = ""
    if day.month >= _SPRING:
        month = words["seasons"].split()[day.month - _SPRING]
    elif day.month:
        month = words["months"].split()[day.month - 1]
    parts = (str(day.day) if day.day else "", month, str(day.year))
    return " ".join(part for part in parts if part)


# --- faults ------------------------------------------------------------------------


def _find_fault(fault: Exception, name: str) -> tuple[str, int]:
    """Return the template, and the 1-based line of it, where *fault* was raised.

    Jinja writes the template's lines into the traceback.
    """
    if isinstance(fault, jinja2.TemplateSyntaxError):
        return fault.name or name, fault.lineno
    frames = traceback.extract_tb(fault.__traceback__)
    lines = [
        (frame.filename, frame.lineno or 0)
        for frame in frames
        if frame.filename.endswith(".jinja")
    ]
    if not lines:
        return name, 0
    filename, line = lines[-1]
    return "/".join(Path(filename).parts[-2:]), line


def _template_error(name: str, line: int, reason: str) -> BookError:
    span = Span(path=f"templates/{name}", line=line)
    message = f"the template cannot be rendered: {reason}"
    hint = "mend it, or take it out to have the builder's own"
    return BookError([Problem(code="H-001", message=message, span=span, hint=hint)])
