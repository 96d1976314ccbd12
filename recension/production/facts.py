"""The figures of a build, as report.json has them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass
from math import floor
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Any

from recension.layout.setting.typography import LOOSE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from recension.model import Blemish, Book, LaidOutPart, TextLedger, TextPart
    from recension.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingFacts:
    """The set pages: what *looseness* the word spaces of all justified lines have.

    It is what a space gains or loses, as a share of a normal one; *hyphens_by_page*
    counts by folio the lines that end in a hyphen of ours.
    """

    pages: int
    looseness: tuple[float, ...]
    hyphens_by_page: Mapping[str, int]
    blemishes: tuple[Blemish, ...]

    def written(self) -> dict[str, Any]:
        """Return what report.json has of it."""
        gains = self.looseness
        steps = sorted(Counter(floor(gain * 10) for gain in gains).items())
        return {
            "pages": self.pages,
            "lines": {
                "set": len(gains),
                "over_twice_normal": sum(gain > LOOSE for gain in gains),
                "hyphens": sum(self.hyphens_by_page.values()),
            },
            "word_spaces": {
                "mean_gain": round(fmean(gains), 3) if gains else 0.0,
                "standard_deviation": round(pstdev(gains), 3) if gains else 0.0,
                "lines_by_gain": {f"{step / 10:+.1f}": count for step, count in steps},
            },
            "hyphens_by_page": dict(self.hyphens_by_page),
            "blemishes": [
                {"kind": one.kind, "page": one.folio, "line": one.line}
                for one in self.blemishes
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintFacts:
    """The printer's file: *pages* with the blanks of its last signature, lengths in mm.

    *paper* is its name or else its thickness; the last three are empty where there is
    no preset or no cover.
    """

    pages: int
    signature: int
    paper: str | float | None
    spine_mm: float | None
    printer_asks_for: str = ""
    spine: str = ""
    cover_mm: tuple[float, float] | None = None

    def written(self) -> dict[str, Any]:
        """Return what report.json has of it."""
        always = ("pages", "signature", "paper", "spine_mm")
        return {k: v for k, v in asdict(self).items() if v or k in always}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The figures of a build: of the *book*, of its pages and of the printer's file.

    *digest* is that of all that the pages were made from; they are *new* if they were
    laid out in this build. *printed* counts by format, then by the id of each text, the
    characters that the finished file has of it.
    """

    book: Book
    digest: str
    new: bool
    setting: SettingFacts | None
    printing: PrintFacts | None
    printed: Mapping[str, Mapping[str, int]]

    def written(self) -> dict[str, Any]:
        """Return what report.json has of them."""
        facts = _count(self.book, self.printed)
        facts["layout"] = {"digest": self.digest, "new": self.new}
        facts |= self.setting.written() if self.setting else {}
        facts |= {"print": self.printing.written()} if self.printing else {}
        return facts


def measure(parts: Sequence[LaidOutPart], pages: int) -> SettingFacts:
    """Return the figures of a book of so many *pages*, which are those of *parts*."""
    return SettingFacts(
        pages=pages,
        looseness=tuple(gain for part in parts for gain in part.looseness),
        hyphens_by_page={
            page.folio: count
            for part in parts
            for page, count in zip(part.pages, part.hyphens, strict=False)
        },
        blemishes=tuple(blemish for part in parts for blemish in part.blemishes),
    )


def write_report(
    facts: Facts,
    problems: Sequence[Problem],
    seconds: Mapping[str, float],
    target: Path,
) -> None:
    """Write report.json to *target*: figures, problems, the seconds of each stage."""
    told = facts.written()
    told |= {"problems": list(map(_tell, problems)), "seconds": dict(seconds)}
    target.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _tell(problem: Problem) -> dict[str, object]:
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "path": problem.span.path,
        "line": problem.span.line,
        "column": problem.span.column,
        "message": problem.message,
        "hint": problem.hint,
    }


def _count(book: Book, printed: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    return {
        "title": book.settings.edition.title,
        "notes": sum(len(part.notes) for part in book.parts),
        "works": sum(len(section.works) for section in book.bibliography),
        "emendations": sum(len(text.emendations) for text in book.texts),
        "ledger": [
            _account(text, part, printed)
            for text, part in zip(book.ledger.texts, book.texts, strict=True)
        ],
    }


def _measure_edited(part: TextPart) -> dict[str, object]:
    """Return the length and a digest of the text as edited."""
    digest = hashlib.sha256(part.edited.encode()).hexdigest()
    return {"characters": len(part.edited), "digest": digest}


def read_printed(part: TextPart, folder: Path) -> dict[str, int]:
    """Return what the last files in *folder* print of *part*, by format.

    There is nothing where the text has changed since, or where no report is.
    """
    try:
        told = json.loads((folder / "report.json").read_text("utf-8"))["ledger"]
        rows = {row["text"]: row for row in told}
        row = rows[part.settings.id]
        same = row["edited"] == _measure_edited(part)
        return {name: int(n) for name, n in row["printed"].items()} if same else {}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}  # there is none, or it is none of ours


def _account(
    text: TextLedger,
    part: TextPart,
    printed: Mapping[str, Mapping[str, int]],
) -> dict[str, object]:
    names = ("characters", "kept", "normalised", "emended", "omitted", "supplied")
    columns = {name: getattr(text, name) for name in names}
    return {
        "text": text.text_id,
        **columns,
        "edited": _measure_edited(part),
        "printed": {name: counts[text.text_id] for name, counts in printed.items()},
        "normalisations": dict(text.normalisations),
    }
