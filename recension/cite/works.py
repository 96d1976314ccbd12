"""Read titles and annotations of the works; mark titles in what is formatted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recension.model import Title
from recension.pandoc import PandocError, read_latex
from recension.titles import find_language, is_described, mark_titles, words_of
from recension.tree import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recension.cite.library import RawWork
    from recension.config import LimitsSettings
    from recension.model import Blocks, Node
    from recension.problems import Report

_TITLES = ("title", "shorttitle", "maintitle", "booktitle", "journaltitle", "journal")
_SUBTITLES = {
    "subtitle": "title",
    "mainsubtitle": "maintitle",
    "booksubtitle": "booktitle",
    "journalsubtitle": "journaltitle",
}
"""The fields that hold titles, of the work or of what it appeared in."""
_ANNOTATION = "annotation"
Titles = dict[str, tuple[Title, ...]]


_Fields = dict[tuple[str, str], str]
Read = dict[tuple[str, str], "Node"]
"""What stands in the fields of the works, by citekey and field."""


def read_fields(
    works: Mapping[str, RawWork], limits: LimitsSettings, report: Report
) -> Read:
    """Read the annotation of each of *works* and the fields with titles.

    What cannot be read goes to *report*.
    """
    latex = {
        (key, name): wording
        for key, work in works.items()
        for name in (*_TITLES, *_SUBTITLES, _ANNOTATION)
        if (wording := work.field(name))
    }
    read, faults = _read_paragraphs(latex, limits)
    for (key, name), fault in faults.items():
        message = f"pandoc cannot read the `{name}` of `{key}`: {fault}"
        hint = "look for braces within one another, or never closed"
        report.error("C-002", message, works[key].span, hint)
    return read


def find_annotation(key: str, read: Read) -> Blocks:
    """Return the annotation of the work *key*, nothing if it has none."""
    return [read[key, _ANNOTATION]] if (key, _ANNOTATION) in read else []


def find_titles(work: RawWork, read: Read, language: str) -> tuple[Title, ...]:
    """Return the titles of a work; *language* is that of the edition.

    A description in brackets is no title.
    """
    fields = ((name, (work.citekey, name)) for name in (*_TITLES, *_SUBTITLES))
    told = {name: plain_text(read[at]) for name, at in fields if at in read}
    wordings = [told[name] for name in _TITLES if name in told]
    wordings += [
        f"{told.get(main, '')}: {told[sub]}"
        for sub, main in _SUBTITLES.items()
        if sub in told
    ]
    name = work.field("langid") or work.field("language")
    return tuple(
        _title(wording, name, language)
        for wording in wordings
        if not is_described(wording)
    )


def mark_works(tree: Any, keys: Sequence[str], titles: Titles) -> Any:
    """Mark the titles of the works *keys*; the style may have changed capitals."""
    known = {
        words_of(title.wording.casefold()): title.language
        for key in keys
        for title in titles[key]
    }
    return mark_titles(tree, lambda text: known.get(words_of(text.casefold())))


def _title(wording: str, name: str, language: str) -> Title:
    tag = find_language(name, wording)
    same = tag.partition("-")[0] == language
    return Title(wording=wording, language="" if same else tag)


def _read_paragraphs(latex: _Fields, limits: LimitsSettings) -> tuple[Read, _Fields]:
    """Read *latex*, a paragraph each, with one run of pandoc if that will do.

    Where paragraphs have run together (a `%` is a comment), halves are read, and so
    where pandoc cannot read them; what is told of a single one is given too.
    """
    told, blocks = "", list[Any]()
    try:
        blocks = read_latex("\n\n".join(latex.values()), limits) if latex else []
    except PandocError as fault:
        told = str(fault)
    if len(latex) == 1 or len(blocks) == len(latex):
        return dict(zip(latex, blocks, strict=False)), dict.fromkeys(
            latex, told
        ) if told else {}
    fields, half = list(latex.items()), len(latex) // 2
    first, faults = _read_paragraphs(dict(fields[:half]), limits)
    second, more = _read_paragraphs(dict(fields[half:]), limits)
    return first | second, faults | more
