"""Which works of the bibliography the book prints."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from recension.cite.inherit import CROSSREF
from recension.cite.library import find_lineage

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from recension.cite.library import Library, RawWork

FURTHER = "further"
"""The keyword of works that need not be cited: further reading."""
_MANY = 2
"""How many works must be cited that a third holds for it to be printed for itself.

Biber's `mincrossrefs` (biblatex manual 3.20, 3.1.2.1).
"""


def choose_works(
    library: Library, cited: Collection[str], *, whole: bool
) -> dict[str, RawWork]:
    """Return the works to be printed: the *cited* ones and further reading.

    Those that nothing cites are left out, or kept where the *whole* bibliography is
    wanted; but what others take their fields from is printed only if it is cited, or
    holds two works that are.
    """
    works = library.works
    named = {k for k, w in works.items() if k in cited or w.section == FURTHER}
    held = Counter(
        work.fields[CROSSREF].strip()
        for key, work in works.items()
        if key in named and CROSSREF in work.fields
    )
    named |= {key for key, count in held.items() if count >= _MANY}
    sources = find_sources_of(works, works.keys() if whole else named)
    return {
        key: work
        for key, work in works.items()
        if not work.is_stock and (key in named or (whole and key not in sources))
    }


def find_sources_of(
    works: Mapping[str, RawWork], citekeys: Collection[str]
) -> set[str]:
    """Return the citekeys of all that the works *citekeys* take fields from."""
    return {s for key in citekeys if key in works for s in find_lineage(key, works)}
