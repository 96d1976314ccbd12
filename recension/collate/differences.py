"""How a text differs from its source, in words, and where."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from recension.alignment import find_differences
from recension.model import AnnotatedText, Piece, PieceKind, Word
from recension.normalisation import (
    PARAGRAPH,
    PILCROW,
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

    Token = tuple[str, int, int]
    Change = tuple[int, int, int, int]

MANY = 8
"""From how many differences on a normalisation is looked for that makes them equal."""
_TOKEN = re.compile(rf"{PARAGRAPH}|[^\s{PARAGRAPH}]+")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+\.")
_LONGEST_READING = 60


class Undone:
    """The pieces of a text laid end to end, emendations undone."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        """Lay *pieces* end to end."""
        self.pieces = pieces
        self.starts = list(accumulate((len(p.reading) for p in pieces), initial=0))
        self.wording = "".join(piece.reading for piece in pieces)
        self.kinds = [piece.kind for piece in pieces for _ in piece.reading]

    def index_at(self, offset: int) -> int:
        """Return the index of the piece that has *offset*."""
        return min(bisect_right(self.starts, offset) - 1, len(self.pieces) - 1)


def source_of(text: AnnotatedText) -> File:
    """Return the source of a *text* of the body."""
    source = text.parsed.files.source
    assert source, "a text of the body has a source"  # noqa: S101 - for the type
    return source


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """An edited text and its source, folded and word by word, and the *changes*."""

    here: Folded
    there: Folded
    mine: Sequence[Token]
    theirs: Sequence[Token]
    changes: Sequence[Change]

    @property
    def extent(self) -> int:
        """How many words differ."""
        return sum(max(i2 - i1, j2 - j1) for i1, i2, j1, j2 in self.changes)


def explain(
    text: AnnotatedText, edited: Undone, rules: Collection[str], report: Report
) -> None:
    """Report how a text differs from its source.

    Many differences that normalisations would make equal, if these were declared, are
    told as one.
    """
    found = _compare(text, edited, rules)
    helpful = _find_helpful(text, edited, rules, found) if found.extent > MANY else []
    finder = _WordFinder(text, edited)
    if helpful:
        rest = _compare(text, edited, [*rules, *helpful])
        count = found.extent - rest.extent
        named = " and ".join(f"`{name}`" for name in helpful)
        message = f"{count} words differ from the source as {named} would"
        hint = (
            f"add {named} to `normalise` in edition.toml, or write as the source has it"
        )
        first = found.mine[min(found.changes[0][0], len(found.mine) - 1)][1]
        report.error("K-001", message, finder.span(first), hint)
        found = rest
    _report_changes(text, found, finder, report)


def _find_helpful(
    text: AnnotatedText, edited: Undone, rules: Collection[str], found: _Comparison
) -> list[str]:
    """Return the normalisations, not among *rules*, that leave far fewer changes."""
    others = [name for name in RULES if name not in rules]
    counts = {name: _compare(text, edited, [*rules, name]).extent for name in others}
    return [name for name in others if counts[name] <= found.extent - MANY]


def _compare(
    text: AnnotatedText, edited: Undone, rules: Collection[str]
) -> _Comparison:
    here = fold_edited(edited.wording, rules)
    there = fold_source(source_of(text).raw, rules)
    mine, theirs = list(_tokens(here)), list(_tokens(there))
    words, others = [t[0] for t in mine], [t[0] for t in theirs]
    changes = list(find_differences(words, others)) if mine and theirs else []
    return _Comparison(
        here=here, there=there, mine=mine, theirs=theirs, changes=changes
    )


def _report_changes(
    text: AnnotatedText, found: _Comparison, finder: _WordFinder, report: Report
) -> None:
    mine, theirs, source = found.mine, found.theirs, source_of(text)
    if not mine or not theirs:
        _report_nothing(text, theirs, report)
        return
    for i1, i2, j1, j2 in found.changes:
        readings = [_reading(mine[i1:i2]), _reading(theirs[j1:j2])]
        worded = (i for i in range(i1, i2) if mine[i][0] != PARAGRAPH)
        offset = mine[min(next(worded, i1), len(mine) - 1)][1]
        end = mine[min(max(i1, i2 - 1), len(mine) - 1)][2]
        place = _source_place(source, theirs[min(j1, len(theirs) - 1)][1])
        marked = finder.emendation(offset, end) if i2 > i1 else None
        if marked:
            _report_emendation(marked, readings[1], place, report)
        else:
            _report_difference(readings, finder.span(offset), place, report)
    if not found.changes and found.here.wording != found.there.wording:
        _report_spaces(found.here, found.there, source, finder, report)


def _report_nothing(
    text: AnnotatedText, theirs: Sequence[Token], report: Report
) -> None:
    """Report a text of which nothing is left, or a source of which nothing is."""
    file = text.parsed.files.edited
    span = file.at(1)
    readings = ["" if theirs else "the whole text", _reading(theirs)]
    _report_difference(readings, span, f"{source_of(text).path}:1", report)


def _report_spaces(
    here: Folded, there: Folded, source: File, finder: _WordFinder, report: Report
) -> None:
    """Report the first place where only white space differs."""
    pairs = zip(here.wording, there.wording, strict=False)
    place = next(i for i, (mine, theirs) in enumerate(pairs) if mine != theirs)
    message = "the edited text and the source differ in white space"
    hint = (
        f"declare the normalisation `{WHITE_SPACE}`, "
        "or write the space as the source has it"
    )
    span = finder.span(here.offsets[place])
    where = _source_place(source, there.offsets[place])
    report.error("K-001", message, span, f"{hint}; see {where}")


def _tokens(fold: Folded) -> Iterator[tuple[str, int, int]]:
    for found in _TOKEN.finditer(fold.wording):
        yield found[0], fold.offsets[found.start()], fold.offsets[found.end() - 1]


def _reading(tokens: Sequence[tuple[str, int, int]]) -> str:
    wording = " ".join(token for token, _, _ in tokens).replace(PARAGRAPH, PILCROW)
    if len(wording) > _LONGEST_READING:
        return wording[: _LONGEST_READING - 1] + "…"
    return wording


def _source_place(source: File, offset: int) -> str:
    return f"{source.path}:{source.place(offset)[0]}"


def _report_emendation(piece: Piece, reads: str, source: str, report: Report) -> None:
    reading = (piece.reading or "").replace(PARAGRAPH, PILCROW)
    message = f"the source does not read `{reading}` here"
    hint = f"it reads `{reads}` ({source})" if reads else f"see {source}"
    report.error("K-002", message, piece.span or Span(path=source), hint)


def _report_difference(
    readings: Sequence[str], span: Span, source: str, report: Report
) -> None:
    message, hint = _describe(*readings)
    report.error("K-001", message, span, f"{hint}; see {source}")


def _describe(mine: str, theirs: str) -> tuple[str, str]:  # noqa: PLR0911 - a kind, a case
    """Return message and hint for what the edited text has and what the source has."""
    words, lost = (one.strip(f" {PILCROW}") for one in (mine, theirs))
    if mine == PILCROW and not lost:
        message = "a paragraph ends here that the source does not end"
        return message, "join it with the next"
    if theirs == PILCROW and not words:
        message = "the source ends a paragraph here, and the edited text does not"
        return (
            message,
            f'leave a blank line, or join what it parts: `[]{{sic="{PILCROW}"}}`',
        )
    if words and not lost:
        message = f"the edited text adds `{words}`, which the source does not have"
        if _NUMBER.fullmatch(words):
            return message, f"a list has its numbers; `{words[:-1]}\\.` is none"
        return message, f'if it is meant, write `[{words}]{{sic=""}}`'
    if lost and not words:
        message = f"the source has `{lost}`, which the edited text has lost"
        return (
            message,
            'put it back, or mark the deletion: `[]{sic="…"}`, `::: {.omit}`',
        )
    quoted = theirs.replace('"', '\\"')
    message = f"the edited text has `{mine}`, the source has `{theirs}`"
    if PILCROW in mine:
        return message, "paragraphs, or a heading, stand here that the source runs on"
    return message, f'if the change is meant, write `[{mine}]{{sic="{quoted}"}}`'


class _WordFinder:
    """Find the line and column of an offset in the edited text undone.

    The printed words of the pieces are the words of the Markdown file in order, so
    one walk over both finds the place of each.
    """

    def __init__(self, text: AnnotatedText, edited: Undone) -> None:
        self.edited = edited
        self.file = text.parsed.files.edited
        printed = [
            piece.reading if piece.kind is PieceKind.OMITTED else piece.lemma
            for piece in edited.pieces
        ]
        self.starts = list(accumulate(map(len, printed), initial=0))
        self.printed = "".join(printed)
        self.words = self._align(self.printed, text.parsed.words)

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
        """Return the place of the word at *offset*, or near it in its paragraph."""
        index = self.edited.index_at(offset)
        printed = self.starts[index] + offset - self.edited.starts[index]
        place = bisect_right(self.words, printed, key=lambda word: word[0])
        before, after = self.words[:place][-1:], self.words[place:][:1]
        if after and (not before or self._parts(before[0], printed)):
            ended = PARAGRAPH in self.printed[printed : after[0][0]]
            before = before if ended else after
        if not before:
            return self.file.at(1)
        word = before[0][1]
        return self.file.at(word.line, word.column, len(word.text))

    def _parts(self, before: tuple[int, Word], printed: int) -> bool:
        """Tell whether a paragraph ends between the word *before* and *printed*."""
        start, word = before
        return PARAGRAPH in self.printed[start + len(word.text) : printed]
