"""The named shape of a value while its function is traced.

A traced array does not carry its named shape: it is propagated from the arguments of the mapped function, through
the equations traced so far, when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import jax

from named_types.algebra import NO_NAMES, NamedShape
from named_types.runtime.internals import axis_env, origin_of, traced_value
from named_types.semantics.propagation import propagate_equation
from named_types.semantics.transfers import NAMELESS, Names, axis_names


def named_shape(value: Any) -> NamedShape:
    """The named axes of ``value`` and their sizes, inside a function that `xmap` maps::

        def my_func(x):
            assert named_shape(x) == {"batch": 20}

    Raises RuntimeError where it is not known: inside a function that is traced on its own (by ``jax.jit``,
    ``lax.scan`` and their like, or a nested `xmap`), where the named axes of the arguments are not visible.
    """
    origin = origin_of(traced_value(value))
    if origin is None or not axis_env():
        return NO_NAMES
    trace = next((trace for trace in _active.get() if trace.owner is origin.trace), None)
    if trace is None or not trace.is_outermost:
        raise RuntimeError(
            "the named shape of this value is not known here: it belongs to a function that is traced on its own, "
            "where the named axes of the arguments are not visible"
        )
    return trace.sizes.restrict(axis_names(trace.names_of(traced_value(value))))


def observed(
    function: Callable[..., Any], names: Sequence[Names], sizes: NamedShape, is_outermost: bool
) -> Callable[..., Any]:
    """``function`` such that `named_shape` works in it, while its arguments are tracers with ``names``."""

    @wraps(function)
    def observing(*arguments: Any) -> Any:
        origins = [origin_of(leaf) for leaf in jax.tree_util.tree_leaves(arguments)]
        known = {origin.variable: held for origin, held in zip(origins, names, strict=True) if origin is not None}
        owner = next((origin.trace for origin in origins if origin is not None), None)
        with _activated(_ActiveTrace(owner, sizes, is_outermost, known)):
            return function(*arguments)

    return observing


@dataclass(frozen=True)
class _ActiveTrace:
    """A mapped function that is being traced, and the names of its variables as far as known."""

    owner: Any
    sizes: NamedShape
    is_outermost: bool
    known: dict[Any, Names] = field(default_factory=dict)

    def names_of(self, tracer: Any) -> Names:
        pending = [tracer]
        while pending:
            origin = origin_of(pending[-1])
            if origin is None or origin.variable in self.known:
                pending.pop()
                continue
            missing = [operand for operand in origin.operands if self._known(operand) is None]
            if missing:
                pending += missing
                continue
            pending.pop()
            self._define(origin.variable, origin.equation, origin.operands)
        return self._known(tracer) or NAMELESS

    def _known(self, tracer: Any) -> Names | None:
        """None where it is still to be found out; literals and constants have no names."""
        origin = origin_of(tracer)
        if origin is None:
            return NAMELESS
        return self.known.get(origin.variable)

    def _define(self, variable: Any, equation: Any, operands: Sequence[Any]) -> None:
        if equation is None:
            self.known[variable] = NAMELESS
            return
        results = propagate_equation(equation, [self._known(operand) or NAMELESS for operand in operands])
        self.known.update(zip(equation.outvars, results, strict=True))


_active: ContextVar[tuple[_ActiveTrace, ...]] = ContextVar("active traces", default=())


@contextmanager
def _activated(trace: _ActiveTrace) -> Iterator[None]:
    token = _active.set((trace, *_active.get()))
    try:
        yield
    finally:
        _active.reset(token)
