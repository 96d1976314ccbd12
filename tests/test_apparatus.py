"""The apparatus at the foot of the page, keyed by line, and the numbers of the lines.

What is planned is measured twice: on the boxes of the laid-out pages, and by poppler on
the finished file.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import pytest
from conftest import CRITICAL, build_whole
from printed import HYPHEN, MM, Entry, PrintedPage, letters, pages_of, read_pages
from recorded import measures_of, running_lines

from recension.contract import APPARATUS, NOTES
from recension.layout.gate import check_pages
from recension.layout.weasy.measuring import Area, MeasuredAside
from recension.problems import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Built

    from recension.layout.plans import Plan
    from recension.layout.weasy.measuring import MeasuredPage
    from recension.model import Emendation, LaidOutPart
    from recension.problems import Problem

pytestmark = pytest.mark.slow

STEP = 5


@pytest.fixture(params=["book", "critical"])
def whole(request: pytest.FixtureRequest) -> Built:
    """Each of the editions that have an apparatus."""
    return request.getfixturevalue(f"built_{request.param}")


def emendations(built: Built) -> list[Emendation]:
    return [e for text in built.book.texts for e in text.emendations]


# --- on the boxes --------------------------------------------------------------------


class Keyed(NamedTuple):
    """An entry on its page: the emendation it is of, and the number before it."""

    emendation: str
    number: int
    label: str


def texts_of(built: Built) -> Iterator[tuple[Plan, LaidOutPart]]:
    """Yield the plan of each text and the text as laid out."""
    plans = {plan.name: plan for plan in built.plans if not plan.draft.roman}
    for part in built.laid_out:
        if part.name in plans:
            yield plans[part.name], part


def pages_measured(built: Built) -> Iterator[tuple[MeasuredPage, ...]]:
    """Yield the measures of the pages of each text."""
    return (measures_of(part) for _, part in texts_of(built))


def entries_on(page: MeasuredPage) -> list[MeasuredAside]:
    return [aside for aside in page.asides if aside.tier == APPARATUS]


def keyed(pages: tuple[MeasuredPage, ...]) -> Iterator[Keyed]:
    for number, page in enumerate(pages):
        for aside in entries_on(page):
            yield Keyed(aside.id, number, aside.label)


def place(found: Emendation, page: list[str], after: str) -> list[int]:
    """Return the lines, from 1, of *page* where the words of *found* stand.

    The words printed before and after it are sought with it; *after* is the first line
    of the next page.
    """
    starts, text = [0], ""
    for line in [*page, after]:
        text += letters(line)
        starts.append(len(text))
    here = letters(found.before), letters(found.lemma), letters(found.after)
    return [
        sum(start <= found_at.start() + len(here[0]) for start in starts)
        for found_at in re.finditer(f"(?={re.escape(''.join(here))})", text)
    ]


def test_every_emendation_has_one_entry_at_the_foot(whole: Built) -> None:
    measured = pages_measured(whole)
    entries = [found.emendation for pages in measured for found in keyed(pages)]
    assert entries == [found.id for found in emendations(whole)]
    assert len(entries) == whole.facts["emendations"] > 0


def test_an_entry_is_keyed_to_the_line_of_its_words(whole: Built) -> None:
    """The words before, of and after the lemma are looked for on the page's lines."""
    by_id = {found.id: found for found in emendations(whole)}
    for _, part in texts_of(whole):
        # without the numbers of notes
        lines = [running_lines(page, ["call"]) for page in part.bound]
        for entry in keyed(measures_of(part)):
            following = lines[entry.number + 1 : entry.number + 2]
            after = following[0][0] if following and following[0] else ""
            found = by_id[entry.emendation]
            at = place(found, lines[entry.number], after)
            assert int(entry.label) in at, (found.lemma, entry.label, at)


def test_the_entries_of_a_page_stand_in_the_order_of_its_lines(whole: Built) -> None:
    for pages in pages_measured(whole):
        for page in pages:
            labels = [int(entry.label) for entry in entries_on(page)]
            assert labels == sorted(labels)


def test_the_apparatus_stands_below_the_notes(whole: Built) -> None:
    both = 0
    for pages in pages_measured(whole):
        for page in pages:
            notes = [a.area.bottom for a in page.asides if a.tier == NOTES]
            entries = [entry.area.top for entry in entries_on(page)]
            if notes and entries:
                assert max(notes) < min(entries)
                both += 1
    assert both > 1


def test_nothing_at_the_foot_overlaps(whole: Built) -> None:
    """Neither the lines of a tier nor the tiers, nor the foot and the text."""
    for pages in pages_measured(whole):
        for page in pages:
            for line, below in pairwise([*page.flow, *page.foot]):
                assert line.area.bottom <= below.area.top + 0.1


# --- by poppler ----------------------------------------------------------------------


def entries_of(pages: list[PrintedPage]) -> list[Entry]:
    return [entry for page in pages for entry in page.entries]


def test_the_finished_pages_have_every_entry_in_order(whole: Built) -> None:
    """Lemma or the words around it, reading and siglum, as the editor marked them."""
    for text in whole.book.texts:
        printed = entries_of(pages_of(whole, [text.settings.id]))
        assert len(printed) == len(text.emendations)
        for entry, found in zip(printed, text.emendations, strict=True):
            assert "]" in entry.wording
            shown = found.lemma or f"{found.before}{found.after}"
            assert letters(entry.lemma) == letters(shown)
            reading = entry.wording.partition("]")[2]
            assert letters(found.reading) in letters(reading)
            assert f" {text.settings.siglum}" in reading


def test_the_number_of_an_entry_is_the_line_that_poppler_counts(whole: Built) -> None:
    """Line 1 is the first of the type area, headings count, notes do not."""
    seen = 0
    for text in whole.book.texts:
        pages = pages_of(whole, [text.settings.id])
        marked = iter(text.emendations)
        for page, following in zip(pages, [*pages[1:], None], strict=True):
            for entry in page.entries:
                found = next(marked)
                words = (found.lemma or found.after or found.before).split()
                later = page.lines[entry.label : entry.label + 1]
                later = later or (following.lines[:1] if following else ())
                shown = page.lines[entry.label - 1].text
                if shown.endswith(HYPHEN) and later:
                    shown = shown.rstrip(HYPHEN) + later[0].text
                assert letters(words[0] if words else "") in letters(shown)
                seen += 1
    assert seen == len(emendations(whole))


# --- the settings --------------------------------------------------------------------


def build_with(settings: str, folder: Path) -> Built:
    """Build a copy of tests/critical, *settings* in its table `[print]`."""
    import shutil

    edition = folder / "edition"
    shutil.copytree(CRITICAL, edition)
    with (edition / "book/edition.toml").open("a", encoding="utf-8") as file:
        file.write(f"{settings}\n")
    return build_whole(edition, folder / "out")


@pytest.fixture(scope="module")
def at_back(tmp_path_factory: pytest.TempPathFactory) -> Built:
    settings = 'apparatus = "back"\nline_numbers = 0'
    return build_with(settings, tmp_path_factory.mktemp("back"))


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Built:
    settings = 'apparatus = "none"\nline_numbers = 1'
    return build_with(settings, tmp_path_factory.mktemp("none"))


def has_apparatus_part(built: Built) -> bool:
    title = re.escape(built.word("apparatus"))
    return bool(re.search(rf"(?m)^\s*{title}\s*$", built.pdf_text("-layout")))


def test_an_apparatus_at_the_foot_is_no_part_of_the_back_matter(whole: Built) -> None:
    assert "apparatus" not in whole.targets()
    assert not has_apparatus_part(whole)


def test_an_apparatus_at_the_back_is_a_part_and_leaves_the_feet_empty(
    at_back: Built,
) -> None:
    assert has_apparatus_part(at_back)
    assert entries_of(list(read_pages(at_back))) == []
    measured = pages_measured(at_back)
    assert not any(entries_on(page) for pages in measured for page in pages)


def test_an_apparatus_at_the_back_has_every_entry_with_page_and_line(
    at_back: Built,
) -> None:
    """The place is the folio and the line where the words stand."""
    folios = {page.folio: page for page in pages_of(at_back)}
    start = at_back.targets()["apparatus"][0]
    words = at_back.pages()[start]
    printed = re.findall(r"(?m)^(\d+)\.(\d+)\s+(\S.*?)\s+\]", words)
    assert len(printed) == len(emendations(at_back))
    for (folio, line, lemma), found in zip(printed, emendations(at_back), strict=True):
        shown = found.lemma or f"{found.before}{found.after}"
        assert letters(lemma) == letters(shown)
        sought = (found.lemma or found.after or found.before).split()[0]
        page = folios[folio]
        following = page.lines[int(line) : int(line) + 1]
        here = page.lines[int(line) - 1].text.rstrip(HYPHEN)
        assert letters(sought) in letters(here + "".join(n.text for n in following))


def test_without_an_apparatus_there_is_neither_tier_nor_part(nowhere: Built) -> None:
    assert not has_apparatus_part(nowhere)
    assert entries_of(list(read_pages(nowhere))) == []
    assert "apparatus" not in nowhere.targets()


def test_the_epub_has_the_apparatus_whatever_print_has(
    at_back: Built, nowhere: Built, built_critical: Built
) -> None:
    for built in (at_back, nowhere, built_critical):
        page = built.entries()["EPUB/apparatus.xhtml"].decode()
        assert page.count("] ") + page.count("]\u00a0") == len(emendations(built))


# --- the gate ------------------------------------------------------------------------


class Judged(NamedTuple):
    """The pages of the first text of tests/critical, and what judges them."""

    pages: tuple[MeasuredPage, ...]
    emendation: Emendation
    judge: Callable[[tuple[MeasuredPage, ...]], list[Problem]]


@pytest.fixture(scope="module")
def text(built_critical: Built) -> Judged:
    plan, part = next(texts_of(built_critical))
    found = emendations(built_critical)
    spans = {emendation.id: emendation.span for emendation in found}

    def judge(pages: tuple[MeasuredPage, ...]) -> list[Problem]:
        report = Report()
        check_pages(plan.name, pages, plan.division.lemmas, spans, report)
        return list(report.problems)

    pages = measures_of(part)
    assert entries_on(pages[0]), "the first page is to have an entry"
    return Judged(pages, found[0], judge)


def with_asides(page: MeasuredPage, *asides: MeasuredAside) -> MeasuredPage:
    """Return *page* with *asides* before its entries."""
    notes = [aside for aside in page.asides if aside.tier == NOTES]
    return replace(page, asides=(*notes, *asides))


def test_the_pages_as_they_are_pass(text: Judged) -> None:
    assert text.judge(text.pages) == []


def test_the_number_of_an_entry_that_is_off_by_one_is_told(text: Judged) -> None:
    first, *rest = entries_on(text.pages[0])
    label = str(int(first.label) + 1)
    changed = with_asides(text.pages[0], first._replace(label=label), *rest)
    (problem,) = text.judge((changed, *text.pages[1:]))
    assert problem.code == "Y-002"
    assert problem.severity == "error"
    assert problem.span == text.emendation.span
    assert problem.message == (
        f"the entry `{text.emendation.id}` of the apparatus is keyed to line {label} "
        f"of page 1 of the part, its lemma stands on line {first.label}"
    )


def test_an_entry_that_is_lost_is_told(text: Judged) -> None:
    _, *rest = entries_on(text.pages[0])
    changed = with_asides(text.pages[0], *rest)
    (problem,) = text.judge((changed, *text.pages[1:]))
    assert (problem.code, problem.span) == ("Y-002", text.emendation.span)
    assert re.fullmatch(
        rf"the entry `{text.emendation.id}` of the apparatus is on no page, its lemma "
        r"stands on line \d+ of page 1 of the part",
        problem.message,
    )


def test_an_entry_that_is_there_twice_is_told(text: Judged) -> None:
    first, *rest = entries_on(text.pages[0])
    changed = with_asides(text.pages[0], first, first, *rest)
    (problem,) = text.judge((changed, *text.pages[1:]))
    assert (problem.code, problem.span) == ("Y-002", text.emendation.span)
    assert "is on pages 1 and 1 of the part" in problem.message


def test_an_entry_on_the_next_page_is_told(text: Judged) -> None:
    first, *rest = entries_on(text.pages[0])
    changed = with_asides(text.pages[0], *rest)
    after = with_asides(text.pages[1], first, *entries_on(text.pages[1]))
    (problem,) = text.judge((changed, after, *text.pages[2:]))
    assert (problem.code, problem.span) == ("Y-002", text.emendation.span)
    assert re.fullmatch(
        rf"the entry `{text.emendation.id}` of the apparatus is on page 2 of the part, "
        r"its lemma stands on line \d+ of page 1",
        problem.message,
    )


def test_a_lemma_on_another_line_than_was_planned_is_told(text: Judged) -> None:
    flow = list(text.pages[0].flow)
    at = int(entries_on(text.pages[0])[0].label) - 1
    flow[at], flow[at - 3] = flow[at - 3], flow[at]
    changed = replace(text.pages[0], flow=tuple(flow))
    (problem,) = text.judge((changed, *text.pages[1:]))
    assert (problem.code, problem.span) == ("Y-002", text.emendation.span)
    assert re.fullmatch(
        rf"the entry `{text.emendation.id}` of the apparatus is keyed to line \d+ of "
        r"page 1 of the part, where `nineteen` does not stand",
        problem.message,
    )


def test_an_entry_of_nothing_on_the_pages_is_told(text: Judged) -> None:
    """An entry whose emendation was never planned has no lemma."""
    stray = MeasuredAside(APPARATUS, "stray", Area(0, 0, 0, 0), "1", "x")
    changed = with_asides(text.pages[0], stray, *entries_on(text.pages[0]))
    (problem,) = text.judge((changed, *text.pages[1:]))
    assert problem.code == "Y-002"
    assert "the entry `stray` of the apparatus is on page 1" in problem.message


# --- the numbers of the lines --------------------------------------------------------


def test_lines_are_numbered_by_fives_from_one_on_each_page(whole: Built) -> None:
    for page in pages_of(whole):
        numbers = [word.text for side in page.beside.values() for word in side]
        wanted = range(STEP, len(page.lines) + 1, STEP)
        assert numbers == [str(number) for number in wanted]


def test_the_numbers_stand_in_the_outer_margin(whole: Built) -> None:
    """Right on a recto, left on a verso, and inside the trim."""
    width = whole.book.settings.print.trim[0] * MM
    for page in pages_of(whole):
        inner = "left" if page.is_recto else "right"
        assert page.beside[inner] == ()
        for words in page.beside.values():
            assert all(word.left > 0 and word.right < width for word in words)


def test_the_numbers_of_a_side_are_flush_with_the_text(whole: Built) -> None:
    """On the left they end on one edge, on the right they begin on one."""
    for page in pages_of(whole):
        for side, edge in (("left", "right"), ("right", "left")):
            edges = {round(getattr(word, edge), 1) for word in page.beside[side]}
            assert len(edges) <= 1


def test_a_number_stands_on_the_baseline_of_its_line(whole: Built) -> None:
    for page in pages_of(whole):
        for words in page.beside.values():
            for word in words:
                line = page.lines[int(word.text) - 1]
                assert word.baseline == pytest.approx(line.baseline, abs=0.05)


def test_front_and_back_matter_have_no_numbers(whole: Built) -> None:
    texts = {page.number for page in pages_of(whole)}
    for page in read_pages(whole):
        if page.number not in texts:
            assert page.beside == {"left": (), "right": ()}, page.folio


def test_the_step_of_the_numbers_is_a_setting(nowhere: Built, at_back: Built) -> None:
    """1 numbers every line, 0 none."""
    for page in pages_of(nowhere):
        numbers = [word.text for side in page.beside.values() for word in side]
        assert numbers == [str(n + 1) for n in range(len(page.lines))]
    for page in read_pages(at_back):
        assert page.beside == {"left": (), "right": ()}


def test_settings_of_the_apparatus_and_the_numbers_move_no_line(
    nowhere: Built, at_back: Built
) -> None:
    """Without the tier the lines are the same, whatever the margin shows."""
    for page, other in zip(pages_of(nowhere), pages_of(at_back), strict=True):
        assert [line.text for line in page.lines] == [line.text for line in other.lines]
