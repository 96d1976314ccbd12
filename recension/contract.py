"""What the templates of print and layout agree on: classes, ids, data, tiers.

The templates write the markup, layout reads it and makes pages of it: a name that both
must know stands here and nowhere else in Python. The templates repeat it in their
markup, the style sheet in its selectors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


class Given(StrEnum):
    """The classes that templates give and layout looks for."""

    TEXT = "text"
    """Of a body that layout sets line by line, and of a text's section in it."""
    FRONT = "front"
    BACK = "back"
    CONTENTS = "contents"
    COLUMNS = "columns"
    MARK = "mark"
    """Of what only marks a place, and is not set."""
    CALL = "call"
    """Of the number of a note in the text: its link leads to the note."""
    NOTE = "note"
    NOTE_NUMBER = "note-number"
    NOTE_PARAGRAPH = "note-paragraph"
    VARIANT = "variant"
    """Of an entry of the apparatus."""
    BULLET = "bullet"
    ITEM_NUMBER = "item-number"
    """Of the number of an item of a list, which is a word of the text."""
    DEFINITION = "definition"
    TERM = "term"
    FOLIO = "folio"
    FITS = "fits"
    """Of what has a size of its own on the cover, which its words must keep."""


LEVEL = "level-"
"""What the class of a line of the contents begins with, before its level, from 1."""


class Made(StrEnum):
    """The classes of what layout makes, for the style sheet."""

    PAGE = "page"
    ROW = "row"
    """Of columns side by side."""
    COLUMN = "column"
    CONTINUED = "continued"
    """Of what has begun on a page before."""
    FOOT = "foot"
    NOTES = "notes"
    VARIANTS = "variants"
    LABEL = "line"
    """Of the number of the line that an entry is keyed to."""
    NOTE_CONTINUED = "note-continued"
    """Of the words before the rest of a note that is cut."""
    LINE_NUMBER = "line-number"


class Data(StrEnum):
    """The attributes with what markup alone cannot say."""

    TO = "data-to"
    """The id whose page and line the element tells."""
    LEMMA = "data-lemma"
    """The word that stands on the line which an entry is keyed to."""
    VERSO = "data-verso"
    """The running heads of a section: read by the style sheet."""
    RECTO = "data-recto"
    SHORT = "data-short"
    """What a heading is called in the running head: `short` in the notation."""
    CONTINUES = "data-continues"
    """The id of what has begun on a page before: made by layout."""


CALL_PREFIX = "call-"
"""What the id of a call begins with, before that of its note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A tier at the foot of the page: asides of one kind, which go there.

    An aside stands in the text behind its call or, where the tier is *keyed*, at the
    place by whose line it is numbered; *aside* is its class, *prefix* begins its id,
    and *holder* is the class of what holds those of a page. What *runs_on* may be cut
    and go on at the foot of the next page; *numbered* tells that the calls of a part
    are consecutive figures.
    """

    aside: Given
    holder: Made
    prefix: str
    runs_on: bool
    keyed: bool
    numbered: bool

    def id_of(self, element: Element) -> str:
        """Return what the aside *element* is of: the id of a note, of an emendation."""
        return element.get("id", "").removeprefix(self.prefix)


NOTES = Tier(
    aside=Given.NOTE,
    holder=Made.NOTES,
    prefix="note-",
    runs_on=True,
    keyed=False,
    numbered=True,
)
APPARATUS = Tier(
    aside=Given.VARIANT,
    holder=Made.VARIANTS,
    prefix="variant-",
    runs_on=False,
    keyed=True,
    numbered=False,
)
TIERS: tuple[Tier, ...] = (NOTES, APPARATUS)
"""The tiers from above down."""


def find_tier(element: Element) -> Tier | None:
    """Return the tier that *element* is an aside of, None if it is none."""
    classes = classes_of(element)
    return next((tier for tier in TIERS if tier.aside in classes), None)


def find_called(call: Element) -> tuple[Tier, str] | None:
    """Return what *call*, a link, leads to: the tier of an aside, what that is of."""
    target = call.get("href", "").removeprefix("#")
    return next(
        (
            (tier, target.removeprefix(tier.prefix))
            for tier in TIERS
            if target.startswith(tier.prefix)
        ),
        None,
    )


def classes_of(element: Element) -> list[str]:
    """Return the classes of *element*."""
    return element.get("class", "").split()


def call_id(note: str) -> str:
    """Return the id of the call of the *note* with this id."""
    return f"{CALL_PREFIX}{note}"


def note_id(note: str) -> str:
    """Return the id of the body of the *note* with this id."""
    return f"{NOTES.prefix}{note}"


def work_id(citekey: str) -> str:
    """Return the id of the work *citekey* in the bibliography."""
    return f"work-{name_work(citekey)}"


def name_work(citekey: str) -> str:
    """Return *citekey* as an id can have it (XML 1.0, NCName): signs by their code."""
    return re.sub(r"[^\w.-]", lambda found: f"_{ord(found[0]):x}_", citekey)
