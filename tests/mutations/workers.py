"""All mutants judged, by processes that stay warm.

A mutant may run on without an end inside XLA, or take its process with it. So a process that has said nothing for too
long is ended, and another one goes on with the next mutant.
"""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from time import monotonic
from typing import Any

from mutations.verdicts import SECONDS, Fate, Original, Verdict

_PATIENCE = 10 * SECONDS
_MOST_PER_PROCESS = 2000
"""Mutants that a process judges before another one takes its place: what JAX has compiled is never forgotten."""

Program = tuple[str, str]
"""A name and a source text."""


@dataclass(frozen=True)
class Unusable:
    """A program whose mutants nothing can be said of."""

    program: str
    reason: str


Answer = Verdict | Unusable


def judge_all(programs: Sequence[Program], processes: int) -> Iterator[Answer]:
    """The verdicts, in no particular order."""
    pending = list(reversed(programs))
    workers = [_Worker() for _ in range(processes)]
    busy = [worker for worker in workers if worker.take(pending)]
    while busy:
        ready = wait([worker.connection for worker in busy], timeout=1)
        for worker in list(busy):
            if worker.connection in ready:
                yield from worker.answers()
            elif monotonic() - worker.heard_at > _PATIENCE:
                worker.process.kill()
            if worker.is_idle and not worker.take(pending):
                worker.end()
                busy.remove(worker)


class _Worker:
    """A process, with the program that it is at and how far it has come."""

    def __init__(self) -> None:
        self._program: Program | None = None
        self._begun: Verdict | None = None
        self._judged = 0
        self._total = 0
        self._start()

    @property
    def is_idle(self) -> bool:
        return self._program is None

    def take(self, pending: list[Program]) -> bool:
        if not pending:
            return False
        self._program, self._judged = pending.pop(), 0
        if self._total > _MOST_PER_PROCESS:
            self.end()
            self._start()
        self._ask()
        return True

    def answers(self) -> Iterator[Answer]:
        """What the process has said."""
        self.heard_at = monotonic()
        try:
            kind, content = self.connection.recv()
        except (EOFError, ConnectionError):
            yield from self._go_on_after_the_end()
            return
        if kind == "begins":
            self._begun = content
            return
        if kind == "done":
            self._program = None
            return
        self._judged += 1
        self._total += 1
        yield content

    def end(self) -> None:
        self.process.kill()
        self.process.join()

    def _go_on_after_the_end(self) -> Iterator[Answer]:
        """The process is no more: so much for the mutant at hand, or for the whole program."""
        assert self._program is not None
        self.process.join()
        lost, self._begun = self._begun, None
        self._start()
        if lost is None:
            yield Unusable(self._program[0], "it ends the process")
            self._program = None
        else:
            self._judged += 1
            yield lost
            self._ask()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, other = context.Pipe()
        self.process = context.Process(target=_serve, args=(other,), daemon=True)
        self.process.start()
        other.close()
        self.heard_at = monotonic()
        self._total = 0

    def _ask(self) -> None:
        self.heard_at = monotonic()
        self.connection.send((self._program, self._judged))


def _serve(connection: Connection[Any, Any]) -> None:
    """Judge the mutants of one program after the other, from a given one on, until nobody asks."""
    warnings.simplefilter("ignore")
    while True:
        try:
            (name, source), start = connection.recv()
        except EOFError:
            return
        original = Original(name, source)
        if start == 0 and (objection := original.objection):
            connection.send(("answer", Unusable(name, objection)))
        else:
            for mutant in original.mutants()[start:]:
                lost = Verdict(name, mutant.operator, mutant.line, mutant.change, Fate.LOST, "", ())
                connection.send(("begins", lost))
                verdict = original.judge(mutant)
                if verdict.fate is Fate.LOST:  # who knows where in JAX it was stopped
                    os._exit(1)
                connection.send(("answer", verdict))
        connection.send(("done", None))
