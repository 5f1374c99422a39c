"""The tutorial's named loss under xmap without resources, against the same loss written by hand.

Three costs: a step, with sizes at which the arithmetic counts; the dispatch of a call, with sizes at which it
does not; and tracing with lowering, which happens once for each kind of arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import jax
from jax import Array

from benchmarks.measure import Comparison, Sample, calls, compare
from benchmarks.named_network import (
    IN_AXES,
    LARGE,
    TINY,
    TUTORIAL,
    Loss,
    mapped_loss,
    named_loss,
    operands,
    positional_loss,
    vmapped_loss,
)
from benchmarks.steps import gradient, step
from named_types.runtime import xmap


def run(quick: bool) -> list[Comparison]:
    """Steps of the loss and of its gradient, dispatch, and tracing."""
    ours = mapped_loss()
    references: dict[str, Loss] = {"jit, by position": jax.jit(positional_loss), "jit(vmap)": jax.jit(vmapped_loss)}
    gradients = {name: gradient(loss) for name, loss in references.items()}
    comparisons = []
    for sizes, rounds, times in [(TINY, 2, 1)] if quick else [(TUTORIAL, 51, 10), (LARGE, 21, 1)]:
        compare_steps = partial(_steps, arguments=operands(sizes), rounds=rounds, times=times)
        comparisons += compare_steps(f"step, loss, {sizes}", ours, references)
        comparisons += compare_steps(f"step, gradient, {sizes}", gradient(ours), gradients)
    return [*comparisons, *_dispatch(ours, references, quick), *_tracing(quick)]


def _steps(
    what: str, ours: Loss, references: dict[str, Loss], arguments: Sequence[Array], rounds: int, times: int
) -> list[Comparison]:
    subjects = {name: step(reference, arguments, times) for name, reference in references.items()}
    return compare(what, step(ours, arguments, times), subjects, rounds)


def _dispatch(ours: Loss, references: dict[str, Loss], quick: bool) -> list[Comparison]:
    arguments = operands(TINY)

    def dispatch(loss: Loss) -> Sample:
        loss(*arguments).block_until_ready()
        return calls(lambda: loss(*arguments), 10 if quick else 2000)

    subjects = {name: dispatch(reference) for name, reference in references.items()}
    return compare("dispatch, loss", dispatch(ours), subjects, 2 if quick else 51)


def _tracing(quick: bool) -> list[Comparison]:
    """A function is traced once: so each sample has one of its own."""
    arguments = operands(TUTORIAL)

    def trace_and_lower(fresh: Callable[[], jax.stages.Wrapped]) -> Sample:
        return calls(lambda: fresh().lower(*arguments))

    subjects = {
        "jit, by position": trace_and_lower(lambda: jax.jit(lambda *args: positional_loss(*args))),
        "jit(vmap)": trace_and_lower(lambda: jax.jit(lambda *args: vmapped_loss(*args))),
    }
    ours = trace_and_lower(lambda: xmap(lambda *args: named_loss(*args), in_axes=IN_AXES, out_axes=[...]))
    return compare("trace and lower, loss", ours, subjects, 2 if quick else 21)
