"""Arguments written by hand: for callables that no guess fits, or that a guess would use less than they offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax


def array(dtype: str, *shape: int) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(shape, jnp.dtype(dtype))


number = array("float32")
vector = array("float32", 3)
matrix = array("float32", 3, 3)
cube = array("float32", 2, 3, 3)
count = array("int32")
counts = array("int32", 3)
flags = array("bool", 3)
key: jax.ShapeDtypeStruct = jax.eval_shape(jax.random.key, 0)

_images, _kernel = array("float32", 1, 3, 4, 4), array("float32", 2, 3, 2, 2)
_scatter = lax.ScatterDimensionNumbers((), (0,), (0,))
_scattered = (vector, array("int32", 1), number, _scatter)
_rows = lax.GatherDimensionNumbers((0,), (0,), (0,))
_ragged = (array("float32", 4, 3), array("float32", 2, 3, 5), array("int32", 2))


def _call(*args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    return args, kwargs


SPECIAL: dict[str, tuple[tuple[Any, ...], Mapping[str, Any]]] = {
    "jax.Array.choose": _call(counts, [vector, vector, vector], mode="clip"),
    "jax.Array.compress": _call(matrix, flags, axis=0, size=2),
    "jax.Array.nonzero": _call(matrix, size=2),
    "jax.Array.reshape": _call(matrix, (9,)),
    "jax.Array.searchsorted": _call(vector, matrix),
    "jax.Array.swapaxes": _call(matrix, 0, 1),
    "jax.Array.clip": _call(vector, number, vector),
    "jax.image.resize": _call(matrix, (6, 6), "linear"),
    "jax.image.scale_and_translate": _call(matrix, (6, 6), (0, 1), array("float32", 2), array("float32", 2), "linear"),
    "jax.lax.all_gather": _call(vector, "a"),
    "jax.lax.all_to_all": _call(array("float32", 2, 3), "a", 0, 0),
    "jax.lax.argmax": _call(vector, 0, "int32"),
    "jax.lax.argmin": _call(vector, 0, "int32"),
    "jax.lax.broadcast_in_dim": _call(vector, (2, 3), (1,)),
    "jax.lax.clamp": _call(number, vector, number),
    "jax.lax.concatenate": _call([vector, vector], 0),
    "jax.lax.conv": _call(_images, _kernel, (1, 1), "SAME"),
    "jax.lax.conv_general_dilated": _call(_images, _kernel, (1, 1), "VALID"),
    "jax.lax.conv_general_dilated_local": _call(
        array("float32", 1, 3, 4), array("float32", 2, 6, 3), (1,), "VALID", (2,)
    ),
    "jax.lax.conv_general_dilated_patches": _call(_images, (2, 2), (1, 1), "VALID"),
    "jax.lax.conv_transpose": _call(array("float32", 1, 4, 3), array("float32", 2, 3, 5), (2,), "SAME"),
    "jax.lax.conv_with_general_padding": _call(_images, _kernel, (1, 1), ((0, 0), (0, 0)), None, None),
    "jax.lax.dot_general": _call(cube, cube, (((2,), (1,)), ((0,), (0,)))),
    "jax.lax.dynamic_slice": _call(matrix, [count, count], (2, 2)),
    "jax.lax.dynamic_slice_in_dim": _call(matrix, count, 2),
    "jax.lax.dynamic_update_index_in_dim": _call(matrix, vector, count, 0),
    "jax.lax.dynamic_update_slice": _call(matrix, array("float32", 2, 2), [count, count]),
    "jax.lax.dynamic_update_slice_in_dim": _call(matrix, array("float32", 2, 3), count, 0),
    "jax.lax.fft": _call(array("complex64", 4), "fft", (4,)),
    "jax.lax.gather": _call(matrix, array("int32", 2, 1), lax.GatherDimensionNumbers((1,), (0,), (0,)), (1, 3)),
    "jax.lax.index_take": _call(matrix, [counts], (0,)),
    "jax.lax.pad": _call(vector, number, [(1, 1, 0)]),
    "jax.lax.pbroadcast": _call(vector, "a", 1),
    "jax.lax.pmax": _call(vector, "a"),
    "jax.lax.pmean": _call(vector, "a"),
    "jax.lax.pmin": _call(vector, "a"),
    "jax.lax.ppermute": _call(vector, "a", [(0, 1), (1, 0)]),
    "jax.lax.pshuffle": _call(vector, "a", [1, 0]),
    "jax.lax.psum": _call(vector, "a"),
    "jax.lax.psum_scatter": _call(array("float32", 2, 3), "a"),
    "jax.lax.pswapaxes": _call(array("float32", 2, 3), "a", 0),
    "jax.lax.ragged_all_to_all": _call(
        array("float32", 4), array("float32", 4), *[array("int32", 2)] * 4, axis_name="a"
    ),
    "jax.lax.ragged_dot": _call(*_ragged),
    "jax.lax.ragged_dot_general": _call(
        *_ragged,
        lax.RaggedDotDimensionNumbers(
            dot_dimension_numbers=(((1,), (1,)), ((), ())), lhs_ragged_dimensions=[0], rhs_group_dimensions=[0]
        ),
    ),
    "jax.lax.reduce_precision": _call(vector, 5, 10),
    "jax.lax.rng_uniform": _call(number, number, (3,)),
    **{f"jax.lax.scatter{kind}": _call(*_scattered) for kind in ("", "_add", "_max", "_min", "_mul", "_sub")},
    "jax.lax.select_n": _call(flags, vector, vector),
    "jax.lax.slice": _call(matrix, (0, 1), (2, 3)),
    "jax.lax.slice_in_dim": _call(matrix, 0, 2),
    "jax.lax.squeeze": _call(array("float32", 1, 3), (0,)),
    "jax.lax.linalg.lu_pivots_to_permutation": _call(counts, 3),
    "jax.lax.linalg.ormqr": _call(matrix, vector, matrix),
    "jax.lax.linalg.tridiagonal_solve": _call(vector, vector, vector, matrix),
    "jax.nn.dot_product_attention": _call(*[array("float32", 2, 4, 3, 5)] * 3),
    "jax.nn.scaled_matmul": _call(*[array("float32", 2, 4, 4)] * 2, *[array("float32", 2, 4, 1)] * 2),
    "jax.nn.glu": _call(array("float32", 4)),
    "jax.numpy.argwhere": _call(matrix, size=2),
    "jax.numpy.average": _call(vector, weights=vector),
    "jax.numpy.bincount": _call(counts, weights=vector, length=4),
    "jax.numpy.choose": _call(counts, [vector, vector], mode="clip"),
    "jax.numpy.clip": _call(vector, number, vector),
    "jax.numpy.compress": _call(flags, matrix, axis=0, size=2),
    "jax.numpy.concatenate": _call([vector, vector]),
    "jax.numpy.dsplit": _call(array("float32", 2, 2, 4), 2),
    "jax.numpy.einsum": _call("ij,jk,k->i", matrix, matrix, vector),
    "jax.numpy.extract": _call(flags, vector, size=2),
    "jax.numpy.fill_diagonal": _call(matrix, number, inplace=False),
    "jax.numpy.flatnonzero": _call(matrix, size=2),
    "jax.numpy.insert": _call(vector, counts, number),
    "jax.numpy.intersect1d": _call(counts, counts, size=3),
    "jax.numpy.linalg.multi_dot": _call([matrix, matrix, vector]),
    "jax.numpy.linspace": _call(number, number, 5),
    "jax.numpy.moveaxis": _call(matrix, 0, 1),
    "jax.numpy.nonzero": _call(matrix, size=2),
    "jax.numpy.place": _call(vector, flags, vector, inplace=False),
    "jax.numpy.polyfit": _call(vector, vector, 1),
    "jax.numpy.put": _call(vector, counts, vector, inplace=False),
    "jax.numpy.put_along_axis": _call(matrix, array("int32", 3, 1), number, axis=1, inplace=False),
    "jax.numpy.ravel_multi_index": _call((counts, counts), (4, 4), mode="clip"),
    "jax.numpy.select": _call([flags, flags], [vector, vector], number),
    "jax.numpy.setdiff1d": _call(counts, counts, size=3),
    "jax.numpy.setxor1d": _call(counts, counts, size=6),
    "jax.numpy.stack": _call([vector, vector]),
    "jax.numpy.swapaxes": _call(matrix, 0, 1),
    "jax.numpy.union1d": _call(counts, counts, size=6),
    "jax.numpy.unique": _call(counts, return_index=True, return_inverse=True, return_counts=True, size=3),
    "jax.numpy.unique_all": _call(counts, size=3),
    "jax.numpy.unique_counts": _call(counts, size=3),
    "jax.numpy.unique_inverse": _call(counts, size=3),
    "jax.numpy.unique_values": _call(counts, size=3),
    "jax.numpy.unpackbits": _call(array("uint8", 3)),
    "jax.numpy.where": _call(flags, vector, number),
    "jax.ops.segment_max": _call(vector, counts, 4),
    "jax.ops.segment_min": _call(vector, counts, 4),
    "jax.ops.segment_prod": _call(vector, counts, 4),
    "jax.ops.segment_sum": _call(vector, counts, 4),
    "jax.numpy.roots": _call(vector, strip_zeros=False),
    "jax.random.PRNGKey": _call(count),
    "jax.random.ball": _call(key, 2),
    "jax.random.choice": _call(key, vector, (2,), p=vector),
    "jax.random.fold_in": _call(key, count),
    "jax.random.generalized_normal": _call(key, number, (3,)),
    "jax.random.key": _call(count),
    "jax.random.multinomial": _call(key, number, vector),
    "jax.random.multivariate_normal": _call(key, vector, matrix),
    "jax.random.normal": _call(key, (3,)),
    "jax.random.orthogonal": _call(key, 3),
    "jax.random.wrap_key_data": _call(array("uint32", 2)),
    "jax.scipy.linalg.block_diag": _call(matrix, matrix),
    "jax.scipy.linalg.cho_solve": _call((matrix, True), vector),
    "jax.scipy.linalg.eigh_tridiagonal": _call(array("float32", 4), vector, eigvals_only=True),
    "jax.scipy.linalg.leslie": _call(vector, array("float32", 2)),
    "jax.scipy.linalg.lu_solve": _call((matrix, counts), vector),
    "jax.scipy.ndimage.map_coordinates": _call(matrix, [vector, vector], 1),
    "jax.scipy.special.bessel_jn": _call(number, v=2),
    "jax.scipy.special.logsumexp": _call(matrix, axis=0, b=matrix),
    "jax.scipy.special.sph_harm_y": _call(counts, counts, vector, vector, n_max=3),
}
