"""Change the code on purpose and see whether a test notices: a sample of mutants.

The mutants are those of mutmut. Its own runner takes no sample, changes functions
alone and picks the tests by a run of all of them; so each mutant is run here, in a copy
of the repository, against the tests that tests/mutants.toml names for its module: those
that lay out nothing first and, if none of them fails, the slow ones.
"""

from __future__ import annotations

import argparse
import difflib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import TYPE_CHECKING, Any

from mutmut.mutation.file_mutation import create_mutations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "recension"
LISTS = ROOT / "tests" / "mutants.toml"
SOUND = "sound"
FAST, SLOW = ("-m", "not slow"), ("-m", "slow", "--small")
CASES = ("tests/test_problems.py", "tests/test_epub_lint.py")
"""The tests that go through the folders of tests/problems."""
UNNOTICED = (0, 5)
"""Exit statuses of pytest: all tests passed, or there was none."""
PATIENCE = 10
"""How many times as long as with the sound code a run may take: else it hangs."""
KILLED, KILLED_LATE, SURVIVED, EQUIVALENT = "killed", "late", "survived", "equivalent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A change of the file *path* at *line*: *was* is now *now*, the file *code*."""

    path: str
    line: int
    was: str
    now: str
    code: str

    def __str__(self) -> str:
        """Return where the mutant is and what it changes."""
        return f"{self.path}:{self.line}\n    - {self.was}\n    + {self.now}"


# --- the mutants -------------------------------------------------------------------


def sample_mutants(count: int, seed: int, below: str) -> list[Mutant]:
    """Return *count* mutants of what is *below* a folder of the package, or is it.

    Places of the code are drawn by *seed*, then a change of those possible there.
    """
    chance = random.Random(seed)  # noqa: S311 - nothing is to be kept secret
    places = [
        (path, module, changes)
        for path in sorted((ROOT / PACKAGE).rglob("*.py"))
        if path.relative_to(ROOT).as_posix().startswith(below)
        for module, changes in _find_places(path)
    ]
    drawn = chance.sample(places, min(count, len(places)))
    return [_make(path, module, chance.choice(made)) for path, module, made in drawn]


def _find_places(path: Path) -> Iterator[tuple[Any, list[Any]]]:
    """Yield for each node of the file *path* its tree and what can be made of it."""
    module, changes, *_ = create_mutations(str(path), path.read_text("utf-8"))
    places: dict[int, list[Any]] = {}
    for change in changes:
        places.setdefault(id(change.original_node), []).append(change)
    yield from ((module, made) for made in places.values())


def _make(path: Path, module: Any, change: Any) -> Mutant:
    changed = module.deep_replace(change.original_node, change.mutated_node)
    before, after = module.code.split("\n"), changed.code.split("\n")
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    blocks = (block for tag, *block in matcher.get_opcodes() if tag != "equal")
    start, stop, first, last = next(blocks)
    return Mutant(
        path=path.relative_to(ROOT).as_posix(),
        line=start + 1,
        was=" ".join(line.strip() for line in before[start:stop]),
        now=" ".join(line.strip() for line in after[first:last]),
        code=changed.code,
    )


# --- the runs ----------------------------------------------------------------------


@dataclass(slots=True)
class Bench:
    """Copies of the repository in a *folder*: a sound one, the others for mutants.

    *lists* is what tests/mutants.toml says; *free* are the copies that are not in use,
    *seconds* is how long each run takes in the sound one.
    """

    folder: Path
    lists: Mapping[str, Any]
    free: SimpleQueue[Path] = field(default_factory=SimpleQueue)
    seconds: dict[tuple[str, ...], float] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def set_up(self, jobs: int) -> None:
        """Copy what git knows of the repository, for so many *jobs* at a time."""
        listed = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        done = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True)
        names = done.stdout.decode().rstrip("\0").split("\0")
        for copy in (self.folder / SOUND, *(self.folder / str(n) for n in range(jobs))):
            for name in names:
                if (ROOT / name).is_file():
                    (copy / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / name, copy / name)
            if copy.name != SOUND:
                self.free.put(copy)

    def judge(self, mutant: Mutant) -> str:
        """Return what became of *mutant*."""
        copy = self.free.get()
        file = copy / mutant.path
        sound = file.read_text("utf-8")
        file.write_text(mutant.code, "utf-8")
        try:
            for number, run in enumerate(self._find_runs(mutant.path)):
                if self._fails(copy, run):
                    return KILLED_LATE if number else KILLED
        finally:
            file.write_text(sound, "utf-8")
            self.free.put(copy)
        told = (mutant.path, mutant.was, mutant.now)
        rows = self.lists["equivalent"]
        known = {(row["file"], row["was"], row["now"]) for row in rows}
        return EQUIVALENT if told in known else SURVIVED

    def _find_runs(self, path: str) -> Iterator[tuple[str, ...]]:
        """Yield the arguments of pytest for each run of a mutant of the file *path*."""
        row = self.lists["tests"][find_row(path, self.lists["tests"])]
        files = [f"tests/test_{name}.py" for name in row["files"]]
        yield (*FAST, *files)
        yield (*SLOW, *files)
        if "problems" in row:
            names = " or ".join(f"[{beginning}" for beginning in row["problems"])
            yield (*SLOW, *CASES, "-k", names)

    def _fails(self, copy: Path, run: tuple[str, ...]) -> bool:
        try:
            done = _run(copy, run, PATIENCE * (self._measure(run) + 1))
        except subprocess.TimeoutExpired:
            return True
        return done.returncode not in UNNOTICED

    def _measure(self, run: tuple[str, ...]) -> float:
        """Return how many seconds *run* takes on the sound code, where it must pass."""
        with self.lock:
            if run not in self.seconds:
                start = time.perf_counter()
                done = _run(self.folder / SOUND, run)
                if done.returncode not in UNNOTICED:
                    reason = f"tests fail without a mutant:\n{done.stdout}"
                    raise RuntimeError(reason)
                self.seconds[run] = time.perf_counter() - start
            return self.seconds[run]


def find_row(path: str, rows: Iterable[str]) -> str:
    """Return the one of *rows* that fits the *path* of a module best."""
    return max((row for row in rows if path.startswith(row)), key=len)


def _run(
    copy: Path, arguments: Sequence[str], seconds: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run pytest in a *copy*, until the first test fails."""
    command = (sys.executable, "-m", "pytest", "-x", "-q", "--hypothesis-seed=0")
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", *arguments],
        cwd=copy,
        # compiled files are told by time and size, which a mutant may share
        env=os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        capture_output=True,
        text=True,
        timeout=seconds,
    )


# --- the table ---------------------------------------------------------------------


def tell(fates: Sequence[tuple[Mutant, str]], rows: Sequence[str]) -> str:
    """Return a table of the *fates* by module, and each mutant that survived."""
    counts: dict[str, Counter[str]] = {}
    for mutant, fate in fates:
        row = find_row(mutant.path, rows)
        counts.setdefault(row, Counter())[fate] += 1
    width = max(map(len, counts)) + 2
    heads = ("run", KILLED, KILLED_LATE, SURVIVED, EQUIVALENT, "score")
    lines = [" " * width + "".join(f"{head:>12}" for head in heads)]
    for name, found in sorted(counts.items()):
        lines.append(f"{name:<{width}}{_count(found)}")
    total = sum(counts.values(), Counter())
    lines += [f"{'all':<{width}}{_count(total)}", ""]
    left = [mutant for mutant, fate in fates if fate == SURVIVED]
    lines += map(str, sorted(left, key=lambda mutant: (mutant.path, mutant.line)))
    return "\n".join(lines)


def _count(found: Counter[str]) -> str:
    killed, late = found[KILLED], found[KILLED_LATE]
    survived, same = found[SURVIVED], found[EQUIVALENT]
    told = killed + late + survived
    score = f"{(killed + late) / told:.0%}" if told else "–"
    numbers = (told + same, killed, late, survived, same, score)
    return "".join(f"{number:>12}" for number in numbers)


def main() -> None:
    """Run the sample that the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--count", type=int, default=300, help="how many mutants")
    parser.add_argument("--seed", type=int, default=0, help="what decides which")
    parser.add_argument("--below", default=PACKAGE, help="a folder or file to change")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time")
    wanted = parser.parse_args()
    mutants = sample_mutants(wanted.count, wanted.seed, wanted.below)
    lists = tomllib.loads(LISTS.read_text("utf-8"))
    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(wanted.jobs) as runners,
    ):
        bench = Bench(Path(folder), lists)
        bench.set_up(wanted.jobs)
        fates = []
        judged = runners.map(bench.judge, mutants)
        for mutant, fate in zip(mutants, judged, strict=True):
            print(f"{fate}: {mutant}", file=sys.stderr, flush=True)
            fates.append((mutant, fate))
    print(tell(fates, list(lists["tests"])))


if __name__ == "__main__":
    main()
