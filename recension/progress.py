"""How far a run has come: each stage is told as it ends, and timed."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(slots=True)
class Progress:
    """Tell each stage as it ends: *tell* gets its name, its seconds and a remark."""

    tell: Callable[[str, float, str], None] = lambda _name, _seconds, _remark: None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[list[str]]:
        """Time the stage *name*; what is put into the list is its remark."""
        start, remark = time.perf_counter(), list[str]()
        yield remark
        self.add(name, time.perf_counter() - start, " ".join(remark))

    def add(self, name: str, spent: float, remark: str) -> None:
        """Tell a stage that took *spent* seconds, wherever it was done."""
        self.seconds[name] = round(self.seconds.get(name, 0.0) + spent, 3)
        self.tell(name, spent, remark)
