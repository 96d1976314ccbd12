"""Plan the pages of the parts that are set line by line, until references are true."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from recension.each import Each, anew
from recension.layout.setting.divisions import divide
from recension.layout.setting.galleys import set_anew
from recension.pagemap import write_folio
from recension.problems import Report, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from recension.layout.drafts import Draft
    from recension.layout.setting.divisions import Division
    from recension.layout.setting.galleys import Galley
    from recension.layout.setting.pagination import Frame
    from recension.model import Place

MOST_PASSES = 6
"""How often the pages are planned anew for the references to settle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A draft divided into pages, from *first_folio* on.

    *galley* has the words of the references, *division* its pages.
    """

    draft: Draft
    galley: Galley
    first_folio: int
    division: Division

    @property
    def name(self) -> str:
        """The file that the part comes from."""
        return self.draft.name

    @property
    def places(self) -> Iterator[tuple[str, Place]]:
        """The id, the folio and the line of each anchor."""
        for id_, (page, line) in self.division.anchors.items():
            folio = write_folio(self.first_folio + page, roman=self.draft.roman)
            yield id_, (folio, line)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledPlans:
    """The plans of the parts, in order, whose references are true.

    *places* gives the folio and line of each anchor, *references* the words for it.
    """

    plans: tuple[Plan, ...]
    places: Mapping[str, Place]
    references: Mapping[str, str]


def plan_part(
    draft: Draft,
    frame: Frame,
    first_folio: int,
    references: Mapping[str, str],
    before: Plan | None = None,
) -> Plan:
    """Divide *draft* into pages, with the words for an anchor of *references*.

    What has not changed since the plan *before* stays.
    """
    known = before.galley if before else draft.galley
    galley = set_anew(known, replace(draft.breaker, references=references))
    if before and galley.blocks is known.blocks:
        division = before.division
    else:
        division = divide(galley, frame)
    return Plan(draft=draft, galley=galley, first_folio=first_folio, division=division)


def settle(  # noqa: PLR0913 - what the pages of a book depend on
    drafts: Sequence[Draft],
    frame: Frame,
    opening: int,
    refer: Callable[[str, int], str],
    report: Report,
    each: Each = anew,
) -> SettledPlans:
    """Plan the pages of *drafts* until every reference is true.

    The front matter follows on *opening* pages; the first text begins on folio 1, each
    part on a recto. *refer* gives the words for a folio and a line. That they do not
    come to rest is an error in *report*.
    """
    words: dict[str, str] = {}
    plans: tuple[Plan, ...] = ()
    for number in range(MOST_PASSES):
        references = words
        plan = partial(_plan_again, frame, references, number, each)
        plans = tuple(_plan_all(drafts, opening, plan, plans))
        places = {id_: place for plan in plans for id_, place in plan.places}
        words = {id_: refer(*place) for id_, place in places.items()}
        if words == references:
            return SettledPlans(plans=plans, places=places, references=references)
    message = "the references by page and line do not settle"
    hint = "move a reference by a word or two"
    report.error("Y-003", message, Span(path=drafts[0].name), hint)
    return SettledPlans(plans=plans, places=places, references=references)


def _plan_again(  # noqa: PLR0913 - made partial
    frame: Frame,
    references: Mapping[str, str],
    number: int,
    each: Each,
    draft: Draft,
    first_folio: int,
    before: Plan | None,
) -> Plan:
    """Plan *draft* in the pass *number*, with the *references* that are in it."""
    own = draft.galley.choose(references)
    given = (draft, frame, first_folio, own, before)
    return each(plan_part, {(draft.name, number): given})[draft.name, number]


def _plan_all(
    drafts: Sequence[Draft],
    opening: int,
    plan: Callable[[Draft, int, Plan | None], Plan],
    before: Sequence[Plan],
) -> Iterator[Plan]:
    folios = {True: opening + opening % 2 + 1, False: 1}
    for number, draft in enumerate(drafts):
        earlier = before[number] if before else None
        planned = plan(draft, folios[draft.roman], earlier)
        pages = len(planned.division.pages)
        folios[draft.roman] += pages + pages % 2
        yield planned
