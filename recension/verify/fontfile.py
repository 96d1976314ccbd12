"""The fonts of a finished PDF: which characters their glyphs are said to be.

Clauses are those of ISO 32000-1.
"""

from __future__ import annotations

import re
import struct
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pikepdf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SECTION = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_CODE = re.compile(rb"<([0-9A-Fa-f]*)>")
_UNKNOWN = "\ufffd"
"""What stands for a glyph that is said to be no character."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnFont:
    """A font: its *name*, the *characters* and *widths* of its glyphs by their codes.

    Both answer for every code; a width is in thousandths of the size. *single* is how
    a code is written (struct): in two bytes by a composite font (Identity-H), else in
    one. *program* is the font's file.
    """

    name: str
    characters: Mapping[int, str]
    widths: Mapping[int, float]
    single: str
    program: bytes

    def split(self, written: str) -> tuple[int, ...]:
        """Return the codes of what is *written*, in base 16."""
        data = bytes.fromhex(written)
        count = len(data) // struct.calcsize(self.single)
        return struct.unpack(f">{count}{self.single}", data)


def read_font(font: Any) -> DrawnFont:
    """Return what is to be known of *font*, a dictionary of a page's resources."""
    (inner,) = font.get("/DescendantFonts", [font])
    descriptor = inner.get("/FontDescriptor", {})
    file = descriptor.get("/FontFile2", descriptor.get("/FontFile3"))
    usual = float(inner.get("/DW", 1000))
    told = _read_characters(font["/ToUnicode"]) if "/ToUnicode" in font else {}
    return DrawnFont(
        name=str(font.get("/BaseFont", "a font")).lstrip("/"),
        characters=defaultdict(lambda: _UNKNOWN, told),
        widths=defaultdict(lambda: usual, _read_widths(inner.get("/W", []))),
        single="B" if inner is font else "H",
        program=file.read_bytes() if file is not None else b"",
    )


def _read_characters(stream: Any) -> dict[int, str]:
    """Return what each code stands for (9.10.3)."""
    characters: dict[int, str] = {}
    for kind, body in _SECTION.findall(stream.read_bytes()):
        codes = [code.decode("ascii").lower() for code in _CODE.findall(body)]
        if kind == b"bfchar":
            pairs = zip(codes[::2], codes[1::2], strict=True)
            characters |= {int(code, 16): _decode(wording) for code, wording in pairs}
        else:
            for first, last, wording in zip(*[iter(codes)] * 3, strict=True):
                characters |= _spread(first, last, _decode(wording))
    return characters


def _decode(wording: str) -> str:
    return bytes.fromhex(wording).decode("utf-16-be")


def _spread(first: str, last: str, wording: str) -> dict[int, str]:
    return {
        code: wording[:-1] + chr(ord(wording[-1]) + step)
        for step, code in enumerate(range(int(first, 16), int(last, 16) + 1))
    }


def _read_widths(array: Any) -> Iterator[tuple[int, float]]:
    """Yield the glyphs and their widths (9.7.4.3)."""
    parts = list(array)
    while parts:
        first, told = int(parts.pop(0)), parts.pop(0)
        if isinstance(told, pikepdf.Array):
            yield from enumerate(map(float, told), start=first)
        else:
            width = float(parts.pop(0))
            yield from ((code, width) for code in range(first, int(told) + 1))
