"""Checking files in worker processes, and watching over them.

Neighbouring files import the same modules, so each worker begins with a stretch of its own; one that has come to the
end of it takes over from the end of the longest other. What is found does not depend on who checks what.

A worker that dies, or gives no sign of life for too long, is ended. That costs the file it was at; another worker
goes on with the rest.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any

from named_types.checking.outcome import Failure, Outcome, from_message

TIMEOUT = 60.0
"""Seconds without a sign of life after which a worker is given up: it gives one with each module that it interprets."""

_BYTES_PER_SECOND = 20_000
"""So much of a long file a slow machine checks in a second; such a file has time in proportion."""

_BYTES_WORTH_A_WORKER = 32_000
"""To check as much takes as long as to start another worker."""

_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from named_types.checking.worker import main; main()"


class CannotStartError(Exception):
    """Workers do not come to life here."""


def check_in_workers(
    paths: Sequence[str],
    checked: Sequence[str],
    directories: Iterable[Path] = (),
    jobs: int = 1,
    timeout: float = TIMEOUT,
    operations: Path | None = None,
) -> list[Outcome]:
    """Check ``paths``, which are some of the files ``checked``, by at most ``jobs`` workers at a time.

    Answers about library operations are kept in the database ``operations``, if there is to be any.
    """
    if not paths:
        return []
    program = {
        "checked": list(checked),
        "directories": [str(one) for one in directories],
        "operations": None if operations is None else str(operations),
    }
    crew = _Crew(program, paths, jobs, timeout)
    try:
        return crew.work()
    finally:
        crew.dismiss()


class _Crew:
    """The workers of one run."""

    def __init__(self, program: dict[str, Any], paths: Sequence[str], jobs: int, timeout: float) -> None:
        self._program = program
        self._timeout = timeout
        self._sizes = {path: _size(path) for path in paths}
        count = min(jobs, len(paths), 1 + sum(self._sizes.values()) // _BYTES_WORTH_A_WORKER)
        self._stretches = _stretches(self._sizes, count)
        self._answers: SimpleQueue[tuple[_Worker, str | None]] = SimpleQueue()
        self._workers: set[_Worker] = set()
        self._outcomes: list[Outcome] = []

    def work(self) -> list[Outcome]:
        for stretch in self._stretches:
            self._employ(stretch)
        while self._workers:
            earliest = min(self._workers, key=lambda worker: worker.deadline)
            try:
                worker, line = self._answers.get(timeout=max(earliest.deadline - monotonic(), 0))
            except Empty:
                self._lose(earliest, f"the checker gave it up after {self._timeout_of(earliest.path):g} seconds")
                continue
            if worker not in self._workers:
                continue
            if line is None:
                self._lose(worker, f"the checker {worker.death()}")
            else:
                self._hear(worker, json.loads(line))
        return self._outcomes

    def dismiss(self) -> None:
        for worker in self._workers:
            worker.end()

    def _employ(self, stretch: deque[str]) -> None:
        path = self._next(stretch)
        if path is not None:
            worker = _Worker(self._program, self._answers, stretch)
            self._workers.add(worker)
            self._assign(worker, path)

    def _assign(self, worker: _Worker, path: str) -> None:
        worker.check(path)
        worker.deadline = monotonic() + self._timeout_of(path)

    def _hear(self, worker: _Worker, message: dict[str, Any]) -> None:
        worker.deadline = monotonic() + self._timeout_of(worker.path)
        if "cannot_start" in message:
            raise CannotStartError(message["cannot_start"])
        if not message:
            return
        self._outcomes.append(from_message(message))
        path = self._next(worker.stretch)
        if path is not None:
            self._assign(worker, path)
        else:
            self._workers.remove(worker)
            worker.end()

    def _lose(self, worker: _Worker, reason: str) -> None:
        self._workers.remove(worker)
        worker.end()
        self._outcomes.append(Failure(worker.path, f"not checked: {reason}"))
        self._employ(worker.stretch)

    def _next(self, stretch: deque[str]) -> str | None:
        """The next file of a stretch, or the last one of the longest other."""
        if stretch:
            return stretch.popleft()
        longest = max(self._stretches, key=len)
        return longest.pop() if longest else None

    def _timeout_of(self, path: str) -> float:
        return max(self._timeout, self._sizes[path] // _BYTES_PER_SECOND)


class _Worker:
    """A worker process, and the thread that hears what it says."""

    def __init__(
        self,
        program: dict[str, Any],
        answers: SimpleQueue[tuple[_Worker, str | None]],
        stretch: deque[str],
    ) -> None:
        self.stretch = stretch
        self.path = ""
        self.deadline = 0.0
        # Without -P, modules beside the program would be imported for Python's own.
        command = [sys.executable, "-P", "-c", _START, json.dumps(sys.path)]
        # In a session of its own, it is not interrupted from the terminal: who started it ends it.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="ascii",
            start_new_session=True,
        )
        Thread(target=self._listen, args=(answers,), daemon=True).start()
        self._send(program)

    def check(self, path: str) -> None:
        """Let it check a file."""
        self.path = path
        self._send(path)

    def end(self) -> None:
        """End it, whatever it is at."""
        self._process.kill()
        self._process.wait()

    def death(self) -> str:
        """How it died."""
        status = self._process.wait()
        if status >= 0:
            return f"ended with status {status}"
        return f"was ended by {signal.Signals(-status).name}, for lack of memory perhaps"

    def _send(self, message: Any) -> None:
        """One that has died meanwhile does not hear it, and `_listen` tells."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except OSError:
            pass

    def _listen(self, answers: SimpleQueue[tuple[_Worker, str | None]]) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answers.put((self, line))
        answers.put((self, None))


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _stretches(sizes: dict[str, int], count: int) -> list[deque[str]]:
    """The files in as many stretches, of about the same size."""
    stretches: list[deque[str]] = [deque() for _ in range(count)]
    total, before = sum(sizes.values()) or 1, 0
    for path, size in sizes.items():
        stretches[min(before * count // total, count - 1)].append(path)
        before += size
    return stretches
