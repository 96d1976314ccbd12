# ruff: noqa: D102 - what styles are asked for is told where they are declared
"""Tiers at the foot of the page: however many there are, each is a row of a table.

A third tier that no edition has stands in for those to come: the notes of an author,
above the editor's, with calls of their own; they run on as notes do.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, fromstring

import pytest
from conftest import MINIMAL, ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded import measures_of, write_pages

from recension import check, contract, html
from recension.contract import APPARATUS, NOTES, Tier
from recension.layout import Engine
from recension.layout.drafts import read_back
from recension.layout.plans import plan_part
from recension.layout.setting.divisions import Division, divide
from recension.layout.setting.galleys import set_galley
from recension.layout.setting.lines import Font
from recension.layout.setting.pagination import FootTier, Frame, Row, paginate
from recension.layout.setting.paragraphs import Breaker
from recension.layout.setting.typeset import build_pages
from recension.problems import Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recension.layout.setting.pagination import PagePlan
    from recension.layout.setting.styles import Columns, Length

AUTHOR = Tier(
    aside="author-note",
    holder="author-notes",
    prefix="author-note-",
    runs_on=True,
    keyed=False,
    numbered=False,
)
TIERS = (AUTHOR, NOTES, APPARATUS)
LINE, ASIDE = 18.0, 12.0
FRAME = Frame(
    width=200.0,
    height=10 * LINE,
    tiers=(FootTier(AUTHOR, 5.0), FootTier(NOTES, 6.0), FootTier(APPARATUS, 9.0)),
    longest=4 * ASIDE,
)


@pytest.fixture(autouse=True)
def _three_tiers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "TIERS", TIERS)


# --- pagination ----------------------------------------------------------------------


def row(*asides: tuple[int, ...]) -> Row:
    """Return a line with asides of so many lines, tier by tier."""
    heights = (tuple((ASIDE,) * lines for lines in tier) for tier in asides)
    return Row(height=LINE, asides=tuple(heights))


def fill(rows: list[Row], plan: PagePlan) -> float:
    """Return how much of the page *plan* fills."""
    foot = 0.0
    for piece in plan.pieces:
        lines = rows[piece.row].asides[piece.tier][piece.number]
        foot += sum(lines[piece.first : piece.stop]) + bool(piece.first) * ASIDE
    used = {piece.tier for piece in plan.pieces}
    text = (plan.stop - plan.start) * LINE
    return text + foot + sum(FRAME.tiers[tier].rule for tier in used)


sizes = st.lists(st.integers(1, 3), max_size=1)
any_row = st.builds(row, sizes.map(tuple), sizes.map(tuple), sizes.map(tuple))


@settings(max_examples=60, deadline=None)
@given(st.lists(any_row, min_size=1, max_size=40))
def test_every_aside_of_every_tier_stands_on_the_page_of_its_line(
    rows: list[Row],
) -> None:
    plans = paginate(rows, FRAME)
    begun = []
    for plan in plans:
        begun += [piece[:3] for piece in plan.pieces if piece.first == 0]
        for piece in plan.pieces:
            assert piece.first or plan.start <= piece.row < plan.stop
        if plan.stop - plan.start > 1:
            assert fill(rows, plan) <= FRAME.height + 0.06
    assert sorted(begun) == [
        (number, tier, index)
        for number, each in enumerate(rows)
        for tier, asides in enumerate(each.asides)
        for index, _ in enumerate(asides)
    ]


def test_tiers_that_run_on_are_cut_and_no_other() -> None:
    rows = [row(), row((9,), (9,), (9,)), *[row()] * 9]
    pieces = [piece for plan in paginate(rows, FRAME) for piece in plan.pieces]
    cut = {piece.tier for piece in pieces if piece.first}
    assert cut == {TIERS.index(AUTHOR), TIERS.index(NOTES)}
    for tier in range(3):
        lines = [range(p.first, p.stop) for p in pieces if p.tier == tier]
        assert [line for piece in lines for line in piece] == list(range(9))


# --- lines, pages and their elements -------------------------------------------------


class PlainStyles:
    """Styles by the name of the element: blocks, asides and what stands in a line."""

    FONT = Font(ROOT / "templates/fonts/EBGaramond-Regular.ttf", 12.0, ())

    def display(self, element: Element) -> str:
        return "block" if element.tag in ("section", "p") else "inline"

    def font(self, _: Element) -> Font:
        return self.FONT

    def length(self, _element: Element, _name: Length) -> float:
        return 0.0

    def line_height(self, element: Element) -> float:
        return ASIDE if contract.find_tier(element) else LINE

    def justified(self, _: Element) -> bool:
        return False

    def kept(self, _: Element) -> bool:
        return False

    def columns(self, _element: Element, _measure: float) -> Columns | None:
        return None

    def strings(self, _element: Element, _copy: Element) -> Iterator[tuple[str, str]]:
        yield from ()

    def language(self, _: Element) -> str:
        return "en"


def call(tier: Tier, id_: str, sign: str, body: str) -> str:
    """Return a call and, behind it, its aside."""
    to = f"{tier.prefix}{id_}"
    return (
        f'<a class="call" id="call-{to}" href="#{to}">{sign}</a>'
        f'<span class="{tier.aside}" id="{to}">{body}</span>'
    )


LONG = " ".join(f"word{number}" for number in range(90))
TEXT = f"""<body class="text"><section>
<p>First{call(AUTHOR, "a", "*", LONG)} words{call(NOTES, "n", "1", "An editor.")} of
<span class="mark" id="e"></span><span class="variant" id="variant-e" data-lemma="a">a ]
the W</span>a text.</p><p>{" ".join(["More of it."] * 60)}</p></section></body>"""


def set_text(text: str = TEXT) -> Division:
    breaker = Breaker(styles=PlainStyles(), width=FRAME.width, fit="total-fit")
    body = fromstring(text)  # noqa: S314 - our own
    return divide(set_galley(body, breaker), FRAME)


def feet() -> list[list[tuple[str, str]]]:
    """Return for each page the tiers at its foot: their class and what they say."""
    pages = build_pages(set_text(), "(continued)")
    found = [page.element.findall("div[@class='foot']/div") for page in pages]
    return [
        [(t.get("class", ""), "".join(t.itertext())) for t in foot] for foot in found
    ]


def test_each_tier_has_its_place_at_the_foot_in_order() -> None:
    first, *others = feet()
    assert [holder for holder, _ in first] == [tier.holder for tier in TIERS]
    assert first[1][1].split() == ["An", "editor."]
    assert first[2][1].split() == ["1a", "]", "the", "W"], "keyed to line 1"
    assert {holder for foot in others for holder, _ in foot} == {AUTHOR.holder}


def test_the_first_line_of_an_entry_has_a_label_and_no_other() -> None:
    entry = '<span class="variant" id="variant-e" data-lemma="a">'
    text = TEXT.replace(entry, f"{entry}{LONG[:200]} ")
    labels = [
        (holder.get("class"), "".join(label.itertext()))
        for page in build_pages(set_text(text), "(continued)")
        for holder in page.element.findall("div[@class='foot']/div")
        for label in holder.iterfind(f".//span[@class='{contract.Made.LABEL}']")
    ]
    assert labels == [(APPARATUS.holder, "1")]


@pytest.mark.parametrize("tag", ["h1", "h2", "h3", "h4", "h5", "h6"])
def test_the_lines_of_a_heading_are_of_about_one_length(tag: str) -> None:
    """Those of a paragraph are as full as they can be."""
    words = "a heading that is longer than a line and ends soon"
    breaker = Breaker(styles=PlainStyles(), width=FRAME.width, fit="total-fit")
    heading, plain = (
        breaker.set_paragraph((fromstring(f"<{name}>{words}</{name}>"),), FRAME.width)  # noqa: S314 - our own
        for name in (tag, "p")
    )
    assert len(heading.lines) == len(plain.lines) == 2
    assert heading.lines[0].end < plain.lines[0].end


def test_the_new_tier_is_cut_and_marked_and_loses_nothing() -> None:
    parts = [
        told for foot in feet() for holder, told in foot if holder == AUTHOR.holder
    ]
    assert len(parts) > 2
    assert all(told.startswith("(continued)") for told in parts[1:])
    words = " ".join(parts).replace("(continued)", "").split()
    assert words == LONG.split()


def test_no_line_begins_with_the_call_of_a_new_tier() -> None:
    paragraph = set_text().lines[0].paragraph
    for offset in paragraph.text.calls:
        assert not any(line.start == offset for line in paragraph.lines)


# --- the engine ----------------------------------------------------------------------


@cache
def style() -> str:
    book = check(MINIMAL, Report())[1]
    templates = html.open_templates([ROOT / "templates"], "fr")
    return html.render_style(book, templates)


@pytest.mark.slow
def test_a_tier_takes_a_row_of_the_table_its_markup_and_its_style() -> None:
    """Nothing else of layout knows of it: it is set, measured, judged and tagged."""
    report, book = Report(), check(MINIMAL, Report())[1]
    own = f"""{style()}
      .author-note {{ display: block; font: 8.5pt/10.5pt "Recension"; }}
      .author-notes {{ margin-top: 3pt; padding-top: 3pt; border-top: 1pt solid; }}"""
    engine = Engine(own, [ROOT / "templates"], book.settings.print, report)
    assert [foot.tier for foot in engine._frame.tiers] == [*TIERS]
    draft = read_back(
        engine.reader, "text", f"<!DOCTYPE html><html>{TEXT}</html>", "(continued)"
    )
    part = engine.start_pages(plan_part(draft, engine._frame, 1, {}), {})()
    page = measures_of(part)[0]
    assert [(aside.tier, aside.id) for aside in page.asides] == [
        (AUTHOR, "a"),
        (NOTES, "n"),
        (APPARATUS, "e"),
    ]
    assert [(found.tier, found.id) for found in page.calls] == [
        (AUTHOR, "a"),
        (NOTES, "n"),
    ]
    assert report.problems == []
    written = write_pages(engine._weasy, part.bound)
    assert written.count(b"/S/Note/") == len(TIERS), "one for each, cut or not"
    lost = replace(page, asides=page.asides[1:])
    told = list(judge(lost))
    assert told == ["the note `a` is called on page 1 of the part and set on no page"]


def judge(page: object) -> Iterator[str]:
    from recension.layout.gate import check_pages

    report = Report()
    check_pages("text", [page], {"e": (0, 1)}, {}, report)
    yield from (problem.message for problem in report.problems)
