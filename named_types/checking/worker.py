"""A worker: a process that checks one file after another, and that may be ended at any time.

Lines of JSON come in: first what the program consists of, then one path after another. Lines go out: an empty object
for each sign of life, and an object for each outcome. Whatever else is printed goes where errors go. When no more is
to come, because who started the worker is gone, it ends at once.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

MEMORY_LIMIT = 4 << 30
"""How many bytes of memory a worker may have. What needs more fails, and is silent or costs the file."""


def main() -> None:
    """Work as long as there is anything to do. The process ends here, whoever waits for the next line."""
    try:
        _work()
    finally:
        os._exit(1)


def _work() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    tasks: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_listen, args=(sys.stdin.buffer, tasks), daemon=True).start()
    program = tasks.get()
    _limit_memory()
    try:
        from named_types.checking.in_process import Checker
        from named_types.checking.outcome import to_message
    except Exception as error:
        _send(answers, {"cannot_start": f"{type(error).__name__}: {error}"})
        return
    checker = Checker(program["checked"], map(Path, program["directories"]), lambda: _send(answers, {}))
    _send(answers, {})
    while True:
        _send(answers, to_message(checker.check(tasks.get())))


def _listen(stream: IO[bytes], tasks: SimpleQueue[Any]) -> None:
    for line in stream:
        tasks.put(json.loads(line))
    os._exit(0)


def _send(answers: IO[str], message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def _limit_memory() -> None:
    """Where the system knows such limits."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        limit = MEMORY_LIMIT if hard == resource.RLIM_INFINITY else min(MEMORY_LIMIT, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
