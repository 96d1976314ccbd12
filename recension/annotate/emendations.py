"""Emendations: what stands beside them, and which would say what is not so."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from recension.model import Emendation, PieceKind
from recension.normalisation import PARAGRAPH, PILCROW

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recension.model import Piece
    from recension.problems import Span
    from recension.tree import Attributes

CERTAINTIES = ("certain", "probable")
NEAR = 100
"""How far, in characters, the word beside an emendation is sought."""
_LAST_WORD = re.compile(rf"[^\s{PARAGRAPH}]+[ \u00a0]*\Z")
_FIRST_WORD = re.compile(rf"[ \u00a0]*[^\s{PARAGRAPH}]+")
_KEEP = "an entry of the apparatus would say so: take the mark out, or mend it"

Extents = dict[str, tuple[int, int]]
"""From where to where emendations are printed, by their ids."""


def make_emendation(
    own: Attributes, lemma: str, span: Span, text_id: str, default: str
) -> Emendation:
    """Return what attributes say of an emendation; *default* is its id without one."""
    return Emendation(
        id=own.id or default,
        text_id=text_id,
        lemma=lemma,
        reading=own.get("sic"),
        before="",
        after="",
        certainty=own.get("cert", "certain"),
        why=own.get("why"),
        span=span,
    )


def place_emendations(
    emendations: Sequence[Emendation], extents: Extents, pieces: Sequence[Piece]
) -> Iterator[Emendation]:
    """Yield *emendations* with the words printed beside them, and the white between."""
    printed = "".join(piece.lemma for piece in pieces)
    for emendation in emendations:
        start, end = extents[emendation.id]
        before = _LAST_WORD.search(printed[max(0, start - NEAR) : start])
        after = _FIRST_WORD.match(printed, end)
        yield replace(
            emendation,
            before=before[0] if before else "",
            after=after[0] if after else "",
        )


def find_idle(
    emendation: Emendation, within: Sequence[Emendation]
) -> tuple[str, str] | None:
    """Return message and hint for an *emendation* that changes nothing.

    The same for one that has others *within* whose readings it does not have.
    """
    reading = _squeeze(emendation.reading)
    if emendation.lemma == emendation.reading:
        shown = f"`{reading}`" if reading else "nothing"
        return f"the emendation puts {shown} for {shown}", _KEEP
    for inner in within:
        if _squeeze(inner.reading) not in reading:
            message = (
                f"the source has `{reading}` here, and within it an emendation "
                f"says `{_squeeze(inner.reading)}`"
            )
            return message, "the outer mark has all that the source has"
    return None


def _squeeze(reading: str) -> str:
    return " ".join(reading.split())


def find_vain_join(pieces: Sequence[Piece]) -> Piece | None:
    """Return what joins a paragraph of *pieces* to another that stays apart."""
    worded = [piece for piece in pieces if (piece.lemma + piece.reading).strip()]
    for piece in (*worded[:1], *worded[-1:]):
        joins = piece.kind is PieceKind.EMENDED and not piece.lemma.strip()
        if joins and piece.reading == PARAGRAPH:
            return piece
    return None


VAIN_JOIN = (
    f'`sic="{PILCROW}"` joins nothing: the paragraphs stand apart',
    "take out the blank line, so that the paragraphs run on at the mark",
)
