"""The works in the one form that citeproc is given: one entry a line, all resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recension.cite.biblatex import FORMATTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recension.cite.library import RawWork

_HELD = ("unpublished", "letter", "misc")
"""The types of works that only a library or an archive has."""
_PUBLISHED = ("howpublished", "publisher", "institution", "organization")


def write_bibliography(works: Mapping[str, RawWork]) -> str:
    """Return *works* as BibLaTeX, a line each, in their order."""
    return "".join(
        f"@{work.kind}{{{work.citekey},{','.join(_write_fields(work))}}}\n"
        for work in works.values()
    )


def _write_fields(work: RawWork) -> Iterator[str]:
    fields = {name: value for name in FORMATTED if (value := work.field(name))}
    if work.kind in _HELD and not any(name in fields for name in _PUBLISHED):
        # styles of CSL print the place of an archive, which pandoc does not give them
        held = fields.get("library", "")
        fields |= {"howpublished": held} if held else {}
    yield from (f"{name}={{{value}}}" for name, value in fields.items())
