"""Mark the dates of a finished fragment for machines, without changing a letter.

A date may run over the tags of emendations and mentions: it is found in the characters
between the tags, and marked where the tags in it are whole.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_TOKEN = re.compile(r"<[^>]*>|&[^;]+;|[^<&]")
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[\w:]+)[^>]*?(?P<empty>/?)>")
_INLINE = frozenset(("a", "b", "cite", "em", "i", "small", "span", "strong", "sup"))
"""Elements that a date may stand in or run over; any other ends it."""
_BARRIER = "\ufffc"
_SPACES = {"&#160;": "\u00a0", "&nbsp;": "\u00a0"}
_ORDINAL = r"(?:st|nd|rd|th|er)?"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])"
_SHARED = r"(?:\s?[-–—/&,]\s?|\s\w{1,5}\s)$"
"""What stands between two dates of which the first is not told in full."""
_NEAR = 40
"""How far back, in characters, such a date is looked for."""


class Dates:
    """Find the dates of one language; *months* are its twelve names."""

    def __init__(self, months: Sequence[str]) -> None:
        """Make ready to find dates with *months*."""
        self.months = list(months)
        either = "|".join(map(re.escape, months))
        month, year = rf"(?P<month{{0}}>{either})", r"(?P<year{0}>\d{{4}})"
        day = rf"(?P<day{{0}}>\d{{{{1,2}}}}){_ORDINAL}"
        forms = [rf"{day}\s{month},?\s{year}", rf"{month}\s{day},\s{year}"]
        forms.append(rf"{month},?\s{year}")
        written = "|".join(form.format(n) for n, form in enumerate(forms))
        until = rf"[-–/]\d{{2,4}}\b(?!\s(?:{either}))"
        self.pattern = re.compile(rf"(?<!\w)(?:{written})(?!\w|{until})")
        self.shared = re.compile(rf"(?<!\w)(?:{_DAY}{_ORDINAL}|{either}){_SHARED}")

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield start, end and the date for machines of each complete date in *text*.

        What shares month or year with a date before it (`26–27 May 1940`) is a range,
        of which no date stands complete.
        """
        for found in self.pattern.finditer(text):
            machine = self._write(found)
            before = text[max(0, found.start() - _NEAR) : found.start()]
            if machine and not self.shared.search(before):
                yield *found.span(), machine

    def _write(self, found: re.Match[str]) -> str:
        """Return the date as `datetime` wants it, nothing if there is no such day."""
        parts = {k.rstrip("012"): v for k, v in found.groupdict().items() if v}
        year, month = int(parts["year"]), self.months.index(parts["month"]) + 1
        try:
            day = date(year, month, int(parts.get("day", 1)))
        except ValueError:
            return ""
        return day.isoformat() if "day" in parts else day.isoformat()[:7]


def mark_dates(
    fragment: Markup, dates: Dates, mark: Callable[[str], tuple[str, str]]
) -> Markup:
    """Return *fragment* with its dates between what *mark* gives for each."""
    tokens = _TOKEN.findall(fragment)
    places, text = _read(tokens)
    for start, end, machine in reversed(list(dates.find(text))):
        whole = _find_whole(tokens, places[start], places[end - 1])
        if whole:
            opening, closing = mark(machine)
            tokens[whole[1] : whole[1]] = [closing]
            tokens[whole[0] : whole[0]] = [opening]
    return Markup("".join(tokens))  # noqa: S704 - the fragment's own, and our marks


def _read(tokens: Sequence[str]) -> tuple[list[int], str]:
    """Return the characters between the tags and the token of each.

    The number of a note and the end of a block are barriers that no date runs over.
    """
    places, text, in_call = [], [], False
    for place, token in enumerate(tokens):
        tag = _TAG.fullmatch(token)
        if tag and tag["name"] == "a":
            in_call = 'class="noteref"' in token
        if _is_inline(token) and not in_call:
            continue
        places.append(place)
        plain = _SPACES.get(token, token if len(token) == 1 else _BARRIER)
        text.append(_BARRIER if in_call else plain)
    return places, "".join(text)


def _find_whole(tokens: Sequence[str], first: int, last: int) -> tuple[int, int] | None:
    """Return the least range of tokens from *first* to *last* whose tags are whole.

    It may take in inline tags that stand directly before and behind.
    """
    starts, ends = [first], [last + 1]
    while starts[-1] and _is_inline(tokens[starts[-1] - 1]):
        starts.append(starts[-1] - 1)
    while ends[-1] < len(tokens) and _is_inline(tokens[ends[-1]]):
        ends.append(ends[-1] + 1)
    ranges = sorted(
        ((start, end) for start in starts for end in ends),
        key=lambda found: found[1] - found[0],
    )
    return next((found for found in ranges if _is_whole(tokens[slice(*found)])), None)


def _is_inline(token: str) -> bool:
    tag = _TAG.fullmatch(token)
    return bool(tag and tag["name"] in _INLINE)


def _is_whole(tokens: Sequence[str]) -> bool:
    """Tell whether every element that begins in *tokens* ends there, and none other."""
    depth = 0
    for token in tokens:
        tag = _TAG.fullmatch(token)
        if tag and not tag["empty"]:
            depth += -1 if tag["close"] else 1
        if depth < 0:
            return False
    return depth == 0
