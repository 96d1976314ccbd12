"""Put a mark into the EPUB where each printed page begins, before its first word.

The map of the printed pages counts letters of the running text, so does this module in
the EPUB; where the media differ (a number, a remark), the next id that both have brings
the counts together again.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from recension.pagemap import count_letters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from recension.model import EpubPage, PageMap

_XHTML = "{http://www.w3.org/1999/xhtml}"
_APART_TAGS = {"aside", "head", "svg", "thead"}
_APART_CLASSES = {"noteref", "notes", "side"}
"""What is not running text: notes, their calls, what print does not have.

Nor is what is hidden, where no reader could be led to a page.
"""
_INLINE = {"a", "abbr", "b", "bdi", "cite", "em", "i", "q", "small", "span", "strong"}
_INLINE |= {"sub", "sup", "time"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6", "hgroup"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"}
_VOID |= {"source", "track", "wbr"}
"""What has no end tag (HTML, 13.1.2)."""
_DASHES, _OPENING = "—–/-", r"[«‹“‘„‚\"'(\[¡¿]*"
_WORD = re.compile(
    rf"(?:(?<!\S)[{_DASHES}]*"  # after white, or within, after a dash
    rf"|(?<=[{_DASHES}])(?={_OPENING}\w))"
    r"(?:[«‹“„—–][\u00a0\u202f])*"  # no page begins behind these, in French
    rf"(?:(?![{_DASHES}]{_OPENING}\w)\S)+"
)


class _Beginning(NamedTuple):
    """The beginning of a word: its text stands in *holder* or, *tail*, behind it.

    *letters* of the running text stand before it, *offset* characters of its string.
    """

    letters: int
    page: int
    holder: etree._Element
    tail: bool
    offset: int


@dataclass(slots=True)
class _RunningText:
    """What the running text of the pages has: words in order, ids by their letters."""

    words: list[_Beginning]
    ids: dict[str, int]
    letters: int = 0
    joined: bool = False
    """Whether what was read last ends within a word."""
    opening: _Beginning | None = None
    """The beginning of that word if it has no letter yet: a quotation mark."""

    def read(self, page: int, tree: etree._Element) -> None:
        """Read the body of a page."""
        for element, tail, text in _walk(tree):
            if not tail and (id_ := element.get("id")):
                self.ids.setdefault(id_, self.letters)
            self.joined = self.joined and _is_inline(element)
            if text:
                self._read_text(page, element, text, tail=bool(tail))

    def _read_text(
        self, page: int, holder: etree._Element, text: str, *, tail: bool
    ) -> None:
        counted = 0  # as far as the letters of this text are in the count
        for found in _WORD.finditer(text):
            word: _Beginning | None = self.opening
            self.letters += count_letters(text[counted : found.start()])
            if found.start() or not self.joined:
                word = _Beginning(self.letters, page, holder, tail, found.start())
            self.opening = word
            letters = count_letters(found[0])
            if word and letters:
                self.words.append(word)
                self.opening = None
            self.letters += letters
            counted = found.end()
        self.letters += count_letters(text[counted:])
        self.joined = not text[-1].isspace() and text[-1] not in _DASHES


def mark_pages(
    pages: Sequence[EpubPage], printed: PageMap, write_mark: Callable[[str, bool], str]
) -> tuple[EpubPage, ...]:
    """Return *pages*, in reading order, with the marks of the *printed* pages.

    *write_mark* gives the mark of a folio as XHTML, for `nav` if so told. Where a page
    is no XML or none has words, there are no marks: `verify` tells what is wrong.
    """
    if any(find_fault(page.xhtml) for page in pages):
        return tuple(pages)
    trees = [etree.fromstring(page.xhtml.encode()) for page in pages]
    reading = _RunningText([], {})
    for number, tree in enumerate(trees):
        reading.read(number, tree)
    if not reading.words:
        return tuple(pages)
    letters = [word.letters for word in reading.words]
    found: dict[int, list[str]] = defaultdict(list)
    for page, start in zip(
        printed.pages, find_starts(printed, reading.ids), strict=True
    ):
        found[bisect_left(letters, start)].append(page.folio)
    folios: dict[int, list[str]] = defaultdict(list)
    for number, here in reversed(found.items()):
        word = reading.words[min(number, len(letters) - 1)]
        in_nav = _is_in_nav(word.holder)
        marks = [etree.fromstring(write_mark(folio, in_nav)) for folio in here]
        _insert(word, marks) if number < len(letters) else _append(word, marks)
        folios[word.page][:0] = here
    return tuple(
        replace(page, xhtml=_write(tree), folios=tuple(folios[number]))
        if number in folios
        else page
        for number, (page, tree) in enumerate(zip(pages, trees, strict=True))
    )


def find_fault(xhtml: str) -> str:
    """Return why *xhtml* is no XML, nothing if it is."""
    try:
        etree.fromstring(xhtml.encode())
    except etree.XMLSyntaxError as fault:
        return str(fault.msg)
    return ""


def find_starts(printed: PageMap, ids: Mapping[str, int]) -> list[int]:
    """Return how many letters of the EPUB stand before each printed page.

    *ids* tells how many stand before each id of the EPUB.
    """
    firsts = [0, *accumulate(page.letters for page in printed.pages)]
    ties: list[tuple[int, int]] = [(0, 0)]
    for first, page in zip(firsts, printed.pages, strict=False):
        for id_, offset in page.offsets.items():
            if ids.get(id_, -1) >= ties[-1][1]:
                ties.append((first + offset, ids[id_]))
    found = []
    for first in firsts[:-1]:
        tie = bisect_right(ties, first, key=lambda pair: pair[0]) - 1
        start = ties[tie][1] + first - ties[tie][0]
        following = [there for _, there in ties[tie + 1 : tie + 2]]
        found.append(min([start, *following]))
    return found


def _walk(
    element: etree._Element,
) -> Iterator[tuple[etree._Element, bool | None, str]]:
    """Yield the strings of the running text, as (element, whether behind it, string).

    An element ends with None in place of whether, and its own string is told first.
    """
    yield element, False, element.text or ""
    for child in element:
        if isinstance(child.tag, str) and not _is_apart(child):
            yield from _walk(child)
            yield child, None, ""
        yield child, True, child.tail or ""


def _is_apart(element: etree._Element) -> bool:
    if _tag(element) in _APART_TAGS or element.get("hidden") is not None:
        return True
    return not _APART_CLASSES.isdisjoint(element.get("class", "").split())


def _insert(word: _Beginning, marks: list[etree._Element]) -> None:
    """Insert *marks* before *word*, before the elements too that begin with it."""
    holder, tail, offset = word.holder, word.tail, word.offset
    parent = next(holder.iterancestors(), holder)
    if tail:
        before = holder.tail or ""
        holder.tail, marks[-1].tail = before[:offset], before[offset:]
        place = parent.index(holder) + 1
    elif not (holder.text or "")[:offset].strip() and _may_follow(holder):
        for parent in holder.iterancestors():
            if not (_begins(parent, holder) and _may_follow(parent)):
                break
            holder = parent
        place = parent.index(holder)
    else:
        parent, before, place = holder, holder.text or "", 0
        holder.text, marks[-1].tail = before[:offset], before[offset:]
    parent[place:place] = marks


def _append(word: _Beginning, marks: list[etree._Element]) -> None:
    """Insert *marks* behind the block of *word*, the last that the pages have."""
    block = word.holder
    while (above := block.getparent()) is not None:
        if _tag(above) in ("section", "body"):
            place = above.index(block) + 1
            above[place:place] = marks
            return
        block = above


def _begins(parent: etree._Element, child: etree._Element) -> bool:
    return parent[0] is child and not (parent.text or "").strip()


def _may_follow(element: etree._Element) -> bool:
    """Tell whether a mark stands better before *element* than in it.

    In a heading it would be read with it, and in a group of headings it may not stand;
    but in `nav` nothing else may.
    """
    if _is_in_nav(element):
        return False
    return _tag(element) in _HEADINGS or _is_inline(element)


def _is_in_nav(element: etree._Element) -> bool:
    return any(_tag(above) == "nav" for above in element.iterancestors())


def _is_inline(element: etree._Element) -> bool:
    return _tag(element) in _INLINE


def _tag(element: etree._Element) -> str:
    return str(element.tag).removeprefix(_XHTML)


def _write(tree: etree._Element) -> str:
    """Return *tree* as XHTML; what is empty has an end tag, if HTML wants one.

    Kobo reads pages as HTML, where `<span/>` begins a span (kepubify 4).
    """
    for element in tree.iter(f"{_XHTML}*"):
        if not len(element) and not element.text and _tag(element) not in _VOID:
            element.text = ""
    written: bytes = etree.tostring(
        tree, encoding="utf-8", xml_declaration=True, doctype="<!DOCTYPE html>"
    )
    return written.decode()
