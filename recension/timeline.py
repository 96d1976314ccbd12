"""The time-line of the chronology as geometry: heights alone, no markup."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import TYPE_CHECKING

from recension.model import Timeline, TimelineMark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from recension.model import DatedEvent, Period

FEWEST = 2
"""How many events a time-line needs."""
LONGEST_POINT = 366
"""The longest period, in days, that is drawn as a point."""


def draw_timeline(
    events: Sequence[DatedEvent], *, height: float, gap: float
) -> Timeline | None:
    """Place those of *events* that are drawn on a vertical axis, earliest at the top.

    *height* and *gap*, the least distance of two labels, are lengths of one unit; a
    time-line with too many labels for *height* grows. None if there is none to draw.
    """
    drawn = sorted((event for event in events if event.short), key=_find_date)
    if len(drawn) < FEWEST:
        return None
    height = max(height, gap * (len(drawn) - 1))
    latest = max(_year_of(event.date.last + 1) for event in drawn)
    years = _choose_ticks(_find_date(drawn[0]), latest, height / gap)

    def scale(year: float) -> float:
        return (year - years[0]) / (years[-1] - years[0]) * height

    dates = [scale(_find_date(event)) for event in drawn]
    labels = _spread(dates, gap, height)
    return Timeline(
        start=years[0],
        end=years[-1],
        height=height,
        ticks=tuple((year, scale(year)) for year in years),
        marks=tuple(map(_mark, drawn, dates, labels, [scale] * len(drawn))),
    )


def _find_date(event: DatedEvent) -> float:
    """Return where the dot stands: the middle of *event*, or a long one's beginning."""
    first, last = _year_of(event.date.first), _year_of(event.date.last + 1)
    return first if _lasts(event.date) else (first + last) / 2


def _lasts(period: Period) -> bool:
    return period.last - period.first >= LONGEST_POINT


def _year_of(ordinal: int) -> float:
    """Return the year of the day *ordinal* with its fraction: 1940.5 for its middle."""
    try:
        day = date.fromordinal(ordinal)
    except (ValueError, OverflowError):  # the day after the last that Python counts
        return float(date.max.year + 1)
    days = date(day.year, 12, 31).timetuple().tm_yday
    return day.year + (day.timetuple().tm_yday - 1) / days


def _choose_ticks(first: float, last: float, most: float) -> range:
    """Return the years of the ticks: tens, or rounder ones until *most* suffice."""
    steps = (base * 10**power for power in count(1) for base in (1, 2, 5))
    step = next(step for step in steps if (last - first) / step <= max(most - 2, 1))
    start = int(first // step) * step
    end = max(int(-(-last // step)) * step, start + step)
    return range(start, end + step, step)


def _spread(wanted: Sequence[float], gap: float, height: float) -> list[float]:
    """Return heights near those *wanted*, *gap* apart and within *height*.

    Least squares, by pooling adjacent violators: labels that would overlap form a
    block, and the block stands where its labels miss their dates least.
    """
    blocks: list[tuple[float, int]] = []
    for index, place in enumerate(wanted):
        mean, size = place - index * gap, 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean, size = (before * many + mean * size) / (many + size), many + size
        blocks.append((mean, size))
    room = height - gap * (len(wanted) - 1)
    means = [min(max(mean, 0), room) for mean, size in blocks for _ in range(size)]
    return [mean + index * gap for index, mean in enumerate(means)]


def _mark(
    event: DatedEvent, y_date: float, y_label: float, scale: Callable[[float], float]
) -> TimelineMark:
    lasts = _lasts(event.date)
    return TimelineMark(
        event=event.id,
        label=event.short,
        year=event.date.start.year,
        y_date=y_date,
        y_until=scale(_year_of(event.date.last + 1)) if lasts else None,
        y_label=y_label,
    )
