"""How much of tracing under xmap is verification, and what tracing costs before the program is put on devices.

The function that traces the user's function for one instance is known, and so is the one around it, which checks
the arguments, propagates names through what was traced, checks every equation and then the results. Both are
timed by wrapping them: what is in the outer one and not in the inner one is verification. What follows, in one
function too, makes of the checked program the one for all instances that a device holds: a program written by hand
leaves that to `vmap` or to the compiler.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any
from unittest.mock import patch

from jax import Array

from benchmarks.measure import Comparison, Sample, Target, Times, calls, comparison
from benchmarks.program import Fresh
from named_types.runtime import lowering, mapped, tracing

TARGET = Target(0.1)


def verification(what: str, fresh: Fresh, arguments: Sequence[Array], rounds: int) -> Comparison:
    """The share of verification in the time that `trace` takes."""
    shares, totals = [], []
    for _ in range(rounds):
        gc.collect()
        share, total = _sample(fresh, arguments)
        shares.append(share)
        totals.append(total)
    return comparison(what, "all of tracing", shares, totals, TARGET)


def traced_and_verified(fresh: Fresh, arguments: Sequence[Array]) -> Sample:
    """`trace`, without what puts the checked program on devices."""

    def sample() -> Times:
        lowered = _Stopwatch(lowering.run)
        with patch.object(lowering, "run", lowered.function):
            total = calls(lambda: fresh().trace(*arguments))()
        return Times(total.processor - lowered.processor, total.wall - lowered.wall)

    sample()
    return sample


def _sample(fresh: Fresh, arguments: Sequence[Array]) -> tuple[Times, Times]:
    checked, instance = _Stopwatch(tracing.trace), _Stopwatch(tracing._trace_instance)
    with patch.object(mapped, "trace", checked.function), patch.object(tracing, "_trace_instance", instance.function):
        total = calls(lambda: fresh().trace(*arguments))()
    return Times(checked.processor - instance.processor, checked.wall - instance.wall), total


class _Stopwatch:
    """A function, and how long its calls have taken."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.processor = 0.0
        self.wall = 0.0

        @wraps(function)
        def timed(*arguments: Any) -> Any:
            results: list[Any] = []
            times = calls(lambda: results.append(function(*arguments)))()
            self.processor += times.processor
            self.wall += times.wall
            return results[0]

        self.function = timed
