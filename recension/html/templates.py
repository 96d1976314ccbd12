"""Open and render the templates of an edition; what is wrong with one is told."""

from __future__ import annotations

import re
import tomllib
import traceback
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING
from xml.parsers import expat

import jinja2

from recension.config import STEPS, compact_isbn
from recension.dates import write_day, write_period
from recension.files import File
from recension.html.plain import plain
from recension.html.sandbox import Sandbox
from recension.model import Day
from recension.problems import BookError, Problem, Span
from recension.toml import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from recension.model import Book, Period

_XHTML = ".xhtml.jinja"
"""How the names of the templates end that make pages."""
_WORDS = "words.toml"
_MISTAKES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a template can raise that Jinja does not make a fault of its own."""
_LISTS = {"seasons": 4}
"""The words that are lists of words, and how many those have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The templates of an edition, the builder's own where it brings none."""

    environment: Sandbox
    words: Mapping[str, str]
    language: str
    folders: tuple[Path, ...]

    def is_own(self, name: str) -> bool:
        """Tell whether the edition brings the template *name* itself."""
        return len(self.folders) > 1 and (self.folders[0] / name).is_file()

    def refer(self, folio: str, line: int) -> str:
        """Return the words that refer to a page and a line."""
        return self.words["reference"].format(folio=folio, line=line)

    def write_day(self, day: Day | date) -> str:
        """Return a day in the words of the edition's language."""
        return write_day(day, self.language, self.words)

    def write_period(self, period: Period) -> str:
        """Return a period in the words of the edition's language."""
        return write_period(period, self.language, self.words)

    def render(self, name: str, book: Book, **values: object) -> str:
        """Return the template *name* rendered; a fault of it is a BookError.

        So is XHTML that is not well-formed.
        """
        shown = {
            "edition": book.settings.edition,
            "settings": book.settings,
            "front": book.front,
            "texts": book.texts,
            "words": self.words,
            **values,
        }
        given = {key: plain(value) for key, value in shown.items()}
        try:
            rendered = self.environment.get_template(name).render(given)
        except Exception as fault:
            place, line = _find_fault(fault, name)
            if isinstance(fault, jinja2.TemplateError) or self.is_own(place):
                raise template_error(place, line, _tell(fault)) from fault
            raise
        if name.endswith(_XHTML) and (reason := _find_unclosed(rendered)):
            raise template_error(name, 0, reason)
        return rendered

    def call(self, name: str, macro: str, **values: object) -> str:
        """Return what a *macro* of the template *name* gives, without white round it.

        Raises BookError where the template has no such macro, or it fails.
        """
        given = {key: plain(value) for key, value in values.items()}
        try:
            module = self.environment.get_template(name).module
            set_mark = getattr(module, macro, None)
            if set_mark is None:
                raise template_error(name, 0, f"it has no macro `{macro}`")
            return str(set_mark(**given)).strip()
        except (jinja2.TemplateError, *_MISTAKES) as fault:
            place, line = _find_fault(fault, name)
            raise template_error(place, line, _tell(fault)) from fault

    def measure(self, name: str, macro: str, **values: object) -> float:
        """Return the number that a *macro* of the template *name* gives."""
        told = self.call(name, macro, **values)
        try:
            return float(told)
        except ValueError:
            reason = f"`{macro}` gives no number but `{told}`"
            raise template_error(name, 0, reason) from None


def open_templates(
    folders: Sequence[Path], language: str, steps: int = STEPS
) -> Templates:
    """Open the templates in *folders*, the first that has a file giving it.

    *language* is a tag such as `en-GB`; it decides the words that the templates print.
    All together take no more than *steps*: rounds of loops, calls, included templates.
    """
    environment = Sandbox(
        steps,
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    words = _read_words(folders, language.partition("-")[0])

    def long_date(day: Mapping[str, int], words: Mapping[str, str]) -> str:
        parts = {name: day[name] for name in ("year", "month", "day")}
        return write_day(Day(**parts), language, words)

    environment.filters["long_date"] = long_date
    environment.filters["isbn_figures"] = compact_isbn
    return Templates(
        environment=environment,
        words=words,
        language=language,
        folders=tuple(folders),
    )


def _read_words(folders: Sequence[Path], language: str) -> Mapping[str, str]:
    words: dict[str, str] = {}
    for folder in reversed(folders):
        path = folder / _WORDS
        if path.is_file():
            try:
                raw = path.read_text("utf-8")
                tables = tomllib.loads(raw)
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
                found = re.search(r"at line (\d+)", str(fault))
                line = int(found[1]) if found else 0
                raise template_error(_WORDS, line, str(fault)) from fault
            for name in dict.fromkeys(("en", language)):
                table = tables.get(name, {})
                for key, reason in _find_wrong_words(name, table, words):
                    keys = Keys(File(path=_WORDS, raw=raw))
                    line = keys.find((name, key) if key else (name,)).line
                    raise template_error(_WORDS, line, reason)
                words |= table
    return words


def _find_wrong_words(
    name: str, table: object, known: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the key of each word in the *table* of a language that cannot be taken.

    What it has in braces must be what the *known* words have.
    """
    if not isinstance(table, dict):
        yield "", f"`{name}` is no table of words"
        return
    for key, text in table.items():
        if not isinstance(text, str):
            yield key, f"`{key}` is no string"
        elif key in _LISTS and len(text.split()) != _LISTS[key]:
            yield key, f"`{key}` has {len(text.split())} words, not {_LISTS[key]}"
        elif names := _find_names(known.get(key, "")):
            for found in _find_names(text) - names:
                listed = ", ".join(f"`{{{one}}}`" for one in sorted(names))
                yield key, f"`{key}` has `{{{found}}}`; it can have {listed}"


def _find_names(text: str) -> set[str]:
    """Return what stands in the braces of *text*, faults of them included."""
    try:
        fields = list(Formatter().parse(text))
    except ValueError:
        return {text}
    return {
        f"{name}{f'!{how}' if how else ''}{f':{form}' if form else ''}"
        for _, name, form, how in fields
        if name is not None
    }


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


def _find_unclosed(xhtml: str) -> str:
    """Return what is wrong with the marks of *xhtml*, empty if nothing is."""
    parser = expat.ParserCreate()
    try:
        parser.Parse(xhtml, True)  # noqa: FBT003 - this is all of it
    except expat.ExpatError as fault:
        row = xhtml.splitlines()[fault.lineno - 1 : fault.lineno]
        near = "".join(row)[max(0, fault.offset - 30) :][:60].strip()
        what = expat.ErrorString(fault.code)
        return f"what it makes is no XHTML: {what} at `{near}`"
    return ""


def _tell(fault: Exception) -> str:
    """Return what *fault* says, without the folders of this machine."""
    if isinstance(fault, jinja2.TemplateNotFound):
        return f"there is no template `{fault.name}`"
    return str(fault)


def template_error(name: str, line: int, reason: str) -> BookError:
    """Return the error of a template that cannot be rendered, for a *reason*."""
    span = Span(path=f"templates/{name}", line=line)
    message = f"the template cannot be rendered: {reason}"
    hint = "mend it, or take it out to have the builder's own"
    return BookError([Problem(code="H-001", message=message, span=span, hint=hint)])
