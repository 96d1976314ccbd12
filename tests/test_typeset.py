"""The typesetter's marks: places that have a line and are never set."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from conftest import MINIMAL
from recorded import measures_of, walk

from recension import check, html
from recension.config import TEMPLATES
from recension.contract import APPARATUS
from recension.layout import Engine
from recension.layout.drafts import read_back
from recension.layout.plans import plan_part
from recension.problems import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from recension.layout import Draft
    from recension.layout.plans import Plan
    from recension.model import Place

pytestmark = pytest.mark.slow

WORDING = (
    "AVATAR To Wolf: le vieux Lambert, à l’officine, typographiquement imperturbable, "
    "en levait seize cents, sans jamais regarder ses doigts; on disait qu’il lisait "
    "avec le pouce — et que son pouce ne se trompait pas — une lettre retournée, il "
    "la sentait froide, comme une pièce fausse entre deux pièces de bon aloi, "
    "anticonstitutionnellement glissées là par quelque apprenti."
)
"""Kerned pairs, ligatures, long words, dashes: what a mark could disturb."""


@pytest.fixture(scope="module")
def engine() -> Engine:
    book = check(MINIMAL, Report())[1]
    templates = html.open_templates([TEMPLATES], "fr")
    style = html.render_style(book, templates)
    return Engine(style, [TEMPLATES], book.settings.print, Report())


def mark(id_: object) -> str:
    return f'<span class="mark" id="m{id_}"></span>'


def variant(id_: object, lemma: str = "") -> str:
    """Return the mark of an emendation and its entry of the apparatus."""
    entry = f"{lemma}&#160;] autre&#160;T"
    return (
        f'{mark(id_)}<span class="variant" id="variant-m{id_}" '
        f'data-lemma="{lemma}">{entry}</span>{lemma}'
    )


def read(engine: Engine, *paragraphs: str) -> Draft:
    """Return a text of *paragraphs*, which are XHTML, broken into lines."""
    inside = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    xhtml = (
        '<!DOCTYPE html><html lang="fr"><body class="text">'
        f'<section class="text">{inside}</section></body></html>'
    )
    return read_back(engine.reader, "text", xhtml, "(suite)")


def plan(engine: Engine, draft: Draft) -> Plan:
    (planned,) = engine.plan([draft], 0, "p. {}, l. {}".format).plans
    return planned


def place(engine: Engine, draft: Draft) -> Mapping[str, Place]:
    return dict(plan(engine, draft).places)


def lines_of(draft: Draft) -> list[tuple[Any, ...]]:
    """Return start, end, hyphen and width of every line, and the widths it is from."""
    return [
        (line.start, line.end, line.hyphen, line.width, *block.paragraph.text.widths)
        for block in draft.galley.blocks
        for line in block.paragraph.lines
    ]


def put_marks(wording: str, wanted: Callable[[int], bool]) -> str:
    """Return *wording* with the mark `m<offset>` before the characters *wanted*."""
    marked = [f"{mark(i) if wanted(i) else ''}{c}" for i, c in enumerate(wording)]
    return "".join(marked)


def line_at(draft: Draft, offset: int) -> int:
    """Return the line, from 1, that the character at *offset* stands on or ends."""
    (block,) = draft.galley.blocks
    starts = [line.start for line in block.paragraph.lines]
    return sum(start <= offset for start in starts)


@pytest.mark.parametrize("step", [1, 2, 3, 7])
def test_lines_and_widths_are_the_same_with_and_without_marks(
    step: int, engine: Engine
) -> None:
    """Kerning, ligatures and hyphens go over a mark as if it were not there."""
    marked = put_marks(WORDING, lambda offset: offset % step == 0)
    assert lines_of(read(engine, marked)) == lines_of(read(engine, WORDING))


def test_a_mark_before_any_character_has_the_line_of_that_character(
    engine: Engine,
) -> None:
    """At a line's start and end, and within a word that is hyphenated too."""
    draft = read(engine, put_marks(WORDING, lambda _: True))
    places = place(engine, draft)
    (block,) = draft.galley.blocks
    hyphenated = [line for line in block.paragraph.lines if line.hyphen]
    assert hyphenated, "the wording is to have a word that is divided"
    for offset in range(len(WORDING)):
        assert places[f"m{offset}"] == ("1", line_at(draft, offset)), offset


def test_the_characters_at_a_lines_edges_have_their_own_lines(engine: Engine) -> None:
    draft = read(engine, put_marks(WORDING, lambda _: True))
    places = place(engine, draft)
    (block,) = draft.galley.blocks
    for number, (line, after) in enumerate(pairwise(block.paragraph.lines), start=1):
        assert places[f"m{line.start}"][1] == number
        assert places[f"m{line.end - 1}"][1] == number
        assert places[f"m{after.start}"][1] == number + 1


def test_a_mark_after_the_last_character_has_the_last_line(engine: Engine) -> None:
    draft = read(engine, f"{WORDING}{mark('end')}")
    assert place(engine, draft)["mend"] == ("1", len(lines_of(draft)))


def test_white_space_beside_a_mark_is_one_space(engine: Engine) -> None:
    for around in (" {} ", " {}", "{} ", "\n  {}\n  "):
        draft = read(engine, f"Un{around.format(mark(1))}mot.")
        (block,) = draft.galley.blocks
        assert block.paragraph.text.wording == "Un mot."


@pytest.mark.parametrize(
    "wording", ["Un <i> mot</i>.", "Un<i> </i> mot.", "<b>Un </b><i> mot</i>."]
)
def test_white_space_on_both_sides_of_a_tag_is_one_space(
    wording: str, engine: Engine
) -> None:
    (block,) = read(engine, wording).galley.blocks
    assert block.paragraph.text.wording == "Un mot."


def test_marks_at_one_place_all_have_it(engine: Engine) -> None:
    draft = read(engine, f"Un {mark(1)}{mark(2)}<i>{mark(3)}mot</i>.")
    places = place(engine, draft)
    assert [places[f"m{number}"] for number in (1, 2, 3)] == [("1", 1)] * 3


def test_a_mark_beside_emphasis_has_the_line_of_what_follows(engine: Engine) -> None:
    half = len(WORDING) // 2
    for offset in range(half, half + 40):
        before, after = WORDING[:offset], WORDING[offset:]
        draft = read(engine, f"<i>{before}</i>{mark('x')}<b>{after}</b>")
        assert place(engine, draft)["mx"] == ("1", line_at(draft, offset))


def test_a_mark_that_is_alone_in_its_paragraph_has_the_line_after_it(
    engine: Engine,
) -> None:
    """A paragraph that an emendation deletes whole leaves no line of its own."""
    places = place(engine, read(engine, "Un.", mark("x"), "Deux."))
    assert places["mx"] == ("1", 2)
    places = place(engine, read(engine, "Un.", "Deux.", mark("x")))
    assert places["mx"] == ("1", 2)
    anchor = '<span id="a"></span>'
    assert place(engine, read(engine, "Un.", anchor, "Deux."))["a"] == ("1", 2)


def test_a_mark_is_never_set_and_links_can_reach_it(engine: Engine) -> None:
    planned = plan(engine, read(engine, put_marks(WORDING, lambda at: at % 5 == 0)))
    places = dict(planned.places)
    part = engine.start_pages(planned, {})()
    (page,) = part.bound
    classes = [e.get("class") for _, e, _ in walk(page) if e is not None]
    assert "page" in classes
    assert "mark" not in classes
    anchors = page.record.anchors
    tops = sorted({anchor[1] for anchor in anchors.values()})
    for offset in range(0, len(WORDING), 5):
        line = places[f"m{offset}"][1]
        assert anchors[f"m{offset}"][1] == pytest.approx(tops[line - 1])
    assert engine._report.problems == []


# --- entries of the apparatus --------------------------------------------------------


def printed_entries(engine: Engine, planned: Plan) -> list[tuple[int, str]]:
    """Lay a part out as *planned*; return page and line of each entry at a foot."""
    part = engine.start_pages(planned, {})()
    return [
        (number, aside.label)
        for number, page in enumerate(measures_of(part))
        for aside in page.asides
        if aside.tier == APPARATUS
    ]


def told(engine: Engine) -> list[str]:
    messages = [problem.message for problem in engine._report.problems]
    engine._report.problems.clear()
    return messages


@pytest.mark.parametrize(
    ("paragraphs", "line"),
    [(("Un.", "{}", "Deux."), "2"), (("{}", "Un."), "1"), (("Un.", "{}"), "1")],
    ids=["between", "first", "last"],
)
def test_the_entry_of_an_emptied_paragraph_has_the_line_after_it_or_the_last(
    paragraphs: tuple[str, ...], line: str, engine: Engine
) -> None:
    """A paragraph that an emendation deletes whole leaves its entry behind."""
    draft = read(engine, *(text.format(variant("x")) for text in paragraphs))
    assert printed_entries(engine, plan(engine, draft)) == [(0, line)]
    assert told(engine) == []


def test_an_entry_has_the_line_of_its_word_wherever_that_stands(
    engine: Engine,
) -> None:
    """At each word of a paragraph in turn, those at the ends of lines too."""
    words = WORDING.split()
    marked = " ".join(
        variant(number, word) if number % 4 == 0 else word
        for number, word in enumerate(words)
    )
    planned = plan(engine, read(engine, marked))
    places = dict(planned.places)
    printed = printed_entries(engine, planned)
    assert len(printed) == len(words[::4])
    for (page, line), number in zip(printed, range(0, len(words), 4), strict=True):
        assert (str(page + 1), int(line)) == places[f"m{number}"]
    assert told(engine) == []


def test_an_entry_moves_with_the_words_of_a_reference_before_it(
    engine: Engine,
) -> None:
    """The paragraph is broken anew when a reference in it has found its page."""
    reference = '<a class="reference" href="#far" data-to="far">x</a> '
    draft = read(engine, f"{reference * 9}{variant('x', 'anticonstitution')} et fin.")
    longer = {"far": "voyez à la page 1234, ligne 12"}
    planned = plan_part(draft, engine._frame, 1, longer)
    ((_, line),) = printed_entries(engine, planned)
    assert int(line) > 2
    assert told(engine) == []


def test_a_mark_behind_the_last_paragraph_stays_when_that_is_broken_anew(
    engine: Engine,
) -> None:
    reference = '<a class="reference" href="#far" data-to="far">x</a>'
    draft = read(engine, f"Un {reference}.", variant("x"))
    planned = plan_part(draft, engine._frame, 1, {"far": "page 3"})
    assert "mx" in planned.division.anchors
    assert printed_entries(engine, planned) == [(0, "1")]
    assert told(engine) == []


def test_the_entries_of_a_page_take_their_room_from_its_text(engine: Engine) -> None:
    """With an entry a line, the pages hold fewer lines, and none too many."""
    plain = ["Un mot.", *["Encore un mot."] * 60]
    marked = [f"{variant(n, 'Encore')} un mot." for n in range(60)]
    without = plan(engine, read(engine, *plain))
    with_entries = plan(engine, read(engine, "Un mot.", *marked))
    assert len(with_entries.division.pages) > len(without.division.pages)
    assert len(printed_entries(engine, with_entries)) == 60
    assert told(engine) == []


def test_an_entry_behind_a_space_at_the_end_of_a_paragraph_has_its_last_line(
    engine: Engine,
) -> None:
    planned = plan(engine, read(engine, f"Un mot. {variant('x')}"))
    assert printed_entries(engine, planned) == [(0, "1")]
    assert told(engine) == []


# --- plans ---------------------------------------------------------------------------


def test_a_plan_of_what_has_not_changed_is_not_made_anew(engine: Engine) -> None:
    draft = read(engine, "Un mot.", "Deux mots.")
    before = plan_part(draft, engine._frame, 1, {})
    after = plan_part(draft, engine._frame, 3, {"far": "page 3"}, before)
    assert after.division is before.division
    assert after.first_folio == 3


def test_a_draft_can_be_planned_and_set_again(engine: Engine) -> None:
    """Nothing that is read or planned changes when it is set."""
    reference = '<a class="reference" href="#m1" data-to="m1">x</a>'
    draft = read(engine, *[f"Un mot {reference}."] * 60, f"{mark(1)}Fin.")
    planned = plan(engine, draft)
    first, again = (engine.start_pages(planned, {})() for _ in range(2))
    assert first.bound == again.bound
    assert plan(engine, draft) == planned
    assert "p. 2, l. " in "".join(
        line.wording for page in measures_of(first) for line in page.flow
    )
