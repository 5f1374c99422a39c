"""Operations of `jax.lax` of which the type of the result is known: the layout of the operand tells it.

While a program is traced, most of what an operation costs is to find out what its result is. Where that is known,
the equation is put down as it is; everywhere else these are the operations of `jax.lax`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
from jax import lax

from named_types.runtime.internals import stage


def transpose(array: Any, permutation: Sequence[int]) -> Any:
    """``lax.transpose``."""
    shape = [array.shape[axis] for axis in permutation]
    staged = stage(lax.transpose_p, [array], {"permutation": tuple(permutation)}, jax.typeof(array), shape)
    return lax.transpose(array, permutation) if staged is None else staged


def broadcast_in_dim(array: Any, shape: Sequence[int], dimensions: Sequence[int]) -> Any:
    """``lax.broadcast_in_dim``."""
    params = {"shape": tuple(shape), "broadcast_dimensions": tuple(dimensions), "sharding": None}
    staged = stage(lax.broadcast_in_dim_p, [array], params, jax.typeof(array), shape)
    return lax.broadcast_in_dim(array, shape, dimensions) if staged is None else staged


def expand_dims(array: Any, dimensions: Sequence[int]) -> Any:
    """``lax.expand_dims``, for dimensions that are not negative."""
    if not dimensions:
        return array
    kept = [axis for axis in range(array.ndim + len(dimensions)) if axis not in dimensions]
    shape = [1] * (array.ndim + len(dimensions))
    for axis, extent in zip(kept, array.shape, strict=True):
        shape[axis] = extent
    return broadcast_in_dim(array, shape, kept)


def squeeze(array: Any, dimensions: Sequence[int]) -> Any:
    """``lax.squeeze``, for dimensions that are not negative."""
    if not dimensions:
        return array
    shape = [extent for axis, extent in enumerate(array.shape) if axis not in dimensions]
    staged = stage(lax.squeeze_p, [array], {"dimensions": tuple(dimensions)}, jax.typeof(array), shape)
    return lax.squeeze(array, dimensions) if staged is None else staged


def dot_general(left: Any, right: Any, dimension_numbers: Any, shape: Sequence[int]) -> Any:
    """``lax.dot_general`` of two arrays of one dtype, which is also that of the result; ``shape`` is its shape."""
    if jax.config.jax_default_matmul_precision is None:  # type: ignore[attr-defined]
        params = {
            "dimension_numbers": dimension_numbers,
            "precision": None,
            "preferred_element_type": left.dtype,
            "out_sharding": None,
        }
        like = min(jax.typeof(left), jax.typeof(right), key=lambda aval: aval.weak_type)
        staged = stage(lax.dot_general_p, [left, right], params, like, shape)
        if staged is not None:
            return staged
    return lax.dot_general(left, right, dimension_numbers, preferred_element_type=left.dtype)
