"""The normalisations: differences from the source that are no emendation, as rows.

A row says what it finds and what both sides then fold to, and the ledger books by it. A
new one is a row here and one in docs/EDITING.md; words.toml may name it (`rule-…`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

PARAGRAPH = "\ufdd1"
"""Stands for the end of a paragraph in what is collated: no text can have it."""
PILCROW = "¶"
"""What an editor writes for it in `sic`, and is shown."""


@dataclass(frozen=True, slots=True)
class Fold:
    """What *pattern* finds becomes *to*, which stands for its group `at`, if it has it.

    Else it stands for the first character that is found. A pattern looks for white at
    the beginning of a run alone: from each place within, the run would be read again.
    """

    pattern: re.Pattern[str]
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A normalisation by its *name*; its *folds* are made in order.

    One *of_source* is made in the source alone, while its line ends are still there.
    The ledger counts a place for *each* character, or else for each run of them.
    """

    name: str
    folds: tuple[Fold, ...]
    of_source: bool = False
    each: bool = False


def _fold(pattern: str, to: str) -> Fold:
    return Fold(re.compile(pattern), to)


WHITE_SPACE, ELLIPSES = "white-space", "ellipses"
RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(name=WHITE_SPACE, folds=(_fold(r"\s+", " "),)),
        Rule(
            name="quotation-marks",
            folds=(_fold("[“”„‟]", '"'), _fold("[‘’‚‛]", "'")),
            each=True,
        ),
        Rule(
            name="dash-spacing",
            folds=(_fold("(?:(?<! ) +)?(?P<at>—) *", "—"),),
            each=True,
        ),
        Rule(name=ELLIPSES, folds=(_fold("…", "..."),)),
        Rule(
            name="guillemets",
            folds=(_fold(r"(?<=«)\s+|(?<!\s)\s+(?=[»!?;:])", ""),),
        ),
        Rule(
            name="list-markers",
            folds=(_fold(rf"(?P<at>\n|{PARAGRAPH})- |\A\s*- ", PARAGRAPH),),
            of_source=True,
        ),
    )
}
"""The rules by name, in the order in which they are made and listed."""

TYPED = "typed"
"""The rule by which hyphens and full points are what Markdown makes of them.

It needs no declaration: a copy of the source, typed as it is, is no fault.
"""
_TYPED = (_fold("---", "—"), _fold("--", "–"), _fold(r"\.\.\.", "…"))
_BREAKS = _fold(r"(?:(?<![^\S\n])[^\S\n]+)?(?P<at>\n)\s*\n", PARAGRAPH)
"""Where a paragraph of a source ends: at an empty line."""
_LINE_ENDS = _fold(r"\n", " ")
"""A line end within a paragraph is a space like others."""
_JOINED = _fold(f"(?:(?<! ) +)?(?P<at>{PARAGRAPH})(?: *{PARAGRAPH})* *", PARAGRAPH)
"""White beside the end of a paragraph goes, under whatever rules."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as it is compared.

    *offsets* gives for each character the one of the text that it stands for;
    *touched* has for an offset the rule by which its character changed or went.
    """

    wording: str
    offsets: Sequence[int]
    touched: Mapping[int, str]


def fold_source(raw: str, rules: Collection[str]) -> Folded:
    """Fold a source by the declared *rules*."""
    folding = _Folding(raw)
    folding.make(_BREAKS, WHITE_SPACE)
    for rule in _choose(rules, of_source=True):
        folding.follow(rule)
    return _finish(folding, rules)


def fold_edited(wording: str, rules: Collection[str]) -> Folded:
    """Fold an edited text, its emendations undone, by the declared *rules*."""
    return _finish(_Folding(wording), rules)


def _choose(rules: Collection[str], *, of_source: bool) -> list[Rule]:
    declared = (rule for name, rule in RULES.items() if name in rules)
    return [rule for rule in declared if rule.of_source == of_source]


def _finish(folding: _Folding, rules: Collection[str]) -> Folded:
    """Make the folds that both sides share; leave the white at both ends out."""
    folding.make(_LINE_ENDS, "")
    for fold in _TYPED[:2] if ELLIPSES in rules else _TYPED:
        folding.make(fold, TYPED)
    for rule in _choose(rules, of_source=False):
        folding.follow(rule)
    folding.make(_JOINED, WHITE_SPACE)
    wording, ends = folding.wording, PARAGRAPH + " "
    first, last = len(wording) - len(wording.lstrip(ends)), len(wording.rstrip(ends))
    return Folded(wording[first:last], folding.offsets[first:last], folding.touched)


class _Folding:
    """A text on its way to be folded, fold by fold."""

    def __init__(self, wording: str) -> None:
        self.wording = wording
        self.offsets = list(range(len(wording)))
        self.touched: dict[int, str] = {}

    def follow(self, rule: Rule) -> None:
        for fold in rule.folds:
            self.make(fold, rule.name)

    def make(self, fold: Fold, name: str) -> None:
        """Make *fold*; what it changes is touched by the rule *name*, if it has one."""
        parts: list[str] = []
        offsets: list[int] = []
        last = 0
        for found in fold.pattern.finditer(self.wording):
            start, end = found.span()
            if found[0] == fold.to:
                continue
            at = found.start("at") if found.groupdict().get("at") else start
            parts += [self.wording[last:start], fold.to]
            offsets += self.offsets[last:start]
            offsets += [self.offsets[at]] * len(fold.to)
            for place in range(start, end) if name else ():
                if place != at or self.wording[place] != fold.to:
                    self.touched[self.offsets[place]] = name
            last = end
        self.wording = "".join([*parts, self.wording[last:]])
        self.offsets = offsets + self.offsets[last:]
