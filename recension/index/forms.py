"""The forms of the register, and what in a paragraph stands for an entry."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recension.index.words import Words
    from recension.model import Entry


def fold(form: str) -> str:
    """Return *form* as it is compared: one kind of space, one of apostrophe."""
    return " ".join(form.split()).replace("’", "'")


def express(form: str) -> str:
    """Return the regular expression of *form*."""
    words = (re.escape(word).replace("'", "['’]") for word in fold(form).split())
    return r"\s+".join(words)


@dataclass(frozen=True, slots=True)
class FoundForm:
    """A stretch of characters that stands for one of *entries*."""

    start: int
    end: int
    entries: tuple[str, ...]
    form: str = ""


class Finder:
    """Find what stands for an entry; keep the forms *seen* and the words *read*."""

    def __init__(self, register: Sequence[Entry]) -> None:
        """Make ready to find the forms and the citekeys of *register*."""
        self.register = register
        self.owners: dict[str, tuple[str, ...]] = {}
        self.works: dict[str, tuple[str, ...]] = defaultdict(tuple)
        for entry in register:
            for form in dict.fromkeys(fold(mark.name) for mark in entry.forms):
                self.owners[form] = (*self.owners.get(form, ()), entry.id)
            if entry.citekey:
                self.works[entry.citekey.name] += (entry.id,)
        self.owners.pop("", None)
        self.ids = {entry.id for entry in register}
        self.pattern = _compile(self.owners)
        self.seen: set[tuple[str, str]] = set()
        self.read: list[str] = []

    def find_forms(self, text: str) -> list[FoundForm]:
        """Return the forms in *text*, where they overlap the longest."""
        spans = (found.span(1) for found in self.pattern.finditer(text))
        covered, found = bytearray(len(text)), []
        for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
            if not any(covered[start:end]):
                covered[start:end] = b"\1" * (end - start)
                form = fold(text[start:end])
                found.append(FoundForm(start, end, self.owners[form], form))
        return sorted(found, key=lambda form: form.start)

    def find(self, words: Words) -> list[FoundForm]:
        """Return all that stands for an entry in *words*, in order."""
        text = "".join(words.pieces)
        self.read.append(text)
        forms = self.find_forms(text)
        self.seen |= {(form.form, entry) for form in forms for entry in form.entries}
        for start, end, who, decided in words.decided:
            named = (form.form for form in self.find_forms(decided))
            self.seen |= {(form, who) for form in named if who in self.owners[form]}
            forms += [FoundForm(start, end, (who,))] if who in self.ids else []
        for place, citekey in words.works:
            owners = self.works.get(citekey, ())
            forms += [FoundForm(place, place, (owner,)) for owner in owners]
        return sorted(forms, key=lambda form: (form.start, form.end))


def _compile(forms: Iterable[str]) -> re.Pattern[str]:
    """Return what finds *forms* where a word begins, the longest first.

    The forms are sorted into branches by their first character, for speed; they are
    looked ahead at, so that one that begins inside another is found too.
    """
    branches: dict[str, list[str]] = defaultdict(list)
    for form in sorted(forms, key=lambda form: (-len(form), form)):
        branches[form[0]].append(express(form))
    either = "|".join(f"(?:{'|'.join(branch)})" for branch in branches.values())
    return re.compile(rf"(?<!\w)(?=({either})(?!\w))" if either else r"(?!)()")
