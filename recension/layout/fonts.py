"""The fonts of an edition: which files they are, and which characters they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fontTools.ttLib import TTFont, TTLibError

from recension.problems import Report, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from recension.model import File

BOLD = 600
"""The weight from which a font counts as bold."""


def check_glyphs(files: Iterable[File], fonts: Iterable[Path], report: Report) -> None:
    """Report each printed character of *files* that one of *fonts* lacks."""
    known: set[int] | None = None
    for path in fonts:
        try:
            with TTFont(path, lazy=True) as font:
                has = set(font.getBestCmap())
        except TTLibError as fault:
            span = Span(path=f"templates/fonts/{path.name}")
            message = f"the font cannot be read: {fault}"
            report.error("Y-001", message, span, "take a sound font, or take it out")
            continue
        known = has if known is None else known & has
    for file in files:
        missing = {c for c in set(file.raw) if ord(c) not in (known or ()) and c > " "}
        for number, line in enumerate(file.raw.split("\n") if missing else [], start=1):
            for column, character in enumerate(line, start=1):
                if character in missing:
                    message = f"the font has no `{character}` (U+{ord(character):04X})"
                    span = Span(
                        path=file.path, line=number, column=column, excerpt=line
                    )
                    hint = "write it another way, or take a font that has it"
                    report.error("Y-001", message, span, hint)


def find_faces(folders: Sequence[Path]) -> dict[tuple[bool, bool], Path]:
    """Return the font files by (italic, bold): the first folder with fonts has them."""
    found: dict[tuple[bool, bool], Path] = {}
    for path in find_fonts(folders):
        with TTFont(path, lazy=True) as font:
            italic = bool(font["OS/2"].fsSelection & 1)
            found[italic, font["OS/2"].usWeightClass >= BOLD] = path
    return found


def find_fonts(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Return the fonts of the first of *folders* that has any, in order of name."""
    return next(
        (
            fonts
            for folder in folders
            if (fonts := tuple(sorted((folder / "fonts").glob("*.[ot]tf"))))
        ),
        (),
    )
