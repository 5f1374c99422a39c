"""Where the axes of a mapped function come from, for the messages of problems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import jax

from named_types.algebra import AxisName
from named_types.problems import LeakedNamedAxis, Problem, ResourceConflict
from named_types.problems.problem import listed
from named_types.semantics.mapping import Entered
from named_types.semantics.xmap_axes import XmapAxes, argument_label

Origins: TypeAlias = Mapping[AxisName, list[str]]
"""For each axis, the arguments with which it enters."""

_MOST_NAMED = 3


def origins_of(axes: XmapAxes, entered: Entered) -> Origins:
    """The origins of all axes that an xmap introduces."""
    origins: dict[AxisName, list[str]] = {axis: ["axis_sizes"] for axis in axes.axis_sizes}
    for path, value in jax.tree_util.tree_leaves_with_path(entered.arguments):
        for axis in value.type.named_shape:
            origins.setdefault(axis, []).append(argument_label(path))
    return origins


def origin_of_problem(problem: Problem, origins: Origins) -> str | None:
    """Where the axes that a problem is about come from; None where that is no news."""
    if not isinstance(problem, (ResourceConflict, LeakedNamedAxis)):
        return None
    told = [f"axis {axis!r} of {_shortened(origins[axis])}" for axis in problem.axes if axis in origins]
    return "; ".join(told) if told else None


def _shortened(arguments: list[str]) -> str:
    rest = [f"{len(arguments) - _MOST_NAMED} more"] if len(arguments) > _MOST_NAMED else []
    return listed([*arguments[:_MOST_NAMED], *rest])
