"""Stage 4, collate: prove the edited text against its source. Alone knows the proof.

The edited text with every emendation undone and every omission put back must be the
source, character for character, up to the normalisations that the settings declare.
Both sides are *folded* by the same rules; equal folds are the proof, and the ledger
then books every character of the source file in exactly one column.
"""

from __future__ import annotations

import difflib
import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from recension.config import Normalisation
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
from recension.problems import Report, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from recension.files import File

PARAGRAPH = "¶"
DASH = "—"
_DROPPED = "\0"
_QUOTATION_MARKS = str.maketrans("“”„‟‘’‚‛", '""""' + "''''")
_TOKEN = re.compile(r"¶|[^\s¶]+")
_WORD = re.compile(r"\w+")
_LONGEST_READING = 60


def collate(
    manuscript: AnnotatedManuscript, rules: Collection[Normalisation], report: Report
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
    text: AnnotatedText, rules: Collection[Normalisation], report: Report
) -> TextLedger | None:
    source = _source(text)
    edited = _Undone(text.pieces)
    there = _fold(_mark_paragraphs(source.raw, rules), rules)
    here = _fold(edited.wording, rules)
    if here.wording != there.wording:
        _report_differences(text, edited, here, there, report)
        return None
    return _book(text, edited, here, there, rules)


def _source(text: AnnotatedText) -> File:
    source = text.parsed.files.source
    assert source, "a text of the body has a source"  # noqa: S101 - for the type
    return source


# --- folding -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Fold:
    """A folded text: its characters, and for each the offset it comes from."""

    wording: str
    offsets: list[int]


class _Undone:
    """The pieces of a text laid end to end, emendations undone."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self.starts = list(accumulate((len(p.reading) for p in pieces), initial=0))
        self.wording = "".join(piece.reading for piece in pieces)
        self.kinds = [piece.kind for piece in pieces for _ in piece.reading]

    def index_at(self, offset: int) -> int:
        return min(bisect_right(self.starts, offset) - 1, len(self.pieces) - 1)


def _mark_paragraphs(raw: str, rules: Collection[Normalisation]) -> str:
    """Return *raw* with `¶` where a paragraph or a list item ends, as long as it was.

    What else belongs to the break, a list marker too, becomes NUL.
    """
    breaks = r"[^\S\n]*\n\s*\n"
    if Normalisation.LIST_MARKERS in rules:
        breaks = rf"{breaks}(?:- )?|\n- |\A\s*- "
    return re.sub(breaks, lambda found: _mark_break(found[0]), raw)


def _mark_break(wording: str) -> str:
    before, newline, after = wording.partition("\n")
    mark = PARAGRAPH if newline else ""
    return _DROPPED * len(before) + mark + _DROPPED * len(after)


def _fold(wording: str, rules: Collection[Normalisation]) -> _Fold:
    """Fold *wording* by *rules*; white space beside a paragraph's end always goes."""
    if Normalisation.QUOTATION_MARKS in rules:
        wording = wording.translate(_QUOTATION_MARKS)
    space = r"\s" if Normalisation.WHITE_SPACE in rules else r" \n"
    many = "+" if Normalisation.WHITE_SPACE in rules else ""
    dash = rf"(?P<dash>[{space}\0]*{DASH}[{space}\0]*)|"
    ellipsis_ = r"(?P<ellipsis>…)|"
    pattern = (
        rf"(?P<paragraph>[{space}\0]*(?:{PARAGRAPH}[{space}\0]*)+)|"
        + (dash if Normalisation.DASH_SPACING in rules else "")
        + (ellipsis_ if Normalisation.ELLIPSES in rules else "")
        + rf"(?P<space>[{space}]{many})|(?P<dropped>\0)|"
        + rf"(?P<words>[^{space}\0{PARAGRAPH}…{DASH}]+|.)"
    )
    parts: list[str] = []
    offsets: list[int] = []
    for found in re.finditer(pattern, wording):
        part, start = _fold_token(found)
        parts.append(part)
        together = found.lastgroup == "words"
        offsets += range(start, start + len(part)) if together else [start] * len(part)
    folded = "".join(parts)
    first = len(folded) - len(folded.lstrip(PARAGRAPH + " "))
    last = len(folded.rstrip(PARAGRAPH + " "))
    return _Fold(folded[first:last], offsets[first:last])


def _fold_token(found: re.Match[str]) -> tuple[str, int]:
    """Return what a token folds to and the offset it stands for."""
    match found.lastgroup:
        case "paragraph":
            return PARAGRAPH, found.start() + found[0].index(PARAGRAPH)
        case "dash":
            return DASH, found.start() + found[0].index(DASH)
        case "ellipsis":
            return "...", found.start()
        case "space":
            return " ", found.start()
        case "dropped":
            return "", found.start()
    return found[0], found.start()


# --- the ledger --------------------------------------------------------------------


def _book(
    text: AnnotatedText,
    edited: _Undone,
    here: _Fold,
    there: _Fold,
    rules: Collection[Normalisation],
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
    raw: str, edited: _Undone, here: _Fold, there: _Fold
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
        if place is not None:
            kind, printed = edited.kinds[place], edited.wording[place]
            columns.append(_column(kind, character, printed))
        elif kind is not PieceKind.KEPT or (printed == PARAGRAPH and character == "\n"):
            columns.append((kind.value, ""))
        else:
            columns.append(("normalised", _dropped_rule(raw, offset)))
    return columns


def _column(kind: PieceKind, character: str, printed: str) -> tuple[str, str]:
    if kind is not PieceKind.KEPT or printed in (character, PARAGRAPH):
        return kind.value, ""
    if printed == "…":
        return "normalised", Normalisation.ELLIPSES
    if character.isspace():
        if character == "\n":
            return kind.value, ""
        return "normalised", Normalisation.WHITE_SPACE
    return "normalised", Normalisation.QUOTATION_MARKS


def _dropped_rule(raw: str, offset: int) -> str:
    if raw[offset] == "." or raw[offset : offset + 1] == "…":
        return Normalisation.ELLIPSES
    if raw[offset] == "-" or raw[max(0, offset - 2) : offset + 1] == "\n- ":
        return Normalisation.LIST_MARKERS
    if DASH in raw[max(0, offset - 1) : offset + 2]:
        return Normalisation.DASH_SPACING
    return Normalisation.WHITE_SPACE


def _count_places(
    raw: str,
    columns: Sequence[tuple[str, str]],
    rules: Collection[Normalisation],
) -> dict[str, int]:
    places = {rule.value: 0 for rule in Normalisation if rule in rules}
    last = ""
    for (column, rule), character in zip(columns, raw, strict=True):
        single = rule in (Normalisation.QUOTATION_MARKS, Normalisation.DASH_SPACING)
        if column == "normalised" and rule in places and (single or rule != last):
            places[rule] += 1
        last = rule if character != "\n" else ""
    return places


# --- differences -------------------------------------------------------------------


def _report_differences(
    text: AnnotatedText, edited: _Undone, here: _Fold, there: _Fold, report: Report
) -> None:
    mine, theirs = list(_tokens(here)), list(_tokens(there))
    if not mine or not theirs:
        _report_nothing(text, theirs, report)
        return
    matcher = difflib.SequenceMatcher(
        None, [t[0] for t in mine], [t[0] for t in theirs], autojunk=False
    )
    locator = _Locator(text, edited)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            continue
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
    if [t[0] for t in mine] == [t[0] for t in theirs]:
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
    here: _Fold, there: _Fold, source: File, locator: _Locator, report: Report
) -> None:
    """Report the first place where only white space differs."""
    pairs = zip(here.wording, there.wording, strict=False)
    place = next(i for i, (mine, theirs) in enumerate(pairs) if mine != theirs)
    message = "the edited text and the source differ in white space"
    rule = Normalisation.WHITE_SPACE
    hint = (
        f"declare the normalisation `{rule}`, or write the space as the source has it"
    )
    span = locator.span(here.offsets[place])
    where = _source_place(source, there.offsets[place])
    report.error("K-001", message, span, f"{hint}; see {where}")


def _tokens(fold: _Fold) -> Iterator[tuple[str, int, int]]:
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


class _Locator:
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
