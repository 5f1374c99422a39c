"""What JAX has answered, kept beside what mypy keeps: most runs find there all they ask, and need not import JAX."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from named_types.operation_memo import OperationMemo


class Answers:
    """The answers in mypy's cache directory."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """While the oracle may be asked."""
        from named_types.semantics import memo  # here, for few runs ask anything

        memo.keep_in(self._database)
        try:
            yield
        finally:
            memo.keep_in(None)
            self._database.save()

    @cached_property
    def _database(self) -> OperationMemo:
        from named_types.operation_memo import OperationMemo, place_of_memo
        from named_types.versions import fingerprint_of_versions

        return OperationMemo(place_of_memo(self._cache, fingerprint_of_versions()))
