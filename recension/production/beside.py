"""Work beside the run: in a process that is forked from it and so has all it has.

Boxes of laid-out pages cannot travel between processes; what is made without them can
be made in another. It gets its work through `concurrent.futures` and sends back values,
problems and times; files it writes itself.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from threading import Thread
from typing import TYPE_CHECKING, Generic, TypeVar

from recension.problems import Problem, Report
from recension.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recension.production.formats import Job

Value = TypeVar("Value")
_job: Job | None = None
"""In the process beside: what its work is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome(Generic[Value]):
    """What came of some work: its *value*, its problems, its stages in order."""

    value: Value
    problems: tuple[Problem, ...]
    stages: tuple[tuple[str, float, str], ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """Deals work about *job*; what it says is said when its value is taken."""

    job: Job
    executor: Executor

    def start(self, work: Callable[[Job], Value]) -> Callable[[], Value]:
        """Start *work*; return what waits for its value and tells of its problems."""
        future: Future[_Outcome[Value]] = self.executor.submit(_do, work)

        def take() -> Value:
            outcome = future.result()
            self.job.report.add(outcome.problems)
            for stage in outcome.stages:
                self.job.progress.add(*stage)
            return outcome.value

        return take


@contextmanager
def beside(job: Job) -> Iterator[Beside]:
    """Give what deals work about *job*, in one process more.

    Raises MemoryError where that is ended from outside: so the system ends what takes
    too much.
    """
    context = multiprocessing.get_context("fork")
    try:
        with ProcessPoolExecutor(1, context, _begin, (job,)) as executor:
            yield Beside(job, executor)
    except BrokenProcessPool as fault:
        raise MemoryError from fault


def _begin(job: Job) -> None:
    """Begin the process beside: it ends with the other, which alone is stopped."""
    global _job  # noqa: PLW0603 - set once, where each process begins
    _job = job
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent, "it has been forked"  # noqa: S101 - for the type
    wait([parent.sentinel])
    os._exit(1)


def _do(work: Callable[[Job], Value]) -> _Outcome[Value]:
    """Do *work* with a report and a clock of its own."""
    assert _job, "the process has begun"  # noqa: S101 - for the type
    stages: list[tuple[str, float, str]] = []
    progress = Progress(tell=lambda *stage: stages.append(stage))
    own = replace(_job, report=Report(), progress=progress)
    value = work(own)
    return _Outcome(
        value=value, problems=tuple(own.report.problems), stages=tuple(stages)
    )
