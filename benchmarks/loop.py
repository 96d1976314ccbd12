"""Time an editor's loop over a copy of an edition: `loop.py EDITION RUNS` tells JSON.

In one process that stays: a word of a note, and a sentence that moves the pages behind
it, go in and out again. Seconds until the changed page can be seen (a PNG of 110 dots
to the inch), until all files are made, and those of a check.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from recension import Workshop
from recension.problems import Report
from recension.store import Store
from recension.workroom import open_workroom

if TYPE_CHECKING:
    from collections.abc import Callable

DOTS = 110
WORD = " indeed"
SENTENCE = " This sentence stands here to be long enough to need some lines." * 9


def revise(text: str, added: str) -> str:
    """Return *text* with what is *added* to a note of its first pages."""
    notes = list(re.finditer(r"(?m)^\[\^[^\]]+\]: .*$", text))
    at = notes[len(notes) // 12].end()
    return text[:at] + added + text[at:]


def spent(work: Callable[[], object]) -> float:
    """Return the seconds that *work* takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(
    shop: Workshop, path: Path, added: str, runs: int
) -> dict[str, list[float]]:
    """Return the seconds of *runs* revisions of the text *path*, and its pages."""
    text, found = path.read_text("utf-8"), {"seen": [], "files": [], "pages": []}
    for number in range(runs):
        path.write_text(text if number % 2 else revise(text, added), "utf-8")
        start = time.perf_counter()
        told = shop.revise()
        shop.draw_page(told.changed[0], DOTS)
        found["seen"].append(time.perf_counter() - start)
        shop.finish()
        found["files"].append(time.perf_counter() - start)
        found["pages"].append(len(told.changed))
    path.write_text(text, "utf-8")
    shop.revise()
    shop.finish()
    return found


def main() -> None:
    """Measure, and print what was measured."""
    edition, runs = Path(sys.argv[1]), int(sys.argv[2])
    path = max(edition.glob("book/texts/*.md"))
    with tempfile.TemporaryDirectory() as name:
        store = Store(Path(name) / "store", warm=True)
        with open_workroom(store=store) as room:
            shop = Workshop(edition, Path(name) / "out", room=room, stays=True)
            shop.revise()
            shop.finish()
            word = measure(shop, path, WORD, runs)
            sentence = measure(shop, path, SENTENCE, runs)
            checks = [spent(lambda: shop.check(Report())) for _ in range(runs)]
    told = {
        "word, page seen": median(word["seen"]),
        "word, all files": median(word["files"]),
        "sentence, page seen": median(sentence["seen"]),
        "sentence, all files": median(sentence["files"]),
        "sentence, pages moved": median(sentence["pages"]),
        "check": median(checks),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
