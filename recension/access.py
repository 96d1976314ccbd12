"""What the EPUB's contents allow to be said of its accessibility, and nothing else.

The values are those of the Schema.org Accessibility Properties for Discoverability
Vocabulary (W3C community group): each is claimed where the pages bear it out. `html`
writes them into the package, `verify` finds them anew in the finished file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
TYPE = "{http://www.idpf.org/2007/ops}type"

_HEADINGS = tuple(f"{XHTML}h{level}" for level in range(1, 7))
_MOVING = ("script", "audio", "video", "iframe", "object", "embed", "canvas")
_ANIMATED = ("animate", "animateMotion", "animateTransform", "set", "script")
_RESTRICTING = {"META-INF/encryption.xml", "META-INF/rights.xml"}
"""Where an EPUB says what is locked or may not be done with it (EPUB 3.3, OCF)."""
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SET = re.compile(r"(?<![\w-])([a-z-]+)\s*:\s*([^;{}]+)")
_ABSOLUTE = re.compile(
    r"(?<![\w.#-])[\d.]+(px|pt|pc|cm|mm|in|q)\b"
    r"|\b(xx?-small|small|medium|large|xx?x?-large)\b(?!-)",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"#[0-9a-f]+|[a-z-]+\(?", re.IGNORECASE)
_SIZES = ("font", "font-size", "line-height", "letter-spacing", "word-spacing")
_COLOURS = ("color", "background", "background-color")
_READERS_OWN = {
    *("inherit", "initial", "unset", "revert", "none", "important", "transparent"),
    *("currentcolor", "canvas", "canvastext", "linktext", "visitedtext"),
    *("mark", "marktext", "color-mix(", "in", "srgb", "oklab"),
}
"""Colours that follow the reader's, and what mixes them (CSS Color 4, 6.2 and 9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What an EPUB holds: *pages* in reading order, *nav* among them or not.

    *style* is all its style sheets in one, *names* are the names of its files.
    """

    pages: Sequence[etree._Element]
    nav: etree._Element | None
    style: str
    names: Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What is true of the accessibility of an EPUB, in the words of the vocabulary.

    *linked_notes* tells whether there are notes and every one has its way back.
    """

    modes: tuple[str, ...]
    sufficient: tuple[str, ...]
    features: tuple[str, ...]
    hazards: tuple[str, ...]
    linked_notes: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """The names of the sentences that the summary is made of, in order."""
        facts = [f"sufficient-{modes}" for modes in self.sufficient if "," not in modes]
        facts += self.features
        facts += ["linked-notes"] if self.linked_notes else []
        facts += [f"hazard-{hazard}" for hazard in self.hazards]
        return tuple(f"access-{fact}" for fact in facts)


def find_access(contents: Contents) -> Access:
    """Return what can be claimed of *contents*."""
    pictures = list(_find_pictures(contents))
    told = all(describe_picture(picture) for picture in pictures)
    visual = any(not _is_cover(picture) for picture in pictures)
    modes = ("textual", "visual") if visual else ("textual",)
    sufficient = ("textual",) if told else ()
    return Access(
        modes=modes,
        sufficient=(",".join(modes), *sufficient) if visual else sufficient,
        features=tuple(name for name, holds in FEATURES.items() if holds(contents)),
        hazards=("none",) if _is_still(contents) else ("unknown",),
        linked_notes=_are_notes_linked(contents),
    )


def parse_page(xhtml: str | bytes) -> etree._Element | None:
    """Return a page as a tree; faults in it are passed over: `verify` tells them."""
    raw = xhtml.encode() if isinstance(xhtml, str) else xhtml
    if not raw.strip():
        return None
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    root: etree._Element | None = etree.fromstring(raw, parser)
    return root


def has_type(element: etree._Element, *kinds: str) -> bool:
    """Tell whether *element* has one of *kinds* as epub:type, or as doc- role."""
    type_, role = element.get(TYPE, ""), element.get("role", "")
    if not type_ and not role:
        return False
    found = {*type_.split(), *role.split()}
    return any(kind in found or f"doc-{kind}" in found for kind in kinds)


# --- pictures ------------------------------------------------------------------------


def describe_picture(picture: etree._Element) -> str:
    """Return the words that stand for *picture*, nothing if there are none.

    An `alt` for an `img`, a `title` or a label for an SVG (SVG-AAM 1.0, 5.1).
    """
    words = picture.get("alt") or picture.get("aria-label") or ""
    if picture.tag == f"{SVG}svg":
        words = words or picture.findtext(f"{SVG}title") or ""
    return " ".join(words.split())


def _find_pictures(contents: Contents) -> Iterator[etree._Element]:
    for page in contents.pages:
        for picture in page.iter(f"{XHTML}img", f"{SVG}svg"):
            if picture.get("role") not in ("presentation", "none"):
                yield picture


def _is_cover(picture: etree._Element) -> bool:
    """Tell whether *picture* is the cover, which the vocabulary leaves out of visual.

    “This value is not set if the only visual imagery is presentational or not directly
    relevant to understanding the content”, and it names covers among the examples.
    """
    return has_type(picture, "cover")


def _are_described(contents: Contents) -> bool:
    pictures = list(_find_pictures(contents))
    return bool(pictures) and all(describe_picture(picture) for picture in pictures)


def _are_described_at_length(contents: Contents) -> bool:
    pictures = [p for p in _find_pictures(contents) if not _is_cover(p)]
    return bool(pictures) and all(
        (picture.findtext(f"{SVG}desc") or "").strip()
        or picture.get("aria-describedby")
        or picture.get("aria-details")
        for picture in pictures
    )


# --- navigation ----------------------------------------------------------------------


def _has_list(kind: str) -> Callable[[Contents], bool]:
    def has(contents: Contents) -> bool:
        navs = contents.nav.iter(f"{XHTML}nav") if contents.nav is not None else ()
        lists = (nav for nav in navs if has_type(nav, kind))
        return any(nav.find(f".//{XHTML}a[@href]") is not None for nav in lists)

    return has


def _has_part(kind: str) -> Callable[[Contents], bool]:
    def has(contents: Contents) -> bool:
        return any(
            has_type(element, kind)
            for page in contents.pages
            for element in page.iter(f"{XHTML}*")
            if element.tag not in (f"{XHTML}a", f"{XHTML}nav")
        )

    return has


def _has_markers(contents: Contents) -> bool:
    return _has_part("pagebreak")(contents)


def _can_go_to_pages(contents: Contents) -> bool:
    return _has_markers(contents) and _has_list("page-list")(contents)


def _are_headings_in_order(contents: Contents) -> bool:
    """Tell whether headings begin at one and leave no level out, on every page.

    A page without a heading is a picture, as the cover is.
    """
    for page in contents.pages:
        levels = [int(str(heading.tag)[-1]) for heading in page.iter(*_HEADINGS)]
        picture = next(page.iter(f"{XHTML}img", f"{SVG}svg"), None)
        if any(b - a > 1 for a, b in pairwise([0, *levels])):
            return False
        if not levels and picture is None:
            return False
    return bool(contents.pages)


def _can_notes_be_skipped(contents: Contents) -> bool:
    """Tell whether what is not running text is marked as such: here, the notes."""
    for page in contents.pages:
        ids = {element.get("id"): element for element in page.iter(f"{XHTML}*")}
        for link in page.iter(f"{XHTML}a"):
            if has_type(link, "noteref"):
                note = ids.get(link.get("href", "").removeprefix("#"))
                if note is not None and not has_type(note, "footnote"):
                    return False
    return True


def _are_notes_linked(contents: Contents) -> bool:
    notes = [n for p in contents.pages for n in p.iter() if _is_note(n)]
    return bool(notes) and all(
        any(has_type(link, "backlink") for link in note.iter(f"{XHTML}a"))
        for note in notes
    )


def _is_note(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and has_type(element, "footnote")


# --- rendering -----------------------------------------------------------------------


def _has_aria(contents: Contents) -> bool:
    return any(
        name == "role" or name.startswith("aria-")
        for page in contents.pages
        for element in page.iter(f"{XHTML}*")
        for name in element.attrib
    )


def _can_be_transformed(contents: Contents) -> bool:
    """Tell whether the reader decides about sizes and colours of the text."""
    inline = [
        found
        for page in contents.pages
        for element in page.iter(f"{XHTML}*")
        for found in [element.get("style"), _style_in(element)]
        if found
    ]
    return not any(find_fixed(style) for style in (contents.style, *inline))


def _style_in(element: etree._Element) -> str:
    return (element.text or "") if element.tag == f"{XHTML}style" else ""


def find_fixed(style: str) -> list[str]:
    """Return the declarations of *style* that a reader's own settings cannot change.

    Absolute lengths and key words for the size of text (CSS Values 4, 6.2), and
    colours other than those of what stands around.
    """
    found = []
    for name, value in _SET.findall(_COMMENT.sub("", style)):
        words = set(_COLOUR.findall(value.lower()))
        fixed_size = name in _SIZES and _ABSOLUTE.search(value)
        if fixed_size or (name in _COLOURS and words - _READERS_OWN):
            found.append(f"{name}: {' '.join(value.split())}")
    return found


def _is_unlocked(contents: Contents) -> bool:
    return not _RESTRICTING & set(contents.names)


def _is_still(contents: Contents) -> bool:
    """Tell whether nothing in the book runs, moves, blinks or sounds."""
    tags = [f"{XHTML}{name}" for name in _MOVING]
    tags += [f"{SVG}{name}" for name in _ANIMATED]
    style = _COMMENT.sub("", contents.style)
    moves = re.search(r"@keyframes|\b(animation|transition)\b[\w-]*\s*:", style)
    return not moves and not any(True for p in contents.pages for _ in p.iter(*tags))


FEATURES: dict[str, Callable[[Contents], bool]] = {
    "structuralNavigation": _are_headings_in_order,
    "tableOfContents": _has_list("toc"),
    "readingOrder": _can_notes_be_skipped,
    "pageBreakMarkers": _has_markers,
    "pageNavigation": _can_go_to_pages,
    "index": _has_part("index"),
    "ARIA": _has_aria,
    "alternativeText": _are_described,
    "longDescription": _are_described_at_length,
    "displayTransformability": _can_be_transformed,
    "unlocked": _is_unlocked,
}
"""The values of accessibilityFeature that an EPUB of ours can have, and when it has."""
