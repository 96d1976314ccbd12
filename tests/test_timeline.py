"""The time-line: dates on an axis, labels beside it, and the picture they make."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recension.model import DatedEvent, Day, Period, Timeline, Wording
from recension.problems import Span
from recension.timeline import _spread, draw_timeline

SVG = "{http://www.w3.org/2000/svg}"


def event(first: date, last: date | None = None, short: str = "x") -> DatedEvent:
    name = f"chronology-{first}"
    return DatedEvent(
        id=name,
        date=Period(
            start=Day(year=first.year, month=first.month, day=first.day),
            until=None,
            qualifier="",
            first=first.toordinal(),
            last=(last or first).toordinal(),
        ),
        what=Wording(id=name, markdown="x", span=Span(path="x")),
        anchors=(),
        evidence=None,
        remark=None,
        short=short,
    )


def draw(*events: DatedEvent, height: float = 100, gap: float = 10) -> Timeline:
    drawn = draw_timeline(events, height=height, gap=gap)
    assert drawn
    return drawn


CROWDED = [event(date(1940, 5, day)) for day in range(1, 9)]


@pytest.mark.parametrize("events", [[], CROWDED[:1]])
def test_fewer_than_two_events_make_no_time_line(events: list[DatedEvent]) -> None:
    assert draw_timeline(events, height=100, gap=10) is None


def test_an_event_without_a_label_is_not_drawn() -> None:
    hidden = event(date(1930, 1, 1), short="")
    assert len(draw(hidden, *CROWDED[:2]).marks) == 2


def test_the_axis_runs_from_ten_to_ten_with_a_tick_each() -> None:
    drawn = draw(event(date(1917, 11, 7)), event(date(1935, 1, 1)), height=300)
    assert drawn.ticks == ((1910, 0), (1920, 100), (1930, 200), (1940, 300))


def test_a_date_stands_at_its_place_on_a_linear_axis() -> None:
    drawn = draw(
        event(date(1910, 1, 1)), event(date(1915, 1, 1)), event(date(1919, 1, 1))
    )
    assert [round(mark.y_date) for mark in drawn.marks] == [0, 50, 90]


def test_a_year_stands_at_its_middle() -> None:
    drawn = draw(event(date(1914, 1, 1), date(1914, 12, 31)), CROWDED[0], height=400)
    assert drawn.marks[0].y_date == pytest.approx(45, abs=0.1)


def test_what_lasts_longer_than_a_year_has_an_end() -> None:
    long = event(date(1910, 1, 1), date(1914, 12, 31))
    drawn = draw(long, event(date(1919, 6, 1)))
    assert [m.y_until and round(m.y_until) for m in drawn.marks] == [50, None]


def test_marks_stand_in_the_order_of_their_dots() -> None:
    """The dot of a whole year is lower than that of a day in its spring."""
    year = event(date(1939, 1, 1), date(1939, 12, 31))
    drawn = draw(year, event(date(1939, 3, 1)))
    assert [mark.event for mark in drawn.marks] == [
        "chronology-1939-03-01",
        "chronology-1939-01-01",
    ]


def test_too_many_labels_make_the_time_line_grow() -> None:
    drawn = draw(*CROWDED, height=20, gap=10)
    assert drawn.height == 70
    assert drawn.ticks[-1][1] == 70


def test_ticks_are_fewer_where_a_time_line_is_long() -> None:
    drawn = draw(event(date(1, 1, 1)), event(date(2025, 1, 1)))
    assert len(drawn.ticks) <= 11


def test_the_last_day_that_a_date_can_be_is_drawn() -> None:
    drawn = draw(event(date(9998, 1, 1)), event(date(9999, 12, 31)))
    assert drawn.end == 10000


heights = st.lists(st.floats(0, 100, allow_nan=False), min_size=1, max_size=9).map(
    sorted
)


@given(heights)
def test_labels_are_apart_within_the_height_and_in_order(wanted: list[float]) -> None:
    places = _spread(wanted, 10, 100)
    assert all(b - a >= 10 - 1e-9 for a, b in pairwise(places))
    assert places[0] >= 0
    assert places[-1] <= 100 + 1e-9


@given(heights, st.integers(0, 8), st.floats(-5, 5))
def test_no_single_label_can_be_moved_nearer_to_its_date(
    wanted: list[float], index: int, step: float
) -> None:
    """Least squares: a move that keeps the distances does not gain anything."""
    places = _spread(wanted, 10, 100)
    for end in range(index % len(wanted) + 1, len(wanted) + 1):
        moved = list(places)
        moved[index % len(wanted) : end] = [
            place + step for place in places[index % len(wanted) : end]
        ]
        if (
            min(moved) >= 0
            and max(moved) <= 100
            and all(b - a >= 10 - 1e-9 for a, b in pairwise(moved))
        ):
            assert _cost(places, wanted) <= _cost(moved, wanted) + 1e-6


def _cost(places: list[float], wanted: list[float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(places, wanted, strict=True))


def test_labels_that_would_overlap_share_the_way_they_are_moved() -> None:
    assert _spread([40, 40, 90], 10, 100) == [35, 45, 90]


def test_labels_that_do_not_meet_stay_at_their_dates() -> None:
    assert _spread([5, 30, 80], 10, 100) == [5, 30, 80]


# --- the picture -----------------------------------------------------------------


@pytest.fixture(scope="module")
def picture() -> ET.Element:
    drawn = draw(
        event(date(1917, 11, 7), short="A & <B>"),
        event(date(1920, 1, 1), date(1924, 1, 1)),
        *CROWDED,
        height=400,
    )
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
    )
    module = environment.get_template("timeline.svg.jinja").module
    words = {mark.event: f"{mark.year}" for mark in drawn.marks}
    return ET.fromstring(module.timeline(drawn, words, "Time-line", "From … to …"))  # noqa: S314 - our own


def test_the_picture_is_named_and_described(picture: ET.Element) -> None:
    texts = {child.get("id"): child.text for child in picture if child.get("id")}
    named = picture.attrib["aria-labelledby"].split()
    assert [texts[name] for name in named] == ["Time-line", "From … to …"]


def test_the_picture_has_no_colour_but_that_of_the_text(picture: ET.Element) -> None:
    paints = {
        element.get(key) for element in picture.iter() for key in ("fill", "stroke")
    }
    assert paints <= {None, "none", "currentColor"}


def test_every_event_has_a_dot_a_leader_and_a_label(picture: ET.Element) -> None:
    dots = picture.findall(f"{SVG}circle")
    leaders = [p for p in picture.iter(f"{SVG}path") if "L" in p.get("d", "")]
    labels = [t for t in picture.iter(f"{SVG}text") if len(t)]
    assert len(dots) == len(leaders) == len(labels) == 10


def test_leaders_do_not_cross(picture: ET.Element) -> None:
    """Those that start higher end higher, and all run between the same two lines."""
    drawn = [
        p.get("d", "") for p in picture.iter(f"{SVG}path") if "L" in p.get("d", "")
    ]
    ends = [
        tuple(d.removeprefix("M").replace("L", " ").split("h")[0].split())
        for d in drawn
    ]
    assert len({(x, bend) for x, _, bend, _ in ends}) == 1
    starts = [float(y) for _, y, _, _ in ends]
    bends = [float(y) for _, _, _, y in ends]
    assert (starts, bends) == (sorted(starts), sorted(bends))


def test_lines_and_text_are_not_too_fine_to_print(picture: ET.Element) -> None:
    """A hairline of 0.3 pt and text of 8 pt: the picture's unit is the point."""
    assert picture.attrib["width"] == picture.attrib["viewBox"].split()[2] + "pt"
    widths = [e.get("stroke-width") for e in picture.iter() if e.get("stroke-width")]
    assert min(map(float, filter(None, widths))) >= 0.3
    assert float(picture.attrib["font-size"]) >= 8


def test_the_picture_fits_the_type_area(picture: ET.Element) -> None:
    """105 mm are 297 pt."""
    assert float(picture.attrib["viewBox"].split()[2]) <= 297
