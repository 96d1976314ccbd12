"""What pandoc answered is kept from run to run: it depends on what it is asked, how.

The fast tests check some hundred editions that differ in a line; most of their time
would be pandoc's. Continuous integration keeps nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recension import pandoc

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).resolve().parent.parent / ".cache" / "pandoc"
DAYS = 7
"""How long an answer is kept that nobody asks for."""


def keep_answers(ask: Callable[..., pandoc.Converted]) -> Callable[..., Any]:
    """Return *ask* as a function that asks once."""
    if os.environ.get("CI"):
        return ask
    FOLDER.mkdir(parents=True, exist_ok=True)
    _sweep()

    way = version("pypandoc-binary"), Path(pandoc.__file__).read_text("utf-8")

    def keep(*question: object) -> pandoc.Converted:
        asked = json.dumps([*way, question])
        kept = FOLDER / hashlib.sha256(asked.encode()).hexdigest()
        if kept.exists():
            os.utime(kept)
            return pandoc.Converted(*json.loads(kept.read_text("utf-8")))
        answer = ask(*question)
        written = kept.with_suffix(f".{os.getpid()}")
        written.write_text(json.dumps([answer.text, answer.log]), "utf-8")
        written.replace(kept)
        return answer

    return keep


def _sweep() -> None:
    for kept in FOLDER.iterdir():
        if kept.stat().st_mtime < time.time() - DAYS * 24 * 3600:
            kept.unlink(missing_ok=True)
