"""The settings of an edition: edition.toml read into frozen values."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from stdnum.isbn import compact, isbn_type

from recension.files import IMPOSSIBLE, File
from recension.normalisation import RULES, WHITE_SPACE
from recension.printers import BLEED, PAPERS, PRINTERS, Press, Printer
from recension.problems import Report, suggest
from recension.toml import Keys, read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONGEST_NAME = 100
"""How many characters a name may have, of which files are named."""
HINTS = {
    "bool_type": "write `true` or `false`, without quotation marks",
    "model_type": "write it as a table: a line `[…]`, and its settings below",
    "string_type": 'write it in quotation marks: `"…"`',
    "date_type": "write a date without quotation marks: `2026-11-22`",
    "tuple_type": "write a list: `[…, …]`",
    "string_too_long": f"write {LONGEST_NAME} characters or fewer",
    "finite_number": "write a number of mm, such as `15`",
    "string_pattern_mismatch": (
        "a name is like `my-slug`, a language like `en-GB`, a digest 64 figures and a-f"
    ),
}
RESERVED_IDS = (
    "cover",
    "titlepage",
    "imprint",
    "nav",
    "parallels",
    "chronology",
    "persons",
    "bibliography",
    "apparatus",
    "index",
)
"""Names of the builder's own parts: no text can take them for its id."""
SETTINGS_PATH = "book/edition.toml"
OWN_TEMPLATES = "templates"
_PACKAGE = Path(__file__).resolve().parent
_TEMPLATES = (_PACKAGE / "templates", _PACKAGE.parent / "templates")
TEMPLATES = next(filter(Path.is_dir, _TEMPLATES), _TEMPLATES[0])
"""The builder's own templates, and the fonts in them: as installed, or in a clone."""
SHORTEST_SIDE, LONGEST_SIDE = 80, 450
"""How short and how long a side of the trim may be, in mm."""
LEAST_WIDTH, LEAST_HEIGHT = 40, 40
"""How wide and how high the type area must be at least, in mm."""
MOST_BLEED = 20
"""How wide a bleed may be, in mm; more is a slip."""
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
"""The tag of a language, as far as its form goes (RFC 5646, 2.1)."""
WEB = ("https://", "http://", "mailto:", "doi:")
"""How an address may begin to which a link of the book leads."""
_STYLE_NAME = re.compile(r"[a-z0-9-]+")
"""A style of the CSL collection; anything else is the path of a file."""
_CONTROLS = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f]|{IMPOSSIBLE.pattern}")
"""What XML, and so the EPUB, cannot have (XML 1.0, 2.2), or no text."""
STEPS = 10_000_000
"""How many steps the templates of an edition may take where it does not say."""
HEAD, FOOT, BESIDE = 8.0, 9.5, 6.0
"""How far running heads, folios and line numbers reach out of the type area, in mm.

They are in `print/style.css.jinja`, and printers count them as part of the text.
"""

Tuple = BeforeValidator(
    lambda value: tuple(value) if isinstance(value, list) else value
)
Length = Annotated[float, Field(gt=0, strict=False, allow_inf_nan=False)]
Lengths = Annotated[tuple[Length, ...], Tuple]
Bleed = Annotated[float, Field(ge=0, le=MOST_BLEED, strict=False)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=LONGEST_NAME)]


def _check_isbn(isbn: str) -> str:
    if isbn and not _is_isbn(isbn):
        reason = (
            "an ISBN has 13 figures, begins with 978 or 979, and its last figure "
            "is right: look for a slip"
        )
        raise ValueError(reason)
    return isbn


def _is_isbn(isbn: str) -> bool:
    """Tell whether *isbn* is an ISBN of 13 figures (ISO 2108); 979-0 is for music."""
    figures = compact_isbn(isbn)
    return isbn_type(figures) == "ISBN13" and not figures.startswith("9790")


def compact_isbn(isbn: str) -> str:
    """Return the figures of *isbn* without hyphens and spaces."""
    figures: str = compact(isbn)
    return figures


def _check_words(words: str) -> str:
    if not words.strip() or _CONTROLS.search(words):
        reason = "it must have a word, and no control characters"
        raise ValueError(reason)
    return words


Isbn = Annotated[str, AfterValidator(_check_isbn)]
Phrase = Annotated[str, AfterValidator(_check_words)]
Strings = Annotated[tuple[Phrase, ...], Tuple]
MaybePhrase = Annotated[
    str, AfterValidator(lambda words: words and _check_words(words))
]


def _check_rule(name: str) -> str:
    if name not in RULES:
        known = ", ".join(f"`{rule}`" for rule in RULES)
        reason = suggest(name, RULES, "rule", f"the rules are {known}")
        raise ValueError(reason)
    return name


Normalisations = Annotated[
    tuple[Annotated[str, AfterValidator(_check_rule)], ...], Tuple
]


class Table(BaseModel):
    """A table of a TOML file: frozen, no key but its own, no value converted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class EditionSettings(Table):
    """What the book is: the table `[edition]`.

    *file_as* has the editors as in a catalogue, in the order of *editors*.
    """

    title: Phrase
    subtitle: MaybePhrase = ""
    statement: MaybePhrase = ""
    slug: Name
    language: str = Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")
    editors: Strings
    file_as: Strings = ()
    publisher: MaybePhrase = ""
    identifier: Phrase
    date: date
    description: MaybePhrase = ""
    subjects: Strings = ()
    rights: MaybePhrase = ""
    isbn: Isbn = ""
    blurb: MaybePhrase = ""

    @field_validator("file_as")
    @classmethod
    def _one_each(cls, names: tuple[str, ...], field: ValidationInfo) -> object:
        editors = field.data.get("editors", names)
        if names and len(names) != len(editors):
            reason = (
                f"name each editor once, in order: {len(editors)}, not {len(names)}"
            )
            raise ValueError(reason)
        return names


class TextSettings(Table):
    """One text of the edition: an entry of `[[texts]]`.

    *file* and *source* are paths from the edition folder; *sha256* is the digest of
    the source's bytes; *emphasis* says how the source marks italics; *file_as* is the
    author as in a catalogue.
    """

    kind: ClassVar[str] = "chapter"

    id: Name
    siglum: Annotated[Phrase, Field(max_length=8)]
    author: MaybePhrase
    file_as: MaybePhrase = ""
    short_title: Phrase
    date: Phrase
    appeared: Phrase
    file: Phrase
    source: Phrase
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    emphasis: Literal["asterisks", "none"] = "none"


class MatterSettings(Table):
    """A part of the front matter, by the editor: an entry of `[[front]]`.

    It has neither source nor siglum, and its author is the edition's editor. *kind*
    is a word of both EPUB's vocabulary (SSV 1.1) and DPUB-ARIA 1.1.
    """

    author: ClassVar[str] = ""
    siglum: ClassVar[str] = ""
    emphasis: ClassVar[str] = "none"

    id: Name
    kind: Literal[
        "acknowledgments",
        "dedication",
        "foreword",
        "glossary",
        "introduction",
        "preface",
        "prologue",
    ] = "preface"
    short_title: Phrase
    file: Phrase


Part = MatterSettings | TextSettings


class CollationSettings(Table):
    """How source and edited text are compared: the table `[collation]`."""

    normalise: Normalisations = (WHITE_SPACE,)


class NotesSettings(Table):
    """How notes are numbered and cite: the table `[notes]`."""

    numbering: Literal["book", "text"] = "book"
    ibid: bool = True


class BibliographySettings(Table):
    """The works and the CSL style that formats them: `[bibliography]`."""

    file: Phrase = "bibliography/works.bib"
    style: Phrase = "chicago-notes-bibliography"
    quotation_marks: Literal["style", "double", "single"] = "style"
    annotation: Annotated[str, Field(pattern=r"^[a-z][a-z0-9+:_-]*$")] = "annotation"
    uncited: Literal["error", "leave"] = "error"
    sections: Annotated[tuple[tuple[str, Phrase], ...], Tuple] = ()

    @field_validator("sections", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return tuple((str(key), str(title)) for key, title in value.items())

    @property
    def own_style(self) -> str:
        """The path of a style of the edition's own, empty for one of the collection."""
        return "" if _STYLE_NAME.fullmatch(self.style) else self.style


class PrintSettings(Table):
    """The printed page, all lengths in mm: the table `[print]`."""

    trim: Annotated[Lengths, Field(min_length=2, max_length=2)] = (140.0, 216.0)
    margins: Annotated[Lengths, Field(min_length=4, max_length=4)] = (
        21.0,
        15.0,
        32.0,
        20.0,
    )
    lines: Literal["total-fit", "first-fit"] = "total-fit"
    apparatus: Literal["foot", "back", "none"] = "foot"
    line_numbers: int = Field(default=5, ge=0)
    preset: str = ""
    bleed: Bleed | None = None
    cover_bleed: Bleed | None = None
    marks: bool = False
    signature: Literal[2, 4, 8, 16, 32] = 2
    paper: str = ""
    caliper: Annotated[float, Field(gt=0, le=1, strict=False)] | None = None

    @field_validator("preset", "paper")
    @classmethod
    def _known(cls, name: str, field: ValidationInfo) -> str:
        known = PRINTERS if field.field_name == "preset" else PAPERS
        if name and name not in known:
            reason = f"known are {', '.join(f'`{one}`' for one in known)}"
            raise ValueError(reason)
        return name

    @field_validator("trim")
    @classmethod
    def _possible(cls, trim: tuple[float, ...]) -> tuple[float, ...]:
        if not all(SHORTEST_SIDE <= side <= LONGEST_SIDE for side in trim):
            limits = f"{SHORTEST_SIDE} and {LONGEST_SIDE} mm"
            reason = f"each side of the trim must be between {limits}"
            raise ValueError(reason)
        return trim

    @property
    def press(self) -> Press:
        """How the edition is printed: what is set here, else what the preset says."""
        asks = PRINTERS.get(self.preset)
        page, cover = (asks.page_bleed, asks.cover_bleed) if asks else (BLEED, BLEED)
        paper = self.paper or ((asks.paper or "") if asks else "white-90")
        return Press(
            trim=(self.trim[0], self.trim[1]),
            inner=self.margins[3],
            bleed=page if self.bleed is None else self.bleed,
            cover_bleed=cover if self.cover_bleed is None else self.cover_bleed,
            marks=self.marks,
            signature=self.signature,
            paper="" if self.caliper else paper,
            caliper=self.caliper or PAPERS.get(paper),
            printer=self.preset,
        )


class EpubSettings(Table):
    """What the EPUB has beside its texts: the table `[epub]`."""

    fonts: bool = True
    isbn: Isbn = ""
    page_list: bool = True


class LimitsSettings(Table):
    """How much what works on an edition may take: the table `[limits]`.

    *seconds* and *megabytes* are for each call of pandoc; the time is that for a text
    of 100,000 characters or fewer, a longer one has more. *steps* are for all templates
    together: rounds of loops, calls, included templates.
    """

    seconds: Annotated[float, Field(gt=0, le=600, strict=False)] = 10.0
    megabytes: int = Field(default=1024, ge=64, le=16384)
    steps: int = Field(default=STEPS, ge=1000, le=1_000_000_000)


class Settings(Table):
    """Everything that edition.toml says."""

    edition: EditionSettings
    front: Annotated[tuple[MatterSettings, ...], Tuple] = ()
    texts: Annotated[tuple[TextSettings, ...], Tuple, Field(min_length=1)]
    collation: CollationSettings = CollationSettings()
    notes: NotesSettings = NotesSettings()
    bibliography: BibliographySettings = BibliographySettings()
    print: PrintSettings = PrintSettings()
    epub: EpubSettings = EpubSettings()
    limits: LimitsSettings = LimitsSettings()

    @property
    def language_code(self) -> str:
        """The language without its country: `en` of `en-GB`."""
        return self.edition.language.partition("-")[0]


def read_settings(
    raw: str, report: Report, path: str = SETTINGS_PATH
) -> Settings | None:
    """Read *raw*, the text of the file at *path*.

    Every fault is added to *report* with its line, and nothing is returned then.
    """
    file = File(path=path, raw=raw)
    table, keys = read_toml(file, report), Keys(file)
    if table is None:
        return None
    try:
        settings = Settings.model_validate(table)
    except ValidationError as invalid:
        _report_invalid(invalid, keys, report)
        return None
    with report.apart() as own:
        _check_distinct(settings, keys, own)
        _check_reserved(settings, keys, own)
        _check_paths(settings, keys, own)
        _check_area(settings.print, keys, own)
        _check_printer(settings.print, keys, own)
    return settings if own.sound else None


def _report_invalid(invalid: ValidationError, keys: Keys, report: Report) -> None:
    for fault in invalid.errors():
        place = [part for part in fault["loc"] if part != "function-before"]
        span = keys.find(place)
        name = ".".join(str(part) for part in place)
        match fault["type"]:
            case "extra_forbidden":
                otherwise = "docs/EDITING.md lists the settings"
                hint = suggest(
                    str(place[-1]),
                    fields_at(Settings, place[:-1]),
                    "setting",
                    otherwise,
                )
                report.error("L-004", f"the setting `{name}` is unknown", span, hint)
            case "missing":
                hint = f"add `{place[-1]} = …`"
                report.error("L-009", f"the setting `{name}` is missing", span, hint)
            case _:
                message = fault["msg"].removeprefix("Value error, ")
                hint = HINTS.get(fault["type"], message[:1].lower() + message[1:])
                report.error("L-005", f"the setting `{name}` is not valid", span, hint)


def fields_at(model: type[BaseModel], place: Sequence[object]) -> tuple[str, ...]:
    """Return the keys that the table at *place* within *model* may have.

    Where no table stands, they are those of the nearest one above.
    """
    for part in place:
        if isinstance(part, str):
            model = _model_in(model.model_fields[part].annotation) or model
    return tuple(model.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _find_parts(settings: Settings) -> Iterator[tuple[list[object], Part]]:
    """Yield each part that an editor writes, with the place of its table."""
    yield from ((["front", n], part) for n, part in enumerate(settings.front))
    yield from ((["texts", n], text) for n, text in enumerate(settings.texts))


def _check_distinct(settings: Settings, keys: Keys, report: Report) -> None:
    for field in ("id", "siglum"):
        seen = {""}
        for place, part in _find_parts(settings):
            value = getattr(part, field)
            if value and value in seen:
                span = keys.find([*place, field])
                message = f"two texts have the {field} `{value}`"
                report.error("L-005", message, span, f"give each text its own {field}")
            seen.add(value)


def _check_reserved(settings: Settings, keys: Keys, report: Report) -> None:
    for place, part in _find_parts(settings):
        if part.id in RESERVED_IDS:
            span = keys.find([*place, "id"])
            message = f"the id `{part.id}` is the builder's own"
            hint = f"name the text otherwise; taken are {', '.join(RESERVED_IDS)}"
            report.error("L-005", message, span, hint)


def _check_paths(settings: Settings, keys: Keys, report: Report) -> None:
    named: list[tuple[list[object], str]] = [
        (["bibliography", "file"], settings.bibliography.file),
        (["bibliography", "style"], settings.bibliography.own_style),
    ]
    for place, part in _find_parts(settings):
        named += [([*place, "file"], part.file)]
    for index, text in enumerate(settings.texts):
        named += [(["texts", index, "source"], text.source)]
    for place, value in named:
        if leaves_folder(value):
            report.error(
                "L-006",
                f"the path `{value}` leaves the edition folder",
                keys.find(place),
                "name a file inside the edition folder, from that folder on",
            )


def _check_area(settings: PrintSettings, keys: Keys, report: Report) -> None:
    """Report margins that leave too little of the page."""
    (width, height), (top, outer, bottom, inner) = settings.trim, settings.margins
    width, height = width - outer - inner, height - top - bottom
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        left = f"{max(width, 0):g} × {max(height, 0):g} mm"
        message = f"the margins leave {left} of the page for the text"
        least = f"leave {LEAST_WIDTH} × {LEAST_HEIGHT} mm or more"
        hint = f"{least}; the order is top, outer, bottom, inner"
        report.error("L-005", message, keys.find(["print", "margins"]), hint)


def _check_printer(settings: PrintSettings, keys: Keys, report: Report) -> None:
    """Report what the printer of the preset would send back."""
    asks = PRINTERS.get(settings.preset)
    if asks is None:
        return
    for name, message, hint in _clashes(settings, asks):
        span = keys.find(["print", name])
        report.error("L-005", f"`{settings.preset}` takes {message}", span, hint)


def _clashes(settings: PrintSettings, asks: Printer) -> Iterator[tuple[str, str, str]]:
    """Yield the setting, what *asks* allows and a hint for each that is not met."""
    if settings.marks:
        yield "marks", "no crop marks", "take `marks` out"
    if settings.bleed:
        hint = "take `bleed` out: the pages are sent at their trim"
        yield "bleed", "no bleed on all four sides of a page", hint
    if settings.cover_bleed is not None and settings.cover_bleed < asks.cover_bleed:
        message = f"no cover with less than {asks.cover_bleed:.3f} mm of bleed"
        yield "cover_bleed", message, "take `cover_bleed` out, or make it wider"
    if asks.trims:
        least, most = asks.trims
        limits = f"{least[0]:.1f} × {least[1]:.1f} to {most[0]:.1f} × {most[1]:.1f} mm"
        fits = zip(least, settings.trim, most, strict=True)
        if not all(low <= side <= high for low, side, high in fits):
            yield "trim", f"a trim from {limits} only", "choose a trim in that range"
    margin, gutter = asks.margin, asks.gutter(0)
    beside = BESIDE if settings.line_numbers else 0.0
    needed = (margin + HEAD, margin + beside, margin + FOOT, gutter)
    sides = ("top", "outer", "bottom", "inner")
    for side, least_, set_ in zip(sides, needed, settings.margins, strict=True):
        if set_ < least_:
            message = f"a margin of {least_:.1f} mm or more at the {side}, not {set_:g}"
            yield (
                "margins",
                message,
                "widen it: folios, running heads and line numbers stand in it",
            )


def find_templates(folder: Path) -> list[Path]:
    """Return the folders with templates, the edition's before the builder's own."""
    folders = dict.fromkeys([folder / OWN_TEMPLATES, TEMPLATES])
    return [path for path in folders if path.is_dir()]


def leaves_folder(path: str) -> bool:
    """Tell whether the relative *path* is absolute or climbs above its folder."""
    parts = PurePosixPath(path.replace("\\", "/"))
    return parts.is_absolute() or ".." in parts.parts or ":" in path
