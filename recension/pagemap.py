"""The map of the printed pages: where each begins, in terms that both media share.

`layout` counts the letters of the running text as they stand on the pages, `html`
counts them in the EPUB; the ids that both media have tie the two counts together. The
map is kept beside the finished files, for the EPUB of a book whose pages have not
changed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING

from recension.model import PageMap, PrintedPage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


_ROMAN = {"m": 1000, "d": 500, "c": 100, "l": 50, "x": 10, "v": 5, "i": 1}
_NUMERALS = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc")),
    *((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


def count_letters(text: str) -> int:
    """Return how many letters and figures *text* has.

    Neither white nor marks count: hyphens at line ends, spaces round a mark and
    generated punctuation differ between the media.
    """
    return sum(map(str.isalnum, text))


def write_folio(number: int, *, roman: bool) -> str:
    """Return the folio of the page *number*, in roman or arabic numerals."""
    if not roman:
        return str(number)
    written = ""
    for value, figures in _NUMERALS:
        written += figures * (number // value)
        number %= value
    return written


def read_roman(folio: str) -> int:
    """Return the number that *folio* is in roman figures, 0 if it is none."""
    if not folio or not set(folio) <= _ROMAN.keys():
        return 0
    values = [*(_ROMAN[letter] for letter in folio), 0]
    return sum(-one if one < next_ else one for one, next_ in pairwise(values))


def next_folio(folio: str) -> str:
    """Return the folio after *folio*, in the same numerals."""
    if folio.isdigit():
        return str(int(folio) + 1)
    return write_folio(read_roman(folio) + 1, roman=True)


def find_digest(written: Iterable[str], files: Iterable[Path]) -> str:
    """Return the SHA-256 of what is *written* and of the contents of *files*."""
    digest = hashlib.sha256()
    parts = (*(part.encode() for part in written), *(f.read_bytes() for f in files))
    for part in parts:
        digest.update(b"%d:" % len(part))  # each is told from the next
        digest.update(part)
    return digest.hexdigest()


def write_map(pages: PageMap, target: Path) -> None:
    """Write *pages* to *target* as JSON."""
    facts = {
        "digest": pages.digest,
        "pages": [asdict(page) for page in pages.pages],
        "places": pages.places,
    }
    facts["sum"] = _sum(facts)
    target.write_text(json.dumps(facts, ensure_ascii=False) + "\n", "utf-8")


def read_map(path: Path, digest: str) -> PageMap | None:
    """Return the map in the file *path* if it is that of the layout *digest*.

    Else, or if it is not as `write_map` left it, return None.
    """
    try:
        facts = json.loads(path.read_text("utf-8"))
        if facts["digest"] != digest or facts.pop("sum") != _sum(facts):
            return None
        return PageMap(
            digest=digest,
            pages=tuple(PrintedPage(**page) for page in facts["pages"]),
            places={id_: (at[0], at[1]) for id_, at in facts["places"].items()},
        )
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None  # there is none, or it is none of ours


def _sum(facts: Mapping[str, object]) -> str:
    """Return the SHA-256 of *facts*: a map changed by hand is no map of the pages."""
    return find_digest([json.dumps(facts, sort_keys=True)], [])
