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
from recension.scratch import leave_claims

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
def open_beside(job: Job) -> Iterator[Beside]:
    """Give what deals work about *job*: in one process more, if the machine lets it.

    Raises MemoryError where that is ended from outside: so the system ends what takes
    too much.
    """
    try:
        with _open(job) as executor:
            yield Beside(job, executor)
    except BrokenProcessPool as fault:
        raise MemoryError from fault


def _open(job: Job) -> Executor:
    """Return what does work beside; where there are no locks for it, here."""
    try:
        context = multiprocessing.get_context("fork")
        return ProcessPoolExecutor(1, context, _begin, (job,))
    except (ImportError, NotImplementedError, OSError, ValueError):
        return _Here(job)


class _Here(Executor):
    """Does work in this process, at once."""

    def __init__(self, job: Job) -> None:
        """Let work be about *job*."""
        _set_job(job)

    def submit(
        self, work: Callable[..., Value], /, *given: object, **named: object
    ) -> Future[Value]:
        """Do *work* now."""
        future: Future[Value] = Future()
        try:
            future.set_result(work(*given, **named))
        except Exception as fault:  # noqa: BLE001 - raised where its value is taken
            future.set_exception(fault)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - as executors have it
        """Forget what work was about."""
        _set_job(None)


def _begin(job: Job) -> None:
    """Begin the process beside: it ends with the other, which alone is stopped."""
    _set_job(job)
    leave_claims()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _set_job(job: Job | None) -> None:
    global _job  # noqa: PLW0603 - processes share no other room
    _job = job


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
    with own.report.gather():
        value = work(own)
    return _Outcome(
        value=value, problems=tuple(own.report.problems), stages=tuple(stages)
    )
