"""Donation: the arguments of a mapped function whose memory may be used for its results."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from named_types.problems import InvalidAxisMapping
from named_types.semantics.abstract_array import AbstractArray, Unknown
from named_types.semantics.xmap_axes import XmapAxes


def read_donated(donate_argnums: Any, axes: XmapAxes, count: int | None) -> tuple[int, ...] | InvalidAxisMapping:
    """Read xmap's ``donate_argnums``: positions of arguments. What is unknown in it is left out.

    ``count`` is the number of arguments that the function takes, if that is known.
    """
    if isinstance(axes.in_axes, tuple):
        count = len(axes.in_axes)
    entries = donate_argnums if isinstance(donate_argnums, (Sequence, set, frozenset)) else (donate_argnums,)
    positions: list[int] = []
    for entry in (donate_argnums,) if isinstance(donate_argnums, str) else entries:
        if isinstance(entry, (Unknown, AbstractArray)):
            continue
        position = _position(entry)
        if position is None:
            return _wrong(f"a position must be an int, not {entry!r}")
        if count is not None and not -count <= position < count:
            return _wrong(f"there is no argument {position} among {count}")
        positions.append(position if count is None else position % count)
        if positions.count(positions[-1]) > 1:
            return _wrong(f"argument {positions[-1]} stands there twice")
    return tuple(positions)


def _position(entry: Any) -> int | None:
    try:
        return None if isinstance(entry, bool) else operator.index(entry)
    except TypeError:
        return None


def _wrong(reason: str) -> InvalidAxisMapping:
    return InvalidAxisMapping("donate_argnums", reason)
