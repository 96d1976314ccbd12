"""Stage 6, index: find the entries of the register in the texts and their notes.

`index` marks where an entry is meant, before layout; `locate` makes the headings of
the index of these marks, when the pages are known.
"""

from __future__ import annotations

import re

from recension.index.forms import Finder, express, fold
from recension.index.headings import locate
from recension.index.reader import Reader
from recension.problems import Report, suggest

__all__ = ["index", "locate"]

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recension.model import AnnotatedManuscript, Entry, IndexedText

PEOPLE = ("person", "organisation")


def index(manuscript: AnnotatedManuscript, report: Report) -> tuple[IndexedText, ...]:
    """Mark the mentions in every text of *manuscript*, front matter first.

    Forms that fit two entries, that are never found, and cross-references that lead
    nowhere go to *report*.
    """
    finder = Finder(manuscript.tables.register)
    indexed = [Reader(text, finder, report).read() for text in manuscript.front]
    people = {entry.id for entry in finder.register if entry.kind in PEOPLE}
    indexed += [
        Reader(text, finder, report, people).read() for text in manuscript.texts
    ]
    _check_see_also(finder.register, report)
    if manuscript.whole:  # what could not be read may have the forms not found
        _check_forms(finder, report)
    return tuple(indexed)


def _check_see_also(register: Sequence[Entry], report: Report) -> None:
    known = {entry.id for entry in register}
    for entry in register:
        for mark in entry.see_also:
            if mark.name not in known:
                message = f"`{entry.id}` refers to `{mark.name}`, which is no entry"
                otherwise = "write the `id` of an entry, or take it out"
                hint = suggest(mark.name, known, "entry", otherwise)
                report.error("I-003", message, mark.span, hint)


def _check_forms(finder: Finder, report: Report) -> None:
    words = "\n".join(finder.read)
    for entry in finder.register:
        for mark in entry.forms:
            if (fold(mark.name), entry.id) not in finder.seen:
                message = f"the form `{mark.name}` of `{entry.id}` is never found"
                hint = "write it as the texts do, or take it out"
                if re.search(rf"(?<!\w){express(mark.name)}(?!\w)", words):
                    hint = "it stands only inside longer forms: take it out"
                report.warning("I-002", message, mark.span, hint)
