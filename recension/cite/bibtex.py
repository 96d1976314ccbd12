"""The syntax of BibTeX: the entries of a file as written, each with its place.

Bibtexparser splits a file into blocks. Its middlewares do not serve here: they resolve
no value of several parts, let the last of two fields win, and tell nothing.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import (
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ImplicitComment,
    ParsingFailedBlock,
    String,
)

from recension.problems import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bibtexparser.model import Block, Field

    from recension.files import File
    from recension.problems import Report, Span

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December",
)  # fmt: skip
_STRINGS = {name[:3].casefold(): name for name in MONTHS}
"""The strings that every bibliography has, with the words of BibTeX's own styles."""
_OPENING = r"@[ \t]*\w+[ \t]*[{(]"
_OUTSIDE = re.compile(rf"(?P<comment>%[^\n]*)|(?P<opening>{_OPENING})")
_WITHIN = re.compile(
    rf"\\.|(?P<comment>%[^\n]*)|(?P<opening>^[ \t]*{_OPENING})|[{{}}()\"]",
    re.MULTILINE | re.DOTALL,
)
_KEY = re.compile(r"[\w.:;?!`'()/*@+=\[\]&-]+")
"""A citekey as citeproc can read it (pandoc's reader of BibLaTeX)."""
_WORD = re.compile(r"[^\s#{}\"(),=%]+")
_BRACE = re.compile(r"\\.|[{}\"]", re.DOTALL)
_NO_SIGN = re.compile(r"^[ \t]*(\w+)[ \t]*\{[ \t]*([^\s,{}=]+)[ \t]*,", re.MULTILINE)
_LOST_FIELD = re.compile(r"^[ \t,}]*([A-Za-z][\w-]*)[ \t]*=[ \t]*[\w{\"]", re.MULTILINE)
_NEXT_FIELD = re.compile(r"\s*([A-Za-z][\w-]*)\s*=")
_REASONS = (
    (
        "Expected comma after entry key",
        "the entry has no citekey, or no comma behind it",
        "begin it with `@book{author1900,`",
    ),
    (
        "Expected a `=`",
        "a field of the entry has no `=`, or a comma stands where none may",
        "write fields as `name = {…},`; a comma follows each value",
    ),
    (
        "",
        "the entry is never closed",
        "count its braces and quotation marks: one is missing or is one too many",
    ),
)
"""What is told for what bibtexparser says, by the beginning of its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawField:
    """A field as written: its *value* with its parts joined and strings resolved.

    The value is None if it could not be read.
    """

    name: str
    value: str | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """An entry as written: its *kind* and the names of *fields* in small letters."""

    citekey: str
    kind: str
    fields: tuple[RawField, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class BibtexEntries:
    """The *entries* of a file, and what is written of those at *fault*."""

    entries: tuple[RawEntry, ...]
    fault: str


class _UnreadableError(Exception):
    """A value that cannot be read; *hint* leads to the cure."""

    def __init__(self, message: str, hint: str) -> None:
        self.hint = hint
        super().__init__(message)


def read_entries(file: File, report: Report) -> BibtexEntries:
    """Read the entries of *file*; what is no BibTeX goes to *report*."""
    return _BibtexReader(file, report).read()


@dataclass
class _BibtexReader:
    """Reads the blocks of *file* in order: a string is known from its place on.

    The entry read *last* is the one that may have ended too soon.
    """

    file: File
    report: Report
    strings: dict[str, str] = field(default_factory=lambda: dict(_STRINGS))
    entries: list[RawEntry] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    last: RawEntry | None = None

    def read(self) -> BibtexEntries:
        logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
        for block in parse_string(self.readable, []).blocks:
            self._read_block(block)
        return BibtexEntries(entries=tuple(self.entries), fault=" ".join(self.faults))

    def _read_block(self, block: Block) -> None:
        match block:
            case DuplicateFieldKeyBlock(ignore_error_block=Entry() as entry):
                self._read_entry(entry)
            case DuplicateBlockKeyBlock():
                self._report_twice(block)
            case ParsingFailedBlock():
                self._report_failed(block)
            case Entry():
                self._read_entry(block)
            case String():
                self._read_string(block)
            case ImplicitComment():
                self._check_between(block)

    @cached_property
    def readable(self) -> str:
        return _blank_comments(self.file.raw)

    @cached_property
    def lines(self) -> list[int]:
        """The line of the file for each that bibtexparser counts, which begins at 0.

        It counts no line end behind a backslash.
        """
        ends = re.finditer(r"(?<!\\)\n", self.readable)
        return [1, *(self.file.place(end.end())[0] for end in ends)]

    def place(self, start: int | None, below: int = 0) -> Span:
        """Return the line *below* that at *start*, which is as bibtexparser counts."""
        line = self.lines[start or 0] + below
        excerpt = self.file.at(line).excerpt
        indent = len(excerpt) - len(excerpt.lstrip())
        return self.file.at(line, indent + 1, len(excerpt.strip()))

    # -- blocks -------------------------------------------------------------------

    def _read_string(self, block: String) -> None:
        try:
            value = self._read_value(block.value, block.key)
        except _UnreadableError as fault:
            span = self.place(block.start_line)
            self.report.error("C-002", str(fault), span, fault.hint)
            value = ""
        self.strings[block.key.casefold()] = value

    def _read_entry(self, block: Entry) -> None:
        span = self.place(block.start_line)
        if not _KEY.fullmatch(block.key):
            self._report_key(block, span)
            return
        fields: dict[str, RawField] = {}
        for written in block.fields:
            name = written.key.casefold()
            if name in fields:
                message = f"the entry has the field `{name}` twice"
                self.report.error("C-002", message, span, "keep one of them")
            else:
                fields[name] = self._read_field(written, name)
        self.last = RawEntry(
            citekey=block.key,
            kind=block.entry_type.casefold(),
            fields=tuple(fields.values()),
            span=span,
        )
        self.entries.append(self.last)

    def _read_field(self, written: Field, name: str) -> RawField:
        whole = self.place(written.start_line)
        column = whole.excerpt.casefold().find(name) + 1 or 1
        span = self.file.at(whole.line, column, len(name))
        value: str | None = None
        try:
            value = self._read_value(str(written.value), written.key)
        except _UnreadableError as fault:
            self.report.error("C-002", str(fault), span, fault.hint)
        return RawField(name=name, value=value, span=span)

    # -- values -------------------------------------------------------------------

    def _read_value(self, written: str, name: str) -> str:
        """Return the value of `{…} # "…" # string`; raise _UnreadableError."""
        parts, rest = [], written.strip()
        while True:
            part, rest = self._read_part(rest, name)
            parts.append(part)
            if not rest:
                return "".join(parts)
            if not rest.startswith("#"):
                raise _tell_rest(rest, name)
            rest = rest[1:].lstrip()

    def _read_part(self, written: str, name: str) -> tuple[str, str]:
        """Return the first part of *written*, and what stands behind it."""
        if written[:1] in ("{", '"'):
            end = _find_end(written)
            if not end:
                message = f"the value of `{name}` is never closed"
                raise _UnreadableError(message, "count its braces and quotation marks")
            return written[1 : end - 1], written[end:].lstrip()
        found = _WORD.match(written)
        if not found:
            message = f"the field `{name}` has no value"
            raise _UnreadableError(message, "write it as `name = {…}`, or take it out")
        rest = written[found.end() :].lstrip()
        word = found[0]
        value = word if word.isdigit() else self.strings.get(word.casefold())
        if value is None:
            raise self._tell_string(word)
        return value, rest

    def _tell_string(self, word: str) -> _UnreadableError:
        otherwise = f"write `{{{word}}}`, or define `@string{{{word} = {{…}}}}` above"
        names = self.strings.keys() - _STRINGS.keys()
        hint = suggest(word.casefold(), sorted(names), "@string", otherwise)
        return _UnreadableError(f"there is no @string `{word}`", hint)

    # -- what is no entry -----------------------------------------------------------

    def _report_twice(self, block: DuplicateBlockKeyBlock) -> None:
        self.faults.append(block.raw or "")
        line = self.place(block.previous_block.start_line).line
        what = "string" if isinstance(block.ignore_error_block, String) else "citekey"
        message = f"the {what} `{block.key}` is defined twice"
        hint = f"it is defined already at line {line}; rename one"
        span = self.place(block.start_line)
        self.report.error("C-003", message, span, hint)

    def _report_failed(self, block: ParsingFailedBlock) -> None:
        self.last = None
        self.faults.append(block.raw or "")
        told = str(getattr(block.error, "abort_reason", ""))
        _, message, hint = next(row for row in _REASONS if told.startswith(row[0]))
        span = self.place(block.start_line)
        self.report.error("C-002", message, span, hint)

    def _report_key(self, block: Entry, span: Span) -> None:
        self.faults += [block.raw or "", "".join(block.key.split())]
        self.last = None
        wrong = _KEY.sub("", block.key)[:1]
        what = "white space" if wrong.isspace() else f"`{wrong}`"
        message = f"the citekey `{block.key}` has {what} in it"
        if not block.key:
            message = "the entry has no citekey"
        hint = "take letters, figures and signs such as `-`, `:` or `/` alone"
        self.report.error("C-002", message, span, hint)

    def _check_between(self, block: ImplicitComment) -> None:
        """Report what stands between entries and was meant for one."""
        for found in _NO_SIGN.finditer(block.comment):
            self.faults.append(block.comment)
            below = block.comment.count("\n", 0, found.start())
            message = f"the entry `{found[2]}` does not begin with `@`"
            hint = f"write `@{found[1]}{{{found[2]},`"
            span = self.place(block.start_line, below)
            self.report.error("C-002", message, span, hint)
            return
        lost = _LOST_FIELD.search(block.comment)
        if lost and self.last:
            key = self.last.citekey
            message = f"the entry `{key}` ends before its field `{lost[1]}`"
            hint = "a brace too many stands before that field"
            self.report.error("C-002", message, self.last.span, hint)


def _tell_rest(rest: str, name: str) -> _UnreadableError:
    following = _NEXT_FIELD.match(rest)
    if following:
        message = f"no comma stands between `{name}` and `{following[1]}`"
        return _UnreadableError(message, "a comma follows each value")
    message = f"the value of `{name}` goes on behind its end: `{rest[:20]}`"
    return _UnreadableError(message, "put the whole value into one pair of braces")


def _find_end(written: str) -> int:
    """Return where the part ends whose brace or mark opens *written*, 0 if nowhere."""
    depth = 0
    quoted = written[0] == '"'
    for found in _BRACE.finditer(written, 1 if quoted else 0):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth < 0:
            return 0
        if not depth and found[0] == ('"' if quoted else "}"):
            return found.end()
    return 0


def _blank_comments(raw: str) -> str:
    """Return *raw* with white in place of its comments, which biber leaves out.

    A comment goes from `%` to the end of the line, between entries and between the
    fields of one; in a value the sign is a character.
    """
    pieces, last = [], 0
    for start, end in _find_comments(raw):
        pieces += [raw[last:start], " " * (end - start)]
        last = end
    return "".join([*pieces, raw[last:]])


def _find_comments(raw: str) -> Iterator[tuple[int, int]]:
    """Yield where each comment begins and ends.

    An entry that begins a line while braces are open begins anew, as bibtexparser has
    it. What `@comment` holds is left to that.
    """
    place, depth, quoted, kept, closing = 0, 0, False, False, "}"
    while found := (_WITHIN if depth else _OUTSIDE).search(raw, place):
        place = found.end()
        if found["opening"]:
            depth, quoted = 1, False
            kept = "comment" in found[0].casefold()
            closing = "}" if found[0].endswith("{") else ")"
        elif found["comment"]:
            if depth > 1 or quoted or kept:
                place = found.start() + 1
            else:
                yield found.span()
        elif found[0] == '"':
            quoted ^= depth == 1
        elif found[0] == ")":
            depth -= depth == 1 and closing == ")" and not quoted
        else:
            depth += {"{": 1, "}": -1}.get(found[0], 0)
