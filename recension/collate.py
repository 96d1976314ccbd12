"""Stage 4, collate: prove the edited text against its source. Alone knows the proof.

The edited text with every emendation undone and every omission put back must be the
source, character for character, up to the normalisations that the settings declare.
Both sides are *folded* by the same rules; equal folds are the proof, and the ledger
then books every character of the source file in exactly one column.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING

from recension.alignment import find_differences
from recension.model import (
    AnnotatedManuscript,
    AnnotatedText,
    Ledger,
    Omission,
    Piece,
    PieceKind,
    TextLedger,
    Word,
)
from recension.normalisation import (
    PARAGRAPH,
    RULES,
    WHITE_SPACE,
    Folded,
    fold_edited,
    fold_source,
)
from recension.problems import Report, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from recension.files import File

_TOKEN = re.compile(r"¶|[^\s¶]+")
_WORD = re.compile(r"\w+")
_LONGEST_READING = 60


def collate(
    manuscript: AnnotatedManuscript, rules: Collection[str], report: Report
) -> Ledger:
    """Prove every text of *manuscript*; a difference is an error in *report*.

    A text that differs is not in the ledger, nor is one that is not sound: its
    differences would only hide the cause.
    """
    ledgers = [
        _collate_text(text, rules, report) for text in manuscript.texts if text.sound
    ]
    return Ledger(texts=tuple(ledger for ledger in ledgers if ledger))


def _collate_text(
    text: AnnotatedText, rules: Collection[str], report: Report
) -> TextLedger | None:
    source = _source(text)
    edited = _Undone(text.pieces)
    there = fold_source(source.raw, rules)
    here = fold_edited(edited.wording, rules)
    if here.wording != there.wording:
        _report_differences(text, edited, here, there, report)
        return None
    return _book(text, edited, here, there, rules)


def _source(text: AnnotatedText) -> File:
    source = text.parsed.files.source
    assert source, "a text of the body has a source"  # noqa: S101 - for the type
    return source


class _Undone:
    """The pieces of a text laid end to end, emendations undone."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self.starts = list(accumulate((len(p.reading) for p in pieces), initial=0))
        self.wording = "".join(piece.reading for piece in pieces)
        self.kinds = [piece.kind for piece in pieces for _ in piece.reading]

    def index_at(self, offset: int) -> int:
        return min(bisect_right(self.starts, offset) - 1, len(self.pieces) - 1)


# --- the ledger --------------------------------------------------------------------


def _book(
    text: AnnotatedText,
    edited: _Undone,
    here: Folded,
    there: Folded,
    rules: Collection[str],
) -> TextLedger:
    raw = _source(text).raw
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
    raw: str, edited: _Undone, here: Folded, there: Folded
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
    places = {name: 0 for name in RULES if name in rules}
    last = ""
    for (_, rule), character in zip(columns, raw, strict=True):
        if rule in places and (RULES[rule].each or rule != last):
            places[rule] += 1
        last = rule if character != "\n" else ""
    return places


# --- differences -------------------------------------------------------------------


def _report_differences(
    text: AnnotatedText, edited: _Undone, here: Folded, there: Folded, report: Report
) -> None:
    mine, theirs = list(_tokens(here)), list(_tokens(there))
    if not mine or not theirs:
        _report_nothing(text, theirs, report)
        return
    locator = _WordFinder(text, edited)
    words, others = [t[0] for t in mine], [t[0] for t in theirs]
    for i1, i2, j1, j2 in find_differences(words, others):
        readings = [_reading(mine[i1:i2]), _reading(theirs[j1:j2])]
        offset = mine[min(i1, len(mine) - 1)][1]
        end = mine[min(max(i1, i2 - 1), len(mine) - 1)][2]
        place = theirs[min(j1, len(theirs) - 1)][1]
        source = _source_place(_source(text), place)
        marked = locator.emendation(offset, end) if i2 > i1 else None
        if marked:
            _report_emendation(marked, readings[1], source, report)
        else:
            _report_difference(readings, locator.span(offset), source, report)
    if words == others:
        _report_spaces(here, there, _source(text), locator, report)


def _report_nothing(
    text: AnnotatedText, theirs: Sequence[tuple[str, int, int]], report: Report
) -> None:
    """Report a text of which nothing is left, or a source of which nothing is."""
    file = text.parsed.files.edited
    span = file.at(1)
    readings = ["" if theirs else "the whole text", _reading(theirs)]
    _report_difference(readings, span, f"{_source(text).path}:1", report)


def _report_spaces(
    here: Folded, there: Folded, source: File, locator: _WordFinder, report: Report
) -> None:
    """Report the first place where only white space differs."""
    pairs = zip(here.wording, there.wording, strict=False)
    place = next(i for i, (mine, theirs) in enumerate(pairs) if mine != theirs)
    message = "the edited text and the source differ in white space"
    hint = (
        f"declare the normalisation `{WHITE_SPACE}`, "
        "or write the space as the source has it"
    )
    span = locator.span(here.offsets[place])
    where = _source_place(source, there.offsets[place])
    report.error("K-001", message, span, f"{hint}; see {where}")


def _tokens(fold: Folded) -> Iterator[tuple[str, int, int]]:
    for found in _TOKEN.finditer(fold.wording):
        yield found[0], fold.offsets[found.start()], fold.offsets[found.end() - 1]


def _reading(tokens: Sequence[tuple[str, int, int]]) -> str:
    wording = " ".join(token for token, _, _ in tokens)
    if len(wording) > _LONGEST_READING:
        return wording[: _LONGEST_READING - 1] + "…"
    return wording


def _source_place(source: File, offset: int) -> str:
    return f"{source.path}:{source.place(offset)[0]}"


def _report_emendation(piece: Piece, reads: str, source: str, report: Report) -> None:
    message = f"the source does not read `{piece.reading}` here"
    hint = f"it reads `{reads}` ({source})" if reads else f"see {source}"
    report.error("K-002", message, piece.span or Span(path=source), hint)


def _report_difference(
    readings: Sequence[str], span: Span, source: str, report: Report
) -> None:
    mine, theirs = readings
    quoted = theirs.replace('"', '\\"')
    if PARAGRAPH in mine:
        message = "a paragraph ends here that the source does not end"
        hint = "join it with the next"
    elif mine and theirs:
        message = f"the edited text has `{mine}`, the source has `{theirs}`"
        hint = f'if the change is meant, write `[{mine}]{{sic="{quoted}"}}`'
    elif mine:
        message = f"the edited text adds `{mine}`, which the source does not have"
        hint = f'if it is meant, write `[{mine}]{{sic=""}}`'
    else:
        message = f"the source has `{theirs}`, which the edited text has lost"
        hint = 'put it back, or mark the deletion: `[]{sic="…"}`, `::: {.omit}`'
    report.error("K-001", message, span, f"{hint}; see {source}")


class _WordFinder:
    """Find the line and column of an offset in the edited text undone.

    The printed words of the pieces are the words of the Markdown file in order, so
    one walk over both finds the place of each.
    """

    def __init__(self, text: AnnotatedText, edited: _Undone) -> None:
        self.edited = edited
        self.file = text.parsed.files.edited
        printed = [
            piece.reading if piece.kind is PieceKind.OMITTED else piece.lemma
            for piece in edited.pieces
        ]
        self.starts = list(accumulate(map(len, printed), initial=0))
        self.words = self._align("".join(printed), text.parsed.words)

    @staticmethod
    def _align(printed: str, words: Sequence[Word]) -> list[tuple[int, Word]]:
        aligned, position = [], 0
        for found in _WORD.finditer(printed):
            window = words[position : position + 40]
            step = next((i for i, w in enumerate(window) if w.text == found[0]), None)
            if step is not None:
                aligned.append((found.start(), window[step]))
                position += step + 1
        return aligned

    def emendation(self, start: int, end: int) -> Piece | None:
        first, last = self.edited.index_at(start), self.edited.index_at(end)
        pieces = self.edited.pieces[first : last + 1]
        return next((p for p in pieces if p.kind is PieceKind.EMENDED), None)

    def span(self, offset: int) -> Span:
        index = self.edited.index_at(offset)
        printed = self.starts[index] + offset - self.edited.starts[index]
        place = bisect_right(self.words, printed, key=lambda word: word[0]) - 1
        if place < 0:
            return self.file.at(1)
        word = self.words[place][1]
        return self.file.at(word.line, word.column, len(word.text))
