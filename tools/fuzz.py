"""Spoil editions at random and see what the builder says: nothing may pass in silence.

Each case is a copy of one of the editions of the tests with a few changes of the kinds
that editors, their programs and strangers make. It is checked and built as far as an
EPUB; one in some also as PDF. What is wrong of the builder is one of `KINDS`; the case
is kept in .cache/fuzz, with what was told, to become a test.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
import tomllib
import traceback
import unicodedata
import zipfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from recension import build
from recension.problems import BookError, Problem, Report, ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
EDITIONS = ("minimal", "critical")
KEPT = ROOT / ".cache" / "fuzz"
KINDS = ("traceback", "internal", "nowhere", "unnoticed", "lost", "changed")
"""A traceback; a mark of the builder's own in a message; a problem without a file; a
changed text that passes; a word that the EPUB lacks; a failed build that left files."""
_INTERNAL = re.compile(
    r'[\ufdd0-\ufdef\ue000-\uf8ff]|pos="\d|\{"t":|<lxml|0x[0-9a-f]{6}'
)
_WORD = re.compile(r"\w+")
_PAGE_LIST = "[epub]\npage_list = false\n"
_PUT = tomllib.loads((ROOT / "tools" / "fuzz.toml").read_text("utf-8"))
"""What is put into editions: `pieces` of notation, `fields`, `values` of settings."""
_BOTH = 0.4
"""How many of the cases change a text and its source alike, of 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong of the builder in the case *seed*: its *kind*, and the words."""

    seed: int
    kind: str
    told: str


# --- changes -------------------------------------------------------------------------


def put_in(text: str, dice: random.Random) -> str:
    """Put a piece of notation, or a strange sign, anywhere."""
    at = dice.randrange(len(text) + 1)
    return text[:at] + dice.choice(_PUT["pieces"]) + text[at:]


def put_at_line(text: str, dice: random.Random) -> str:
    """Put it where a line begins."""
    lines = text.split("\n")
    at = dice.randrange(len(lines))
    lines[at] = dice.choice(_PUT["pieces"]) + lines[at]
    return "\n".join(lines)


def take_out(text: str, dice: random.Random) -> str:
    """Take some characters away."""
    at = dice.randrange(len(text) + 1)
    return text[:at] + text[at + dice.choice((1, 1, 2, 5, 40)) :]


def repeat(text: str, dice: random.Random) -> str:
    """Say some of it twice, or very often."""
    at, size = dice.randrange(len(text) + 1), dice.choice((1, 8, 80))
    return (
        text[:at] + text[at : at + size] * dice.choice((2, 2, 300)) + text[at + size :]
    )


def swap_lines(text: str, dice: random.Random) -> str:
    """Exchange two lines."""
    lines = text.split("\n")
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def enclose(text: str, dice: random.Random) -> str:
    """Put a mark round some words."""
    at = dice.randrange(len(text) + 1)
    end = at + dice.choice((1, 6, 30, 200))
    opening, closing = dice.choice(
        (("*", "*"), ("[", ']{sic="x"}'), ("[", "]{.title}"), ("[", "]{lang=la}"),
         ("\n> ", "\n"), ("\n::: epigraph\n", "\n:::\n"), ("“", "”"), ("^", "^"),
         ("\n- ", "\n"), ("[", "](#a)"), ("<!--", "-->"), ("`", "`"))
    )  # fmt: skip
    return text[:at] + opening + text[at:end] + closing + text[end:]


def change_value(text: str, dice: random.Random) -> str:
    """Give a setting of TOML another value."""
    keys = [found.end() for found in re.finditer(r"(?m)^\w+ = ", text)]
    at = dice.choice(keys) if keys else 0
    end = text.find("\n", at)
    return text[:at] + dice.choice(_PUT["values"]) + text[end:]


def change_field(text: str, dice: random.Random) -> str:
    """Give an entry of BibTeX another field."""
    ends = [found.end() for found in re.finditer(r",\n", text)]
    at = dice.choice(ends) if ends else 0
    return text[:at] + f"  {dice.choice(_PUT['fields'])},\n" + text[at:]


def put_into_both(folder: Path, dice: random.Random) -> str:
    """Put a piece into a text and its source, where both have the same words."""
    text = dice.choice(sorted((folder / "book" / "texts").glob("*.md")))
    source = folder / "book" / "sources" / f"{text.stem}.txt"
    edited, written = text.read_text("utf-8"), source.read_text("utf-8")
    phrases = [
        found[0]
        for found in re.finditer(r"(?<=\s)\w+ \w+ \w+(?=\s)", written)
        if edited.count(found[0]) == written.count(found[0]) == 1
    ]
    phrase, piece = dice.choice(phrases), dice.choice(_PUT["pieces"])
    before = hashlib.sha256(source.read_bytes()).hexdigest()
    for path, wording in ((text, edited), (source, written)):
        path.write_text(wording.replace(phrase, f"{phrase}{piece}"), "utf-8")
    settings, after = folder / "book" / "edition.toml", source.read_bytes()
    told = settings.read_text("utf-8")
    told = told.replace(before, hashlib.sha256(after).hexdigest())
    settings.write_text(told, "utf-8")
    return f"put_into_both {text.name}: {piece!r} behind {phrase!r}"


OF_ALL = (put_in, put_in, put_at_line, take_out, repeat, swap_lines)
OF_KIND: dict[str, tuple[Callable[[str, random.Random], str], ...]] = {
    ".md": (enclose, enclose),
    ".toml": (change_value, change_value, change_value),
    ".bib": (change_field, change_field),
}
"""The changes of any file, and those of a file by its ending."""


def spoil(folder: Path, dice: random.Random) -> list[str]:
    """Change one to three places in the edition in *folder*; say which."""
    files = sorted(p for p in folder.rglob("*") if p.suffix in (*OF_KIND, ".txt"))
    weights = [6 if path.suffix == ".md" else 1 for path in files]
    if dice.random() < _BOTH:
        return [put_into_both(folder, dice)]
    said = []
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        (path,) = dice.choices(files, weights)
        change = dice.choice((*OF_ALL, *OF_KIND.get(path.suffix, ())))
        text = path.read_text("utf-8", "surrogateescape")
        written = change(text, dice).encode("utf-8", "surrogateescape")
        path.write_bytes(written)
        said.append(f"{change.__name__} {path.relative_to(folder)}")
    return said


# --- verdicts ------------------------------------------------------------------------


def judge(folder: Path, seed: int, *, pages: bool) -> Iterator[Finding]:
    """Build the edition in *folder*; yield what is wrong of the builder."""
    report, out = Report(), folder.parent / "out"
    formats = ("pdf", "epub") if pages else ("epub",)
    problems: tuple[Problem, ...] = ()
    try:
        made = build(folder, out, report, formats=formats)
    except BookError as fault:
        problems = fault.problems
        if out.exists():
            yield Finding(seed=seed, kind="changed", told="files of a failed build")
    except ToolError as fault:
        yield Finding(seed=seed, kind="traceback", told=f"ToolError: {fault}")
    except Exception:  # noqa: BLE001 - that is what is looked for
        yield Finding(seed=seed, kind="traceback", told=traceback.format_exc())
    else:
        problems = report.sorted
        yield from _compare(folder, out, made.book, seed)
    for problem in problems:
        if _INTERNAL.search(f"{problem.message} {problem.hint}"):
            yield Finding(seed=seed, kind="internal", told=str(problem))
        if not problem.span.path:
            yield Finding(seed=seed, kind="nowhere", told=str(problem))


def _compare(folder: Path, out: Path, book: Any, seed: int) -> Iterator[Finding]:
    """Compare the words of source, edited text and EPUB, without the builder's help."""
    pages = _read_pages(next(out.glob("*.epub")))
    for text in book.texts:
        source = (folder / text.settings.source).read_text("utf-8")
        undone = "".join(piece.reading for piece in text.pieces)
        if _words(source) != _words(undone):
            told = f"{text.settings.id}: the pieces do not make the source"
            yield Finding(seed=seed, kind="unnoticed", told=told)
        lemmas = "".join(piece.lemma for piece in text.pieces)
        if _words(lemmas) != _words(pages[text.settings.id]):
            told = f"{text.settings.id}: the EPUB has not the words of the text"
            yield Finding(seed=seed, kind="lost", told=told)


def _words(wording: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", wording.replace("\u00ad", ""))
    return _WORD.findall(plain.replace("_", " "))


def _read_pages(epub: Path) -> dict[str, str]:
    """Return the words of the texts of *epub* by their ids, notes left out."""
    found: dict[str, str] = {}
    with zipfile.ZipFile(epub) as packed:
        for name in packed.namelist():
            if name.endswith(".xhtml"):
                root = etree.fromstring(packed.read(name))
                for section in root.iterfind(".//{*}section[@class='text']"):
                    id_ = section.get("id", "").removeprefix("text-")
                    found[id_] = "".join(_spaced(section))
    return found


def _spaced(element: Any) -> Iterator[str]:
    """Yield the texts in *element*, blocks divided by spaces."""
    if element.get("class") == "noteref":
        return
    block = etree.QName(element).localname in ("p", "li", "h1", "h2", "h3", "div", "br")
    yield " " if block else ""
    yield element.text or ""
    for child in element:
        yield from _spaced(child)
        yield child.tail or ""
    yield " " if block else ""


# --- runs ----------------------------------------------------------------------------


def run(seed: int, pages_in: int) -> list[Finding]:
    """Try the case of *seed*; one in *pages_in* has pages. Keep it if it finds."""
    dice = random.Random(seed)  # noqa: S311 - it shall be the same again
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "edition"
        shutil.copytree(ROOT / "tests" / dice.choice(EDITIONS), folder)
        settings = folder / "book" / "edition.toml"
        pages = dice.randrange(pages_in) == 0
        if not pages:
            text = settings.read_text("utf-8")
            settings.write_text(f"{text}\n{_PAGE_LIST}", "utf-8")
        said = spoil(folder, dice)
        with contextlib.redirect_stderr(None):
            findings = list(judge(folder, seed, pages=pages))
        if findings:
            _keep(folder, findings, said)
    return findings


def _keep(folder: Path, findings: list[Finding], said: list[str]) -> None:
    digest = hashlib.sha256(findings[0].told.encode()).hexdigest()[:8]
    target = KEPT / f"{findings[0].kind}-{findings[0].seed}-{digest}"
    shutil.copytree(folder, target, dirs_exist_ok=True)
    told = [f"{one.kind}: {one.told}" for one in findings]
    (target / "told.txt").write_text("\n".join([*said, *told]) + "\n", "utf-8")


def main() -> int:
    """Run cases for so many seconds; print how many there were and what they found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", type=int, default=0, help="the first case")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--pages", type=int, default=20, help="one in so many has pages"
    )
    options = parser.parse_args()
    until, seed = time.monotonic() + options.seconds, options.seed
    cases, kinds = 0, Counter[str]()
    with ProcessPoolExecutor(options.workers) as pool:
        while time.monotonic() < until:
            batch = range(seed, seed + 4 * options.workers)
            seed = batch.stop
            for findings in pool.map(run, batch, [options.pages] * len(batch)):
                cases += 1
                kinds.update({finding.kind for finding in findings})
                for finding in findings:
                    last = finding.told.strip().splitlines()[-1]
                    print(f"{finding.seed} {finding.kind}: {last[:160]}", flush=True)
    print(
        json.dumps({"cases": cases, "next": seed, **dict.fromkeys(KINDS, 0), **kinds})
    )
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
