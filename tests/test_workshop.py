"""A workshop: what is made of a revision is what a clean build would make of it."""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import CRITICAL, MINIMAL, ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recension import Workshop, build
from recension.problems import BookError, Report
from recension.store import Store
from recension.workroom import Here, Workroom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recension.problems import Problem

pytestmark = pytest.mark.slow

WHOLE = "RECENSION_SEQUENCES" in os.environ
SEQUENCES = int(os.environ.get("RECENSION_SEQUENCES", "20"))
"""How many sequences of revisions are tried: 200 and more where the engine changes.

Then all files are compared after each revision, else after the last and before it what
the files are made from: the pages and the problems.
"""


# --- revisions -----------------------------------------------------------------------


def texts_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("book/texts/*.md"))


def change_text(
    folder: Path, dice: random.Random, change: Callable[[str], str]
) -> None:
    """Change a text of the edition, if there still is one."""
    if paths := texts_of(folder):
        path = dice.choice(paths)
        path.write_text(change(path.read_text("utf-8")), "utf-8")


def change_word(folder: Path, dice: random.Random) -> None:
    """Change a word, of a note for the most part: elsewhere it is a fault."""

    def change(text: str) -> str:
        lines = text.split("\n")
        notes = [n for n, line in enumerate(lines) if line.startswith("[^")]
        some = notes if notes and dice.random() < 0.8 else range(len(lines))
        at = dice.choice(list(some))
        words = lines[at].split(" ")
        words.insert(dice.randrange(len(words)) + 1, dice.choice(WORDS))
        lines[at] = " ".join(words)
        return "\n".join(lines)

    change_text(folder, dice, change)


WORDS = ("peut-être", "Lambert", "*vu*", "1931", "« vraiment »", "office", "ainsi")


def add_note(folder: Path, dice: random.Random) -> None:
    """Call a note behind a full stop, and define it."""
    name = f"n{dice.randrange(1000)}"

    def change(text: str) -> str:
        stops = [n for n, sign in enumerate(text) if sign == "." and n]
        at = dice.choice(stops) + 1
        body = dice.choice(("Une note.", "See.", "Voir *l’atelier*. " * 9))
        return f"{text[:at]}[^{name}]{text[at:]}\n\n[^{name}]: {body}\n"

    change_text(folder, dice, change)


def remove_note(folder: Path, dice: random.Random) -> None:
    """Take out the last definition, and its call."""

    def change(text: str) -> str:
        before, mark, rest = text.rpartition("\n[^")
        name = rest.partition("]")[0]
        return before.replace(f"[^{name}]", "") + "\n" if mark else text

    change_text(folder, dice, change)


def emend(folder: Path, dice: random.Random) -> None:
    """Emend a word, which stays proved."""

    def change(text: str) -> str:
        words = text.split(" ")
        plain = [n for n, word in enumerate(words) if word.isalpha()]
        at = dice.choice(plain)
        words[at] = f'[{words[at].upper()}]{{sic="{words[at]}" why="essai"}}'
        return " ".join(words)

    change_text(folder, dice, change)


def cite(folder: Path, dice: random.Random) -> None:
    """Cite a work once more, in the last note."""
    key = dice.choice(("morel1907", "vidal1931", "nobody1900"))
    change_text(
        folder, dice, lambda text: f"{text.rstrip()} [@{key}, {dice.randrange(99)}].\n"
    )


def rename_anchor(folder: Path, dice: random.Random) -> None:
    """Give an anchor another name, here and where it is named, or not there."""
    times = dice.choice((1, -1))
    change_text(folder, dice, lambda text: text.replace("#atelier", "#salle", times))


def change_settings(folder: Path, dice: random.Random) -> None:
    """Change the trim, the lines that are numbered, the title, or the slug."""
    path = folder / "book" / "edition.toml"
    old, new = dice.choice(
        (
            ("trim = [120, 190]", f"trim = [{dice.randrange(110, 150)}, 190]"),
            ("[print]", f"[print]\nline_numbers = {dice.randrange(3)}"),
            ('title = "L’imprimerie de la', 'title = "Une imprimerie de la'),
            ('slug = "imprimerie"', 'slug = "atelier"'),
            ("2026-01-31", "2026-02-01"),
        )
    )
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def change_style(folder: Path, dice: random.Random) -> None:
    """Give the edition a style of its own, or take that away again."""
    path = folder / "templates" / "print" / "style.css.jinja"
    if path.exists() and dice.random() < 0.5:
        shutil.rmtree(folder / "templates")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    style = (ROOT / "templates" / "print" / "style.css.jinja").read_text("utf-8")
    own = dice.choice(
        (
            "p { text-indent: 2em }",
            "@page :left { @bottom-center { content: counter(pages) } }",
            ".page p { color: #333; opacity: 0.9 }",
            "h2 { string-set: recto 'x' content() }",
        )
    )
    path.write_text(f"{style}\n{own}\n", "utf-8")


def delete_file(folder: Path, dice: random.Random) -> None:
    """Delete a file of the edition, whichever."""
    if files := sorted(path for path in folder.rglob("*") if path.is_file()):
        dice.choice(files).unlink()


REVISIONS = (
    change_word,
    change_word,
    add_note,
    remove_note,
    emend,
    cite,
    rename_anchor,
    change_settings,
    change_style,
    delete_file,
)
STORE = ("leave", "leave", "delete", "spoil", "forget")
"""What may happen to the store meanwhile."""


class Desk:
    """An edition that is revised in a workshop, and built anew beside it."""

    def __init__(self, edition: Path, place: Path) -> None:
        """Copy *edition* into *place* and open a workshop for it."""
        self.place, self.folder = place, place / "edition"
        for name in ("book", "bibliography"):
            shutil.copytree(edition / name, self.folder / name)
        self.kept = [self._copy()]
        self.store = Store(place / "store", warm=True)
        room = Workroom(Here, 1, self.store)
        self.warm = place / "warm"
        self.shop = Workshop(self.folder, self.warm, room=room, stays=True)

    def _copy(self) -> Path:
        copy = Path(tempfile.mkdtemp(dir=self.place)) / "kept"
        shutil.copytree(self.folder, copy)
        return copy

    def revise(self, number: int, seed: int) -> None:
        """Make the revision *number*, or undo one if there is none of this number."""
        dice = random.Random(seed)  # noqa: S311 - it throws, it does not hide
        if number < len(REVISIONS):
            with suppress(IndexError, FileNotFoundError, ValueError):
                REVISIONS[number](self.folder, dice)
            self.kept.append(self._copy())
        else:
            shutil.rmtree(self.folder)
            shutil.copytree(dice.choice(self.kept), self.folder)

    def disturb(self, what: str, seed: int) -> None:
        """Let happen to the store *what* may happen to it."""
        files = [path for path in self.store.folder.rglob("*") if path.is_file()]
        if what == "delete":
            shutil.rmtree(self.store.folder, ignore_errors=True)
        if what == "spoil" and files:
            path = files[seed % len(files)]
            path.write_bytes(path.read_bytes()[:-7] + b"\0\0")
        if what in ("spoil", "forget", "delete"):
            for _ in range(2):
                self.store.turn()

    def look(self) -> None:
        """Hold what the workshop has laid out against what a clean one has."""
        clean = Workshop(self.folder, self.place / "clean")
        told, expected = self.shop.revise(), clean.revise()
        assert (told.book is None) == (expected.book is None)
        assert told.problems == expected.problems
        if told.book is not None:
            assert told.folios == expected.folios
            assert pages_of(self.shop) == pages_of(clean)

    def compare(self) -> None:
        """Hold the files of the workshop against those of a clean build."""
        clean = self.place / "clean"
        shutil.rmtree(clean, ignore_errors=True)
        told = self.shop.revise()
        report = Report()
        expected = fault_of(lambda: build(self.folder, clean, report))
        found = fault_of(self.shop.finish)
        assert found == expected, told.problems
        if expected is not None:
            return
        assert self.shop.problems == tuple(report.problems)
        made, wanted = dict(files_of(self.warm)), dict(files_of(clean))
        assert wanted.keys() <= made.keys(), "those of another slug stay"
        assert {name: made[name] for name in wanted} == wanted


def pages_of(shop: Workshop) -> list[tuple[object, ...]]:
    """Return what can be seen of the pages of the last good revision."""
    return shop._shown.pages if shop._shown else []


def fault_of(work: Callable[[], object]) -> tuple[Problem, ...] | None:
    """Do *work*; return the problems that stop it, None if none does."""
    try:
        work()
    except BookError as fault:
        return fault.problems
    return None


def files_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each file of *folder*; of the report what does not tell of time."""
    for path in sorted(folder.iterdir()):
        contents = path.read_bytes()
        if path.name == "report.json":
            told = json.loads(contents)
            del told["seconds"]
            contents = json.dumps(told).encode()
        yield path.name, contents


# --- claims --------------------------------------------------------------------------


@settings(
    max_examples=SEQUENCES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, len(REVISIONS) + 1),
            st.integers(0, 10**6),
            st.sampled_from(STORE),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_kept_changes_nothing(steps: list[tuple[int, int, str]]) -> None:
    """Cached = clean: after each revision all files are those of a fresh build."""
    with tempfile.TemporaryDirectory() as name:
        desk = Desk(MINIMAL, Path(name))
        desk.look()
        for place, (number, seed, happens) in enumerate(steps, start=1):
            desk.revise(number, seed)
            desk.disturb(happens, seed)
            if WHOLE or place == len(steps):
                desk.compare()
            else:
                desk.look()


def test_a_revision_tells_the_pages_that_it_changes(tmp_path: Path) -> None:
    desk = Desk(CRITICAL, tmp_path)
    first = desk.shop.revise()
    assert first.changed == tuple(range(len(first.folios)))
    assert desk.shop.revise().changed == ()
    path = texts_of(desk.folder)[0]
    text = path.read_text("utf-8")
    at = text.index("\n", text.index("\n[^") + 1)
    path.write_text(f"{text[:at]} Surely.{text[at:]}", "utf-8")
    told = desk.shop.revise()
    assert 1 <= len(told.changed) < len(first.folios) / 2
    assert desk.shop.write_page(told.changed[0]).startswith(b"%PDF-")
    assert desk.shop.draw_page(told.changed[0], 100).startswith(b"\x89PNG")
    path.write_text(text, "utf-8")
    assert desk.shop.revise().changed == told.changed


def test_a_fault_leaves_the_last_good_pages(tmp_path: Path) -> None:
    desk = Desk(MINIMAL, tmp_path)
    folios = desk.shop.revise().folios
    desk.shop.finish()
    before = dict(files_of(desk.warm))
    path = texts_of(desk.folder)[0]
    path.write_text(path.read_text("utf-8") + "\nNot in the source.\n", "utf-8")
    told = desk.shop.revise()
    assert told.book is None
    assert [problem.code for problem in told.problems] == ["K-001"]
    assert (told.folios, told.changed) == (folios, ())
    with pytest.raises(BookError):
        desk.shop.finish()
    assert dict(files_of(desk.warm)) == before


def test_a_check_tells_its_own_problems_alone(tmp_path: Path) -> None:
    """Not those of a revision before it, which are the revision's."""
    desk = Desk(MINIMAL, tmp_path)
    path = texts_of(desk.folder)[0]
    text = path.read_text("utf-8")
    path.write_text(text + "\nNot in the source.\n", "utf-8")
    assert [problem.code for problem in desk.shop.revise().problems] == ["K-001"]
    path.write_text(text.replace("[@morel1907, 31]", "[@nobody, 31]"), "utf-8")
    with pytest.raises(BookError) as told:
        desk.shop.check()
    assert [problem.code for problem in told.value.problems] == ["C-001"]
    assert [problem.code for problem in desk.shop.problems] == ["K-001"]


def test_the_book_revised_is_the_book_built_anew(tmp_path: Path) -> None:
    """The shipped book: a word of a note, a settings' change and both undone."""
    desk = Desk(ROOT, tmp_path)
    desk.compare()
    for number in (0, 2, len(REVISIONS)):
        desk.revise(number, 7)
        desk.compare()
