"""What to compare of a program in one form: itself, or its gradient, under one assignment of resources."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import jax
import numpy as np
from jax import Array

from benchmarks.compiled import CompiledComparison, compiled
from benchmarks.measure import Comparison, Sample, Target, calls, compare
from benchmarks.program import Fresh
from benchmarks.report import Row
from benchmarks.verification import traced_and_verified, verification

DISPATCH = Target(1.05)
TRACING = Target(1.5)

SECONDS = 20.0
"""About how long the steps of one form are measured, all ways together."""
ROUNDS = (15, 51)
"""At least and at most."""
SAMPLE = 0.02
"""Seconds that a sample of steps takes at least: shorter ones are taken several times."""


@dataclass(frozen=True)
class Form:
    """A program under xmap, and the same written by hand in several ways."""

    name: str
    ours: Fresh
    references: Mapping[str, Fresh]
    quick: bool

    def agree(self, arguments: Sequence[Array]) -> None:
        """Make sure that all ways give the same results: otherwise there is nothing to compare."""
        ours, references = self._made
        for name, other in references.items():
            for mine, theirs in zip(
                *map(jax.tree_util.tree_leaves, (ours(*arguments), other(*arguments))), strict=True
            ):
                np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5, err_msg=f"{self.name}: xmap and {name}")

    def steps(self, size: str, arguments: Sequence[Array], target: Target) -> list[Comparison]:
        """Calls of the compiled functions, with the wait for their results."""
        ours, references = self._made

        def step(function: jax.stages.Wrapped) -> Sample:
            return calls(_warm(_waiting(function, arguments)), times)

        first = next(iter(references.values()))
        seconds = calls(_warm(_waiting(first, arguments)))().wall
        times = 1 if self.quick else math.ceil(SAMPLE / seconds)
        affordable = SECONDS / (seconds * times * (1 + len(references)))
        rounds = self._rounds(max(ROUNDS[0], min(ROUNDS[1], int(affordable))))
        what = f"{self.name} step, {size}"
        return compare(what, step(ours), {name: step(other) for name, other in references.items()}, rounds, target)

    def as_compiled(self, size: str, arguments: Sequence[Array], target: Target) -> list[CompiledComparison]:
        """What the compiler made of them."""
        ours, references = self._made
        mine = compiled(ours, arguments)
        return [
            CompiledComparison(f"{self.name}, {size}", name, mine, compiled(other, arguments), target)
            for name, other in references.items()
        ]

    def dispatch(self, arguments: Sequence[Array], on_mesh: bool) -> list[Comparison]:
        """Calls of the compiled functions; on a mesh with the wait, since steps that communicate must not pile up."""
        ours, references = self._made

        def dispatch(function: jax.stages.Wrapped) -> Sample:
            call = _waiting(function, arguments) if on_mesh else lambda: function(*arguments)
            return calls(_warm(call), 10 if self.quick else 200 if on_mesh else 2000)

        what = f"{self.name} {'tiny step' if on_mesh else 'dispatch'}"
        others = {name: dispatch(other) for name, other in references.items()}
        return compare(what, dispatch(ours), others, self._rounds(31), DISPATCH)

    def tracing(self, arguments: Sequence[Array]) -> list[Row]:
        """A function is traced once: each sample has one of its own."""

        def trace(fresh: Fresh) -> Sample:
            return calls(_warm(lambda: fresh().trace(*arguments)))

        def lower(fresh: Fresh) -> Sample:
            return calls(_warm(lambda: fresh().lower(*arguments)))

        def all_ways(
            what: str, ours: Sample, sample: Callable[[Fresh], Sample], target: Target | None = None
        ) -> list[Comparison]:
            others = {name: sample(other) for name, other in self.references.items()}
            return compare(f"{self.name} {what}", ours, others, self._rounds(31), target)

        return [
            *all_ways("trace and verification", traced_and_verified(self.ours, arguments), trace, TRACING),
            *all_ways("trace, for all instances", trace(self.ours), trace),
            *all_ways("trace and lower", lower(self.ours), lower),
            verification(f"{self.name} verification", self.ours, arguments, self._rounds(31)),
        ]

    def _rounds(self, wanted: int) -> int:
        return 1 if self.quick else wanted

    @cached_property
    def _made(self) -> tuple[jax.stages.Wrapped, dict[str, jax.stages.Wrapped]]:
        """One function of each, so that each is compiled once for each size."""
        return self.ours(), {name: fresh() for name, fresh in self.references.items()}


def _waiting(function: Callable[..., object], arguments: Sequence[Array]) -> Callable[[], object]:
    return lambda: jax.block_until_ready(function(*arguments))


def _warm(call: Callable[[], object]) -> Callable[[], object]:
    """The call, which was made once before it is measured."""
    call()
    return call
