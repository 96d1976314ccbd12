"""Check anchors and what refers to them; those that the builder makes are its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from recension.problems import Report, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from recension.model import Anchor, AnnotatedText, Mark, Tables

_PARTS = (
    *("imprint", "contents", "parallels", "chronology", "persons"),
    *("bibliography", "apparatus", "index", "toc", "page-list", "landmarks"),
)
_MADE = re.compile(
    r"page-([0-9]+|[ivxlcdm]+)|(works|initial|chronology|parallels)-[0-9]+"
    rf"|register-(person|organisation)|timeline-(title|description)|title-page"
    rf"|({'|'.join(_PARTS)})(-title)?"
)
"""What the builder calls the parts of the book, its pages and its lists."""


def check_anchors(
    texts: Iterable[AnnotatedText], references: Iterable[Mark], report: Report
) -> dict[str, Anchor]:
    """Report anchors that stand twice, and references to none; return the anchors.

    *references* are those of the tables; those of the texts are checked with them.
    """
    anchors: dict[str, Anchor] = {}
    for text in texts:
        for anchor in text.anchors:
            if anchor.id in anchors:
                message = f"the anchor `{anchor.id}` is defined twice"
                first = anchors[anchor.id].span
                hint = f"it stands already at {first.path}:{first.line}"
                report.error("A-006", message, anchor.span, hint)
            anchors.setdefault(anchor.id, anchor)
    referring = [mark for text in texts for mark in text.references]
    for reference in (*referring, *references):
        _check_anchor(reference, anchors, anchors, "", report)
    return anchors


def check_places(
    tables: Tables,
    homes: Mapping[str, str],
    anchors: Mapping[str, Anchor],
    report: Report,
) -> None:
    """Report places of *tables* that are not in the texts where they should be.

    *homes* has the id of each text by its siglum.
    """
    own: dict[str, dict[str, Anchor]] = {
        siglum: {id_: a for id_, a in anchors.items() if a.text_id == home}
        for siglum, home in homes.items()
    }
    for event in tables.parallels:
        for siglum, mark in event.anchors.items():
            _check_anchor(mark, anchors, own[siglum], siglum, report)
    in_texts = {id_: anchor for known in own.values() for id_, anchor in known.items()}
    for dated in tables.chronology:
        for mark in dated.anchors:
            _check_anchor(mark, anchors, in_texts, "a text", report)


def _check_anchor(
    mark: Mark,
    anchors: Mapping[str, Anchor],
    allowed: Mapping[str, Anchor],
    where: str,
    report: Report,
) -> None:
    """Report *mark* if it names none of the *allowed* anchors, which are *where*."""
    if mark.name in allowed:
        return
    if there := anchors.get(mark.name):
        message = f"the anchor `{mark.name}` does not stand in {where}"
        hint = f"it stands at {there.span.path}:{there.span.line}; name another"
    else:
        message = f"the anchor `{mark.name}` does not exist"
        otherwise = f"set the anchor: `[]{{#{mark.name}}}`"
        hint = suggest(mark.name, allowed, "anchor", otherwise)
    report.error("A-005", message, mark.span, hint)


def check_made(
    parts: Sequence[AnnotatedText],
    tables: Tables,
    anchors: Mapping[str, Anchor],
    report: Report,
) -> None:
    """Report *anchors* of *parts* whose names the builder gives to what it makes."""
    made = frozenset(_find_made(parts, tables, anchors))
    for anchor in anchors.values():
        counted = rf"{re.escape(anchor.text_id)}-[pm][0-9]+"
        if (
            _MADE.fullmatch(anchor.id)
            or re.fullmatch(counted, anchor.id)
            or anchor.id in made
        ):
            message = f"the anchor `{anchor.id}` is one that the builder makes"
            hint = f"name it otherwise, such as `at-{anchor.id}`"
            report.error("A-006", message, anchor.span, hint)


def _find_made(
    parts: Sequence[AnnotatedText], tables: Tables, anchors: Mapping[str, Anchor]
) -> Iterator[str]:
    """Yield the names of what is made of notes, emendations, parts and tables."""
    for part in parts:
        id_ = part.parsed.files.settings.id
        yield from (f"text-{id_}", f"apparatus-{id_}")
        for note in part.notes:
            yield from (f"note-{note.id}", f"call-{note.id}")
        for emendation in part.emendations:
            yield f"variant-{emendation.id}"
            if anchors.get(emendation.id, emendation).span != emendation.span:
                yield emendation.id
        yield from (f"work-{mark.name}" for mark in part.parsed.citekeys)
    for entry in tables.register:
        yield from (f"person-{entry.id}", f"index-{entry.id}")
    yield from (f"contents-{anchor}" for anchor in anchors)
