"""What was asked for lately: it is kept, and what was not is let go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

Key = TypeVar("Key", bound="Hashable")
Value = TypeVar("Value")


@dataclass(slots=True)
class Recent(Generic[Key, Value]):
    """Values by keys, as long as they are asked for between two turns."""

    _now: dict[Key, Value] = field(default_factory=dict)
    _before: dict[Key, Value] = field(default_factory=dict)

    def find(self, key: Key) -> Value | None:
        """Return the value of *key*, None if it is not kept."""
        return self._now.get(key, self._before.get(key))

    def keep(self, key: Key, value: Value) -> None:
        """Keep *value* as that of *key*, until the turn after the next."""
        self._now[key] = value

    def turn(self) -> None:
        """Let go of what has not been kept since this was called last."""
        self._before, self._now = self._now, {}
