"""Checks of the EPUB's package and navigation: order, landmarks, what is claimed."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from recension.access import TYPE, XHTML, Access, Contents, find_access, has_type
from recension.verify.opened import OPF, Epub, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLAIMS = ("accessMode", "accessModeSufficient", "accessibilityFeature")
_OUTSIDE = ("META-INF/", "mimetype")
"""What an EPUB has beside its package, and no manifest lists (EPUB 3.3, OCF)."""


def check_reading_order(epub: Epub) -> Iterator[Fault]:
    """Check that the contents follow the spine, which has every page.

    EPUB 3.3, 7.4.2 and 5.7.
    """
    for name in epub.pages:
        if name not in epub.spine:
            yield Fault(epub.package_name, f"the spine does not have {name}")
    if next(epub.links("toc"), None) is None:
        yield Fault(epub.nav_name, 'there are no contents (`epub:type="toc"`)')
    ranks: dict[tuple[str, str], int] = {}
    for name in epub.spine:
        ranks[name, ""] = len(ranks)
        for element in epub.pages[name].iterfind(".//*[@id]"):
            ranks[name, element.get("id", "")] = len(ranks)
    hrefs = [link.get("href", "") for link in epub.links("toc")]
    known = [href for href in hrefs if epub.follow(epub.nav_name, href) in ranks]
    for before, after in pairwise(known):
        places = [ranks[epub.follow(epub.nav_name, href)] for href in (before, after)]
        if places[1] < places[0]:
            message = f"the contents have `{after}` after `{before}`, the spine before"
            yield Fault(epub.nav_name, message)


def check_landmarks(epub: Epub) -> Iterator[Fault]:
    """Check that cover, contents, texts and each part at the back are landmarks."""
    links = list(epub.links("landmarks"))
    kinds = {kind for link in links for kind in link.get(TYPE, "").split()}
    files = {epub.follow(epub.nav_name, link.get("href", "")).name for link in links}
    bodies = {
        name: next(page.iter(f"{XHTML}body"), page) for name, page in epub.pages.items()
    }
    wanted = ["toc", "bodymatter"]
    wanted += ["cover"] if any(has_type(b, "cover") for b in bodies.values()) else []
    for kind in wanted:
        if kind not in kinds:
            yield Fault(epub.nav_name, f"there is no landmark `{kind}`")
    for name, body in bodies.items():
        if has_type(body, "backmatter") and name not in files:
            yield Fault(epub.nav_name, f"there is no landmark for {name}")


# --- accessibility -------------------------------------------------------------------


def check_summary(epub: Epub) -> Iterator[Fault]:
    """Check that the package says in words how accessible the book is."""
    if not any(epub.metas("schema:accessibilitySummary")):
        yield Fault(epub.package_name, "there is no accessibilitySummary")


def check_claims(epub: Epub) -> Iterator[Fault]:
    """Check that what is claimed is what the contents have, and all of it."""
    access = _find_access(epub)
    found = (access.modes, access.sufficient, access.features)
    for name, true in zip(_CLAIMS, found, strict=True):
        claimed = epub.metas(f"schema:{name}")
        for value in claimed:
            if value not in true:
                message = f"the {name} `{value}` is claimed, and the book lacks it"
                yield Fault(epub.package_name, message)
        for value in true:
            if value not in claimed:
                message = f"the {name} `{value}` is there and not claimed"
                yield Fault(epub.package_name, message)


def check_hazards(epub: Epub) -> Iterator[Fault]:
    """Check that hazards are told as they are."""
    told, true = epub.metas("schema:accessibilityHazard"), _find_access(epub).hazards
    if tuple(told) != true:
        claimed = f"is `{', '.join(told)}`" if told else "is missing"
        message = f"the accessibilityHazard {claimed}, and must be `{true[0]}`"
        yield Fault(epub.package_name, message)


def _find_access(epub: Epub) -> Access:
    pages = list(epub.pages.values())
    return find_access(
        Contents(pages=pages, nav=epub.nav, style=epub.style, names=epub.names)
    )


# --- the manifest --------------------------------------------------------------------


def check_manifest(epub: Epub) -> Iterator[Fault]:
    """Check that the manifest lists each file once, and no other (EPUB 3.3, 5.6).

    What a `link` of the metadata names, such as a licence, is not listed (5.5.7).
    """
    listed, linked = _find_files(epub, "item"), set(_find_files(epub, "link"))
    inside = [name for name in epub.names if not name.startswith(_OUTSIDE)]
    for name, times in Counter(listed).items():
        if times > 1:
            yield Fault(epub.package_name, f"the manifest lists {name} {times} times")
        if name not in epub.names:
            yield Fault(
                epub.package_name, f"the manifest lists {name}, not in the EPUB"
            )
    for name in inside:
        if name not in linked | {*listed, epub.package_name}:
            yield Fault(epub.package_name, f"the manifest does not list {name}")


def _find_files(epub: Epub, kind: str) -> list[str]:
    """Return the files that the package's elements of that *kind* name, in order."""
    hrefs = [one.get("href", "") for one in epub.package.iter(f"{OPF}{kind}")]
    return [epub.follow(epub.package_name, h).name for h in hrefs if ":" not in h]
