"""veraPDF, fetched once; the structure tree of a PDF as a reader with tags gets it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pikepdf
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

VERAPDF = "org.verapdf.apps:greenfield-apps:1.28.2"
"""The artefact of Maven Central that holds veraPDF and all it needs."""
_MAIN = "org.verapdf.apps.GreenfieldCliWrapper"
_MAP = re.compile(rb"<([0-9a-f]{4})> <([0-9a-f]+)>", re.IGNORECASE)


# --- veraPDF -----------------------------------------------------------------------


def find_verapdf() -> Path:
    """Return veraPDF's jar from the cache, fetched by Maven if it is not there.

    Where it cannot be had, the test is skipped, or fails in continuous integration.
    """
    _, name, version = VERAPDF.split(":")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    jar = cache / "recension" / f"{name}-{version}.jar"
    if not shutil.which("java"):
        do_without("veraPDF needs Java: apt-get install default-jre-headless")
    if not jar.exists():
        _fetch(jar)
    return jar


def _fetch(jar: Path) -> None:
    if not shutil.which("mvn"):
        do_without("veraPDF comes by Maven: apt-get install maven")
    options = [f"-Dartifact={VERAPDF}", f"-DoutputDirectory={jar.parent}"]
    command = ["mvn", "--quiet", "--batch-mode", "dependency:copy", *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode or not jar.exists():
        do_without(f"Maven cannot fetch veraPDF: {done.stdout}{done.stderr}")


def do_without(reason: str) -> NoReturn:
    """Skip the test for *reason*; in continuous integration, fail."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def run_verapdf(jar: Path, flavour: str, *files: Path) -> list[list[str]]:
    """Return for each of *files* the clauses that it breaks, `7.1-3` and the like.

    *flavour* is veraPDF's name of a standard: `ua1`, `2a`.
    """
    command = ["java", "-cp", jar, _MAIN, "--format", "json", "-f", flavour, *files]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    told = json.loads(done.stdout)["report"]
    broken: list[list[str]] = []
    for job in told["jobs"]:
        (result,) = job["validationResult"]
        rules = result["details"]["ruleSummaries"]
        assert result["compliant"] is (not rules)
        assert result["details"]["passedChecks"] > 0
        broken.append([f"{rule['clause']}-{rule['testNumber']}" for rule in rules])
    assert len(broken) == len(files)
    return broken


# --- tags ----------------------------------------------------------------------------


@dataclass(eq=False)
class Tag:
    """An element of the structure tree: *pieces* are its texts and kids, in order."""

    name: str
    written: Any
    above: Tag | None
    pieces: list[str | Tag] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    annotations: list[Any] = field(default_factory=list)

    @property
    def kids(self) -> list[Tag]:
        """The elements in the element."""
        return [piece for piece in self.pieces if isinstance(piece, Tag)]

    @property
    def text(self) -> str:
        """The text of the element and what it holds, words whole."""
        pieces = (p if isinstance(p, str) else p.text for p in self.pieces)
        return "".join(pieces).replace("\u00ad", "")

    def walk(self) -> Iterator[Tag]:
        """Yield the element and all that it holds, in order."""
        yield self
        for kid in self.kids:
            yield from kid.walk()

    def find(self, *names: str) -> list[Tag]:
        """Return the elements of one of *names*, in order."""
        return [tag for tag in self.walk() if tag.name in names]

    def outline(self, depth: int = 0) -> str:
        """Return the tree as lines, each element's own text behind its name."""
        own = "|".join(p for p in self.pieces if isinstance(p, str))
        line = f"{'  ' * depth}{self.name} {own}".rstrip()
        return "\n".join([line, *(kid.outline(depth + 1) for kid in self.kids)])


def read_tags(pdf: pikepdf.Pdf) -> Tag:
    """Return the structure tree of *pdf* with the text of its marked contents."""
    contents = [dict(read_contents(page)) for page in pdf.pages]
    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    root = pdf.Root.StructTreeRoot.K
    return _read_tag(root, None, contents, pages)


def _read_tag(
    written: Any,
    above: Tag | None,
    contents: list[dict[int, str]],
    pages: dict[Any, int],
) -> Tag:
    tag = Tag(str(written.S).removeprefix("/"), written, above)
    own = pages[written.Pg.objgen] if "/Pg" in written else -1
    for kid in written.get("/K", []):
        if isinstance(kid, int):
            tag.pages.append(own)
            tag.pieces.append(contents[own][kid])
        elif kid.get("/Type") == "/MCR":
            tag.pages.append(pages[kid.Pg.objgen])
            tag.pieces.append(contents[tag.pages[-1]][kid.MCID])
        elif kid.get("/Type") == "/OBJR":
            tag.annotations.append(kid.Obj)
        else:
            tag.pieces.append(_read_tag(kid, tag, contents, pages))
    return tag


def read_contents(page: pikepdf.Page) -> Iterator[tuple[int, str]]:
    """Yield the number and the text of each marked content of *page*.

    The text of an artifact has the number -1, text without a mark -2.
    """
    fonts = {name: _read_map(font) for name, font in page.resources.Font.items()}
    characters: dict[int, str] = {}
    numbers, told = [-2], ""
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BMC" | "BDC":
                tag, *rest = operands
                marks = rest[0] if rest else {}
                numbers.append(-1 if tag == "/Artifact" else int(marks["/MCID"]))
                told = str(marks["/ActualText"]) if "/ActualText" in marks else ""
            case "EMC":
                number = numbers.pop()
                yield number, told or characters.pop(number, "")
                told = ""
            case "Tf":
                characters_of = fonts[str(operands[0])]
            case "TJ":
                glyphs = (
                    bytes(o) for o in operands[0] if isinstance(o, pikepdf.String)
                )
                shown = "".join(
                    characters_of[glyph[n : n + 2]]
                    for glyph in glyphs
                    for n in range(0, len(glyph), 2)
                )
                characters[numbers[-1]] = characters.get(numbers[-1], "") + shown
    yield from characters.items()


def _read_map(font: Any) -> dict[bytes, str]:
    """Return the characters of the glyphs of *font*, two bytes each."""
    pairs = _MAP.findall(font.ToUnicode.read_bytes())
    return {
        bytes.fromhex(glyph.decode()): bytes.fromhex(text.decode()).decode("utf-16-be")
        for glyph, text in pairs
        if len(glyph) == 4
    }
