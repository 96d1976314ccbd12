"""What the finished PDF prints, read from its tags: the text of each unit.

Clauses are those of ISO 32000-1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pikepdf

from recension.contract import CALL_PREFIX
from recension.verify.drawn import read_pages
from recension.verify.units import LOOSE, Units, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from recension.verify.drawn import Drawn

_INLINE = ("/Span", "/Link", "/Reference")
_HOLDERS = ("/Sect", "/Art", "/Note")
"""What begins a unit if it has an id."""


def read_units(pdf: pikepdf.Pdf) -> tuple[dict[str, str], list[Drawn]]:
    """Return the text of each unit of *pdf*, and what its pages draw."""
    drawn = list(read_pages(pdf))
    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    reader = _TagReader(drawn, pages)
    tree: Any = pdf.Root.get("/StructTreeRoot", {})
    for kid in _kids(tree):
        reader.read(kid, None, labelled=False)
    return reader.units.texts(), drawn


def _kids(node: Any) -> Iterator[Any]:
    kids = node.get("/K", [])
    yield from kids if isinstance(kids, pikepdf.Array) else [kids]


class _TagReader:
    """Reads the elements of the structure tree, in order."""

    def __init__(
        self, drawn: Sequence[Drawn], pages: Mapping[tuple[int, int], int]
    ) -> None:
        self.drawn, self.pages, self.units = drawn, pages, Units()

    def read(self, node: Any, page: int | None, *, labelled: bool) -> None:
        """Read *node*, an element (14.7.2), a number or a reference to contents.

        *page* is that of the contents told by number; *labelled* tells that they are a
        label of an item.
        """
        if isinstance(node, int):
            self._show(node, page, labelled=labelled)
        elif "/MCID" in node:
            self._show(int(node["/MCID"]), self._find(node, page), labelled=labelled)
        elif "/S" in node:
            self._read_element(node, self._find(node, page), labelled=labelled)

    def _find(self, node: Any, page: int | None) -> int | None:
        return self.pages.get(node["/Pg"].objgen, page) if "/Pg" in node else page

    def _read_element(self, node: Any, page: int | None, *, labelled: bool) -> None:
        kind, id_ = str(node["/S"]), str(node.get("/ID", ""))
        if kind == "/Lbl":
            if self._in_note(node):
                return
            labelled = True
        if id_.startswith(CALL_PREFIX):
            self._skip(node, page)
            return
        if begins := bool(id_) and kind in _HOLDERS:
            self.units.begin(id_)
        elif kind not in _INLINE:
            self.units.divide()
        for kid in _kids(node):
            self.read(kid, page, labelled=labelled)
        if begins:
            self.units.end()
        elif kind not in _INLINE:
            self.units.divide()

    def _skip(self, node: Any, page: int | None) -> None:
        """Leave out the call of a note, but not the space that it ends with."""
        before = self.units
        self.units = Units()
        self.units.begin("")
        for kid in _kids(node):
            self.read(kid, page, labelled=False)
        call, self.units = self.units.texts()[""], before
        self.units.add(" " if call.rstrip("\n").endswith(" ") else "")

    @staticmethod
    def _in_note(label: Any) -> bool:
        return bool(label["/P"].get("/S") == "/Note")

    def _show(self, mcid: int, page: int | None, *, labelled: bool) -> None:
        """Add what a marked content shows, in the wording that readers have for it."""
        if page is None:
            return
        drawn = self.drawn[page]
        seen, told = drawn.seen.get(mcid, ""), drawn.told.get(mcid, "")
        wording = told if told and fold(seen) == fold(told) else seen
        self.units.add(f"{LOOSE}{wording}" if labelled and wording else wording)
