"""The lists of the ledger that a front part can print, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recension.locales import write_count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recension.model import Book, TextLedger

_LONGEST_OMISSION = 72
"""How many characters of an omission the note on the text prints."""


def list_ledger(book: Book, name: str, words: Mapping[str, str]) -> list[str]:
    """Return the lines of the list *name*: `normalisations` or `omissions`."""
    ledgers = book.ledger.texts
    if name == "omissions":
        return [line for ledger in ledgers for line in _list_omissions(ledger, words)]
    return _list_normalisations(ledgers, words, book.settings.edition.language)


def _list_normalisations(
    ledgers: Sequence[TextLedger], words: Mapping[str, str], language: str
) -> list[str]:
    rules = dict.fromkeys(r for ledger in ledgers for r in ledger.normalisations)
    return [
        words["normalisation"].format(
            rule=words.get(f"rule-{rule}", rule),
            places=", ".join(
                f"{ledger.siglum} {write_count(count, language)}"
                for ledger in ledgers
                for count in [ledger.normalisations.get(rule, 0)]
            ),
        )
        for rule in rules
    ]


def _list_omissions(ledger: TextLedger, words: Mapping[str, str]) -> list[str]:
    return [
        words["omission"].format(
            siglum=ledger.siglum,
            why=omission.why or words["no_reason"],
            wording=_shorten(omission.wording),
        )
        for omission in ledger.omissions
    ]


def _shorten(wording: str) -> str:
    if len(wording) <= _LONGEST_OMISSION:
        return wording
    return wording[:_LONGEST_OMISSION].rpartition(" ")[0] + " …"
