"""Backward passes: which equations JAX makes of those of a program, at whose lines they stand."""

from __future__ import annotations

from jax.extend.core import JaxprEqn


def whereabouts(eqn: JaxprEqn) -> str | None:
    """Where an equation is that is not what its line says; None if it is."""
    return "a backward pass" if "transpose(" in str(eqn.source_info.name_stack) else None
