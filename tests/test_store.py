"""The store: results are found, or they are not; nothing else happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from recension.store import Store
from recension.workroom import Here, Task, Workroom, open_workroom

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KEY = "ab" * 32


def kept(tmp_path: Path, value: object = "value") -> tuple[Store, Path]:
    """Return a store that has kept a *value*, and its one file."""
    store = Store(tmp_path / "store")
    store.keep(KEY, value)
    (file,) = (path for path in store.folder.rglob("*") if path.is_file())
    return store, file


def test_what_is_kept_is_found(tmp_path: Path) -> None:
    store, _ = kept(tmp_path, {"a": [1, 2.5, b"x", None]})
    assert store.find(KEY, dict) == {"a": [1, 2.5, b"x", None]}
    assert store.find(KEY[::-1], dict) is None
    assert Store(store.folder).find(KEY, dict), "by another process too"


@pytest.mark.parametrize("cut", [0, 1, 31, 32, 33, -1])
def test_an_entry_that_is_cut_short_is_none(tmp_path: Path, cut: int) -> None:
    store, file = kept(tmp_path, "a value" * 9)
    file.write_bytes(file.read_bytes()[:cut])
    assert store.find(KEY, str) is None
    assert not file.exists(), "it is not looked at again"


@given(at=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_an_entry_with_one_bit_changed_is_none(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int
) -> None:
    store, file = kept(tmp_path_factory.mktemp("kept"), "a value" * 9)
    contents = bytearray(file.read_bytes())
    contents[at % len(contents)] ^= 1 << bit
    file.write_bytes(contents)
    assert store.find(KEY, str) is None


def test_an_entry_in_the_place_of_another_is_none(tmp_path: Path) -> None:
    store, file = kept(tmp_path)
    other = "ab" + "cd" * 31
    file.rename(file.with_name(other[2:]))
    assert store.find(other, str) is None


def test_an_entry_of_another_kind_is_none(tmp_path: Path) -> None:
    store, _ = kept(tmp_path, [1, 2])
    assert store.find(KEY, dict[str, int]) is None


def test_a_store_that_cannot_be_written_is_as_if_it_were_not_there(
    tmp_path: Path,
) -> None:
    place = tmp_path / "file"
    place.write_text("no folder", "utf-8")
    store = Store(place)
    store.keep(KEY, "value")
    assert store.find(KEY, str) is None
    store.prune(0)


def test_what_has_not_been_used_for_longest_goes_first(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    keys = [f"{number:064x}" for number in range(9)]
    for age, key in enumerate(keys):
        store.keep(key, os.urandom(1000))
        path = store.folder / key[:2] / key[2:]
        os.utime(path, (1000 + age, 1000 + age))
    assert store.find(keys[0], bytes), "it is used now"
    store.prune(6000)
    left = [key for key in keys if store.find(key, bytes)]
    assert left == [keys[0], *keys[-(len(left) - 1) :]]
    assert 3 <= len(left) <= 5


def test_what_a_killed_run_was_writing_goes(tmp_path: Path) -> None:
    store, file = kept(tmp_path)
    old, new = (file.with_name(f".writing-{name}") for name in ("old", "new"))
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1000, 1000))  # hours before what was kept last
    store.prune()
    assert not old.exists()
    assert new.exists(), "another run may be writing it"
    assert store.find(KEY, str) == "value"


@pytest.mark.slow
def test_a_run_that_is_killed_as_it_writes_leaves_a_store_that_holds(
    tmp_path: Path,
) -> None:
    """`kill -9` at random moments: whatever is found is what was kept."""
    code = (
        "import sys; from pathlib import Path; from recension.store import Store\n"
        "store = Store(Path(sys.argv[1]))\n"
        "print('go', flush=True)\n"
        "for n in range(10**9): store.keep(f'{n % 50:064x}', 'value' * 5000)\n"
    )
    place = tmp_path / "store"
    for wait in (0.0, 0.01, 0.05, 0.1, 0.2):
        command = [sys.executable, "-c", code, str(place)]
        run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert run.stdout
        run.stdout.readline()
        time.sleep(wait)
        run.send_signal(signal.SIGKILL)
        run.wait()
        run.stdout.close()
        found = [Store(place).find(f"{n:064x}", str) for n in range(50)]
        assert set(found) <= {None, "value" * 5000}
    assert "value" * 5000 in found


def test_in_memory_is_what_was_asked_for_lately(tmp_path: Path) -> None:
    store = Store(tmp_path / "store", warm=True)
    store.keep(KEY, ["value"])
    first = store.find(KEY, list)
    store.turn()
    assert store.find(KEY, list) is first
    for _ in range(2):
        store.turn()
    assert store.find(KEY, list) == first
    assert store.find(KEY, list) is not first, "it has been read anew"


# --- the workroom --------------------------------------------------------------------


def double(factor: int, jobs: Sequence[int]) -> list[int]:
    done.append(list(jobs))
    return [factor * job for job in jobs]


done: list[list[int]] = []
DOUBLE: Task[int, int, int] = Task(
    name="double",
    do=double,
    describe=lambda factor: factor,
    watch=lambda _: lambda result: result != 6,
    kind=int,
)


def test_what_is_found_is_not_done_again(tmp_path: Path) -> None:
    done.clear()
    room = Workroom(Here, 1, Store(tmp_path))
    assert room.start(DOUBLE, 2, [1, 2])() == [2, 4]
    assert room.start(DOUBLE, 2, [2, 3, 1])() == [4, 6, 2]
    assert done == [[1, 2], [3]]
    assert room.start(DOUBLE, 3, [1])() == [3], "in another context it is another"


def test_what_does_not_hold_is_done_again(tmp_path: Path) -> None:
    done.clear()
    room = Workroom(Here, 1, Store(tmp_path))
    for _ in range(2):
        assert room.start(DOUBLE, 2, [3])() == [6]
    assert done == [[3], [3]]


def test_without_a_store_all_is_done_anew() -> None:
    done.clear()
    for _ in range(2):
        assert Workroom(Here).start(DOUBLE, 2, [1])() == [2]
    assert done == [[1], [1]]


@pytest.mark.slow
@pytest.mark.parametrize("hands", [1, 2, 3])
def test_results_come_in_order_whoever_does_the_work(hands: int) -> None:
    with open_workroom(hands) as room:
        assert room.start(DOUBLE, 2, range(40))() == [2 * n for n in range(40)]


@pytest.mark.slow
def test_a_process_that_is_killed_is_a_lack_of_memory() -> None:
    with open_workroom(2) as room:
        for _ in range(2):
            with pytest.raises(MemoryError):
                room.start(die_task, None, [1, 2])()
        assert room.start(DOUBLE, 2, [1, 2])() == [2, 4], "others do the next work"


def die(_: None, jobs: Sequence[int]) -> list[int]:
    os.kill(os.getpid(), signal.SIGKILL)
    return list(jobs)


die_task: Task[None, int, int] = Task(
    name="die",
    do=die,
    describe=lambda _: None,
    watch=lambda _: lambda _: True,
    kind=int,
)
