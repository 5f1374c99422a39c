"""Answers remembered: what a library call does is worked out once for each kind of arguments.

They are remembered for the life of the process, and in the store that `keep_in` names, where others find them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar

from named_types.semantics.records import NotRecordedError, from_record, to_record

Answer = TypeVar("Answer")


class Store(Protocol):
    """Where answers are kept, as text by text."""

    def get(self, question: str) -> str | None:
        """The answer, None where there is none."""

    def put(self, question: str, answer: str) -> None:
        """Keep an answer."""


_STORES: list[Store] = []
"""One at most."""


def keep_in(store: Store | None) -> None:
    """Look for answers in a store from now on, and keep those there that have to be worked out."""
    _STORES[:] = [] if store is None else [store]


class Memo(Generic[Answer]):
    """The answers to questions about one ``topic``."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._answers: dict[Hashable, Answer] = {}

    def __len__(self) -> int:
        return len(self._answers)

    def remember(self, key: Hashable, compute: Callable[[], Answer]) -> Answer:
        """The answer for ``key``, computed the first time."""
        if key not in self._answers:
            self._answers[key] = self._looked_up(key, compute) if _STORES else compute()
        return self._answers[key]

    def _looked_up(self, key: Hashable, compute: Callable[[], Answer]) -> Answer:
        (store,) = _STORES
        try:
            question = json.dumps([self._topic, to_record(key)])
            kept = store.get(question)
            if kept is not None:
                answer: Answer = from_record(json.loads(kept))
                return answer
        except (NotRecordedError, ValueError):
            return compute()
        answer = compute()
        if (text := _written(answer)) is not None:
            store.put(question, text)
        return answer


def _written(answer: object) -> str | None:
    """An answer as text; None where it could not be read again."""
    try:
        record = to_record(answer)
        return json.dumps(record) if from_record(record) == answer else None
    except NotRecordedError:
        return None
