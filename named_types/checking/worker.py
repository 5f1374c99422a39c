"""A worker: a process that checks one file after another, and that may be ended at any time.

Lines of JSON come in: first what the program consists of, then one path after another. Lines go out: an empty object
for each sign of life, and an object for each outcome. Whatever else is printed goes where errors go. When no more is
to come, because who started the worker is gone, it ends at once.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

MEMORY_LIMIT = 4 << 30
"""How many bytes of memory a worker may have. What needs more fails, and is silent or costs the file."""

_STACK = 256 << 20
"""Parsers written in other languages descend as deep as programs are nested."""


def main() -> None:
    """Work in a thread of its own as long as anyone is there who may have something to do."""
    tasks: SimpleQueue[Any] = SimpleQueue()
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    _limit_memory()
    threading.stack_size(_STACK)
    Thread(target=_work_or_die, args=(tasks, answers), daemon=True).start()
    for line in sys.stdin.buffer:
        tasks.put(json.loads(line))
    os._exit(0)


def _work_or_die(tasks: SimpleQueue[Any], answers: IO[str]) -> None:
    try:
        _work(tasks, answers)
    finally:
        os._exit(1)


def _work(tasks: SimpleQueue[Any], answers: IO[str]) -> None:
    program = tasks.get()
    try:
        from named_types.checking.in_process import Checker
        from named_types.checking.outcome import to_message
        from named_types.operation_memo import OperationMemo
        from named_types.semantics import memo
    except Exception as error:
        _send(answers, {"cannot_start": f"{type(error).__name__}: {error}"})
        return
    checker = Checker(program["checked"], map(Path, program["directories"]), lambda: _send(answers, {}))
    store = None if program["operations"] is None else OperationMemo(Path(program["operations"]))
    memo.keep_in(store)
    _send(answers, {})
    while True:
        outcome = checker.check(tasks.get())
        if store is not None:
            store.save()
        _send(answers, to_message(outcome))


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
