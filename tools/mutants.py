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
from typing import TYPE_CHECKING, Any

from mutmut.mutation.file_mutation import create_mutations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "recension"
LISTS = ROOT / "tests" / "mutants.toml"
FAST, SLOW = ("-m", "not slow"), ("-m", "slow", "--small")
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
    """Copies of the repository, one for each run at a time, and what runs took there.

    *lists* is what tests/mutants.toml says.
    """

    folder: Path
    lists: Mapping[str, Any]
    free: SimpleQueue[Path] = field(default_factory=SimpleQueue)
    seconds: dict[tuple[str, ...], float] = field(default_factory=dict)

    def copy(self, name: str) -> None:
        """Copy what git knows of the repository."""
        listed = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        done = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True)
        target = self.folder / name
        for file in done.stdout.decode().rstrip("\0").split("\0"):
            if (ROOT / file).is_file():
                (target / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / file, target / file)
        self.free.put(target)

    def find_runs(self, path: str) -> list[tuple[str, ...]]:
        """Return the arguments of pytest for each run of a mutant of *path*."""
        rows = self.lists["tests"]
        row = rows[max((key for key in rows if path.startswith(key)), key=len)]
        files = tuple(f"tests/test_{name}.py" for name in row["files"])
        runs = [(*FAST, *files), (*SLOW, *files)]
        if "problems" in row:
            cases = ("tests/test_problems.py", "tests/test_epub_lint.py")
            runs.append((*SLOW, *cases, "-k", f"[{row['problems']}"))
        return runs

    def run_sound(self, runs: Sequence[tuple[str, ...]]) -> None:
        """Run each of *runs* on the sound code, which it must find sound."""
        for run in runs:
            start = time.perf_counter()
            copy = self.free.get()
            done = _run(copy, run)
            self.free.put(copy)
            if done.returncode not in UNNOTICED:
                sys.exit(f"without a mutant these tests fail:\n{done.stdout}")
            self.seconds[run] = time.perf_counter() - start

    def judge(self, mutant: Mutant) -> str:
        """Return what became of *mutant*."""
        copy = self.free.get()
        file = copy / mutant.path
        sound = file.read_text("utf-8")
        file.write_text(mutant.code, "utf-8")
        try:
            for number, run in enumerate(self.find_runs(mutant.path)):
                if self._fails(copy, run):
                    return KILLED_LATE if number else KILLED
        finally:
            file.write_text(sound, "utf-8")
            self.free.put(copy)
        known = (mutant.path, mutant.was, mutant.now)
        rows = self.lists.get("equivalent", [])
        same = {(row["file"], row["was"], row["now"]) for row in rows}
        return EQUIVALENT if known in same else SURVIVED

    def _fails(self, copy: Path, run: tuple[str, ...]) -> bool:
        try:
            done = _run(copy, run, PATIENCE * self.seconds[run] + PATIENCE)
        except subprocess.TimeoutExpired:
            return True
        return done.returncode not in UNNOTICED


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
        module = max((row for row in rows if mutant.path.startswith(row)), key=len)
        counts.setdefault(module, Counter())[fate] += 1
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
        for number in range(wanted.jobs):
            bench.copy(str(number))
        runs = {run for mutant in mutants for run in bench.find_runs(mutant.path)}
        bench.run_sound(sorted(runs))
        fates = []
        for mutant, fate in zip(
            mutants, runners.map(bench.judge, mutants), strict=True
        ):
            print(f"{fate}: {mutant}", file=sys.stderr, flush=True)
            fates.append((mutant, fate))
    print(tell(fates, list(lists["tests"])))


if __name__ == "__main__":
    main()
