"""Titles of works in a tree: which italics, which words in quotation marks are one.

A title becomes a span of class `title`, as the editor may write it too; with the class
`italic` it stands for the italics round it, which are then gone from the tree. It has
the attribute `lang` in a language that is not the edition's.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from recension.config import LANGUAGE_TAG
from recension.tree import (
    SpanClass,
    attributes_of,
    has_class,
    is_node,
    make_span,
    make_word,
    plain_text,
    replace,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recension.model import Node

    Know = Callable[[str], str | None]

LANGUAGES = {
    "american": "en-US", "arabic": "ar", "australian": "en-AU", "basque": "eu",
    "brazilian": "pt-BR", "british": "en-GB", "bulgarian": "bg", "canadian": "en-CA",
    "catalan": "ca", "croatian": "hr", "czech": "cs", "danish": "da", "dutch": "nl",
    "english": "en", "estonian": "et", "finnish": "fi", "french": "fr",
    "german": "de", "greek": "el", "hebrew": "he", "hungarian": "hu",
    "icelandic": "is", "irish": "ga", "italian": "it", "japanese": "ja",
    "latin": "la", "latvian": "lv", "lithuanian": "lt", "mexican": "es-MX",
    "naustrian": "de-AT", "ngerman": "de", "norsk": "nb", "nynorsk": "nn",
    "polish": "pl", "portuguese": "pt", "romanian": "ro", "russian": "ru",
    "serbian": "sr", "slovak": "sk", "slovene": "sl", "spanish": "es",
    "swedish": "sv", "turkish": "tr", "ukrainian": "uk", "welsh": "cy",
}  # fmt: skip
"""The tag (BCP 47) of each language that `langid` may name (biblatex manual 3.16)."""
_OTHER_SCRIPTS = frozenset(("ar", "bg", "el", "he", "ja", "ru", "sr", "uk"))
"""Those of them that other than Latin letters are written in."""
_OPENING, _CLOSING = "“‘„‚«‹\"'", "”’“‘»›\"'"
_PAIRS = {"“": "”", "‘": "’", "„": "“", "‚": "‘", "«": "»", "‹": "›"}
"""The typographic marks, which pandoc leaves in the words beside them."""
_BETWEEN_MARKS = re.compile(r"“([^“”]+)”|‘(.+?)’(?!\w)|„([^„“]+)“|«([^«»]+)»")
_LONGEST = 250
"""The longest title that is looked for between such marks, in characters."""
_BRACKETED = re.compile(r"\[.*\]")
_WORD = re.compile(r"\w+")
_PLAIN = frozenset(("Str", "Space", "SoftBreak"))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of *text* without what stands between them."""
    return tuple(_WORD.findall(text))


def find_language(name: str, wording: str) -> str:
    """Return the tag of the language *name*, in which *wording* is.

    *name* is that of biblatex, or a tag already; a Russian title in Latin letters is
    `ru-Latn` (RFC 5646, 4.1). Nothing if the name is not known.
    """
    known = LANGUAGES.get(name.casefold()) or (
        name if LANGUAGE_TAG.fullmatch(name) else ""
    )
    letters = [c for c in wording if c.isalpha()]
    latin = all(unicodedata.name(c, "").startswith("LATIN") for c in letters)
    return f"{known}-Latn" if latin and known in _OTHER_SCRIPTS else known


def mark_titles(tree: Any, know: Know) -> Any:
    """Return a tree with its titles marked, those that are so already left as they are.

    *know* tells the language of a title, empty for the edition's; None for other words.
    """
    return replace(
        tree,
        lambda node: _mark_title(node, know),
        lambda nodes: _mark_quoted(nodes, know),
    )


def _mark_title(node: Node, know: Know) -> list[Node] | None:
    """Return *node* as a title if all of it is one, in italics or in marks."""
    if is_title(node):
        return [node]
    if node["t"] == "Emph":
        if len(node["c"]) == 1 and is_title(node["c"][0]):
            own = attributes_of(node["c"][0]).get("lang")
            return [title_span(node["c"][0]["c"][1], own, SpanClass.ITALIC)]
        if (language := know(plain_text(node))) is not None:
            return [title_span(node["c"], language, SpanClass.ITALIC)]
    if is_quotation(node) and not any(map(is_title, node["c"][1])):
        opening, *inner, closing = node["c"][1]
        if (language := know(plain_text(inner))) is not None:
            return [make_span([opening, title_span(inner, language), closing])]
    return None


def _mark_quoted(nodes: list[Any], know: Know) -> list[Any]:
    """Return *nodes* with the titles marked that stand between typographic marks."""
    if not any(is_node(node) and node["t"] == "Str" for node in nodes):
        return nodes
    places = [
        (letter, n, at)
        for n, node in enumerate(nodes)
        for at, letter in enumerate(plain_text(node))
    ]
    text = "".join(letter for letter, _, _ in places)
    for start, letter in enumerate(text):
        if letter not in _PAIRS:
            continue
        for end in _find_ends(text, start):
            language = know(text[start + 1 : end])
            if language is None:
                continue
            before, title, behind = _cut(nodes, places[start + 1], places[end - 1])
            within = len(title) == 1 and title[0]["t"] != "Str"
            if title and not within and not holds_title(title):
                span = title_span(title, language)
                return [*before, span, *_mark_quoted(behind, know)]
    return nodes


def _find_ends(text: str, start: int) -> Iterator[int]:
    """Yield where words that begin behind the mark at *start* may end.

    Points and commas before the closing mark are not theirs; of several marks that may
    be apostrophes each is tried.
    """
    for end in range(start + 2, min(len(text), start + _LONGEST)):
        if text[end] == _PAIRS[text[start]]:
            yield start + 1 + len(text[start + 1 : end].rstrip(".,;: ")) or end


def _cut(
    nodes: list[Node], first: tuple[str, int, int], last: tuple[str, int, int]
) -> tuple[list[Node], list[Node], list[Node]]:
    """Return *nodes* before, from and behind the letters *first* to *last*.

    An emendation is not cut: it goes whole with the title, marks of punctuation
    included. No title, if more than these would go with it; one that stands within a
    node is found there.
    """
    (_, start, at), (_, end, to) = first, last
    opening, closing = nodes[start], nodes[end]
    head, tail = plain_text(opening)[:at], plain_text(closing)[to + 1 :]
    before, behind = nodes[:start], nodes[end + 1 :]
    title = nodes[start : end + 1]
    if closing["t"] == "Str" and tail:
        title[-1] = make_word(plain_text(closing)[: to + 1])
        behind = [make_word(tail), *behind]
    elif words_of(tail):
        return nodes, [], []
    if opening["t"] == "Str" and head:
        title[0] = make_word(plain_text(title[0])[at:])
        before = [*before, make_word(head)]
    elif words_of(head):
        return nodes, [], []
    return before, title, behind


def holds_title(node: Any) -> bool:
    """Tell whether a title has been marked in a tree."""
    return any(map(is_title, walk(node)))


def is_title(node: Node) -> bool:
    """Tell whether *node* is a title that has been marked."""
    return has_class(node, SpanClass.TITLE)


def is_quotation(node: Node) -> bool:
    """Tell whether *node* is a span that holds a quotation and its marks."""
    if (
        node["t"] != "Span"
        or any(attributes_of(node))
        or len(node["c"][1]) <= len("“”")
    ):
        return False
    first, last = node["c"][1][0], node["c"][1][-1]
    return bool(
        first["t"] == last["t"] == "Str"
        and len(first["c"]) == len(last["c"]) == 1
        and first["c"] in _OPENING
        and last["c"] in _CLOSING
    )


def find_marked(node: Any) -> Iterator[str]:
    """Yield what stands in italics or in quotation marks in a tree.

    Words in typographic marks that begin with a small letter are a phrase.
    """
    if isinstance(node, list):
        for item in node:
            yield from find_marked(item)
        plain = (n for n in node if is_node(n) and n["t"] in _PLAIN)
        for found in _BETWEEN_MARKS.finditer("".join(map(plain_text, plain))):
            wording = next(filter(None, found.groups()))
            if not wording[0].islower():
                yield wording
    elif isinstance(node, dict) and node["t"] == "Emph":
        yield plain_text(node)
    elif isinstance(node, dict) and is_quotation(node):
        yield plain_text(node["c"][1][1:-1])
    elif isinstance(node, dict):
        yield from find_marked(node.get("c"))


def title_span(inlines: list[Node], language: str, *classes: str) -> Node:
    """Return the span of a title in *language*, empty for that of the edition.

    A translation in brackets behind it is the edition's (CMOS 18, 14.99): the title's
    own words then have the language by themselves.
    """
    at = next(
        (
            n
            for n, node in enumerate(inlines)
            if n and node["t"] == "Str" and node["c"].startswith("[")
        ),
        0,
    )
    pairs = {"lang": language} if language and not at else {}
    if language and at:
        before = at - 1 if inlines[at - 1]["t"] == "Space" else at
        own = make_span(inlines[:before], lang=language)
        inlines = [own, *inlines[before:]]
    return make_span(inlines, SpanClass.TITLE, *classes, **pairs)


def is_described(wording: str) -> bool:
    """Tell whether *wording* is a description in brackets in place of a title."""
    return bool(_BRACKETED.fullmatch(wording.strip()))
