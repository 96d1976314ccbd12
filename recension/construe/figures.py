"""The figures of the ledger that a front part names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recension.locales import write_count
from recension.normalisation import PILCROW
from recension.tree import attributes_of, make_word, replace

if TYPE_CHECKING:
    from recension.model import Blocks, Book, Node


def put_figures(blocks: Blocks, book: Book) -> Blocks:
    """Return *blocks* with each figure of the ledger in the place of its name."""

    def put(node: Node) -> list[Node] | None:
        own = attributes_of(node)
        if not own.has("count"):
            return None
        count = count_figure(book, own.get("count"))
        return [make_word(write_count(count, book.settings.edition.language))]

    filled: Blocks = replace(blocks, put)
    return filled


def count_figure(book: Book, name: str) -> int:
    """Return a figure such as `emendations` or `joins-walsh` (see annotate)."""
    figure, _, text_id = name.partition("-")
    texts = [t for t in book.texts if text_id in ("", t.settings.id)]
    ledgers = [t for t in book.ledger.texts if text_id in ("", t.text_id)]
    emendations = [e for text in texts for e in text.emendations]
    match figure:
        case "emendations":
            return len(emendations)
        case "probable":
            return sum(e.certainty == "probable" for e in emendations)
        case "joins":
            return sum(e.reading == PILCROW for e in emendations)
    return sum(getattr(ledger, figure) for ledger in ledgers)
