"""Work beside the run: in a process that is forked from it and so has all it has.

What a format is made with cannot travel between processes: a fork has it. It gets its
work through `concurrent.futures` and sends back values, problems and times; files it
writes itself.
"""

from __future__ import annotations

from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from recension.problems import Problem, Report
from recension.progress import Progress
from recension.workroom import open_processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor, Future

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
def open_beside(job: Job, *, alone: bool) -> Iterator[Beside]:
    """Give what deals work about *job*: to one process more, or to this one *alone*.

    Raises MemoryError where the other is ended from outside: so the system ends what
    takes too much.
    """
    try:
        with open_processes(0 if alone else 1, _set_job, job) as executor:
            yield Beside(job, executor)
    except BrokenProcessPool as fault:
        raise MemoryError from fault
    finally:
        _set_job(None)


def _set_job(job: Job | None) -> None:
    global _job  # noqa: PLW0603 - processes share no other room
    _job = job


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
