"""`jax.nn.initializers`, whose fans may be along names.

An initializer with names among its axes gives each of their instances weights of its own: they are drawn with a key
into which the index of the instance is folded. The named axes count for the fans with their sizes.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod, sqrt
from typing import TYPE_CHECKING, Any

import jax
from jax import Array
from jax import lax as jax_lax
from jax.nn import initializers as initializers_of_jax

from named_types.algebra import AxisName
from named_types.runtime.behind import falling_through
from named_types.runtime.named_axis import axis_entries, has_names, is_position
from named_types.runtime.named_functions import Does, Way, refusing, takes_names
from named_types.runtime.objections import Misfit, explained
from named_types.semantics.jax_names import to_jax

_SIDES = ("in_axis", "out_axis", "batch_axis")
_making = takes_names(Does.MAKES, Way.APART, *_SIDES)


@_making
def variance_scaling(
    scale: Any,
    mode: Any,
    distribution: Any,
    in_axis: Any = -2,
    out_axis: Any = -1,
    batch_axis: Any = (),
    dtype: Any = None,
) -> Callable[..., Array]:
    """An initializer whose variance is ``scale``, divided by the size of the fan.

    The axes are positions, names, or tuples of both. Each instance of the named ones has weights of its own.
    """
    axes = in_axis, out_axis, batch_axis
    given = () if dtype is None else (dtype,)
    if not any(map(has_names, axes)):
        return initializers_of_jax.variance_scaling(scale, mode, distribution, *axes, *given)

    def draw(key: Array, shape: Any, dtype: Any = dtype, **options: Any) -> Array:
        sides = [axis_entries(axis, "variance_scaling") for axis in axes]
        names = [entry for side in sides for entry in side if not is_position(entry)]
        scaled = scale / _fan(mode, shape, *sides)
        alone = initializers_of_jax.variance_scaling(scaled, "fan_in", distribution, 0, 1, range(2, len(shape) + 2))
        given = () if dtype is None else (dtype,)
        return alone(_of_instance(key, names), (1, 1, *shape), *given, **options)[0, 0]

    return explained(draw, "variance_scaling")


def _fan(mode: str, shape: Any, in_side: Any, out_side: Any, batch_side: Any) -> float:
    """The number by which the variance is divided."""

    def size(side: Any) -> int:
        return prod(shape[entry] if is_position(entry) else jax_lax.axis_size(to_jax(entry)) for entry in side)

    listed = [entry % len(shape) for side in (in_side, out_side, batch_side) for entry in side if is_position(entry)]
    field = prod(extent for position, extent in enumerate(shape) if position not in listed)
    fans = size(in_side) * field, size(out_side) * field
    means = {"fan_in": fans[0], "fan_out": fans[1], "fan_avg": sum(fans) / 2, "fan_geo_avg": sqrt(prod(fans))}
    if mode not in means:
        raise Misfit(f"there is no mode {mode!r}", f"the modes are {', '.join(means)}")
    return float(means[mode])


def _of_instance(key: Array, names: list[AxisName]) -> Array:
    for name in names:
        key = jax.random.fold_in(key, jax_lax.axis_index(to_jax(name)))
    return key


def _scaling(library: Callable[..., Any], scale: float, mode: str, distribution: str) -> Callable[..., Any]:
    """An initializer that is a `variance_scaling`."""

    def initializer(in_axis: Any = -2, out_axis: Any = -1, batch_axis: Any = (), dtype: Any = None) -> Any:
        axes = in_axis, out_axis, batch_axis
        if any(map(has_names, axes)):
            return variance_scaling(scale, mode, distribution, *axes, dtype)
        return library(*axes) if dtype is None else library(*axes, dtype)

    initializer.__name__, initializer.__doc__ = library.__name__, f"{library.__doc__}"
    return _making(initializer)


glorot_normal = _scaling(initializers_of_jax.glorot_normal, 1.0, "fan_avg", "truncated_normal")
glorot_uniform = _scaling(initializers_of_jax.glorot_uniform, 1.0, "fan_avg", "uniform")
he_normal = _scaling(initializers_of_jax.he_normal, 2.0, "fan_in", "truncated_normal")
he_uniform = _scaling(initializers_of_jax.he_uniform, 2.0, "fan_in", "uniform")
lecun_normal = _scaling(initializers_of_jax.lecun_normal, 1.0, "fan_in", "truncated_normal")
lecun_uniform = _scaling(initializers_of_jax.lecun_uniform, 1.0, "fan_in", "uniform")
kaiming_normal, kaiming_uniform = he_normal, he_uniform
xavier_normal, xavier_uniform = glorot_normal, glorot_uniform

_WHOLE = "the columns of all instances together would have to be orthogonal"
delta_orthogonal = refusing(initializers_of_jax.delta_orthogonal, "column_axis", _WHOLE)
orthogonal = refusing(initializers_of_jax.orthogonal, "column_axis", _WHOLE)

if TYPE_CHECKING:
    from jax.nn.initializers import *  # noqa: F403
else:
    __getattr__, __dir__ = falling_through(globals(), initializers_of_jax)
