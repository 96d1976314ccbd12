"""The languages of emendations: their words stand by themselves in the apparatus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recension.tree import (
    SpanClass,
    attributes_of,
    has_class,
    is_node,
    plain_text,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recension.model import Node


def find_languages(tree: Any, around: str = "") -> Iterator[tuple[str, str]]:
    """Yield the id and the language of each emendation of *tree* that is foreign.

    It is if all its words are, or if it stands in such words: *around* is the language
    of what the tree stands in.
    """
    if isinstance(tree, list):
        for item in tree:
            yield from find_languages(item, around)
    elif is_node(tree):
        own = attributes_of(tree)
        language = own.get("lang") or around
        if has_class(tree, SpanClass.EMENDATION):
            language = _find_own(tree["c"][1]) or language
            if language:
                yield own.id, language
        yield from find_languages(tree.get("c"), language)


def _find_own(inlines: list[Node]) -> str:
    """Return the language that all words of *inlines* are marked with, if they are."""
    foreign = (node for node in walk(inlines) if attributes_of(node).has("lang"))
    first = next(foreign, None)
    if first is None or plain_text(first) != plain_text(inlines):
        return ""
    return attributes_of(first).get("lang")
