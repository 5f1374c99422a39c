"""Answers remembered: what a library call does is worked out once for each kind of arguments."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Memo(Generic[Answer]):
    """Answers by key, for the life of the process."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, Answer] = {}

    def __len__(self) -> int:
        return len(self._answers)

    def remember(self, key: Hashable, compute: Callable[[], Answer]) -> Answer:
        """The answer for ``key``, computed the first time."""
        if key not in self._answers:
            self._answers[key] = compute()
        return self._answers[key]


def key_of(leaf: object) -> Hashable:
    """A key for a plain value: its type and itself, or its text where it cannot be hashed."""
    try:
        hash(leaf)
    except TypeError:
        return type(leaf), repr(leaf)
    return type(leaf), leaf
