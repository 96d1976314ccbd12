"""Find the place in the Markdown file of a form that could stand for two entries."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from recension.index.words import BARRIER
from recension.problems import Report, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recension.index.forms import Finder, Found
    from recension.model import AnnotatedText

_ATTRIBUTES = re.compile(r'\{(?:[^{}"\n]|"(?:\\.|[^"\\])*")*\}')
_DEFINITION = re.compile(
    r"^ {0,3}\[\^([^\]\s]+)\]:.*?(?=\n[ \t]*\n(?! {4}|\t)|\Z)", re.MULTILINE | re.DOTALL
)
_HIDDEN = re.compile(
    r"^:{3,} *\{[^}\n]*\.omit\b.*?^:{3,}[ \t]*$|^#{1,6} [^\n]*|<!--.*?-->"
    r"|\[[^\[\]]*@[^\[\]]*\]|@[\w:.-]+(?: \[[^\]]*\])?",
    re.MULTILINE | re.DOTALL,
)
_MARKUP = re.compile(
    r"\[\^[^\]\s]+\]:?|(?<=\])\([^()\n]*\)|^[ \t]*>[> \t]*|[\[\]*\\]", re.MULTILINE
)


def report_doubts(
    text: AnnotatedText,
    doubts: Iterable[tuple[str, Found]],
    finder: Finder,
    report: Report,
) -> None:
    """Report forms of several entries where they stand in the file of *text*."""
    places: dict[tuple[str, str], list[tuple[int, int]]] = {}
    met: dict[tuple[str, str], int] = defaultdict(int)
    raw = text.parsed.files.edited.raw
    for label, found in doubts:
        places = places or _find_places(raw, finder)
        key = label, found.form
        # what markup hides from the scan is told at the last place that it shows
        known = places.get(key, [])
        place = known[min(met[key], len(known) - 1)] if known else None
        met[key] += 1
        entries = " or ".join(f"`{entry}`" for entry in found.entries)
        message = f"the form `{found.form}` could stand for {entries}"
        marks = (f"`[{found.form}]{{who={entry}}}`" for entry in found.entries)
        hint = f"write {' or '.join(marks)}, or `who=none`"
        report.error("I-001", message, _span(text, place), hint)


def _span(text: AnnotatedText, place: tuple[int, int] | None) -> Span:
    file = text.parsed.files.edited
    if place is None:
        return Span(path=file.path)
    start, end = place
    line = file.raw.count("\n", 0, start)
    return Span(
        path=file.path,
        line=line + 1,
        column=start - file.raw.rfind("\n", 0, start),
        length=end - start,
        excerpt=file.raw.split("\n")[line],
    )


def _find_places(
    raw: str, finder: Finder
) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Return where the forms stand in *raw*, by label of the note and form."""
    shown = _read_through(raw)
    offsets = [offset for offset, character in enumerate(shown) if character]
    notes = [(note.start(), note.end(), note[1]) for note in _DEFINITION.finditer(raw)]
    places: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for found in finder.find_forms("".join(shown)):
        start, end = offsets[found.start], offsets[found.end - 1] + 1
        inside = (name for first, last, name in notes if first <= start < last)
        places[next(inside, ""), found.form].append((start, end))
    return places


def _read_through(raw: str) -> list[str]:
    """Return each character of *raw* as a reader meets it: as it is, a barrier or none.

    A barrier stands for what is decided, omitted, cited or a heading.
    """
    shown = list(raw)
    for found in _MARKUP.finditer(raw):
        shown[slice(*found.span())] = [""] * len(found[0])
    for found in _HIDDEN.finditer(raw):
        shown[slice(*found.span())] = [BARRIER] * len(found[0])
    for found in _ATTRIBUTES.finditer(raw):
        start, end = found.span()
        shown[start:end] = [""] * (end - start)
        if re.search(r"\bwho=", found[0]):
            start = _find_bracket(raw, start)
            shown[start:end] = [BARRIER] * (end - start)
    return shown


def _find_bracket(raw: str, end: int) -> int:
    """Return where the bracket opens that closes before *end*."""
    depth = 0
    for offset in range(end - 1, -1, -1):
        depth += {"]": 1, "[": -1}.get(raw[offset], 0)
        if not depth:
            return offset
    return end
