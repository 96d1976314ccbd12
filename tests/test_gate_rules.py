"""The rules of the gate and what it tells, on pages that are measured by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from recension.contract import APPARATUS, NOTES
from recension.layout.gate import check_pages
from recension.layout.weasy.measuring import (
    Area,
    MeasuredAside,
    MeasuredCall,
    MeasuredLine,
    MeasuredPage,
    MeasuredText,
)
from recension.problems import OURS, Report, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recension.layout.setting.divisions import Spot

AREA = Area(100, 50, 300, 400)
"""The type area: its right edge at 400, its lower one at 450."""
NOTE, ENTRY = Span(path="a.md", line=7), Span(path="a.md", line=9)
SPANS = {"n": NOTE, "e": ENTRY}


def line(wording: str, top: float, left: float = 100, width: float = 300) -> Any:
    area = Area(left, top, width, 10)
    return MeasuredLine((MeasuredText(wording, area),), area, top + 8)


def call(number: int, id_: str = "n") -> MeasuredCall:
    return MeasuredCall(NOTES, id_, str(number))


def note(id_: str = "n") -> MeasuredAside:
    return MeasuredAside(NOTES, id_, Area(100, 400, 300, 10), "", "")


def entry(label: str = "2", lemma: str = "word", id_: str = "e") -> MeasuredAside:
    return MeasuredAside(APPARATUS, id_, Area(100, 420, 300, 10), label, lemma)


def page(**more: Any) -> MeasuredPage:
    flow = (
        line("one", 50),
        line("a word here", 70),
        line("divi\u2010", 90),
        line("ded", 110),
    )
    empty: dict[str, Any] = dict.fromkeys(
        ("foot", "drawings", "heads", "calls", "asides"), ()
    )
    given = {"area": AREA, "flow": flow, "tops": {}, "foot_top": None, **empty, **more}
    return MeasuredPage(**given)


def judge(
    *pages: MeasuredPage, lemmas: Mapping[str, Spot] | None = None
) -> list[tuple[str, str, Span, str]]:
    """Return code, message, place and hint of what is wrong with *pages*."""
    report = Report()
    check_pages("part", pages, lemmas or {}, SPANS, report)
    return [(p.code, p.message, p.span, p.hint) for p in report.problems]


def test_a_page_that_keeps_the_rules_passes() -> None:
    sound = page(calls=(call(1),), asides=(note(), entry()), drawings=(AREA,))
    assert judge(sound, lemmas={"e": (0, 2)}) == []
    assert judge() == []


# --- notes ---------------------------------------------------------------------------

SHORTEN = "shorten the note, or move its call by a line"


@pytest.mark.parametrize(
    ("pages", "on"),
    [
        ([page(calls=(call(1),)), page(asides=(note(),))], (1, "2")),
        ([page(asides=(note(),)), page(calls=(call(1),))], (2, "1")),
        ([page(), page(calls=(call(1),))], (2, "no page")),
        ([page(calls=(call(1),), asides=(note(),)), page(), page(asides=(note(),))],
         (1, "1, 3")),
        ([page(), page(asides=(note(),))], (2, "no page")),
    ],
)  # fmt: skip
def test_a_note_stands_on_the_page_of_its_call_and_no_other(
    pages: list[MeasuredPage], on: tuple[int, str]
) -> None:
    message = f"the note `n` is called on page {on[0]} of the part and set on {on[1]}"
    told = judge(*pages)
    assert set(told) == {("Y-002", message, NOTE, SHORTEN)}


def test_a_note_of_no_known_place_is_told_of_the_part() -> None:
    ((_, message, span, _),) = judge(page(calls=(call(1, "x"),)))
    assert message.startswith("the note `x` is called on page 1")
    assert span == Span(path="part")


def test_the_rest_of_a_note_that_is_cut_needs_no_call() -> None:
    assert (
        judge(page(calls=(call(1),), asides=(note(),)), page(asides=(note(""),))) == []
    )


@pytest.mark.parametrize(
    ("numbers", "told"), [((1, 3), "1, 3"), ((5, 7), "5, 7"), ((2, 1), "2, 1")]
)
def test_notes_are_numbered_one_by_one(numbers: tuple[int, ...], told: str) -> None:
    ids = [f"n{number}" for number in numbers]
    pages = [
        page(calls=(call(number, id_),), asides=(note(id_),))
        for number, id_ in zip(numbers, ids, strict=True)
    ]
    message = f"the notes are numbered {told}"
    assert judge(*pages) == [
        ("Y-002", message, Span(path="part"), "this is a fault of ours")
    ]


def test_notes_go_on_from_the_number_of_the_first() -> None:
    pages = [page(calls=(call(n, f"{n}"),), asides=(note(f"{n}"),)) for n in (4, 5, 6)]
    assert judge(*pages) == []


# --- the apparatus -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pages", "planned", "fault"),
    [
        ([page(asides=(entry(),))], None, "is on page 1 of the part and has no lemma"),
        ([page(), page()], (1, 3),
         "is on no page, its lemma stands on line 3 of page 2 of the part"),
        ([page(), page(asides=(entry(),))], (0, 2),
         "is on page 2 of the part, its lemma stands on line 2 of page 1"),
        ([page(asides=(entry(),)), page(asides=(entry(),))], (0, 2),
         "is on pages 1 and 2 of the part, its lemma stands on line 2 of page 1"),
        ([page(asides=(entry("3"),))], (0, 2),
         "is keyed to line 3 of page 1 of the part, its lemma stands on line 2"),
        ([page(asides=(entry("2", "other"),))], (0, 2),
         "is keyed to line 2 of page 1 of the part, where `other` does not stand"),
        ([page(asides=(entry("1", "ded"),))], (0, 1),
         "is keyed to line 1 of page 1 of the part, where `ded` does not stand"),
        ([page(asides=(entry("5", "word"),))], (0, 5),
         "is keyed to line 5 of page 1 of the part, where `word` does not stand"),
        ([page(asides=(entry("0", "ded"),))], (0, 0),
         "is keyed to line 0 of page 1 of the part, where `ded` does not stand"),
    ],
)  # fmt: skip
def test_an_entry_is_keyed_to_the_line_of_its_lemma(
    pages: list[MeasuredPage], planned: Spot | None, fault: str
) -> None:
    told = judge(*pages, lemmas={"e": planned} if planned else {})
    message = f"the entry `e` of the apparatus {fault}"
    assert told == [("Y-002", message, ENTRY, OURS)]


@pytest.mark.parametrize(
    ("label", "lemma"), [("1", "one"), ("2", "a"), ("3", "divided"), ("4", "ded")]
)
def test_a_lemma_stands_on_its_line_or_begins_there(label: str, lemma: str) -> None:
    pages = page(asides=(entry(label, lemma),))
    assert judge(pages, lemmas={"e": (0, int(label))}) == []


def test_a_lemma_may_begin_on_the_last_line_of_a_page() -> None:
    pages = replace(
        page(asides=(entry("1", "divided"),)), flow=(line("divi\u2010", 50),)
    )
    """Its end is on the next one."""
    assert judge(pages, lemmas={"e": (0, 1)}) == []


# --- the type area -------------------------------------------------------------------

ROOM = "give it room: shorten it, or change the trim or the style"


def outside(told: list[tuple[str, str, Span, str]]) -> list[str]:
    return [message for _, message, _, _ in told]


@pytest.mark.parametrize(
    ("placed", "inside"),
    [
        (line("x", 440), True), (line("x", 440.5), True), (line("x", 440.7), False),
        (line("x", 50, 99.5), True), (line("x", 50, 90, 5), False),
        (line("x", 50, 93.5, 9), False), (line("x", 50, 100.5), True),
        (line("x", 50, 300, 120), False), (line(" ", 900), True),
    ],
)  # fmt: skip
def test_no_letter_stands_outside_the_type_area(
    placed: MeasuredLine, *, inside: bool
) -> None:
    for where in ("flow", "foot"):
        told = judge(page(), page(**{where: (placed,)}))
        message = "`x` stands outside the type area of page 2 of the part"
        assert outside(told) == [] if inside else [message]


def test_the_text_ends_above_the_foot() -> None:
    low = page(flow=(line("low", 431),), foot=(line("note", 440),), foot_top=440.4)
    assert judge(low) == []
    ((code, message, _, hint),) = judge(replace(low, foot_top=440.3))
    assert (code, hint) == ("Y-002", ROOM)
    assert message == "`low` stands outside the type area of page 1 of the part"


@pytest.mark.parametrize(
    ("more", "lemmas", "place"),
    [
        ({}, {}, Span(path="part")),
        ({"tops": {"n": 99, "e": 50}}, {}, NOTE),
        ({"tops": {"n": 50, "e": 101}}, {}, ENTRY),
        ({"tops": {"n": 50, "e": 102}}, {}, NOTE),
        ({"tops": {"n": 50, "unknown": 60}}, {}, NOTE),
        ({"asides": (note("n")._replace(area=Area(0, 100, 9, 1)),)}, {}, NOTE),
        ({"asides": (note("n")._replace(area=Area(0, 99, 9, 1)),)}, {},
         Span(path="part")),
        ({"asides": (note("x")._replace(area=Area(0, 95, 9, 9)),)}, {},
         Span(path="part")),
        ({"tops": {"n": 99}}, {"e": (1, 1)}, ENTRY),
        ({"tops": {"n": 99}}, {"e": (0, 1)}, NOTE),
        ({"tops": {"n": 99}}, {"e": (1, 2)}, NOTE),
        ({"tops": {"n": 99}}, {"x": (1, 1)}, Span(path="part")),
    ],
)  # fmt: skip
def test_what_stands_outside_is_told_where_it_is_written(
    more: dict[str, Any], lemmas: dict[str, Spot], place: Span
) -> None:
    """In an emendation or an aside, or behind what was the last to begin above."""
    wide = page(flow=(line("wide", 100, 100, 900),), **more)
    told = judge(page(), wide, lemmas=lemmas)
    assert [span for _, message, span, _ in told if "`wide`" in message] == [place]


def test_what_goes_on_from_the_page_before_is_told_where_it_began() -> None:
    wide = page(flow=(line("wide", 100, 100, 900),))
    told = judge(page(tops={"e": 60, "n": 300}), page(tops={"e": 70}), page(), wide)
    assert [span for _, _, span, _ in told] == [ENTRY]


def test_of_a_long_wording_the_beginning_is_told() -> None:
    (message,) = outside(judge(page(foot=(line(" " + "x" * 50, 500),))))
    assert message.startswith(f"`{'x' * 40}` stands")


def test_a_drawing_is_no_higher_than_the_page() -> None:
    low = Area(100, 60, 300, 390.5)
    assert judge(page(drawings=(low,))) == []
    told = judge(page(), page(drawings=(low._replace(height=390.7),)))
    assert told == [
        (
            "Y-002",
            "a drawing is too high for page 2 of the part",
            Span(path="part"),
            "draw fewer events with `line = true`, or enlarge the trim",
        )
    ]
    assert judge(page(drawings=(low,), foot_top=440)) != []


# --- running heads -------------------------------------------------------------------


def head(wording: str, left: float, width: float) -> MeasuredText:
    return MeasuredText(wording, Area(left, 20, width, 10))


@pytest.mark.parametrize(
    ("heads", "sound"),
    [
        ((head("12", 100, 20), head("The title", 120, 280)), True),
        ((head("The title", 130, 270), head("12", 99.5, 20)), True),
        ((head("12", 100, 20), head("The title", 119, 280)), False),
        ((head("The title", 100, 300.5),), True),
        ((head("The title", 100, 300.7),), False),
        ((head("The title", 99.3, 200),), False),
    ],
)
def test_a_running_head_has_its_line_for_itself(
    heads: tuple[MeasuredText, ...], *, sound: bool
) -> None:
    told = judge(page(), page(heads=heads))
    assert told == [
        (
            "Y-005",
            "the running head `The title` is too long (page 2)",
            Span(path="part"),
            'give the heading a short title: `## Title {short="…"}`',
        )
    ] * (not sound)
