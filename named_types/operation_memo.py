"""Answers about library operations, kept on the disk and shared by all who check at the same time.

With them, what was asked before needs no JAX, the import of which takes longer than to check a file. A database for
each combination of versions and settings holds them. Like the results of files, nothing in it is trusted: what is not
whole is no answer, and a file that is no database is removed.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from named_types.surroundings import digest

_PREFIX = "operations-"
_MOST_BYTES = 256 << 20
"""A database that has become larger is begun anew."""

_MOST_DATABASES = 3
_PATIENCE = 0.2
"""Seconds to wait for another process that writes. What is not kept will be worked out again."""

_TABLE = "CREATE TABLE IF NOT EXISTS answers (question TEXT PRIMARY KEY, seal TEXT, answer TEXT) WITHOUT ROWID"


def place_of_memo(directory: Path, versions: str) -> Path:
    """The database in a cache directory, for what `fingerprint_of_versions` gives."""
    return directory / f"{_PREFIX}{versions}.sqlite"


class OperationMemo:
    """The answers in a database; a `named_types.semantics.memo.Store`."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._new: dict[str, str] = {}
        self._connection = self._opened()

    def get(self, question: str) -> str | None:
        """The answer to a question, None where there is none."""
        key = digest(question.encode())
        if self._connection is None:
            return None
        try:
            row = self._connection.execute("SELECT seal, answer FROM answers WHERE question = ?", [key]).fetchone()
        except sqlite3.DatabaseError as error:
            self._give_up(error)
            return None
        if row is None or row[0] != _seal(key, row[1]):
            return None
        answer: str = row[1]
        return answer

    def put(self, question: str, answer: str) -> None:
        """Keep an answer, from the next `save` on."""
        self._new[digest(question.encode())] = answer

    def save(self) -> None:
        """Let others find what is new."""
        if self._connection is None or not self._new:
            return
        rows = [(key, _seal(key, answer), answer) for key, answer in self._new.items()]
        try:
            with self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", rows)
            self._new.clear()
        except sqlite3.DatabaseError as error:
            self._give_up(error)

    def _opened(self) -> sqlite3.Connection | None:
        """A connection; None where there can be no database."""
        with suppress(OSError):
            self._place.parent.mkdir(parents=True, exist_ok=True)
            self._make_room()
        try:
            connection = sqlite3.connect(self._place, timeout=_PATIENCE, check_same_thread=False)
            # A process may be ended at any time and all is well; only a crash of the system may cost the database.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(_TABLE)
        except sqlite3.DatabaseError as error:
            self._give_up(error)
            return None
        return connection

    def _make_room(self) -> None:
        if not self._place.exists():
            others = sorted(self._place.parent.glob(f"{_PREFIX}*.sqlite"), key=os.path.getmtime, reverse=True)
            for one in others[_MOST_DATABASES - 1 :]:
                one.unlink()
        elif self._place.stat().st_size > _MOST_BYTES:
            self._place.unlink()

    def _give_up(self, error: sqlite3.DatabaseError) -> None:
        """Do without. A database that is busy is left alone; one that is none is removed."""
        if not isinstance(error, sqlite3.OperationalError):
            self._connection = None
            with suppress(OSError):
                self._place.unlink()


def _seal(key: str, answer: str) -> str:
    return digest(f"{key} {answer}".encode())[:8]
