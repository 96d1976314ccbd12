"""Pages are planned until the references by page and line are true; nothing is set."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from recension.layout.plans import MOST_PASSES, Plan, SettledPlans, settle
from recension.layout.setting.galleys import Galley
from recension.problems import Problem, Report, Span


def draft(name: str, *, roman: bool = False, pages: int = 3, **anchors: Any) -> Any:
    """Return a part of so many *pages*; *anchors* are (page, line)."""
    block: Any = SimpleNamespace(refers=frozenset(anchors))
    galley = Galley(blocks=(block,), columns=None, references={})
    return SimpleNamespace(
        name=name, roman=roman, galley=galley, pages=pages, anchors=anchors
    )


class Planner:
    """Plans drafts as they say; *told* are the references of each pass."""

    def __init__(self) -> None:
        """Have planned nothing."""
        self.told: list[dict[str, str]] = []

    def each(self, _: Any, given: dict[Any, tuple[Any, ...]]) -> dict[Any, Plan]:
        """Plan what is *given*."""
        ((key, (one, _, folio, references, before)),) = given.items()
        assert key == (one.name, len(self.told) // self.count)
        assert (before is None) == (key[1] == 0)
        assert before is None or before.draft is one
        self.told.append(dict(references))
        division: Any = SimpleNamespace(pages=range(one.pages), anchors=one.anchors)
        return {
            key: Plan(
                draft=one, galley=one.galley, first_folio=folio, division=division
            )
        }

    def settle(self, *drafts: Any, opening: int = 4, refer: Any) -> SettledPlans:
        """Settle *drafts*; keep what is told."""
        self.count, self.report, frame = len(drafts), Report(), Any
        return settle(drafts, frame, opening, refer, self.report, self.each)  # type: ignore[arg-type]


def test_references_are_planned_until_they_are_true() -> None:
    planner = Planner()
    settled = planner.settle(
        draft("a.md", one=(0, 2), two=(2, 9)),
        refer=lambda folio, line: f"p. {folio}, l. {line}",
    )
    words = {"one": "p. 1, l. 2", "two": "p. 3, l. 9"}
    assert planner.told == [{}, words]
    assert settled.references == words
    assert settled.places == {"one": ("1", 2), "two": ("3", 9)}
    assert planner.report.problems == []


def test_a_part_is_told_the_references_that_are_in_it_alone() -> None:
    planner = Planner()
    planner.settle(
        draft("a.md", one=(0, 1)), draft("b.md", two=(0, 2)), refer=lambda *at: str(at)
    )
    assert [list(told) for told in planner.told[2:]] == [["one"], ["two"]]


def test_without_references_one_pass_is_enough() -> None:
    planner = Planner()
    planner.settle(draft("a.md"), draft("b.md"), refer=lambda *_: "")
    assert planner.told == [{}, {}]


def test_references_that_do_not_settle_are_told_of_the_first_part() -> None:
    planner, words = Planner(), iter(range(99))
    settled = planner.settle(draft("a.md", one=(0, 1)), refer=lambda *_: next(words))
    assert len(planner.told) == MOST_PASSES
    assert planner.report.problems == [
        Problem(
            code="Y-003",
            message="the references by page and line do not settle",
            span=Span(path="a.md"),
            hint="move a reference by a word or two",
        )
    ]
    assert settled.references == {"one": MOST_PASSES - 2}
    assert [plan.name for plan in settled.plans] == ["a.md"]


def test_references_may_settle_in_the_last_pass() -> None:
    words = iter(range(MOST_PASSES - 1))
    late, planner = Planner(), Planner()
    late.settle(draft("a.md", one=(0, 1)), refer=lambda *_: next(words, "last"))
    words = iter(range(MOST_PASSES - 2))
    planner.settle(draft("a.md", one=(0, 1)), refer=lambda *_: next(words, "last"))
    assert len(late.told) == len(planner.told) == MOST_PASSES
    assert late.report.problems
    assert not planner.report.problems


@pytest.mark.parametrize(("opening", "first"), [(4, 5), (5, 7), (0, 1)])
def test_each_part_begins_on_a_recto(opening: int, first: int) -> None:
    """The front parts behind the opening, the first text on folio 1."""
    settled = Planner().settle(
        draft("f.md", roman=True, pages=3),
        draft("g.md", roman=True, pages=2),
        draft("a.md", pages=2),
        draft("b.md", pages=1),
        draft("c.md", one=(1, 8)),
        opening=opening,
        refer=lambda *_: "",
    )
    folios = [plan.first_folio for plan in settled.plans]
    assert folios == [first, first + 4, 1, 3, 5]
    assert settled.places == {"one": ("6", 8)}


def test_a_front_part_has_its_anchors_on_roman_folios() -> None:
    settled = Planner().settle(
        draft("f.md", roman=True, one=(1, 8)), refer=lambda *_: ""
    )
    assert settled.places == {"one": ("vi", 8)}
