"""Dates: those of EDTF that a chronology may have, and days in the words of a language.

EDTF is ISO 8601-2; read are days, months, seasons and years, with a qualifier, and
intervals of them. The library edtf reads all of it, but takes 10 ms a date and half a
second to load its eight packages, and lets days pass that do not exist; the tests hold
this reader against it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING

from recension.locales import write_date, write_month
from recension.model import Day, Period

if TYPE_CHECKING:
    from collections.abc import Mapping

SPRING = 21
"""The first of the months that stand for seasons (EDTF, level 1)."""
_SEASONS = {
    SPRING: (3, 5),
    SPRING + 1: (6, 8),
    SPRING + 2: (9, 11),
    SPRING + 3: (12, 12),
}
"""Their first and last month in the same year, as edtf has them."""
_DAY = r"[0-9]{4}(?:-[0-9]{2}){0,2}"
_PERIOD = re.compile(
    rf"(?P<start>{_DAY})(?P<mark>[~?%]?)(?:/(?P<until>{_DAY})(?P<until_mark>[~?%]?))?"
)
_QUALIFIERS = {"~": "approximate", "?": "uncertain", "%": "doubtful"}
"""The words that qualify a date, by the qualifier of EDTF."""


# --- reading -----------------------------------------------------------------------


def read_period(text: str) -> Period:
    """Return the period that *text* writes; raise ValueError with what is wrong."""
    found = _PERIOD.fullmatch(text)
    marks = {found["mark"], found["until_mark"]} - {None} if found else set()
    if not found or len(marks) > 1:
        reason = f"the date `{text}` is not one that the builder reads"
        raise ValueError(reason)
    start = _read_day(found["start"])
    until = _read_day(found["until"]) if found["until"] else None
    try:
        first, last = _find_bounds(start)
        until_first, last = _find_bounds(until) if until else (first, last)
    except ValueError:
        reason = f"the date `{text}` does not exist"
        raise ValueError(reason) from None
    if until_first < first:
        reason = f"the date `{text}` ends before it begins"
        raise ValueError(reason)
    return Period(
        start=start, until=until, qualifier=found["mark"], first=first, last=last
    )


def _read_day(part: str) -> Day:
    year, month, day = (*map(int, part.split("-")), 0, 0)[:3]
    if part.count("-") > (month > 0) + (day > 0):
        return Day(year=year, month=-1)  # `1940-00` is no year
    return Day(year=year, month=month, day=day)


def _find_bounds(day: Day) -> tuple[int, int]:
    """Return the first and the last day of *day*, as `date.toordinal` counts.

    Raises ValueError if it does not exist.
    """
    if day.day:
        only = date(day.year, day.month, day.day).toordinal()
        return only, only
    months = _SEASONS.get(day.month) or (day.month or 1, day.month or 12)
    first, last = (date(day.year, month, 1) for month in months)
    end = monthrange(last.year, last.month)[1]
    return first.toordinal(), last.replace(day=end).toordinal()


# --- writing -----------------------------------------------------------------------


def write_day(day: Day | date, language: str, words: Mapping[str, str]) -> str:
    """Return a day, a month, a season or a year in words: `22 November 2026`.

    *words* has those for the seasons.
    """
    if day.month >= SPRING:
        return f"{words['seasons'].split()[day.month - SPRING]} {day.year}"
    if not day.month:
        return str(day.year)
    first = date(day.year, day.month, day.day or 1)
    return write_date(first, language) if day.day else write_month(first, language)


def write_period(period: Period, language: str, words: Mapping[str, str]) -> str:
    """Return a period in words: `24 May 1940`, `26–27 May 1940`, `c. 1933`."""
    written = write_day(period.start, language, words)
    if period.until:
        last = write_day(period.until, language, words)
        written = _join(written, last, _count_shared(period, written, last))
    key = _QUALIFIERS.get(period.qualifier)
    return words[key].format(date=written) if key else written


def _count_shared(period: Period, first: str, last: str) -> int:
    """Return how many words at the end of two days stand for both.

    All but the day, where it comes first and the month is one; else the year.
    """
    start, until = period.start, period.until or period.start
    words = first.split()
    if start.year != until.year or len(words) == 1 or words[-1] != str(start.year):
        return 0
    same_month = start.month == until.month and start.day and until.day
    day_first = words[0].startswith(str(start.day))
    return len(last.split()) - 1 if same_month and day_first else 1


def _join(first: str, last: str, shared: int) -> str:
    """Return *first* to *last*, the *shared* words at the end of the first left out."""
    kept = first.split()[: len(first.split()) - shared]
    close = shared or len(first.split()) == len(last.split()) == 1
    dash = "–" if close and len(kept) == 1 else " – "
    return f"{' '.join(kept).rstrip(',')}{dash}{last}"
