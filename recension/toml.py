"""TOML with places: what a file holds, and where each of its keys stands."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recension.files import File
    from recension.problems import Report, Span

KeyPath = tuple[object, ...]
"""The keys and the indices (from 0) that lead to a value: `("event", 2, "title")`."""

_KEY = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_PATH = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*(?P<whole>(?P<brackets>\[\[?)\s*(?P<path>{_PATH})\s*\]+)")
_TRIPLE = re.compile(r"\"{3}|'{3}")
_PAIR = re.compile(rf"\s*(?P<path>{_PATH})\s*=")


def read_toml(file: File, report: Report) -> dict[str, object] | None:
    """Return the table that *file* holds, nothing if it has a fault, which is told."""
    try:
        return tomllib.loads(file.raw)
    except tomllib.TOMLDecodeError as fault:
        sentence, _, place = str(fault).partition(" (at ")
        found = re.search(r"line (\d+), column (\d+)", place)
        last = len(file.raw.rstrip("\n"))
        line, column = (int(found[1]), int(found[2])) if found else file.place(last)
        report.error(
            "L-003",
            sentence[:1].lower() + sentence[1:],
            file.at(line, column),
            "strings stand in double quotes, tables in square brackets",
        )
        return None


class Keys:
    """Where the keys and the tables of a TOML file stand."""

    def __init__(self, file: File) -> None:
        """Find every key of *file* and every header."""
        self._file = file
        found = list(_find_keys(file.lines))
        starts = [line for _, line, *_ in found[1:]]
        self._ends = {
            path: end
            for (path, *_), end in zip(
                found, [*starts, len(file.lines) + 1], strict=False
            )
        }
        self._spans = {path: file.at(*place) for path, *place in found}
        for path in [path for path in self._spans if path[-1] == 0]:
            # an array of tables is at its first table
            self._spans.setdefault(path[:-1], self._spans[path])

    def find(self, path: Sequence[object]) -> Span:
        """Return where the key at *path* stands, or else the nearest one above it."""
        known = tuple(path)
        while known and known not in self._spans:
            known = known[:-1]
        return self._spans[known] if known else self._file.at(1)

    def find_value(self, path: Sequence[object], value: str) -> Span:
        """Return where the string *value* stands behind the key at *path*.

        An array may run over several lines; where it is not found, the key's place.
        """
        span = self.find(path)
        end = max(span.line + 1, self._ends.get(tuple(path), 0))
        for line in range(span.line, end):
            start = span.column if line == span.line else 0
            text = self._file.lines[line - 1]
            found = max(text.find(f"{mark}{value}{mark}", start) for mark in "\"'")
            if found >= 0:
                return self._file.at(line, found + 2, len(value))
        return span


def _find_keys(lines: Sequence[str]) -> Iterator[tuple[KeyPath, int, int, int]]:
    """Yield each key and each header: its path, line, column and length."""
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    inside = False
    for number, line in enumerate(lines, start=1):
        was_inside, inside = inside, inside ^ (len(_TRIPLE.findall(line)) % 2 == 1)
        if was_inside:
            continue
        if found := _HEADER.match(line):
            repeated = len(found["brackets"]) > 1
            table = _open_table(_split(found["path"]), counts, repeated=repeated)
            yield table, number, found.start("whole") + 1, len(found["whole"])
        elif found := _PAIR.match(line):
            path = (*table, *_split(found["path"]))
            yield path, number, found.start("path") + 1, len(found["path"])


def _split(path: str) -> list[str]:
    return [key.strip("\"'") for key in re.findall(_KEY, path)]


def _open_table(
    path: Sequence[str], counts: dict[KeyPath, int], *, repeated: bool
) -> KeyPath:
    """Return the path of a header's table, counting the arrays of tables in it."""
    known: KeyPath = ()
    for key in path[:-1]:
        known = (*known, key)
        known = (*known, counts[known]) if known in counts else known
    known = (*known, path[-1])
    if repeated:
        counts[known] = counts.get(known, -1) + 1
    return (*known, counts[known]) if known in counts else known
