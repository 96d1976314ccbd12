"""Checks of the EPUB's notes: each pops up, and leads back, in every reader."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recension.access import XHTML, has_type
from recension.popups import find_ibid, find_wrong_length
from recension.verify.opened import Epub, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

_NOTES = ("footnote", "endnote", "rearnote")


@dataclass(frozen=True, slots=True, kw_only=True)
class _NotedPage:
    """The *references* and *notes* of the page *name*, and the *callers* of each."""

    name: str
    references: list[etree._Element]
    notes: dict[str, etree._Element]
    callers: dict[str, list[etree._Element]]


def _find_notes(epub: Epub) -> Iterator[_NotedPage]:
    for name, page in epub.pages.items():
        links = [one for one in page.iter(f"{XHTML}a") if has_type(one, "noteref")]
        callers: dict[str, list[etree._Element]] = {}
        for link in links:
            callers.setdefault(link.get("href", "").removeprefix("#"), []).append(link)
        notes = {
            element.get("id", ""): element
            for element in page.iter(f"{XHTML}*")
            if has_type(element, *_NOTES) or element.get("id") in callers
        }
        yield _NotedPage(name=name, references=links, notes=notes, callers=callers)


def check_pairs(epub: Epub) -> Iterator[Fault]:
    """Check that each reference has a note in its file, and each note a reference."""
    for page in _find_notes(epub):
        hrefs = [link.get("href", "") for link in page.references]
        for href in hrefs:
            if not href.startswith("#") or href[1:] not in page.notes:
                yield Fault(
                    page.name, f"the reference `{href}` has no note in its page"
                )
        for id_ in page.notes:
            if f"#{id_}" not in hrefs:
                yield Fault(page.name, f"the note `{id_}` has no reference")


def check_shared(epub: Epub) -> Iterator[Fault]:
    """Check that no two references lead to one note: it could lead back to one."""
    for page in _find_notes(epub):
        times = Counter(link.get("href", "") for link in page.references)
        for href, count in times.items():
            if count > 1:
                message = f"{count} references lead to the note `{href[1:]}`"
                yield Fault(page.name, message)


def check_backlinks(epub: Epub) -> Iterator[Fault]:
    """Check that each note ends with one link, and that it leads to its reference."""
    for page in _find_notes(epub):
        for id_, note in page.notes.items():
            callers = {f"#{link.get('id')}" for link in page.callers.get(id_, [])}
            back = [e for e in note.iter(f"{XHTML}a") if has_type(e, "backlink")]
            if callers and len(back) != 1:
                message = f"the note `{id_}` has {len(back)} links back, not one"
                yield Fault(page.name, message)
            elif callers and back[0].get("href") not in callers:
                message = f"the note `{id_}` does not lead back to its reference"
                yield Fault(page.name, message)
            elif callers and not _is_last(back[0], note):
                message = f"the note `{id_}` goes on after its link back"
                yield Fault(page.name, message)


def _is_last(link: etree._Element, note: etree._Element) -> bool:
    texts = ["".join(text.split()) for text in note.itertext()]
    shown = [text for text in texts if text]
    return bool(shown) and shown[-1] in "".join("".join(link.itertext()).split())


def check_order(epub: Epub) -> Iterator[Fault]:
    """Check that a note stands after its reference: readers look for it ahead."""
    for page in _find_notes(epub):
        tree = epub.pages[page.name].iter(f"{XHTML}*")
        order = {element: place for place, element in enumerate(tree)}
        for id_, note in page.notes.items():
            places = [order[link] for link in page.callers.get(id_, [])]
            if places and order[note] < min(places):
                message = f"the note `{id_}` stands before its reference"
                yield Fault(page.name, message)


def check_lengths(epub: Epub) -> Iterator[Fault]:
    """Check that a note is neither too short nor too long to pop up."""
    for name, id_, wording in _read_notes(epub):
        for _, message in find_wrong_length(id_, wording):
            yield Fault(name, message, id_)


def check_alone(epub: Epub) -> Iterator[Fault]:
    """Check that a note can be read alone: no *ibid.* or the like."""
    for name, id_, wording in _read_notes(epub):
        for _, message in find_ibid(id_, wording, epub.ibid):
            yield Fault(name, message, id_)


def _read_notes(epub: Epub) -> Iterator[tuple[str, str, str]]:
    """Yield for each note its page, its id and its words."""
    for page in _find_notes(epub):
        for id_, note in page.notes.items():
            yield page.name, id_, _read(note)


def _read(note: etree._Element) -> str:
    return " ".join("".join(note.itertext()).split())
