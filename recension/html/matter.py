"""What the back matter prints, made ready for the templates of either medium."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recension.contract import call_id, name_work
from recension.html.fragments import Fragments, fill_places, write_entry
from recension.tables import DESCRIBED, find_aliases, find_printed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

    from recension.html.medium import Medium
    from recension.html.templates import Templates
    from recension.model import (
        Book,
        DatedEvent,
        Emendation,
        Entry,
        IndexHeading,
        Locator,
        Mark,
        NumberedNote,
        PageMap,
        ParallelEvent,
        Place,
        TextPart,
        Timeline,
        Wording,
        Work,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """What is known once the pages are planned.

    *places* gives the folio and line of an id of the texts, the front matter included;
    *printed* is where the pages begin, if the EPUB marks them.
    """

    places: Mapping[str, Place]
    index: tuple[IndexHeading, ...]
    timeline: Timeline | None
    printed: PageMap | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """Make the back matter's rows for one *medium*."""

    book: Book
    templates: Templates
    fragments: Fragments
    located: Located
    medium: Medium

    def rows(self) -> dict[str, Any]:
        """Return the rows of each part by its name."""
        tables = self.book.tables
        chronology = [self._dated(event) for event in tables.chronology]
        return {
            "parallels": [self._parallel(event) for event in tables.parallels],
            "chronology": chronology,
            "timeline": self.located.timeline,
            "dates": {row["id"]: row["date"] for row in chronology},
            "persons": self._persons(),
            "bibliography": self._bibliography(),
            "apparatus": self._emendations(),
            "index": self._index(),
        }

    # -- wordings and places ------------------------------------------------------

    def _say(self, wording: Wording | None) -> Markup | str:
        if wording is None:
            return ""
        return fill_places(self.fragments.passages[wording.id], self._refer)

    def _refer(self, anchor: str) -> str:
        return self.templates.refer(*self.located.places[anchor])

    def _place(self, anchor: str) -> str:
        folio, line = self.located.places[anchor]
        return self.templates.words["place"].format(folio=folio, line=line)

    def _anchored(self, mark: Mark) -> dict[str, str]:
        home = self.book.homes[mark.name]
        return {
            "siglum": home.siglum,
            "href": self.medium.href(mark.name, home.id),
            "place": self._place(mark.name),
        }

    # -- tables -------------------------------------------------------------------

    def _parallel(self, event: ParallelEvent) -> dict[str, Any]:
        kind, _, siglum = event.agreement.partition("-")
        words = self.templates.words
        return {
            "id": event.id,
            "title": self._say(event.title),
            "agreement": words[f"agreement_{kind}"].format(siglum=siglum),
            "sides": [
                {
                    "text": text,
                    "says": self._say(event.says.get(text.settings.siglum)),
                    "at": self._anchored(mark) if mark else None,
                }
                for text in self.book.texts
                for mark in [event.anchors.get(text.settings.siglum)]
            ],
            "remark": self._say(event.remark),
        }

    def _dated(self, event: DatedEvent) -> dict[str, Any]:
        return {
            "id": event.id,
            "date": self.templates.write_period(event.date),
            "machine": _machine_date(event),
            "what": self._say(event.what),
            "evidence": self._say(event.evidence),
            "remark": self._say(event.remark),
            "places": [self._anchored(mark) for mark in event.anchors],
        }

    def _persons(self) -> list[dict[str, Any]]:
        order = {heading.id: n for n, heading in enumerate(self.located.index)}
        of_kind = (
            (kind, [e for e in self.book.tables.register if e.kind == kind])
            for kind in DESCRIBED
        )
        return [
            {
                "kind": kind,
                "entries": [
                    self._person(entry)
                    for entry in sorted(
                        entries, key=lambda e: order.get(e.id, len(order))
                    )
                ],
            }
            for kind, entries in of_kind
            if entries
        ]

    def _person(self, entry: Entry) -> dict[str, Any]:
        return {
            "id": entry.id,
            "name": self._say(entry.name),
            "ends": entry.name.markdown.endswith("."),
            "dates": entry.dates,
            "also": [self._say(alias) for alias in find_aliases(entry)],
            "who": self._say(entry.who),
        }

    # -- bibliography ---------------------------------------------------------------

    def _bibliography(self) -> list[dict[str, Any]]:
        """Return the sections of the bibliography with their works' XHTML."""
        numbered = {note.id: note for part in self.book.parts for note in part.notes}
        works = self.fragments.works
        return [
            {
                "title": section.title,
                "works": [
                    {
                        "citekey": name_work(work.citekey),
                        "entry": works[work.citekey][0],
                        "annotation": works[work.citekey][1],
                        "notes": self._citing(work, numbered),
                        "parts": self._citing_parts(work),
                    }
                    for work in section.works
                ],
            }
            for section in self.book.bibliography
        ]

    def _citing(
        self, work: Work, numbered: Mapping[str, NumberedNote]
    ) -> list[dict[str, object]]:
        return [
            {
                "number": note.number,
                "folio": self.located.places[call_id(note.id)][0],
                "href": self.medium.href_note(note.id, note.text_id),
            }
            for note in (numbered[id_] for id_ in work.notes)
        ]

    def _citing_parts(self, work: Work) -> list[dict[str, str]]:
        """Return the parts of the back matter whose wordings cite *work*."""
        return [
            {"name": self.templates.words[part], "href": self.medium.href(part, part)}
            for part, told in find_printed(self.book.tables).items()
            if any(one.id in work.passages for one in told)
        ]

    # -- apparatus ------------------------------------------------------------------

    def _emendations(self) -> list[dict[str, Any]]:
        return [
            {
                "text": text,
                "entries": [self._emendation(text, e) for e in text.emendations],
            }
            for text in self.book.texts
            if text.emendations
        ]

    def _emendation(self, text: TextPart, found: Emendation) -> dict[str, str]:
        return {
            "href": self.medium.href(found.id, text.settings.id),
            "place": self._place(found.id),
            "lang": self.fragments.languages.get(found.id, ""),
            **write_entry(found, text.settings.siglum, self.templates.words),
        }

    # -- index ----------------------------------------------------------------------

    def _index(self) -> list[dict[str, Any]]:
        """Return the headings by the letter that they begin with."""
        register = self.book.tables.register
        names = {entry.id: self._say(entry.name) for entry in register}
        names |= {w.id: self._say(w) for entry in register for w in entry.see}
        letters: dict[str, list[dict[str, Any]]] = {}
        for heading in self.located.index:
            letters.setdefault(heading.key, []).append(
                {
                    "id": heading.id,
                    "name": names[heading.id],
                    "see": names[heading.see] if heading.see else "",
                    "to": heading.see,
                    "see_also": [names[id_] for id_ in heading.see_also],
                    "groups": [
                        {
                            "name": group.name,
                            "locators": [self._locator(it) for it in group.locators],
                        }
                        for group in heading.groups
                    ],
                }
            )
        return [{"letter": key, "headings": letters[key]} for key in letters]

    def _locator(self, locator: Locator) -> dict[str, str]:
        mention = locator.first
        if mention.note:
            href = self.medium.href_note(mention.id, mention.text_id)
        else:
            place = mention.paragraph if self.medium.has_files else mention.id
            href = self.medium.href(place, mention.text_id)
        return {"label": locator.label, "href": href}


def _machine_date(event: DatedEvent) -> str:
    """Return the date as the `datetime` of HTML wants it, nothing for a period."""
    start = event.date.start
    if event.date.until or event.date.qualifier or start.month > 12:  # noqa: PLR2004
        return ""
    parts = [f"{start.year:04}", f"{start.month:02}", f"{start.day:02}"]
    return "-".join(part for part in parts if int(part))
