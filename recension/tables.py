"""The tables of an edition, parallels, chronology and register, as frozen values.

Unlike edition.toml a faulty table stops nothing by itself: all its faults are reported,
each with its line, and the table is then empty.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from recension.config import (
    HINTS,
    LANGUAGE_TAG,
    Name,
    Table,
    Tuple,
    fields_at,
)
from recension.dates import read_period
from recension.model import (
    DatedEvent,
    Entry,
    Mark,
    ParallelEvent,
    SubHeading,
    Tables,
    Wording,
)
from recension.problems import Report, suggest
from recension.toml import Keys, read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pydantic_core import ErrorDetails

    from recension.config import Settings
    from recension.files import File
    from recension.model import Period
    from recension.toml import KeyPath

Row = TypeVar("Row", bound=Table)

AGREEMENTS = ("agree", "differ", "contradict")
"""How far the texts agree on an event; beside these, `only-` and a siglum."""
DESCRIBED = ("person", "organisation")
"""The kinds of entry that must say who it is, in the order of their part."""
_WORDS = re.compile(r"\w+")
DATE_HINT = (
    "write a date of EDTF: `1940-05-24`, `1940-05`, `1940`, `1940-21` (spring), an "
    "interval `1937/1938`; behind each date `~` for about, `?` for perhaps, `%` both"
)


def _written(value: str) -> str:
    if not value.strip():
        reason = "nothing stands between the quotation marks; write it"
        raise ValueError(reason)
    return value


Text = Annotated[str, AfterValidator(_written)]
Texts = Annotated[tuple[Text, ...], Tuple]
Rows = Annotated[tuple[dict[str, Any], ...], Tuple]


class _Events(Table):
    event: Rows = ()


class _Entries(Table):
    entry: Rows = ()


class _ParallelRow(Table):
    """An event that the texts tell; its other keys are sigla with an anchor each."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Text] = Field(init=False)

    title: Text
    agreement: str
    says: dict[str, Text] = Field(default_factory=dict)
    remark: Text | None = None


class _DatedRow(Table):
    date: str
    what: Text
    anchors: Texts
    evidence: Text | None = None
    remark: Text | None = None
    line: bool = False
    short: Text | None = None


class _SubRow(Table):
    name: Text
    at: Texts


class _EntryRow(Table):
    id: Name
    kind: Literal["person", "organisation", "work", "place", "subject"]
    name: Text
    forms: Texts
    see: Texts = ()
    see_also: Texts = ()
    citekey: str = ""
    lang: str = Field(default="", pattern=rf"^({LANGUAGE_TAG.pattern})?$")
    dates: str = ""
    who: Text | None = None
    sub: Annotated[tuple[_SubRow, ...], Tuple] = ()


def read_tables(
    files: Mapping[str, File | None], settings: Settings, report: Report
) -> Tables:
    """Read *files*: `parallels`, `chronology` and `register`, where they are.

    Every fault is added to *report* with its line; a table with a fault is empty, and
    so is one whose file could not be read, which is None.
    """
    read = {name: _TableFile(file, report) for name, file in files.items() if file}
    parallels, chronology, register = (
        read.get(name) for name in ("parallels", "chronology", "register")
    )
    sigla = tuple(text.siglum for text in settings.texts)
    return Tables(
        parallels=_read_parallels(parallels, sigla) if parallels else (),
        chronology=_read_chronology(chronology) if chronology else (),
        register=_read_register(register) if register else (),
        files=tuple(file for file in files.values() if file),
        faulty=frozenset(
            name for name in files if name not in read or read[name].faulty
        ),
    )


def find_printed(tables: Tables) -> dict[str, tuple[Wording, ...]]:
    """Return the wordings that each part of the back matter prints, by its name."""
    described = [entry for entry in tables.register if entry.kind in DESCRIBED]
    return {
        "parallels": _chain(map(_parallel_wordings, tables.parallels)),
        "chronology": _chain(map(_dated_wordings, tables.chronology)),
        "persons": _chain(
            filter(None, [entry.name, *find_aliases(entry), entry.who])
            for entry in described
        ),
    }


def _chain(wordings: Iterable[Iterable[Wording]]) -> tuple[Wording, ...]:
    return tuple(chain.from_iterable(wordings))


def find_wordings(tables: Tables) -> Iterator[Wording]:
    """Yield every wording of *tables*, each table's in the order of its file."""
    rows = (tables.parallels, tables.chronology, tables.register)
    finders = (_parallel_wordings, _dated_wordings, _entry_wordings)
    for table, find in zip(rows, finders, strict=True):
        wordings = chain.from_iterable(find(row) for row in table)  # type: ignore[operator]
        yield from sorted(wordings, key=lambda wording: wording.span)


def _parallel_wordings(event: ParallelEvent) -> Iterator[Wording]:
    yield event.title
    yield from event.says.values()
    yield from filter(None, [event.remark])


def _dated_wordings(event: DatedEvent) -> Iterator[Wording]:
    yield from filter(None, [event.what, event.evidence, event.remark])


def _entry_wordings(entry: Entry) -> Iterator[Wording]:
    yield from filter(None, [entry.name, *entry.see, entry.who])


def find_aliases(entry: Entry) -> list[Wording]:
    """Return the other names of *entry* that say more than its words in other order."""
    known = set(_WORDS.findall(entry.name.markdown.casefold()))
    return [
        alias
        for alias in entry.see
        if not known.issuperset(_WORDS.findall(alias.markdown.casefold()))
    ]


# --- parallels -------------------------------------------------------------------


def _read_parallels(
    file: _TableFile, sigla: Sequence[str]
) -> tuple[ParallelEvent, ...]:
    events = []
    for place, row in file.find_rows("event", _Events, _ParallelRow):
        _check_sigla(file, place, row, sigla)
        _check_agreement(file, place, row, sigla)
        events.append(_make_parallel(file, place, row, sigla))
    return () if file.faulty else tuple(events)


def _check_sigla(
    file: _TableFile, place: KeyPath, row: _ParallelRow, sigla: Sequence[str]
) -> None:
    """Report each key that is no siglum, and each siglum that says nothing."""
    for siglum in row.__pydantic_extra__:
        if siglum not in sigla:
            known = (*_ParallelRow.model_fields, *sigla)
            file.report_unknown((*place, siglum), siglum, known)
    for siglum in row.says:
        if siglum not in sigla:
            file.report_unknown((*place, "says", siglum), f"says.{siglum}", sigla)
    for siglum in sigla:
        if siglum not in row.says:
            hint = f'add `says.{siglum} = "…"`; write `"nothing"` where it is silent'
            file.report_missing(place, f"says.{siglum}", hint)


def _check_agreement(
    file: _TableFile, place: KeyPath, row: _ParallelRow, sigla: Sequence[str]
) -> None:
    kinds = (*AGREEMENTS, *(f"only-{siglum}" for siglum in sigla))
    if row.agreement not in kinds:
        otherwise = f"the kinds are {', '.join(f'`{kind}`' for kind in kinds)}"
        hint = suggest(row.agreement, kinds, "kind", otherwise)
        message = f"the kind of agreement `{row.agreement}` is unknown"
        file.error("L-011", message, (*place, "agreement"), hint)
        return
    only = row.agreement.removeprefix("only-")
    for siglum in sigla if row.agreement in AGREEMENTS else (only,):
        if siglum not in row.__pydantic_extra__:
            message = f"the event `{row.title}` has no place in {siglum}"
            file.error("L-009", message, place, _place_hint(siglum, sigla))


def _place_hint(siglum: str, sigla: Sequence[str]) -> str:
    others = [f'`agreement = "only-{other}"`' for other in sigla if other != siglum]
    return " or ".join([f'write `{siglum} = "anchor"`', *others])


def _make_parallel(
    file: _TableFile, place: KeyPath, row: _ParallelRow, sigla: Sequence[str]
) -> ParallelEvent:
    id_ = f"parallels-{_number(place)}"
    anchors = row.__pydantic_extra__
    return ParallelEvent(
        id=id_,
        title=file.word((*place, "title"), f"{id_}-title", row.title),
        agreement=row.agreement,
        anchors={
            siglum: file.mark((*place, siglum), anchors[siglum])
            for siglum in sigla
            if siglum in anchors
        },
        says={
            siglum: file.word(
                (*place, "says", siglum), f"{id_}-says-{siglum}", row.says[siglum]
            )
            for siglum in sigla
            if siglum in row.says
        },
        remark=file.word_if((*place, "remark"), f"{id_}-remark", row.remark),
    )


def _number(place: KeyPath) -> int:
    """Return the number, from 1, of the row at *place*."""
    return int(str(place[1])) + 1


# --- chronology ------------------------------------------------------------------


def _read_chronology(file: _TableFile) -> tuple[DatedEvent, ...]:
    events = []
    for place, row in file.find_rows("event", _Events, _DatedRow):
        if row.line and not row.short:
            hint = 'add `short = "…"`, the label in the time-line'
            file.report_missing(place, "short", hint)
        try:
            period = read_period(row.date)
        except ValueError as fault:
            file.error("L-010", str(fault), (*place, "date"), DATE_HINT)
        else:
            events.append(_make_dated(file, place, row, period))
    events.sort(key=_order)
    return () if file.faulty else tuple(events)


def _order(event: DatedEvent) -> tuple[int, int]:
    """Sort by the first day, then the last; of a qualified date the last is both.

    An event of about 1937 may be of any of its days, so that it stands after those of
    which the day in 1937 is known.
    """
    first, last = event.date.first, event.date.last
    return (last if event.date.qualifier else first), last


def _make_dated(
    file: _TableFile, place: KeyPath, row: _DatedRow, period: Period
) -> DatedEvent:
    id_ = f"chronology-{_number(place)}"
    return DatedEvent(
        id=id_,
        date=period,
        what=file.word((*place, "what"), f"{id_}-what", row.what),
        anchors=file.marks((*place, "anchors"), row.anchors),
        evidence=file.word_if((*place, "evidence"), f"{id_}-evidence", row.evidence),
        remark=file.word_if((*place, "remark"), f"{id_}-remark", row.remark),
        short=(row.short or "") if row.line else "",
    )


# --- register --------------------------------------------------------------------


def _read_register(file: _TableFile) -> tuple[Entry, ...]:
    entries: dict[str, Entry] = {}
    for place, row in file.find_rows("entry", _Entries, _EntryRow):
        if row.kind in DESCRIBED and not row.who:
            hint = f'add `who = "…"`: a sentence on the {row.kind}, with its evidence'
            file.report_missing(place, "who", hint)
        if first := entries.get(row.id):
            message = f"two entries have the id `{row.id}`"
            hint = f"give each its own id; the first stands in line {first.span.line}"
            file.error("L-005", message, (*place, "id"), hint)
            continue
        entries[row.id] = _make_entry(file, place, row)
    return () if file.faulty else tuple(entries.values())


def _make_entry(file: _TableFile, place: KeyPath, row: _EntryRow) -> Entry:
    id_ = f"register-{row.id}"
    return Entry(
        id=row.id,
        kind=row.kind,
        name=file.word((*place, "name"), f"{id_}-name", row.name),
        forms=file.marks((*place, "forms"), row.forms),
        see=tuple(
            file.word((*place, "see"), f"{id_}-see-{n}", name)
            for n, name in enumerate(row.see, start=1)
        ),
        see_also=file.marks((*place, "see_also"), row.see_also),
        citekey=file.mark((*place, "citekey"), row.citekey) if row.citekey else None,
        lang=row.lang,
        dates=row.dates,
        who=file.word_if((*place, "who"), f"{id_}-who", row.who),
        subs=tuple(
            SubHeading(name=sub.name, at=file.marks((*place, "sub", n, "at"), sub.at))
            for n, sub in enumerate(row.sub)
        ),
        span=file.keys.find((*place, "id")),
    )


# --- the file --------------------------------------------------------------------


class _TableFile:
    """A table's file: what it holds, and where each key stands."""

    def __init__(self, file: File, report: Report) -> None:
        self.report = report
        table = read_toml(file, report)
        self.faulty = table is None
        self.table: dict[str, object] = table or {}
        self.keys = Keys(file)

    def find_rows(
        self, key: str, whole: type[Table], model: type[Row]
    ) -> Iterator[tuple[KeyPath, Row]]:
        """Yield the sound rows of *key* and their places; report the others."""
        try:
            rows = getattr(whole.model_validate(self.table), key)
        except ValidationError as invalid:
            self._report_invalid(invalid, whole, ())
            return
        for index, row in enumerate(rows):
            try:
                yield (key, index), model.model_validate(row)
            except ValidationError as invalid:
                self._report_invalid(invalid, model, (key, index))

    def word(self, place: KeyPath, id_: str, markdown: str) -> Wording:
        return Wording(id=id_, markdown=markdown, span=self.keys.find(place))

    def word_if(self, place: KeyPath, id_: str, markdown: str | None) -> Wording | None:
        return self.word(place, id_, markdown) if markdown else None

    def marks(self, place: KeyPath, names: Sequence[str]) -> tuple[Mark, ...]:
        return tuple(self.mark(place, name) for name in names)

    def mark(self, place: KeyPath, name: str) -> Mark:
        """Return *name* where it stands."""
        return Mark(name=name, span=self.keys.find_value(place, name))

    def error(self, code: str, message: str, place: KeyPath, hint: str) -> None:
        self.faulty = True
        self.report.error(code, message, self.keys.find(place), hint)

    def report_missing(self, place: KeyPath, key: str, hint: str) -> None:
        self.error("L-009", f"the key `{key}`{_of(place)} is missing", place, hint)

    def report_unknown(self, place: KeyPath, key: str, known: Sequence[str]) -> None:
        keys = ", ".join(f"`{name}`" for name in known)
        hint = suggest(str(place[-1]), known, "key", f"the keys are {keys}")
        self.error("L-004", f"the key `{key}`{_of(place)} is unknown", place, hint)

    def _report_invalid(
        self, invalid: ValidationError, model: type[Table], row: KeyPath
    ) -> None:
        for fault in invalid.errors():
            place = (*row, *fault["loc"])
            key = ".".join(part for part in fault["loc"] if isinstance(part, str))
            match fault["type"]:
                case "extra_forbidden":
                    known = fields_at(model, fault["loc"][:-1])
                    self.report_unknown(place, key, known)
                case "missing":
                    self.report_missing(place, key, f"add `{place[-1]} = …`")
                case _:
                    message = f"the key `{key}`{_of(place)} is not valid"
                    self.error("L-005", message, place, _hint(fault))


def _of(place: KeyPath) -> str:
    """Name the row of *place*, counted from 1 as the editor counts."""
    return f" of {place[0]} {_number(place)}" if len(place) > 1 else ""


def _hint(fault: ErrorDetails) -> str:
    match fault["loc"], fault["type"]:
        case ("event" | "entry" as key,), _:
            return f"begin each row with `[[{key}]]`, in double brackets"
        case ("date",), _:
            return 'write the date in quotation marks: `date = "1940-05-24"`'
    message = fault["msg"].removeprefix("Value error, ")
    return HINTS.get(fault["type"], message[:1].lower() + message[1:])
