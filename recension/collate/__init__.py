"""Stage 4, collate: prove the edited text against its source. Alone knows the proof.

The edited text with every emendation undone and every omission put back must be the
source, character for character, up to the normalisations that the settings declare.
Both sides are *folded* by the same rules; equal folds are the proof, and the ledger
then books every character of the source file in exactly one column.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from recension.collate.differences import Undone, explain, source_of
from recension.each import anew
from recension.model import (
    AnnotatedManuscript,
    AnnotatedText,
    Ledger,
    Omission,
    PieceKind,
    TextLedger,
)
from recension.normalisation import (
    PARAGRAPH,
    RULES,
    TYPED,
    WHITE_SPACE,
    Folded,
    fold_edited,
    fold_source,
)
from recension.problems import gather

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from recension.each import Each
    from recension.problems import Problem, Report


def collate(
    manuscript: AnnotatedManuscript,
    rules: Collection[str],
    report: Report,
    each: Each = anew,
) -> Ledger:
    """Prove every text of *manuscript*; a difference is an error in *report*.

    A text that differs is not in the ledger, nor is one that is not sound: its
    differences would only hide the cause.
    """
    sound = {
        text.parsed.files.settings.id: (text, rules)
        for text in manuscript.texts
        if text.sound
    }
    found = each(_collate_text, sound).values()
    for _, problems in found:
        report.add(problems)
    return Ledger(texts=tuple(ledger for ledger, _ in found if ledger))


def _collate_text(
    text: AnnotatedText, rules: Collection[str]
) -> tuple[TextLedger | None, tuple[Problem, ...]]:
    """Return the ledger of *text*, if it is proved, and its differences."""
    return gather(lambda report: _prove(text, rules, report))


def _prove(
    text: AnnotatedText, rules: Collection[str], report: Report
) -> TextLedger | None:
    source = source_of(text)
    edited = Undone(text.pieces)
    there = fold_source(source.raw, rules)
    here = fold_edited(edited.wording, rules)
    if here.wording != there.wording:
        explain(text, edited, rules, report)
        return None
    return _book(text, edited, here, there, rules)


# --- the ledger --------------------------------------------------------------------


def _book(
    text: AnnotatedText,
    edited: Undone,
    here: Folded,
    there: Folded,
    rules: Collection[str],
) -> TextLedger:
    raw = source_of(text).raw
    columns = _columns(raw, edited, here, there)
    totals = Counter(column for column, _ in columns)
    places = _count_places(raw, columns, rules)
    return TextLedger(
        text_id=text.parsed.files.settings.id,
        siglum=text.parsed.files.settings.siglum,
        characters=len(raw),
        kept=totals["kept"],
        normalised=totals["normalised"],
        emended=totals["emended"],
        omitted=totals["omitted"],
        supplied=sum(len(emendation.lemma) for emendation in text.emendations),
        normalisations=places,
        omissions=tuple(
            Omission(why=piece.why, wording=piece.reading)
            for piece in text.pieces
            if piece.kind is PieceKind.OMITTED and piece.reading != PARAGRAPH
        ),
    )


def _columns(
    raw: str, edited: Undone, here: Folded, there: Folded
) -> list[tuple[str, str]]:
    """Book each character of *raw*: (column, normalisation rule or nothing).

    A character that folding dropped goes with what stands before it, white space
    between kept words excepted, which is normalised.
    """
    matched = dict(zip(reversed(there.offsets), reversed(here.offsets), strict=True))
    columns: list[tuple[str, str]] = []
    kind, printed = PieceKind.KEPT, ""
    for offset, character in enumerate(raw):
        place = matched.get(offset)
        rule = there.touched.get(offset) or here.touched.get(place or 0, WHITE_SPACE)
        if place is not None:
            kind, printed = edited.kinds[place], edited.wording[place]
            same = printed in (character, PARAGRAPH) or character == "\n"
        else:
            same = printed == PARAGRAPH and character == "\n"
        as_printed = kind is not PieceKind.KEPT or same
        columns.append((kind.value, "") if as_printed else ("normalised", rule))
    return columns


def _count_places(
    raw: str,
    columns: Sequence[tuple[str, str]],
    rules: Collection[str],
) -> dict[str, int]:
    places, typed = {name: 0 for name in RULES if name in rules}, 0
    for at, (_, rule) in enumerate(columns):
        begins = not at or raw[at - 1] == "\n" or columns[at - 1][1] != rule
        if rule in places and (begins or RULES[rule].each):
            places[rule] += 1
        typed += rule == TYPED and begins
    return places | {TYPED: typed} if typed else places
