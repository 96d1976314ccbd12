"""Where the work of stages is done: dealt to processes, and not done twice.

Work is dealt through `concurrent.futures.Executor` and nothing else: here, in processes
of this machine, or on a cluster. What has been done before is found in the store. Here
alone both are put round the stages, which know of neither.
"""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import os
import platform
import signal
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from recension.problems import ToolError
from recension.scratch import leave_claims
from recension.store import find_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from recension.store import Store

Context = TypeVar("Context")
Job = TypeVar("Job")
Result = TypeVar("Result")

_TOOLS = (
    "cssselect2",
    "fonttools",
    "msgspec",
    "pillow",
    "pydyf",
    "pypandoc_binary",
    "pyphen",
    "tinycss2",
    "uharfbuzz",
    "weasyprint",
)
"""The libraries whose version a result may depend on."""
_PATIENCE = 5
"""How many seconds a cluster may take to answer."""
_SHARES = 4
"""Into how many shares each process's work is cut, lest the last be waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Generic[Context, Job, Result]):
    """Work that can be done anywhere: *do* does jobs in a context, in order.

    Context and job are all that a result depends on, but for files; a job is plain
    data, and *describe* says as such what a context is. *watch* gives what tells
    whether the files of a result are as they were. *kind* is the type of a result.
    """

    name: str
    do: Callable[[Context, Sequence[Job]], list[Result]]
    describe: Callable[[Context], object]
    watch: Callable[[Context], Callable[[Result], bool]]
    kind: type[Result]


@dataclass(slots=True)
class Workroom:
    """Does tasks with the executor that *call* gives, whose processes are *hands*.

    It is called when there is work, and again when it has been broken. Results are kept
    in *store*; without one all is done anew.
    """

    call: Callable[[], Executor]
    hands: int = 1
    store: Store | None = None
    _executor: Executor | None = None

    def close(self) -> None:
        """Send the processes home, and let the store be no larger than it may."""
        if self._executor:
            self._executor.shutdown()
        if self.store:
            self.store.prune()

    def turn(self) -> None:
        """Let go of results in memory that have not been asked for lately."""
        if self.store:
            self.store.turn()

    def start(
        self,
        task: Task[Context, Job, Result],
        context: Context,
        jobs: Sequence[Job],
    ) -> Callable[[], list[Result]]:
        """Start *jobs*; return what waits for their results, in order.

        They are found, or made and kept.
        """
        keys = self._find_keys(task, context, jobs)
        found = self._recall(task, context, keys) or [None] * len(jobs)
        missing = [n for n, result in enumerate(found) if result is None]
        make = self._make(task, context, [jobs[n] for n in missing])

        def take() -> list[Result]:
            for number, result in zip(missing, make(), strict=True):
                found[number] = result
                if self.store:
                    self.store.keep(keys[number], result)
            return [result for result in found if result is not None]

        return take

    def remember(
        self, name: str, kind: type[Result], told: object, make: Callable[[], Result]
    ) -> Result:
        """Return what *make* gives, of *kind*, which depends on *told* alone."""
        if not self.store:
            return make()
        key = find_key(name, describe_tools(), told)
        result = self.store.find(key, kind)
        if result is None:
            result = make()
            self.store.keep(key, result)
        return result

    def _find_keys(
        self, task: Task[Context, Job, Result], context: Context, jobs: Sequence[Job]
    ) -> list[str]:
        """Return the keys of the results of *jobs*, none without a store."""
        if not self.store:
            return []
        of_all = find_key(task.name, describe_tools(), task.describe(context))
        return [find_key(of_all, job) for job in jobs]

    def _recall(
        self, task: Task[Context, Job, Result], context: Context, keys: Sequence[str]
    ) -> list[Result | None]:
        if not self.store:
            return []
        found = [self.store.find(key, task.kind) for key in keys]
        holds = task.watch(context)
        return [r if r is not None and holds(r) else None for r in found]

    def _make(
        self,
        task: Task[Context, Job, Result],
        context: Context,
        jobs: Sequence[Job],
    ) -> Callable[[], list[Result]]:
        """Deal *jobs* in shares; one alone is done here, when its result is wanted."""
        if self.hands == 1 or len(jobs) <= 1:
            return lambda: task.do(context, jobs) if jobs else []
        share = max(1, len(jobs) // (self.hands * _SHARES))
        shares = [jobs[n : n + share] for n in range(0, len(jobs), share)]
        with self._at_work() as executor:
            futures = [executor.submit(task.do, context, part) for part in shares]

        def take() -> list[Result]:
            with self._at_work():
                return [result for future in futures for result in future.result()]

        return take

    @contextmanager
    def _at_work(self) -> Iterator[Executor]:
        """Give the executor; raise MemoryError if one of its processes was ended.

        So the system ends what takes too much. There is another executor then.
        """
        self._executor = self._executor or self.call()
        try:
            yield self._executor
        except BrokenProcessPool as fault:
            self._executor = None
            raise MemoryError from fault


@cache
def describe_tools() -> list[str]:
    """Return what is to be the same for a result to be so: the builder, its tools."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    versions = [f"{name} {version(name)}" for name in _TOOLS]
    return [digest.hexdigest(), platform.python_version(), *versions]


# --- executors -----------------------------------------------------------------------


@contextmanager
def open_workroom(
    jobs: int = 0, cluster: str = "", store: Store | None = None
) -> Iterator[Workroom]:
    """Give a room with *jobs* processes, 0: as many as there are cores.

    With the address of a *cluster* of Dask's its workers do the work. Raises ToolError
    where that cannot be reached.
    """
    hands = jobs or len(os.sched_getaffinity(0))
    with ExitStack() as stack:
        if cluster:
            joined = stack.enter_context(_join(cluster))
            room = Workroom(lambda: joined, max(hands, 2), store)
        else:
            call = partial(open_processes, hands if hands > 1 else 0)
            room = Workroom(call, hands, store)
        stack.callback(room.close)
        yield room


def open_processes(
    count: int, begin: Callable[..., None] | None = None, *given: object
) -> Executor:
    """Return what does work in *count* processes forked from this, when it is begun.

    *begin*, called with what is *given*, is their first work. With none of them, and
    where the machine has no locks for processes, work is done here.
    """
    with suppress(ImportError, NotImplementedError, OSError, ValueError):
        if count:
            context = multiprocessing.get_context("fork")
            return ProcessPoolExecutor(count, context, _begin, (begin, given))
    if begin:
        begin(*given)
    return Here()


class Here(Executor):
    """Does work in this process, at once."""

    def submit(
        self, work: Callable[..., Result], /, *given: object, **named: object
    ) -> Future[Result]:
        """Do *work* now."""
        future: Future[Result] = Future()
        try:
            future.set_result(work(*given, **named))
        except Exception as fault:  # noqa: BLE001 - raised where its value is taken
            future.set_exception(fault)
        return future


def _begin(begin: Callable[..., None] | None, given: tuple[object, ...]) -> None:
    """Begin a process: it ends with the one it was forked from, which alone is stopped.

    What it has from there is no garbage.
    """
    gc.freeze()
    leave_claims()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    if begin:
        begin(*given)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent, "it has been forked"  # noqa: S101 - for the type
    wait([parent.sentinel])
    os._exit(1)


@contextmanager
def _join(address: str) -> Iterator[Executor]:
    """Give what deals work to the cluster at *address*."""
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError as fault:
        message = "work on a cluster needs Dask, which is not installed"
        raise ToolError(message, "pip install 'recension[cluster]'") from fault
    try:
        connect: Any = Client
        client = connect(address, timeout=_PATIENCE)
    except (OSError, ValueError) as fault:
        message = f"there is no cluster at {address}"
        raise ToolError(
            message, "start one: `dask scheduler`, `dask worker`"
        ) from fault
    with client:
        yield client.get_executor()
