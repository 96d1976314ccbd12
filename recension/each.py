"""Apply work to many things: once to each, or only to what has changed since last time.

A stage that goes over many things is given one of these; which, is no matter of its.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from recension.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

Key = TypeVar("Key", bound="Hashable")
Result = TypeVar("Result")


class Each(Protocol):
    """Applies *work*, whose result depends on what it is given alone."""

    def __call__(
        self,
        work: Callable[..., Result],
        given: Mapping[Key, tuple[Any, ...]],
    ) -> dict[Key, Result]:
        """Return by its key what *work* makes of each thing that is *given*."""


def anew(
    work: Callable[..., Result], given: Mapping[Key, tuple[Any, ...]]
) -> dict[Key, Result]:
    """Do *work* on each thing that is *given*."""
    return {key: work(*thing) for key, thing in given.items()}


@dataclass(slots=True)
class Memory:
    """Does work again only on what is not as it was last time.

    Of what is the same the result is the same object, so that what depends on it is
    found to be the same at once. Results must not be changed by those who get them.
    """

    _done: Recent[_Slot, _Done] = field(default_factory=Recent)

    def again(
        self, work: Callable[..., Result], given: Mapping[Key, tuple[Any, ...]]
    ) -> dict[Key, Result]:
        """Do *work* on each thing that is *given* and has changed."""
        name = f"{work.__module__}.{work.__qualname__}"
        return {key: self._do((name, key), work, given[key]) for key in given}

    def turn(self) -> None:
        """Forget what has not been asked for since this was called last."""
        self._done.turn()

    def _do(self, slot: _Slot, work: Callable[..., Any], thing: tuple[Any, ...]) -> Any:
        known = self._done.find(slot)
        done = known if known and known[0] == thing else (thing, work(*thing))
        self._done.keep(slot, done)
        return done[1]


_Slot = tuple[str, "Hashable"]
"""The name of some work, and the key of a thing."""
_Done = tuple[tuple[Any, ...], Any]
"""A thing, and what work has made of it."""
