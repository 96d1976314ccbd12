"""What a work takes from others: `xdata` and `crossref`, by the rules of biber.

The rules are those that biber has without a configuration (biblatex manual 3.20, app.
B), but that an annotation is about its own entry alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

XDATA = "xdata"
CROSSREF = "crossref"
SOURCES = (XDATA, CROSSREF)
"""The fields that name where others are taken from, the first before the second."""


def _words(written: str) -> frozenset[str]:
    return frozenset(written.split())


_KEPT_BACK = _words(
    "annotation crossref entryset entrysubtype execute ids label options presort "
    "related relatedoptions relatedstring relatedtype shorthand shorthandintro sortkey "
    "xdata xref"
)
"""What no work takes from the one that its `crossref` names."""
_TITLES = ("title", "subtitle", "titleaddon")
_OWN_TITLES = frozenset(("indexsorttitle", "indextitle", "shorttitle", "sorttitle"))


class _Inheritance(NamedTuple):
    """Titles of *parents* become those of a kind (*prefix*) of *children*."""

    parents: frozenset[str]
    children: frozenset[str]
    prefix: str


def _gives(parents: str, children: str, prefix: str) -> _Inheritance:
    return _Inheritance(_words(parents), _words(children), prefix)


_RULES = (
    _gives("mvbook", "book inbook bookinbook suppbook", "main"),
    _gives(
        "mvcollection mvreference",
        "collection reference incollection inreference suppcollection",
        "main",
    ),
    _gives("mvproceedings", "proceedings inproceedings", "main"),
    _gives("book", "inbook bookinbook suppbook", "book"),
    _gives("collection reference", "incollection inreference suppcollection", "book"),
    _gives("proceedings", "inproceedings", "book"),
    _gives("periodical", "article suppperiodical", "journal"),
)
_AUTHORS = _gives("book mvbook", "inbook bookinbook suppbook", "book")
"""Whose authors are those of the book, too."""


class Heir(NamedTuple):
    """What inherits: the *kind* of a work and its own *fields*."""

    kind: str
    fields: Mapping[str, str]


def inherit(citekey: str, heirs: Mapping[str, Heir]) -> dict[str, str]:
    """Return the fields of the work *citekey* with those that it takes from others.

    A source that is not among *heirs* gives nothing; one that leads back to the work
    gives what it has by itself.
    """
    return _inherit(citekey, heirs, frozenset())


def find_sources(heir: Heir) -> Iterator[tuple[str, str]]:
    """Yield the field and the citekey of each work that *heir* takes from."""
    for name in SOURCES:
        for citekey in heir.fields.get(name, "").replace(",", " ").split():
            yield name, citekey


def _inherit(
    citekey: str, heirs: Mapping[str, Heir], seen: frozenset[str]
) -> dict[str, str]:
    heir = heirs[citekey]
    fields = dict(heir.fields)
    for name, source in find_sources(heir):
        if source not in heirs or source in seen:
            continue
        given = _inherit(source, heirs, seen | {citekey})
        if name == CROSSREF:
            given = dict(_rename(given, heirs[source].kind, heir.kind))
        dated = "date" in fields or "year" in fields
        for field, value in given.items():
            if not (dated and field in ("date", "year")):
                fields.setdefault(field, value)
    return fields


def _rename(
    fields: Mapping[str, str], parent: str, child: str
) -> Iterator[tuple[str, str]]:
    """Yield the fields of a *parent* under the names that they have in a *child*."""
    prefix = next(
        (r.prefix for r in _RULES if parent in r.parents and child in r.children), ""
    )
    for name, value in fields.items():
        if name in _KEPT_BACK or (prefix and name in _OWN_TITLES):
            continue
        if (
            name == "author"
            and parent in _AUTHORS.parents
            and child in _AUTHORS.children
        ):
            yield "bookauthor", value
        if prefix and name in _TITLES:
            yield prefix + name, value
        else:
            yield name, value
