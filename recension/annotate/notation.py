"""The notation as a table: what may be written in braces, where, and what it marks.

docs/EDITING.md has the same table in words. Anything else is an error with the nearest
name that is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, StrEnum, auto
from typing import TYPE_CHECKING

from recension.problems import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recension.tree import Attributes


class Where(Flag):
    """In which of what an editor writes something may stand."""

    TEXT = auto()
    FRONT = auto()
    NOTE = auto()
    TABLE = auto()
    PART = TEXT | FRONT
    ANYWHERE = TEXT | FRONT | NOTE | TABLE


class Holder(StrEnum):
    """What attributes stand at."""

    SPAN = "span"
    DIV = "div"
    HEADING = "heading"
    LINK = "link"


PLACES = {
    Where.TEXT: "a text",
    Where.FRONT: "a front part",
    Where.NOTE: "a note",
    Where.TABLE: "a wording of a table",
}
ANCHOR = "#"
OWN = ".x-"
"""What begins a class for the style sheets of an edition: it marks nothing itself."""
OWN_AT = (Holder.SPAN, Holder.DIV, Holder.HEADING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A class (`.omit`), an attribute (`sic`) or an anchor (`#`), and what it *marks*.

    It stands *at* some holders, in the places *where*; without what is *beside* it it
    says nothing. Its value may be *empty*.
    """

    name: str
    at: tuple[Holder, ...]
    where: Where
    marks: str
    beside: str = ""
    empty: bool = False


_SPAN, _DIV, _HEADING, _LINK = Holder
NOTATION = (
    Form(name=".omit", at=(_DIV,), where=Where.TEXT, marks="lines left out"),
    Form(name=".ledger", at=(_DIV,), where=Where.FRONT, marks="a list of the ledger"),
    Form(name=".epigraph", at=(_DIV,), where=Where.PART, marks="an epigraph"),
    Form(name=".byline", at=(_DIV,), where=Where.PART, marks="a by-line"),
    Form(name=".title", at=(_SPAN,), where=Where.ANYWHERE, marks="a title"),
    Form(
        name=".smallcaps",
        at=(_SPAN,),
        where=Where.ANYWHERE,
        marks="small capitals",
    ),
    Form(
        name="sic",
        at=(_SPAN,),
        where=Where.TEXT,
        marks="what the source has",
        empty=True,
    ),
    Form(name="cert", at=(_SPAN,), where=Where.TEXT, marks="doubt", beside="sic"),
    Form(name="why", at=(_SPAN,), where=Where.TEXT, marks="the reason", beside="sic"),
    Form(name="why", at=(_DIV,), where=Where.TEXT, marks="the reason", beside=".omit"),
    Form(name="who", at=(_SPAN,), where=Where.ANYWHERE, marks="who is meant"),
    Form(name="lang", at=(_SPAN,), where=Where.ANYWHERE, marks="the language"),
    Form(name="count", at=(_SPAN,), where=Where.FRONT, marks="a figure of the ledger"),
    Form(
        name="list", at=(_DIV,), where=Where.FRONT, marks="which list", beside=".ledger"
    ),
    Form(name="short", at=(_HEADING,), where=Where.PART, marks="the running head"),
    Form(
        name=ANCHOR,
        at=(_SPAN, _DIV, _HEADING, _LINK),
        where=Where.PART,
        marks="a place to refer to",
    ),
)
"""The rows; a name that marks two things at two holders has two."""


DEEPEST = 3
"""The level of the least of the headings."""
_KINDS = {
    "Code": ("code has", "write `\\`` for the sign"),
    "CodeBlock": (
        "a block of code has",
        "take out the spaces at the beginning of its lines, or the fence round it",
    ),
    "Table": ("a table has", "write it in paragraphs"),
    "Strikeout": ("words struck out have", "write `\\~` for the sign"),
    "Underline": (
        "underlined words have",
        "italics are `*words*`, bold is `**words**`",
    ),
    "DefinitionList": ("a list of definitions has", "it stands in a front part"),
    "Figure": ("a picture has", "describe it in a note"),
    "Note": ("a note has", "take its call out"),
}
"""What Markdown knows and the notation has no use for, in words, and what to do."""


def tell_kind(kind: str, where: Where) -> tuple[str, str]:
    """Return message and hint for a node of a *kind* that stands *where* it may not."""
    name, hint = _KINDS.get(kind, (f"a {kind} has", "write it in paragraphs"))
    return f"{name} no place in {PLACES[where]}", hint


def find_faults(
    own: Attributes, holder: Holder, where: Where
) -> Iterator[tuple[str, str]]:
    """Yield message and hint for each attribute that has no place *where* it stands."""
    written = [(f".{name}", name) for name in own.classes]
    written += [pair for pair in own.pairs if pair[0] != "pos"]
    written += [(ANCHOR, own.id)] if own.id else []
    names = {name for name, _ in written}
    for name, value in written:
        if fault := _judge(name, value, names, holder, where):
            yield fault
    if "sic" in names and own.classes:
        yield (
            "an emendation has a class, which would be lost",
            'put it inside: `[[words]{.title}]{sic="…"}`',
        )


def _judge(  # noqa: PLR0911 - a kind of fault, a case
    name: str, value: str, names: set[str], holder: Holder, where: Where
) -> tuple[str, str] | None:
    """Return what is wrong with *name*, which stands beside the other *names*."""
    if name.startswith(OWN) and name != OWN and holder in OWN_AT:
        return None
    rows = [form for form in NOTATION if form.name == name]
    if not rows:
        return _refuse(name, holder, where)
    here = next((form for form in rows if holder in form.at), None)
    if here is None:
        holders = " or ".join(f"a {at}" for form in rows for at in form.at)
        return f"`{name}` has no place at a {holder}", f"it stands at {holders}"
    if here.beside in names and not here.where & where:
        return None  # what it stands beside is told
    if not here.where & where:
        places = [told for place, told in PLACES.items() if place & here.where]
        what = "an anchor" if name == ANCHOR else f"`{name}`"
        return (
            f"{what} has no place in {PLACES[where]}",
            f"it stands in {_either(places)}",
        )
    if here.beside and here.beside not in names:
        return (
            f"`{name}` says nothing without `{here.beside}`",
            "add that, or take it out",
        )
    if not (value or here.empty):
        return f"`{name}` has no value", "write it, or take it out"
    return None


def _refuse(name: str, holder: Holder, where: Where) -> tuple[str, str]:
    """Return the fault of a *name* that the notation does not have."""
    bare, is_class = name.removeprefix("."), name.startswith(".")
    known = [
        form.name.removeprefix(".")
        for form in NOTATION
        if holder in form.at and form.where & where
        if form.name.startswith(".") == is_class and form.name != ANCHOR
    ]
    kind = "class" if is_class else "attribute"
    listed = ", ".join(f"`{one}`" for one in dict.fromkeys(known))
    otherwise = f"those of a {holder} are {listed}" if known else "take it out"
    if is_class and holder in OWN_AT:
        otherwise += f"; one for a style sheet of yours begins with `{OWN[1:]}`"
    message = f"the notation knows no {kind} `{bare}`"
    return message, suggest(bare, known, "", otherwise)


def _either(places: list[str]) -> str:
    return f"{', '.join(places[:-1])} or {places[-1]}" if places[1:] else places[0]
