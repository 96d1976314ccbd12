"""What a language does with dates and figures, from CLDR. Alone knows Babel."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

_FIELD = re.compile(
    r"'(?P<quoted>[^']*)'|(?P<field>d+|M+|L+|y+)|(?P<other>.)", re.DOTALL
)
"""A piece of a pattern of CLDR (Unicode Technical Standard 35, part 4)."""
_NAMES = {"d": "{day}", "M": "{month}", "L": "{month}", "y": "{year}"}


@cache
def _find_locale(language: str) -> Locale:
    """Return the locale of a *language* such as `en-GB`; English for one unknown."""
    for tag in (language, language.partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse("en-GB", sep="-")


def name_months(language: str) -> list[str]:
    """Return the names of the twelve months as dates have them."""
    months: Mapping[int, str] = _find_locale(language).months["format"]["wide"]
    return [months[number] for number in range(1, 13)]


def find_orders(language: str) -> tuple[str, str]:
    """Return how a day and how a month is written: `{day}. {month} {year}`.

    The pieces stand for what is told; the rest is as it is, such as `de` in Spanish.
    """
    locale = _find_locale(language)
    patterns = (locale.date_formats["long"].pattern, locale.datetime_skeletons["yMMMM"])
    day, month = (_read_pattern(str(getattr(p, "pattern", p))) for p in patterns)
    return day, month


def _read_pattern(pattern: str) -> str:
    return "".join(
        _NAMES[found["field"][0]]
        if found["field"]
        else (found["quoted"] or found["other"] or "")
        for found in _FIELD.finditer(pattern)
    )


def write_date(day: date, language: str) -> str:
    """Return *day* in words: `22 November 2026`."""
    return format_date(day, "long", locale=_find_locale(language))


def write_month(day: date, language: str) -> str:
    """Return the month of *day* in words: `November 2026`."""
    return format_skeleton("yMMMM", day, locale=_find_locale(language))


def write_count(count: int, language: str) -> str:
    """Return a *count* in figures, grouped as the language does: `1,548`, `1 548`.

    CLDR's narrow no-break space becomes the common one: few typefaces have the narrow
    in all their faces.
    """
    figures = format_decimal(count, locale=_find_locale(language))
    return figures.replace("\u202f", "\u00a0")
