"""The places where a line may end: between words, within them, within addresses.

Hyphens come from pyphen's patterns. Addresses of the web are never divided with a
hyphen, which would be taken for a part of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import pyphen

HYPHEN_PENALTY = 100.0
NAME_FACTOR = 1.7
"""How much dearer it is to divide a word that begins with a capital, mostly a name."""
DASH_PENALTY = 10.0
ADDRESS_PENALTY = 50.0
"""Of a break at a sign of an address."""
FORCED = -10_000.0
"""The penalty of a break that must be taken."""

SOFT_HYPHEN = "\u00ad"
"""Where an editor wants a word divided, and nowhere else; it is not printed."""

_WORD = re.compile(rf"(?<![\w{SOFT_HYPHEN}-])[^\W\d_]{{6,}}(?![\w{SOFT_HYPHEN}-])")
_DASH = re.compile(r"(?<=[^\s—–])[—–](?=[^\s—–’”)\]])")
_HARD_HYPHEN = re.compile(r"(?<=\w)-(?=[^\W\d])")
_ADDRESS = re.compile(
    r"(?:https?://|mailto:|doi:|www\.)[^\s\u00a0<>“”«»]*[^\s\u00a0<>“”«».,:;!?’)\]]"
)
_SIGNS = re.compile(r"(?<=//)|(?<=:)(?!/)|(?<=[^:/])(?=[/.,;~_?#%=&+@!*'-])|(?<=[=&])")


class Break(NamedTuple):
    """A place to end a line: *end* and *start* are offsets of the text.

    The line ends before *end*, the next begins at *start*.
    """

    end: int
    start: int
    penalty: float
    hyphen: bool
    address: bool = False
    """Whether it divides an address: what fills a line alone need not fill it well."""


@lru_cache
def _hyphenator(language: str) -> pyphen.Pyphen | None:
    known = pyphen.language_fallback(language.replace("-", "_"))
    return pyphen.Pyphen(lang=known, left=3, right=3) if known else None


@lru_cache(maxsize=16384)
def _hyphen_points(word: str, language: str) -> tuple[int, ...]:
    hyphenator = _hyphenator(language)
    return tuple(hyphenator.positions(word)) if hyphenator else ()


def find_breaks(
    text: str, language: str, unbroken: frozenset[int], *, hyphenate: bool
) -> list[Break]:
    """Return the places where a line of *text* may end, in order.

    Never before an offset of *unbroken*, where a note is called; a newline forces an
    end. A word keeps three letters before a hyphen and three after, or is divided at
    its soft hyphens, also where other words are not. Addresses have rules of their own.
    """
    addresses = find_addresses(text)
    breaks = [
        Break(found.start(), found.end(), 0.0, hyphen=False)
        for found in re.finditer(" +", text)
        if found.end() < len(text)
    ]
    breaks += [
        Break(found.start(), found.end(), FORCED, hyphen=False)
        for found in re.finditer("\n", text)
    ]
    for pattern, penalty in ((_DASH, DASH_PENALTY), (_HARD_HYPHEN, HYPHEN_PENALTY)):
        for found in pattern.finditer(text):
            breaks.append(Break(found.end(), found.end(), penalty, hyphen=False))
    breaks += [
        Break(found.start(), found.end(), HYPHEN_PENALTY, hyphen=True)
        for found in re.finditer(rf"(?<=\w){SOFT_HYPHEN}(?=\w)", text)
    ]
    breaks = [b for b in breaks if not _is_within(b.start - 1, b.start, addresses)]
    for start, end in addresses:
        breaks += [
            divide_address(at, ADDRESS_PENALTY) for at in find_signs(text, start, end)
        ]
    if hyphenate:
        for found in _WORD.finditer(text):
            if _is_within(found.start(), found.end() - 1, addresses):
                continue
            for point in _hyphen_points(found[0], language):
                offset = found.start() + point
                name = found[0][0].isupper()
                penalty = HYPHEN_PENALTY * (NAME_FACTOR if name else 1)
                breaks.append(Break(offset, offset, penalty, hyphen=True))
    return sorted(b for b in set(breaks) if b.start not in unbroken)


def _is_within(first: int, last: int, stretches: list[tuple[int, int]]) -> bool:
    """Tell whether *first* and *last* are in one of *stretches*, the end left out."""
    return any(start <= first and last < end for start, end in stretches)


def divide_address(offset: int, penalty: float) -> Break:
    """Return the break at *offset* within an address."""
    return Break(offset, offset, penalty, hyphen=False, address=True)


def find_addresses(text: str) -> list[tuple[int, int]]:
    """Return where each address begins and ends; marks behind it are not its own."""
    return [found.span() for found in _ADDRESS.finditer(text)]


def find_signs(text: str, start: int, end: int) -> list[int]:
    """Return the offsets at which the address from *start* to *end* is divided.

    After a colon and a double slash, before and after `=` and `&`, before any other
    sign (Chicago Manual of Style, 18th edition, 7.46).
    """
    return [found.start() for found in _SIGNS.finditer(text, start + 1, end)]
