"""Random keys whose numbers depend on how many of them are drawn from together.

``rbg`` and ``unsafe_rbg`` give the keys of a vmapped axis one stream of numbers between them. An axis that is spread
over resources is drawn from in chunks, each with a stream of its own, so ``axis_resources`` would change results.
Without resources the numbers are those of ``jax.vmap``.
"""

from __future__ import annotations

from collections.abc import Iterable

from jax.extend.core import JaxprEqn

from named_types.algebra import AxisName, AxisResources

DRAWING = frozenset({"random_bits", "random_split", "random_fold_in"})
"""The primitives that draw numbers from a key."""

_GENERATORS = {"key<rbg>": {"random_bits"}, "key<urbg>": DRAWING}


def spread_stream(eqn: JaxprEqn, names: Iterable[AxisName], resources: AxisResources) -> str | None:
    """Why the numbers that an equation draws would depend on resources; ``names`` are those of its key."""
    kind = str(getattr(eqn.invars[0].aval, "dtype", ""))
    if eqn.primitive.name not in _GENERATORS.get(kind, ()):
        return None
    spread = next((axis for axis in sorted(names, key=repr) if resources.get(axis)), None)
    if spread is None:
        return None
    return f"what a {kind} gives depends on how axis {spread!r} is spread over resources; a key of threefry does not"
