"""Checks of the EPUB that hold for every page: ids, links, types, titles, languages."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from recension.access import SVG, TYPE, XHTML, describe_picture, has_type
from recension.verify.opened import DC, Epub, Fault, Target
from recension.verify.vocabulary import ENDNOTES, VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_URL = re.compile(r"""url\(([^)]*)\)|@import\s+("[^"]*"|'[^']*')""", re.IGNORECASE)
REFERENCES = frozenset((
    "aria-activedescendant", "aria-controls", "aria-describedby", "aria-details",
    "aria-errormessage", "aria-flowto", "aria-labelledby", "aria-owns", "for",
    "headers",
))  # fmt: skip
"""Attributes that hold ids of their own page (WAI-ARIA 1.2, 6.2.4; HTML, 4.9.11)."""
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def check_ids(epub: Epub) -> Iterator[Fault]:
    """Check that no id stands twice in the book: some readers make one page of all."""
    times: Counter[str] = Counter()
    last = {}
    for name, page in epub.pages.items():
        for element in page.iterfind(".//*[@id]"):
            times[element.get("id", "")] += 1
            last[element.get("id", "")] = name
    for id_, count in times.items():
        if count > 1:
            message = f"the id `{id_}` stands {count} times in the EPUB"
            yield Fault(last[id_], message)


# --- links ---------------------------------------------------------------------------


def check_links(epub: Epub) -> Iterator[Fault]:
    """Check that links, pictures and styles lead to what is there.

    So do the ids that name or describe an element, head a cell or belong to a control.
    Notes and the page-list have checks of their own. What a page shows must be in the
    EPUB (EPUB 3.3, 3.6).
    """
    ids = {
        name: {element.get("id") for element in page.iterfind(".//*[@id]")}
        for name, page in epub.pages.items()
    }
    for name, href, shown in _find_links(epub):
        if ":" in href:
            if shown:
                yield Fault(name, f"`{href}` is not in the EPUB")
            continue
        found = epub.follow(name, href)
        known = ids.get(found.name, {found.id})
        if found.name not in epub.names or (found.id and found.id not in known):
            yield Fault(name, f"the link `{href}` leads nowhere")
    for name, page in epub.pages.items():
        for attribute, id_ in _find_references(page):
            if id_ not in ids[name]:
                yield Fault(name, f"the `{attribute}` `{id_}` is no id of its page")


def _find_links(epub: Epub) -> Iterator[tuple[str, str, bool]]:
    """Yield each link as (file, where it leads, whether it is shown there)."""
    listed = set(epub.links("page-list"))
    for name, page in epub.pages.items():
        for link in page.iter(f"{XHTML}a", f"{XHTML}img", f"{XHTML}link"):
            href = link.get("href") or link.get("src") or ""
            own = link in listed or has_type(link, "noteref", "backlink")
            if href and not own:
                yield name, href, link.tag != f"{XHTML}a"
    for name, tree in epub.ncx.items():
        for content in tree.iter("{*}content"):
            yield name, content.get("src", ""), True
    for name, style in epub.styles.items():
        yield from ((name, href, True) for href in _find_urls(style))


def _find_urls(style: str) -> Iterator[str]:
    """Yield what a style sheet asks for by `url()` or `@import` (CSS Values 4, 4.5)."""
    for found in _URL.finditer(_COMMENT.sub("", style)):
        href = (found[1] or found[2]).strip(" \"'")
        if not href.startswith(("data:", "#")):
            yield href


def _find_references(page: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield each id that an element refers to, with the attribute that does."""
    for element in page.iter("*"):
        for attribute in REFERENCES & set(element.keys()):
            for id_ in element.get(attribute, "").split():
                yield attribute, id_


def check_two_ways(epub: Epub) -> Iterator[Fault]:
    """Check that no links but those of notes go both ways.

    Kindle takes such a pair for a note and its reference, and pops it up (Amazon Kindle
    Publishing Guidelines, footnotes).
    """
    ways: dict[tuple[Target, Target], tuple[str, str]] = {}
    for name, page in epub.pages.items():
        for link in page.iter(f"{XHTML}a"):
            href = link.get("href", "")
            target = epub.follow(name, href)
            if target.id and not has_type(link, "noteref", "backlink"):
                for id_ in _find_ids_at(link):
                    ways[Target(name, id_), target] = (name, href)
    for (start, end), (name, href) in ways.items():
        if (end, start) in ways and start != end:
            message = (
                f"the link `{href}` goes both ways: one leads back to `#{start.id}`"
            )
            yield Fault(name, message)


def _find_ids_at(link: etree._Element) -> Iterator[str]:
    """Yield the ids that mean *link*: that of what holds it, and those within it."""
    around = (one.get("id", "") for one in (link, *link.iterancestors()))
    yield next(filter(None, around), "")
    yield from (one.get("id", "") for one in link.iterfind(".//*[@id]"))


# --- types, titles, languages, pictures ----------------------------------------------


def check_types(epub: Epub) -> Iterator[Fault]:
    """Check that what `epub:type` says is in the vocabulary (EPUB 3.3, D.1)."""
    for name, kind in _find_types(epub):
        if kind not in VOCABULARY | ENDNOTES and ":" not in kind:
            yield Fault(name, f"the epub:type `{kind}` is not in the vocabulary")


def check_endnotes(epub: Epub) -> Iterator[Fault]:
    """Check that no note is called an endnote: those do not pop up everywhere."""
    for name, kind in _find_types(epub):
        if kind in ENDNOTES:
            yield Fault(name, f"the epub:type `{kind}` stands where notes pop up")


def _find_types(epub: Epub) -> Iterator[tuple[str, str]]:
    for name, page in epub.pages.items():
        for element in page.iterfind(f".//*[@{TYPE}]"):
            for kind in element.get(TYPE, "").split():
                yield name, kind


def check_titles(epub: Epub) -> Iterator[Fault]:
    """Check that the title of a page is its heading, or the label of its section."""
    for name, page in epub.pages.items():
        title = _join(page.findtext(f".//{XHTML}head/{XHTML}title") or "")
        if not title:
            yield Fault(name, "the page has no title")
        elif title not in _find_names(page):
            is_file = title in (name, name.rpartition("/")[2])
            reason = "is neither its heading nor its label"
            reason = "is the name of its file" if is_file else reason
            yield Fault(name, f"the title of the page, `{title}`, {reason}")


def _find_names(page: etree._Element) -> set[str]:
    """Return what a page may be called: its first heading, labels of its sections."""
    names = {_join(s.get("aria-label", "")) for s in page.iter(f"{XHTML}section")}
    heading = next(page.iter(f"{XHTML}h1"), None)
    if heading is not None:
        calls = {
            part
            for link in heading.iter()
            if has_type(link, "noteref")
            for part in link.itertext()
        }
        names.add(_join("".join(t for t in heading.itertext() if t not in calls)))
    return names


def _join(text: str) -> str:
    return " ".join(text.split())


def check_languages(epub: Epub) -> Iterator[Fault]:
    """Check that `lang` and `xml:lang` agree, and that each page has the book's."""
    book = _join(epub.package.findtext(f".//{DC}language") or "")
    for name, page in epub.pages.items():
        if page.get("lang") != book:
            yield Fault(name, f"the page does not tell the book's language, `{book}`")
        for element in page.iter(f"{XHTML}*"):
            lang, xml_lang = element.get("lang"), element.get(XML_LANG)
            if None in (lang, xml_lang) and lang != xml_lang:
                told = f"`{lang or xml_lang}` is told by one of `lang` and `xml:lang`"
                yield Fault(name, told)
            elif lang != xml_lang:
                yield Fault(name, f"`lang` is `{lang}` and `xml:lang` `{xml_lang}`")


def check_pictures(epub: Epub) -> Iterator[Fault]:
    """Check that words stand for each picture that is not mere ornament."""
    for name, page in epub.pages.items():
        for picture in page.iter(f"{XHTML}img", f"{SVG}svg"):
            ornament = picture.get("role") in ("presentation", "none")
            if not ornament and not describe_picture(picture):
                what = picture.get("src") or "SVG"
                yield Fault(name, f"no words stand for the picture `{what}`")
