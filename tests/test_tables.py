"""The tables: parallels, chronology and register, read into frozen values."""

from __future__ import annotations

import re
from datetime import date

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from recension.config import TEMPLATES, Settings, read_settings
from recension.dates import read_period, write_period
from recension.files import File
from recension.html import open_templates
from recension.model import Day, Period, Tables
from recension.problems import Problem, Report
from recension.tables import find_printed, find_wordings, read_tables

PARALLELS = """# a comment
[[event]]
title = "The raid"
agreement = "differ"
W = "raid-w"
B = "raid-b"
says.W = "one"
says.B = "two"
remark = "See @key."

[[event]]
title = "The guards"
agreement = "only-B"
B = "guards-b"
says.W = "nothing"
says.B = "three"
"""
CHRONOLOGY = """[[event]]
date = "1940-05-24"
what = "Raid."
anchors = [
  "raid-w",
  "raid-b",
]
line = true
short = "Raid"

[[event]]
date = "1938"
what = "Earlier."
anchors = []
evidence = "Walsh"
short = "not drawn"
"""
REGISTER = """[[entry]]
id = "trotsky"
kind = "person"
name = "Trotsky, Leon"
forms = ["Leon Trotsky", "Trotsky"]
see_also = ["house"]
who = "He."

  [[entry.sub]]
  name = "exile"
  at = ["exile-w"]

[[entry]]
id = "house"
kind = "place"
name = "house, the"
forms = []

  [[entry.sub]]
  name = "rooms"
  at = ["rooms-w"]
"""


@pytest.fixture(scope="module")
def settings() -> Settings:
    return read_settings((ROOT / "book/edition.toml").read_text("utf-8"), Report())


def read(settings: Settings, **raw: str) -> tuple[Tables, list[Problem]]:
    report = Report()
    files = {
        name: File(path=f"book/{name}.toml", raw=text) for name, text in raw.items()
    }
    return read_tables(files, settings, report), list(report.sorted)


def fault(settings: Settings, **raw: str) -> tuple[str, int, str, str]:
    """Return code, line, message and hint of the only fault."""
    _, (problem,) = read(settings, **raw)
    return problem.code, problem.span.line, problem.message, problem.hint


def period(settings: Settings, text: str) -> Period:
    raw = CHRONOLOGY.replace("1940-05-24", text).partition("\n\n")[0]
    tables, problems = read(settings, chronology=raw)
    assert problems == []
    return tables.chronology[0].date


def test_the_tables_of_the_book_have_no_fault(settings: Settings) -> None:
    names = ("parallels", "chronology", "register")
    raw = {name: (ROOT / f"book/{name}.toml").read_text("utf-8") for name in names}
    tables, problems = read(settings, **raw)
    assert problems == []
    found = (tables.parallels, tables.chronology, tables.register)
    headers = [
        len(re.findall(r"(?m)^\[\[(?:event|entry)\]\]", raw[name])) for name in names
    ]
    assert [len(table) for table in found] == headers


def test_tables_that_are_not_there_are_empty(settings: Settings) -> None:
    assert read(settings) == (Tables(), [])


# --- parallels -------------------------------------------------------------------


def test_a_parallel_has_the_place_and_the_version_of_each_text(
    settings: Settings,
) -> None:
    tables, _ = read(settings, parallels=PARALLELS)
    raid, guards = tables.parallels
    assert {s: mark.name for s, mark in raid.anchors.items()} == {
        "W": "raid-w",
        "B": "raid-b",
    }
    assert [says.markdown for says in raid.says.values()] == ["one", "two"]
    assert list(guards.anchors) == ["B"]
    assert guards.remark is None


def test_an_anchor_is_marked_where_its_name_stands(settings: Settings) -> None:
    tables, _ = read(settings, parallels=PARALLELS)
    span = tables.parallels[0].anchors["W"].span
    assert (span.line, span.column, span.length) == (5, 6, 6)


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "message"),
    [
        ('title = "The raid"', 'title = " "', "L-005", 3, "title"),
        ('title = "The raid"', "title = 1", "L-005", 3, "title"),
        ('title = "The raid"\n', "", "L-009", 2, "title"),
        ('says.B = "two"\n', "", "L-009", 2, "says.B"),
        ('B = "raid-b"\n', "", "L-009", 2, "`The raid` has no place in B"),
        ('B = "guards-b"\n', "", "L-009", 11, "`The guards` has no place in B"),
        ('W = "raid-w"', 'X = "raid-w"\nW = "raid-w"', "L-004", 5, "`X`"),
        ('says.W = "one"', 'says.X = "a"\nsays.W = "one"', "L-004", 7, "`says.X`"),
        ('"differ"', '"difer"', "L-011", 4, "`difer`"),
        ('"only-B"', '"only-X"', "L-011", 13, "`only-X`"),
        ('title = "The raid"', "title = The raid", "L-003", 3, "invalid value"),
        ("[[event]]\ntitle", "[[evnt]]\n[[event]]\ntitle", "L-004", 2, "`evnt`"),
    ],
)
def test_a_fault_of_the_parallels_is_told_with_its_line(  # noqa: PLR0913
    settings: Settings, old: str, new: str, code: str, line: int, message: str
) -> None:
    found = fault(settings, parallels=PARALLELS.replace(old, new, 1))
    assert found[:2] == (code, line)
    assert message in found[2]


def test_the_hint_for_an_unknown_agreement_is_the_nearest(settings: Settings) -> None:
    raw = PARALLELS.replace('"differ"', '"difer"')
    assert "`differ`" in fault(settings, parallels=raw)[3]


def test_the_hint_for_a_missing_place_shows_both_ways_out(settings: Settings) -> None:
    hint = fault(settings, parallels=PARALLELS.replace('B = "raid-b"\n', ""))[3]
    assert hint == 'write `B = "anchor"` or `agreement = "only-W"`'


def test_the_hint_for_an_unknown_key_is_the_nearest(settings: Settings) -> None:
    raw = PARALLELS.replace("remark", "remarks")
    assert "`remark`" in fault(settings, parallels=raw)[3]


def test_all_faults_of_all_tables_are_told_in_one_run(settings: Settings) -> None:
    _, problems = read(
        settings,
        parallels=PARALLELS.replace('"differ"', '"x"').replace('"three"', "3"),
        chronology=CHRONOLOGY.replace("1938", "1938-13").replace("Raid.", ""),
        register="[[entry",
    )
    assert [p.code for p in problems] == ["L-005", "L-010", "L-011", "L-005", "L-003"]


def test_a_table_with_a_fault_is_empty_and_the_others_are_not(
    settings: Settings,
) -> None:
    raw = PARALLELS.replace('"differ"', '"x"')
    tables, _ = read(settings, parallels=raw, chronology=CHRONOLOGY)
    assert tables.parallels == ()
    assert len(tables.chronology) == 2


def test_a_table_in_single_brackets_is_told_how_to_be_written(
    settings: Settings,
) -> None:
    hint = fault(settings, parallels='[event]\ntitle = "a"')[3]
    assert "`[[event]]`" in hint


# --- chronology ------------------------------------------------------------------


def test_events_come_in_the_order_of_their_dates(settings: Settings) -> None:
    tables, _ = read(settings, chronology=CHRONOLOGY)
    assert [e.id for e in tables.chronology] == ["chronology-2", "chronology-1"]


def test_events_of_one_date_keep_the_order_of_the_file(settings: Settings) -> None:
    tables, _ = read(settings, chronology=CHRONOLOGY.replace("1940-05-24", "1938"))
    assert [e.id for e in tables.chronology] == ["chronology-1", "chronology-2"]


def test_of_two_dates_that_begin_together_the_shorter_comes_first(
    settings: Settings,
) -> None:
    raw = CHRONOLOGY.replace("1938", "1940-05").replace("1940-05-24", "1940-05/1941")
    tables, _ = read(settings, chronology=raw)
    assert [e.id for e in tables.chronology] == ["chronology-2", "chronology-1"]


@pytest.mark.parametrize("mark", ["~", "?", "%"])
def test_a_qualified_date_stands_by_its_latest_day(
    settings: Settings, mark: str
) -> None:
    raw = CHRONOLOGY.replace("1938", f"1940-05{mark}")
    tables, _ = read(settings, chronology=raw)
    assert [e.id for e in tables.chronology] == ["chronology-1", "chronology-2"]
    later = raw.replace("1940-05-24", "1940-06-01")
    tables, _ = read(settings, chronology=later)
    assert [e.id for e in tables.chronology] == ["chronology-2", "chronology-1"]


def test_only_an_event_with_a_line_has_a_label(settings: Settings) -> None:
    tables, _ = read(settings, chronology=CHRONOLOGY)
    assert [event.short for event in tables.chronology] == ["", "Raid"]


def test_an_anchor_in_an_array_over_lines_is_marked_in_its_own(
    settings: Settings,
) -> None:
    tables, _ = read(settings, chronology=CHRONOLOGY)
    spans = [mark.span for mark in tables.chronology[1].anchors]
    assert [(s.line, s.column, s.length) for s in spans] == [(5, 4, 6), (6, 4, 6)]


@pytest.mark.parametrize(
    ("text", "start", "until", "first", "last"),
    [
        ("1940-05-24", Day(year=1940, month=5, day=24), None, (1940, 5, 24), None),
        ("1940-02", Day(year=1940, month=2), None, (1940, 2, 1), (1940, 2, 29)),
        ("1940", Day(year=1940), None, (1940, 1, 1), (1940, 12, 31)),
        ("2001-21", Day(year=2001, month=21), None, (2001, 3, 1), (2001, 5, 31)),
        (
            "1937/1938-02",
            Day(year=1937),
            Day(year=1938, month=2),
            (1937, 1, 1),
            (1938, 2, 28),
        ),
    ],
)
def test_a_date_is_bounded_by_its_first_and_last_day(  # noqa: PLR0913
    settings: Settings,
    text: str,
    start: Day,
    until: Day | None,
    first: tuple[int, int, int],
    last: tuple[int, int, int] | None,
) -> None:
    assert period(settings, text) == Period(
        start=start,
        until=until,
        qualifier="",
        first=date(*first).toordinal(),
        last=date(*(last or first)).toordinal(),
    )


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [
        ("1928~", "~"),
        ("1928-02-03?", "?"),
        ("2001-21%", "%"),
        ("1928~/1930~", "~"),
    ],
)
def test_a_qualifier_is_kept(settings: Settings, text: str, qualifier: str) -> None:
    assert period(settings, text).qualifier == qualifier


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1940-05-24", "24 May 1940"),
        ("1940-22", "summer 1940"),
        ("1938/1940", "1938–1940"),
        ("1940-05-26/1940-05-27", "26–27 May 1940"),
        ("1940-04/1940-05", "April–May 1940"),
        ("1940-04-26/1940-05-27", "26 April – 27 May 1940"),
        ("1939-12/1940-02", "December 1939 – February 1940"),
        ("1939/1940-02", "1939 – February 1940"),
        ("1928~", "c. 1928"),
    ],
)
def test_a_period_has_a_spaced_dash_where_more_than_one_word_of_its_first_day_is_left(
    settings: Settings, text: str, written: str
) -> None:
    """What both days have in common is said once; one word takes a closed dash."""
    templates = open_templates([TEMPLATES], "en-GB")
    assert templates.write_period(period(settings, text)) == written


@pytest.mark.parametrize(
    ("language", "day", "month", "days"),
    [
        ("en-GB", "24 May 1940", "May 1940", "26–27 May 1940"),
        ("en-US", "May 24, 1940", "May 1940", "May 26 – May 27, 1940"),
        ("fr-FR", "24 mai 1940", "mai 1940", "26–27 mai 1940"),
        ("de-DE", "24. Mai 1940", "Mai 1940", "26.–27. Mai 1940"),
        ("es", "24 de mayo de 1940", "mayo de 1940", "26–27 de mayo de 1940"),
        ("it", "24 maggio 1940", "maggio 1940", "26–27 maggio 1940"),
        ("xx", "24 May 1940", "May 1940", "26–27 May 1940"),
    ],
)
def test_dates_are_written_as_their_language_does(
    language: str, day: str, month: str, days: str
) -> None:
    periods = ("1940-05-24", "1940-05", "1940-05-26/1940-05-27")
    written = [write_period(read_period(text), language, {}) for text in periods]
    assert written == [day, month, days]


@pytest.mark.parametrize(
    "text",
    [
        "1940-13",
        "1940-02-30",
        "1939-02-29",
        "0000",
        "1940-00",
        "2001-25",
        "2001-21-05",
        "1941/1940",
        "1940/1940-13",
        "1940/..",
        "1937/1938~",
        "1937~/1938?",
        "19XX",
        "May 1940",
        "1940-5",
        "1940-05-24T04:00:00",
        "",
    ],
)
def test_an_impossible_or_unknown_date_is_a_fault(
    settings: Settings, text: str
) -> None:
    code, line, message, hint = fault(
        settings, chronology=CHRONOLOGY.replace("1940-05-24", text)
    )
    assert (code, line) == ("L-010", 2)
    assert f"`{text}`" in message
    assert "`1937/1938`" in hint


@given(
    st.from_regex(r"(19|20)[0-9]{2}(-[01][0-9](-[0-3][0-9])?|-2[0-4])?", fullmatch=True)
)
def test_what_is_read_is_what_edtf_reads(text: str) -> None:
    """The library lets 29 February pass in any year, which this reader does not."""
    from edtf import parse_edtf
    from edtf.parser.edtf_exceptions import EDTFParseException

    try:
        theirs = parse_edtf(text, fail_silently=False)
        lower, upper = theirs.lower_strict()[:3], theirs.upper_strict()[:3]
        expected = tuple(date(*bound).toordinal() for bound in (lower, upper))
    except (EDTFParseException, ValueError):
        expected = ()
    try:
        ours = read_period(text)
        found = (ours.first, ours.last)
    except ValueError:
        found = ()
    assert found == expected


def test_a_drawn_event_without_a_label_is_a_fault(settings: Settings) -> None:
    raw = CHRONOLOGY.replace('short = "Raid"\n', "")
    assert fault(settings, chronology=raw)[:2] == ("L-009", 1)


def test_a_date_without_quotation_marks_is_told_to_have_them(
    settings: Settings,
) -> None:
    raw = CHRONOLOGY.replace('"1940-05-24"', "1940-05-24")
    code, line, _, hint = fault(settings, chronology=raw)
    assert (code, line) == ("L-005", 2)
    assert "quotation marks" in hint


# --- register --------------------------------------------------------------------


def test_an_entry_has_its_forms_where_they_stand(settings: Settings) -> None:
    """A form that begins another one is not mistaken for it."""
    tables, _ = read(settings, register=REGISTER)
    spans = [form.span for form in tables.register[0].forms]
    assert [(s.line, s.column, s.length) for s in spans] == [(5, 11, 12), (5, 27, 7)]


def test_sub_headings_belong_to_the_entry_above_them(settings: Settings) -> None:
    tables, _ = read(settings, register=REGISTER)
    at = {entry.id: entry.subs[0].at[0] for entry in tables.register}
    assert {id_: (mark.name, mark.span.line) for id_, mark in at.items()} == {
        "trotsky": ("exile-w", 11),
        "house": ("rooms-w", 21),
    }


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "message"),
    [
        ('"trotsky"', '"Trotsky"', "L-005", 2, "`id`"),
        ('"person"', '"persn"', "L-005", 3, "`kind`"),
        ('who = "He."\n', "", "L-009", 1, "`who`"),
        ('"Trotsky"]', "1]", "L-005", 5, "`forms`"),
        ("see_also", "see_alos", "L-004", 6, "`see_alos`"),
        ('at = ["exile-w"]', 'at = "exile-w"', "L-005", 11, "`sub.at`"),
        ('name = "rooms"', 'nam = "rooms"', "L-004", 20, "`sub.nam`"),
        ('id = "house"', 'id = "trotsky"', "L-005", 14, "two entries have the id"),
    ],
)
def test_a_fault_of_the_register_is_told_with_its_line(  # noqa: PLR0913
    settings: Settings, old: str, new: str, code: str, line: int, message: str
) -> None:
    _, problems = read(settings, register=REGISTER.replace(old, new, 1))
    told = {(problem.code, problem.span.line): problem for problem in problems}
    assert message in told[code, line].message


# --- wordings --------------------------------------------------------------------


def test_every_wording_is_found_in_the_order_of_the_files(settings: Settings) -> None:
    tables, _ = read(
        settings, parallels=PARALLELS, chronology=CHRONOLOGY, register=REGISTER
    )
    assert [wording.id for wording in find_wordings(tables)] == [
        "parallels-1-title",
        "parallels-1-says-W",
        "parallels-1-says-B",
        "parallels-1-remark",
        "parallels-2-title",
        "parallels-2-says-W",
        "parallels-2-says-B",
        "chronology-1-what",
        "chronology-2-what",
        "chronology-2-evidence",
        "register-trotsky-name",
        "register-trotsky-who",
        "register-house-name",
    ]


def test_a_part_prints_its_wordings_and_the_persons_those_who_are_described(
    settings: Settings,
) -> None:
    """An entry of another kind is no person; a name turned round is no other name."""
    register = REGISTER.replace(
        'who = "He."', 'who = "He."\nsee = ["Leon Trotsky", "Bronstein"]'
    )
    register += """
[[entry]]
id = "poum"
kind = "organisation"
name = "POUM"
forms = []
who = "A party."
"""
    tables, problems = read(
        settings, parallels=PARALLELS, chronology=CHRONOLOGY, register=register
    )
    assert problems == []
    printed = find_printed(tables)
    assert {part: [one.markdown for one in told] for part, told in printed.items()} == {
        "parallels": [
            "The raid", "one", "two", "See @key.", "The guards", "nothing", "three",
        ],
        "chronology": ["Earlier.", "Walsh", "Raid."],
        "persons": ["Trotsky, Leon", "Bronstein", "He.", "POUM", "A party."],
    }  # fmt: skip


def test_a_wording_stands_where_its_key_does(settings: Settings) -> None:
    tables, _ = read(settings, parallels=PARALLELS)
    span = tables.parallels[0].says["W"].span
    assert (span.line, span.column, span.length) == (7, 1, 6)


def test_what_looks_like_a_key_inside_a_long_string_is_none(
    settings: Settings,
) -> None:
    raw = CHRONOLOGY.replace('"Raid."', '"""\n[[event]]\nwhat = 1"""')
    tables, problems = read(settings, chronology=raw)
    assert problems == []
    assert tables.chronology[0].what.span.line == 15
