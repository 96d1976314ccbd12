"""The files of an edition as read, and the way from a character of one to a place."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from recension.problems import Span

_NONCHARACTERS = "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}"
    for plane in range(0, 0x110000, 0x10000)
)
IMPOSSIBLE = re.compile(
    rf"[\ue000-\uf8ff\ufdd0-\ufdef{_NONCHARACTERS}\U000f0000-\U0010ffff]"
)
"""Private characters and noncharacters (Unicode 23.5, 23.7): no font has them.

Some of them stand for marks of the builder's own.
"""


@dataclass(frozen=True, kw_only=True)
class File:
    """A file of the edition: *path* from the edition folder, its characters.

    Line ends are newlines and a byte order mark is gone. Offsets count characters from
    0, lines and columns from 1.
    """

    path: str
    raw: str

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines of the file without their ends."""
        return tuple(self.raw.split("\n"))

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The offset at which each line begins."""
        lengths = (len(line) + 1 for line in self.lines)
        return tuple(accumulate(lengths, initial=0))[:-1]

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of *offset*."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """Return the span of the characters from *start* to *end*, one at least."""
        return self.at(*self.place(start), max(1, end - start))

    def at(self, line: int, column: int = 1, length: int = 1) -> Span:
        """Return the span of *length* characters at *line* and *column*.

        A line that the file does not have is shown as an empty one.
        """
        excerpt = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Span(
            path=self.path, line=line, column=column, length=length, excerpt=excerpt
        )
