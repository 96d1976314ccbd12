"""The fields of one entry: their names those of BibLaTeX, their values fit to be read.

What can be neither used nor left out on purpose is a problem of the entry.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from recension.cite import edtf
from recension.cite.biblatex import (
    ANNOTATION,
    DATES,
    FIELD_ALIASES,
    FORMATTED,
    LATEX,
    OURS,
    TYPE_ALIASES,
    TYPES,
    UNPRINTED,
    UNUSED,
    UNUSED_BEGINNINGS,
    VERBATIM,
)
from recension.config import WEB
from recension.problems import Report, find_nearest, suggest
from recension.titles import LANGUAGES, find_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recension.cite.bibtex import RawEntry, RawField
    from recension.problems import Span

_USED = frozenset((*FORMATTED, *OURS))
_UNFINISHED = re.compile(r"(?P<escape>\\.)|(?P<bare>[%#])|\$", re.DOTALL)
_FORMULA = re.compile(r"\$(?:[^$]*[\\^_][^$]*|[A-Za-z])\$")
"""A formula has a command, an index or is a letter; any other `$` is money."""
_ESCAPES = re.compile(
    r"\\~\{\}|\{\\textasciitilde\}|\\textasciitilde(?:\{\}|\s)|\\([%#&_~$])|\{([%#&_~])\}"
)
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_MISSPELT = 0.8
"""How like a known field an unknown one must be that is taken for a slip."""
_SORTING = re.compile(r"\\noopsort\s*\{[^{}]*\}")
"""What BibTeX sorts by and does not print."""
_EMPTY = re.compile(r"[\s{}]*")


class Fields(NamedTuple):
    """The *kind* of an entry, its *fields*, and where each that is written stands."""

    kind: str
    fields: dict[str, str]
    spans: dict[str, Span]


def find_aliases(annotation: str) -> Mapping[str, str]:
    """Return the names of fields that stand for others.

    The edition's remark is in the field *annotation*; if that is another one than
    BibLaTeX's, this is the remark of somebody else, and is not printed.
    """
    if annotation == ANNOTATION:
        return FIELD_ALIASES
    others = dict.fromkeys((ANNOTATION, "annote"), "comment")
    return {**FIELD_ALIASES, **others, annotation: ANNOTATION}


def read_entry(raw: RawEntry, aliases: Mapping[str, str], report: Report) -> Fields:
    """Return what *raw* says in the words of BibLaTeX; faults go to *report*."""
    kind, genre = _read_kind(raw, report)
    written = _name_fields(raw, aliases, report)
    spans = {name: field.span for name, field in written.items()}
    fields = {
        name: value
        for name, field in written.items()
        if (value := _read_value(name, field, report))
    }
    if genre:
        fields.setdefault("type", genre)
    _set_dates(fields, spans, raw, report)
    _set_numbers(kind, fields)
    _check_languages(fields, spans, report)
    return Fields(kind, fields, spans)


def _read_kind(raw: RawEntry, report: Report) -> tuple[str, str]:
    """Return the type of *raw*, and the `type` that its name sets."""
    if raw.kind in TYPE_ALIASES:
        return TYPE_ALIASES[raw.kind]
    if raw.kind not in TYPES:
        message = (
            f"the entry `{raw.citekey}` is of the type `{raw.kind}`, which is none"
        )
        hint = suggest(raw.kind, sorted(TYPES), "type", "a work of no type is `@misc`")
        report.error("C-009", message, raw.span, hint)
    elif raw.kind == "set":
        message = f"the set `{raw.citekey}` is not printed as one work"
        hint = "take it out, and cite what it holds: `[@one; @other]`"
        report.error("C-009", message, raw.span, hint)
    return raw.kind, ""


def _name_fields(
    raw: RawEntry, aliases: Mapping[str, str], report: Report
) -> dict[str, RawField]:
    """Return the fields of *raw* that are used, by the names of BibLaTeX."""
    named: dict[str, RawField] = {}
    for field in raw.fields:
        name = aliases.get(field.name, field.name)
        if field.value is not None and _EMPTY.fullmatch(field.value):
            continue
        if name not in _USED:
            _report_unused(name, field, report)
        elif name in named and named[name].value != field.value:
            other = named[name].name
            message = f"the fields `{other}` and `{field.name}` are the same one"
            report.error("C-002", message, field.span, "keep one of them")
        else:
            named.setdefault(name, field)
    return named


def _report_unused(name: str, field: RawField, report: Report) -> None:
    """Report a *field* that is not used and is none that never is."""
    if name in UNUSED or name.startswith(UNUSED_BEGINNINGS) or "+an" in name:
        return
    if name in UNPRINTED:
        message = f"the field `{name}` is not printed"
        hint = "say it in `annotation`, or take the field out"
        report.warning("C-009", message, field.span, hint)
        return
    nearest = _find_nearest_field(name)
    message = f"the field `{name}` is unknown"
    if nearest:
        hint = f"the nearest field is `{nearest}`"
        report.error("C-009", message, field.span, hint)
    else:
        hint = "it is not printed; say it in `annotation`, or take the field out"
        report.warning("C-009", message, field.span, hint)


@cache  # a library has the same unknown fields in every entry
def _find_nearest_field(name: str) -> str:
    return find_nearest(name, sorted({*_USED, *FIELD_ALIASES}), _MISSPELT)


# --- values ------------------------------------------------------------------------


def _read_value(name: str, field: RawField, report: Report) -> str:
    """Return the value of *field* as its kind is read, nothing if it is faulty."""
    written = field.value or ""
    if name in VERBATIM:
        return _read_verbatim(name, written, field.span, report)
    if name in LATEX or name == ANNOTATION:
        return _escape(written)
    return re.sub("[{}]", "", _SORTING.sub("", written)).strip()


def _escape(latex: str) -> str:
    """Return *latex* with the signs escaped that its writer took for characters.

    In TeX `%` begins a comment, `#` is a parameter and `$` opens a formula.
    """
    formulas = [found.span() for found in _FORMULA.finditer(latex)]

    def escape(found: re.Match[str]) -> str:
        within = any(start <= found.start() < end for start, end in formulas)
        if found["escape"] or (found[0] == "$" and within):
            return found[0]
        return f"\\{found[0]}"

    return _UNFINISHED.sub(escape, latex)


def _read_verbatim(name: str, written: str, span: Span, report: Report) -> str:
    """Return an address or a number without the escapes that TeX would need."""
    value = _ESCAPES.sub(lambda f: f[1] or f[2] or "~", "".join(written.split()))
    if name == "doi":
        return _DOI.sub("", value)
    if name == "url" and value and not is_of_the_web(value):
        message = f"the address `{value}` is none of the web"
        report.error("C-011", message, span, hint_at_scheme(value))
    return value


def is_of_the_web(address: str) -> bool:
    """Tell whether *address* has a scheme that a book may lead to, and no white."""
    return address.casefold().startswith(WEB) and not re.search(r"\s", address)


def hint_at_scheme(address: str) -> str:
    """Return the hint for an *address* that is none of the web."""
    if not urlsplit(address).scheme and "." in address.partition("/")[0]:
        return f"write `https://{address}`"
    return "links lead to `https:`, `http:`, `mailto:` and `doi:` alone"


# --- what one field makes of others ------------------------------------------------


def _set_dates(
    fields: dict[str, str], spans: Mapping[str, Span], raw: RawEntry, report: Report
) -> None:
    """Put each date into the form that citeproc reads; year and month are one."""
    year, month, day = (fields.pop(name, "") for name in ("year", "month", "day"))
    for name in DATES:
        if name in fields:
            written = fields.pop(name)
            read = _read_date(written, spans.get(name, raw.span), report)
            if name == "date":
                fields |= {**read, **fields}
            elif "date" in read:
                fields[name] = read["date"]
    if not (year or month):
        return
    span = spans.get("year" if year else "month", raw.span)
    try:
        old = edtf.read_old_date(year, month, day)
    except ValueError as fault:
        hint = edtf.suggest_date(f"{year} {month}")
        report.error("C-010", str(fault), span, hint)
        return
    _join_dates(fields, old, span, report)


def _read_date(written: str, span: Span, report: Report) -> Mapping[str, str]:
    try:
        return edtf.read_date(written)
    except ValueError as fault:
        report.error("C-010", str(fault), span, edtf.suggest_date(written))
        return {}


def _join_dates(
    fields: dict[str, str], old: Mapping[str, str], span: Span, report: Report
) -> None:
    """Let `year` and `month` say more than `date`, but not something else."""
    date, other = fields.get("date", ""), old.get("date", "")
    if date and other and not (date.startswith(other) or other.startswith(date)):
        message = f"`date` says {date}, `year` and `month` say {other}"
        report.error("C-010", message, span, "keep the one that is right")
        return
    fields |= {
        name: value
        for name, value in old.items()
        if name != "date" or len(value) > len(date)
    }


def _set_numbers(kind: str, fields: dict[str, str]) -> None:
    """Put issue and number of an article where a style of CSL looks for them."""
    if "eid" in fields:
        fields.setdefault("pages", fields.pop("eid"))
    if kind in ("article", "periodical", "suppperiodical", "review"):
        issue = fields.pop("issue", "")
        if issue:
            number = fields.get("number", "")
            fields["number"] = f"{number}, {issue}" if number else issue


def _check_languages(
    fields: dict[str, str], spans: Mapping[str, Span], report: Report
) -> None:
    """Report a language that is not known; the one of `language` will do for both."""
    name = fields.get("langid", "")
    if name and not find_language(name, ""):
        otherwise = "write its name in English, or its tag, such as `es`"
        hint = suggest(name.casefold(), LANGUAGES, "language", otherwise)
        message = f"the language `{name}` is unknown"
        report.error("C-009", message, spans["langid"], hint)
    other = fields.get("language", "").removeprefix("lang")
    if other and find_language(other, ""):
        fields.setdefault("langid", other)
