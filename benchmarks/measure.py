"""Comparisons: samples of two or more things taken in turns, and the medians of what they took.

A machine is never quiet, and its speed drifts. So every round takes one sample of each thing, each round
beginning with another, and the ratio is the median of the ratios within the rounds rather than the ratio of the
medians. Each sample reads two clocks: the processor time, which other processes disturb less, and the wall clock.

A single round says more of the machine than of what is measured. So the worst ratio is that of the worst fifth
of the run: the largest of the medians of five successive parts of its rounds.
"""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeAlias

ROOT = Path(__file__).parent.parent

PARTS = 5
"""Of a run, to find the worst ratio."""


@dataclass(frozen=True)
class Times:
    """One figure by two clocks: seconds, or a ratio of seconds."""

    processor: float
    wall: float


Sample: TypeAlias = Callable[[], Times]
"""Does the thing once and tells how long it took."""


@dataclass(frozen=True)
class Target:
    """What a ratio is meant to be at most: in the median, and in the worst part of the run."""

    median: float
    worst: float | None = None


@dataclass(frozen=True)
class Comparison:
    """What was measured: ours against a reference."""

    what: str
    against: str
    ours: Times
    reference: Times
    ratio: Times
    worst: Times
    target: Target | None = None

    @property
    def is_met(self) -> bool:
        """Whether the target is, by processor time."""
        if self.target is None:
            return True
        within_worst = self.target.worst is None or self.worst.processor <= self.target.worst
        return self.ratio.processor <= self.target.median and within_worst


def compare(
    what: str, ours: Sample, references: Mapping[str, Sample], rounds: int, target: Target | None = None
) -> list[Comparison]:
    """Take ``rounds`` samples of ours and of each reference; one comparison for each reference."""
    subjects: list[tuple[str, Sample]] = [("", ours), *references.items()]
    samples: dict[str, list[Times]] = {name: [] for name, _ in subjects}
    for turn in range(rounds):
        gc.collect()
        first = turn % len(subjects)
        for name, subject in [*subjects[first:], *subjects[:first]]:
            samples[name].append(subject())
    return [comparison(what, name, samples[""], samples[name], target) for name in references]


def comparison(
    what: str, against: str, ours: Sequence[Times], reference: Sequence[Times], target: Target | None = None
) -> Comparison:
    """What samples tell that were taken in the same rounds."""
    ratios = [
        Times(one.processor / other.processor, one.wall / other.wall)
        for one, other in zip(ours, reference, strict=True)
    ]
    return Comparison(what, against, _medians(ours), _medians(reference), _medians(ratios), _worst(ratios), target)


def calls(call: Callable[[], object], times: int = 1) -> Sample:
    """How long a ``call`` in this process takes, averaged over ``times`` of them in a row."""

    def sample() -> Times:
        processor, wall = time.process_time(), time.perf_counter()
        for _ in range(times):
            call()
        return Times((time.process_time() - processor) / times, (time.perf_counter() - wall) / times)

    return sample


def run_command(
    command: Sequence[str], environment: Mapping[str, str] | None = None, allowed_statuses: Sequence[int] = (0,)
) -> tuple[str, Times]:
    """What a command prints, run in the repository, and how long it and its children take."""
    start, wall = _processor_time_of_children(), time.perf_counter()
    compiled_once = {"PYTHONDONTWRITEBYTECODE": ""}  # as users run it, whatever the machine at hand does
    surroundings = {**os.environ, **compiled_once, **(environment or {})}
    run = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    times = Times(_processor_time_of_children() - start, time.perf_counter() - wall)
    if run.returncode not in allowed_statuses:
        raise RuntimeError(f"{' '.join(command)} failed:\n{run.stdout}{run.stderr}")
    return run.stdout, times


def _processor_time_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _medians(samples: Sequence[Times]) -> Times:
    return Times(median(one.processor for one in samples), median(one.wall for one in samples))


def _worst(ratios: Sequence[Times]) -> Times:
    length = -(-len(ratios) // PARTS)
    parts = [_medians(ratios[start : start + length]) for start in range(0, len(ratios), length)]
    return Times(max(part.processor for part in parts), max(part.wall for part in parts))
