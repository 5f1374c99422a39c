"""Reductions: the library's functions that reduce over positional axes, over all of them where none is given.

Source: the parameter ``axis=None`` in the reference of `jax.numpy`, in which a named axis is none of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from named_types.semantics import library

_NAMES = frozenset(
    "all amax amin any argmax argmin average count_nonzero logsumexp max mean median min nanargmax nanargmin nanmax "
    "nanmean nanmedian nanmin nanprod nanstd nansum nanvar prod ptp std sum var".split()
)
_MODULES = frozenset({library.ARRAY, "jax.nn", "jax.numpy", "named_types.runtime.nn", "named_types.runtime.numpy"})


def is_over_all_positions(path: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether a call reduces its first argument over all of its positional axes."""
    module, _, name = library.canonical(path).rpartition(".")
    axis = kwargs.get("axis", args[1] if len(args) > 1 else None)
    return module in _MODULES and name in _NAMES and axis is None
