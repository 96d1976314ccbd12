"""The dates of works: EDTF as BibLaTeX has it, and the years and months of BibTeX.

What is read becomes the form that citeproc understands (biblatex manual 3.20, 2.3.8).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from recension.cite.biblatex import PUBLICATION_STATES
from recension.cite.bibtex import MONTHS
from recension.dates import SPRING, read_period

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIDE = re.compile(
    r"(?P<before>[~?%]?)(?P<year>-?[0-9]{4}|[0-9]{1,3}[Xxu]{1,3})"
    r"(?:-(?P<month>[0-9]{2}|XX|uu)(?:-(?P<day>[0-9]{2}|XX|uu))?)?(?P<after>[~?%]?)"
)
_TIME = re.compile(r"(?<=[0-9])T[0-9:.]+(Z|[+-][0-9:]+)?")
_OPEN = ("", "..")
"""What stands for a beginning or an end that is not known, or is still to come."""
_CIRCA = re.compile(r"(?:c|ca|circa|about)\.?\s*([0-9]{4})", re.IGNORECASE)
_YEARS = re.compile(r"([0-9]{4})\s*(?:--|–|/)\s*([0-9]{2}|[0-9]{4}|date)?")
_UNDATED = ("n.d.", "s.a.", "s.d.", "o.j.", "undated", "no date")
_MONTH_RANGE = re.compile(r"\s*(?:--?|–|/|\\slash)\s*")
_SEASONS = ("spring", "summer", "autumn", "winter")
_NAMES = {
    **{name.casefold(): n for n, name in enumerate(MONTHS, start=1)},
    **{name: SPRING + n for n, name in enumerate(_SEASONS)},
    "fall": SPRING + _SEASONS.index("autumn"),
}
_LEAST = 3
"""The letters by which a month is known: `Sept.` is September."""


def read_date(written: str) -> Mapping[str, str]:
    """Return the fields for citeproc that say what a `date` *written* in EDTF does.

    Raises ValueError with what is wrong, and the form to write where it can be told.
    """
    if state := PUBLICATION_STATES.get(written.casefold()):
        return {"pubstate": state}
    sides = _TIME.sub("", written).split("/")
    if len(sides) > 2 or not any(side not in _OPEN for side in sides):  # noqa: PLR2004
        raise _unreadable(written)
    first, last = (sides[0], sides[-1])
    if len(sides) == 1:
        return {"date": _write_single(first, written)}
    start = "" if first in _OPEN else _write_side(first, written, last=False)
    end = "" if last in _OPEN else _write_side(last, written, last=True)
    if start and end:
        _check(start, end, written)
    if start:
        return {"date": f"{start}/{end}"}
    if not end.rstrip("~").isdigit():
        reason = f"the date `{written}` has no beginning and ends within a year"
        raise ValueError(reason)
    return {"year": f"–{end.rstrip('~')}"}


def read_old_date(year: str, month: str, day: str = "") -> Mapping[str, str]:
    """Return the same for a *year*, a *month* and a *day* as BibTeX has them."""
    month = month.strip("?")
    if year.casefold() in _UNDATED:
        return {}
    if found := _CIRCA.fullmatch(year):
        return read_date(f"{found[1]}~")
    if found := _YEARS.fullmatch(year):
        first, last = found[1], (found[2] or "").replace("date", "")
        year = f"{first}/{first[: -len(last)]}{last}" if last else f"{first}/"
    months = [_read_month(part) for part in _MONTH_RANGE.split(month)] if month else []
    if not all(months):
        reason = f"the month `{month}` is not one that the builder reads"
        raise ValueError(reason)
    if months and not re.fullmatch("[0-9]{4}", year):
        reason = f"the month `{month}` has no year, or more than one, to go with"
        raise ValueError(reason)
    if day.isdigit() and len(months) == 1:
        months = [f"{months[0]}-{int(day):02}"]
    return read_date("/".join(f"{year}-{part}" for part in months) or year)


def suggest_date(written: str) -> str:
    """Return the hint for a date that cannot be read: the form to write."""
    year = re.search(r"(?<![0-9])[0-9]{4}(?![0-9])", written)
    words = re.findall(r"[^\W\d_]+", written)
    month = next((m for word in words if (m := _read_month(word))), "")
    day = re.search(r"(?<![0-9])[0-9]{1,2}(?![0-9])", written)
    if not year:
        return "write a date of EDTF: `1905`, `1905-03`, `1905-03-24`, `190X`, `1905~`"
    form = year[0]
    if month:
        form += f"-{month}" + (f"-{int(day[0]):02}" if day else "")
    return f"if that is meant, write `date = {{{form}}}`"


def _read_month(written: str) -> str:
    """Return the month, perhaps with a day, as EDTF has it: `03` or `03-24`."""
    parts = [part for part in re.split(r"[\s~.,]+", written.casefold()) if part]
    words = [_name_month(part) for part in parts if not part.isdigit()]
    figures = [int(part) for part in parts if part.isdigit()]
    match words, figures:
        case [], [month]:
            return f"{month:02}"
        case [month], []:
            return month
        case [month], [day] if month:
            return f"{month}-{day:02}"
    return ""


def _name_month(word: str) -> str:
    """Return the number of the month or season that *word* names or shortens."""
    known = [number for name, number in _NAMES.items() if name.startswith(word)]
    return f"{known[0]:02}" if len(known) == 1 and len(word) >= _LEAST else ""


# --- EDTF --------------------------------------------------------------------------


def _write_single(side: str, written: str) -> str:
    """Return a date that is no interval: years left open are one (`190X`)."""
    start = _write_side(side, written, last=False)
    end = _write_side(side, written, last=True)
    _check(start, end, written)
    return start if start == end else f"{start}/{end}"


def _write_side(side: str, written: str, *, last: bool) -> str:
    """Return one side of a date without what it leaves open.

    `X` stands for the first, or for the *last*, of what it may be. A style knows one
    qualifier, which is that of `~`.
    """
    found = _SIDE.fullmatch(side)
    if not found:
        raise _unreadable(written)
    year = re.sub("[Xxu]", "9" if last else "0", found["year"])
    parts = [year, found["month"], found["day"]]
    told = [part for part in parts if part and part not in ("XX", "uu")]
    if len(year.lstrip("-")) != 4:  # noqa: PLR2004 - years have four figures
        raise _unreadable(written)
    mark = "~" if found["before"] or found["after"] else ""
    return "-".join(told) + mark


def _check(start: str, end: str, written: str) -> None:
    """Raise ValueError if a date does not exist or ends before it begins."""
    first, last = start.rstrip("~"), end.rstrip("~")
    if first.startswith("-"):
        return
    try:
        read_period(first if first == last else f"{first}/{last}")
    except ValueError as fault:
        reason = str(fault).replace(f"`{first}/{last}`", f"`{written}`")
        raise ValueError(reason.replace(f"`{first}`", f"`{written}`")) from None


def _unreadable(written: str) -> ValueError:
    return ValueError(f"the date `{written}` is not one that the builder reads")
