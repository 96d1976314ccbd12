"""The headings of the index, when the pages are known."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recension.contract import call_id
from recension.model import (
    Entry,
    IndexedText,
    IndexHeading,
    LocatedGroup,
    Locator,
    Mention,
    Place,
    Tables,
)
from recension.pagemap import read_roman

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MOST_PLACES = 6
"""How many locators, and how many folios, a heading has before it is divided."""
_SortKey = tuple[tuple[str, ...], str]
_OPENING = "“‘\"'*_"
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_FOREIGN = re.compile(r"^(?:(?:l[ae]s?|el|los|d(?:er|ie|as))\s+|l['’])", re.IGNORECASE)
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})


@dataclass(frozen=True, slots=True)
class _LocatedMention:
    """A mention in print: *page* sorts its *folio*, *number* is its note's or 0."""

    mention: Mention
    folio: str
    page: tuple[int, int]
    number: int


def locate(  # noqa: PLR0913 - what is known of the pages, by keyword
    indexed: Sequence[IndexedText],
    tables: Tables,
    *,
    names: Mapping[str, str],
    places: Mapping[str, Place],
    numbers: Mapping[str, int],
    titles: Mapping[str, str],
) -> tuple[IndexHeading, ...]:
    """Return the headings of the index in alphabetical order.

    *names* has the plain name of each entry and of each wording of `see` by its id,
    *places* the folio and line of each mention and of `call-<note id>`, *numbers* the
    printed number of each note, *titles* the name of the group of each text (“in
    Walsh”). What has no place is left out.
    """
    anchors = {id_: place for text in indexed for id_, place in text.anchors.items()}
    located: dict[str, list[_LocatedMention]] = defaultdict(list)
    for text in indexed:
        for mention in text.mentions:
            place = _find_place(mention, places, numbers)
            located[mention.entry] += [place] if place else []
    printed = [entry for entry in tables.register if located[entry.id]]
    keys = {entry.id: _sort_key(names[entry.id], entry.kind) for entry in printed}
    headings = []
    for entry in printed:
        also = {mark.name for mark in entry.see_also} & keys.keys() - {entry.id}
        heading = IndexHeading(
            id=entry.id,
            key=_letter(keys[entry.id]),
            name=names[entry.id],
            see="",
            see_also=tuple(sorted(also, key=lambda id_: (keys[id_], id_))),
            groups=_group(entry, located[entry.id], anchors, titles),
        )
        headings.append((keys[entry.id], heading))
        headings += _refer(entry, names)
    return tuple(heading for _, heading in sorted(headings, key=_order))


def _order(keyed: tuple[_SortKey, IndexHeading]) -> tuple[Any, ...]:
    key, heading = keyed
    return key, bool(heading.see), heading.name, heading.id


def _refer(
    entry: Entry, names: Mapping[str, str]
) -> Iterator[tuple[_SortKey, IndexHeading]]:
    """Yield the headings that refer to *entry*, with their keys."""
    for wording in entry.see:
        name = names[wording.id]
        key = _sort_key(name, entry.kind)
        yield (
            key,
            IndexHeading(
                id=wording.id,
                key=_letter(key),
                name=name,
                see=entry.id,
                see_also=(),
                groups=(),
            ),
        )


def _find_place(
    mention: Mention, places: Mapping[str, Place], numbers: Mapping[str, int]
) -> _LocatedMention | None:
    place = places.get(call_id(mention.id) if mention.note else mention.id)
    page = _count_page(place[0]) if place else None
    number = numbers.get(mention.id) if mention.note else 0
    if not place or not page or number is None:
        return None
    return _LocatedMention(mention, place[0], page, number)


def _count_page(folio: str) -> tuple[int, int] | None:
    """Return what sorts *folio*: roman before arabic, None for what is neither."""
    if folio.isdecimal():
        return 1, int(folio)
    number = read_roman(folio)
    return (0, number) if number else None


def _group(
    entry: Entry,
    located: list[_LocatedMention],
    anchors: Mapping[str, str],
    titles: Mapping[str, str],
) -> tuple[LocatedGroup, ...]:
    """Return the places of *entry*, under sub-headings where they are many.

    A few that no sub-heading takes follow the heading itself, many are told apart by
    text. Folios count too, lest an entry that runs through the book be one long range.
    """
    together = _find_locators(located)
    folios = {one.page for one in located}
    if max(len(together), len(folios)) <= MOST_PLACES:
        return (LocatedGroup(name="", locators=together),)
    subs, rest = _divide(entry, located, anchors)
    ordered = sorted(
        (name for name, chosen in subs.items() if chosen),
        key=lambda name: min((one.page, one.number) for one in subs[name]),
    )
    undivided = _find_locators(rest)
    if ordered and len(undivided) <= MOST_PLACES:
        others = [LocatedGroup(name="", locators=undivided)] if rest else []
        texts: dict[str, list[_LocatedMention]] = {}
    else:
        others, texts = [], _divide_by_text(rest, titles)
    named = [(name, subs[name]) for name in ordered] + list(texts.items())
    return (
        *others,
        *(
            LocatedGroup(name=name, locators=_find_locators(chosen))
            for name, chosen in named
        ),
    )


def _divide(
    entry: Entry, located: Sequence[_LocatedMention], anchors: Mapping[str, str]
) -> tuple[dict[str, list[_LocatedMention]], list[_LocatedMention]]:
    """Return the places under each sub-heading of *entry*, and those under none."""
    taken: set[str] = set()
    subs: dict[str, list[_LocatedMention]] = {}
    for sub in entry.subs:
        paragraphs = {anchors[mark.name] for mark in sub.at if mark.name in anchors}
        taken |= paragraphs
        chosen = [one for one in located if one.mention.paragraph in paragraphs]
        subs.setdefault(sub.name, []).extend(chosen)
    return subs, [one for one in located if one.mention.paragraph not in taken]


def _divide_by_text(
    located: Sequence[_LocatedMention], titles: Mapping[str, str]
) -> dict[str, list[_LocatedMention]]:
    texts: dict[str, list[_LocatedMention]] = defaultdict(list)
    for one in located:
        texts[titles[one.mention.text_id]].append(one)
    return texts


def _find_locators(located: Iterable[_LocatedMention]) -> tuple[Locator, ...]:
    """Return *located* as the index prints them, in the order of the book."""
    first: dict[tuple[tuple[int, int], int], _LocatedMention] = {}
    for one in located:
        first.setdefault((one.page, one.number), one)
    texts = {page for page, number in first if not number}
    runs: list[list[_LocatedMention]] = []
    for key, one in sorted(first.items()):
        if not _is_kept(key, texts):
            continue
        if runs and _follows(runs[-1][-1], one):
            runs[-1].append(one)
        else:
            runs.append([one])
    return tuple(Locator(label=_label(run), first=run[0].mention) for run in runs)


def _is_kept(key: tuple[tuple[int, int], int], texts: set[tuple[int, int]]) -> bool:
    """Tell whether a place is printed: a note is not where the page's text is."""
    page, number = key
    return not number or page not in texts


def _follows(before: _LocatedMention, after: _LocatedMention) -> bool:
    if before.number and after.number:
        return before.page == after.page and before.number + 1 == after.number
    both = not before.number and not after.number
    (kind, page), (other, next_page) = before.page, after.page
    return both and kind == other and page + 1 == next_page


def _label(run: list[_LocatedMention]) -> str:
    first, last = run[0], run[-1]
    if not first.number:
        return first.folio if first is last else f"{first.folio}–{last.folio}"
    if first is last:
        return f"{first.folio}n{first.number}"
    return f"{first.folio}nn{first.number}–{last.number}"


def _sort_key(name: str, kind: str) -> _SortKey:
    """Return what sorts a heading: word by word, up to a comma first.

    What stands in parentheses tells equals apart. An article does not count where it
    opens a name; in a person's or a place's, a foreign one is part of it.
    """
    name = _ARTICLE.sub("", name.lstrip(_OPENING), count=1)
    if kind not in ("person", "place"):
        name = _FOREIGN.sub("", name, count=1)
    plain = unicodedata.normalize("NFKD", name.casefold()).translate(_LETTERS)
    plain = re.sub(r"[\u0300-\u036f.'’]", "", plain)
    plain = re.sub(r"\d+", lambda figures: figures[0].zfill(8), plain)
    main, _, added = plain.partition("(")
    parts = (_keep_words(part) for part in re.split("[,:]", main))
    return tuple(part for part in parts if part), _keep_words(added)


def _keep_words(words: str) -> str:
    return " ".join(re.findall(r"\w+", words))


def _letter(key: _SortKey) -> str:
    first = "".join(key[0] or key[1:])[:1]
    return "0–9" if first.isdecimal() else first.upper()
