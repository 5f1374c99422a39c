"""`jax.numpy`, in which every axis may be a named one: alone, or in a tuple with others and with positions.

What is not defined here is JAX's own object. The documentation has a table of what each function does with names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
from jax import Array

from named_types.problems import InvalidEinsum
from named_types.runtime.behind import falling_through
from named_types.runtime.named_axis import require_bound
from named_types.runtime.named_contraction import contract
from named_types.runtime.named_functions import Does, Way, along, by_collectives, refusing, takes_names
from named_types.runtime.named_movements import linspace as linspace
from named_types.runtime.named_movements import moveaxis as moveaxis
from named_types.runtime.named_movements import take_along_axis as take_along_axis
from named_types.runtime.named_movements import tensordot as tensordot
from named_types.runtime.named_reductions import all as all
from named_types.runtime.named_reductions import any as any
from named_types.runtime.named_reductions import argmax as argmax
from named_types.runtime.named_reductions import argmin as argmin
from named_types.runtime.named_reductions import average as average
from named_types.runtime.named_reductions import nanargmax as nanargmax
from named_types.runtime.named_reductions import nanargmin as nanargmin
from named_types.runtime.named_reductions import nanmax as nanmax
from named_types.runtime.named_reductions import nanmin as nanmin
from named_types.runtime.named_reductions import size as size
from named_types.runtime.named_reductions import vecdot as vecdot
from named_types.runtime.numpy import fft as fft
from named_types.runtime.numpy import linalg as linalg
from named_types.runtime.objections import explained
from named_types.runtime.places import place_of_caller, reject
from named_types.semantics.contraction import read_einsum

REDUCES, KEEPS, REMOVES, MAKES = Does.REDUCES, Does.KEEPS, Does.REMOVES, Does.MAKES

amax = by_collectives(jnp.amax, REDUCES)
amin = by_collectives(jnp.amin, REDUCES)
count_nonzero = by_collectives(jnp.count_nonzero, REDUCES)
max = by_collectives(jnp.max, REDUCES)
mean = by_collectives(jnp.mean, REDUCES)
min = by_collectives(jnp.min, REDUCES)
nanmean = by_collectives(jnp.nanmean, REDUCES)
nanstd = by_collectives(jnp.nanstd, REDUCES)
nansum = by_collectives(jnp.nansum, REDUCES)
nanvar = by_collectives(jnp.nanvar, REDUCES)
ptp = by_collectives(jnp.ptp, REDUCES)
std = by_collectives(jnp.std, REDUCES)
sum = by_collectives(jnp.sum, REDUCES)
var = by_collectives(jnp.var, REDUCES)

apply_over_axes = along(jnp.apply_over_axes, REDUCES, "a", axes="axes", several=True)
median = along(jnp.median, REDUCES, "a", several=True)
nanmedian = along(jnp.nanmedian, REDUCES, "a", several=True)
nanpercentile = along(jnp.nanpercentile, REDUCES, "a", several=True, aligned="weights")
nanprod = along(jnp.nanprod, REDUCES, "a", several=True, aligned="where")
nanquantile = along(jnp.nanquantile, REDUCES, "a", several=True, aligned="weights")
percentile = along(jnp.percentile, REDUCES, "a", several=True, aligned="weights")
prod = along(jnp.prod, REDUCES, "a", several=True, aligned="where")
quantile = along(jnp.quantile, REDUCES, "a", several=True, aligned="weights")
trace = along(jnp.trace, REDUCES, "a", axes="axis1 axis2")
trapezoid = along(jnp.trapezoid, REDUCES, "y", "x")

apply_along_axis = along(jnp.apply_along_axis, KEEPS, "arr")
argsort = along(jnp.argsort, KEEPS, "a")
cross = along(jnp.cross, KEEPS, "a", "b")
cumprod = along(jnp.cumprod, KEEPS, "a")
cumsum = along(jnp.cumsum, KEEPS, "a")
cumulative_prod = along(jnp.cumulative_prod, KEEPS, "x")
cumulative_sum = along(jnp.cumulative_sum, KEEPS, "x")
flip = along(jnp.flip, KEEPS, "m", several=True)
gradient = along(jnp.gradient, KEEPS, "f", several=True)
lexsort = along(jnp.lexsort, KEEPS, "keys")
nancumprod = along(jnp.nancumprod, KEEPS, "a")
nancumsum = along(jnp.nancumsum, KEEPS, "a")
partition = along(jnp.partition, KEEPS, "a")
argpartition = along(jnp.argpartition, KEEPS, "a")
put_along_axis = along(jnp.put_along_axis, KEEPS, "arr", raised="indices values")
roll = along(jnp.roll, KEEPS, "a", several=True)
rot90 = along(jnp.rot90, KEEPS, "m", axes="axes", several=True)
sort = along(jnp.sort, KEEPS, "a")
swapaxes = along(jnp.swapaxes, KEEPS, "a", axes="axis1 axis2")
unwrap = along(jnp.unwrap, KEEPS, "p")

append = along(jnp.append, REMOVES, "arr", "values")
array_split = along(jnp.array_split, REMOVES, "ary")
compress = along(jnp.compress, REMOVES, "a", vectors="condition")
concat = along(jnp.concat, REMOVES, "arrays")
concatenate = along(jnp.concatenate, REMOVES, "arrays")
delete = along(jnp.delete, REMOVES, "arr")
diagonal = along(jnp.diagonal, REMOVES, "a", axes="axis1 axis2")
diff = along(jnp.diff, REMOVES, "a")
insert = along(jnp.insert, REMOVES, "arr")
packbits = along(jnp.packbits, REMOVES, "a")
permute_dims = along(jnp.permute_dims, REMOVES, "a", axes="axes", several=True)
repeat = along(jnp.repeat, REMOVES, "a")
rollaxis = along(jnp.rollaxis, REMOVES, "a", axes="axis start")
split = along(jnp.split, REMOVES, "ary")
squeeze = along(jnp.squeeze, REMOVES, "a", several=True)
take = along(jnp.take, REMOVES, "a")
transpose = along(jnp.transpose, REMOVES, "a", axes="axes", several=True)
unique = along(jnp.unique, REMOVES, "ar")
unpackbits = along(jnp.unpackbits, REMOVES, "a")
unstack = along(jnp.unstack, REMOVES, "x")

expand_dims = along(jnp.expand_dims, MAKES, several=True)
geomspace = along(jnp.geomspace, MAKES)
logspace = along(jnp.logspace, MAKES)
stack = along(jnp.stack, MAKES)

trim_zeros = refusing(jnp.trim_zeros, "axis", "how many entries stay depends on their values")


@takes_names(REDUCES, Way.COLLECTIVE, "subscripts")
def einsum(subscripts: Any, /, *operands: Any, **options: Any) -> Array:
    """Sums of products, over positional axes by letter and over named axes by name, in braces.

    ``einsum("n{b,k},{k,m}->n{b,m}", x, y)`` has the positional axis ``n`` and the named axes ``b``, ``k`` and
    ``m``. Names that operands mention and the result does not are contracted; names that are mentioned
    nowhere are broadcast. Without braces it is `jax.numpy.einsum`, with all its options.
    """
    if not isinstance(subscripts, str) or "{" not in subscripts:
        return jnp.einsum(subscripts, *operands, **options)
    if options:
        raise TypeError(f"einsum with named axes takes no options, got {', '.join(options)}")
    return explained(_named_einsum, "einsum")(subscripts, *operands)


def _named_einsum(subscripts: str, *operands: Any) -> Array:
    contraction = read_einsum(subscripts, [jnp.ndim(operand) for operand in operands])
    if isinstance(contraction, InvalidEinsum):
        reject(contraction, place_of_caller())
    require_bound({name for term in contraction.operands for name in term.names}, "einsum")
    return contract(operands, contraction)


if TYPE_CHECKING:
    from jax.numpy import *  # type: ignore[assignment, no-redef]  # noqa: F403
else:
    __getattr__, __dir__ = falling_through(globals(), jnp)
