"""The functions of the faces that take axes, and how each is called to go along the axes of one array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from named_types.runtime.named_catalogue import Entry, catalogue
from named_types.runtime.named_functions import Does

Call = Callable[[Any, Any, Any], Any]
"""Of a function, an array, and the axes to go along."""


def functions() -> list[Entry]:
    """Those that go along axes of arrays: no collectives, no initializers, and none that take no names."""
    return [
        entry
        for entry in catalogue()
        if entry.behaviour.does is not Does.REFUSES
        and entry.behaviour.parameters[0] not in ("axis_name", "spec", "subscripts")
        and entry.face != "nn.initializers"
    ]


def call_of(entry: Entry) -> Call:
    parameter = entry.behaviour.parameters[0]
    return CALLS.get(entry.path, lambda function, x, axis: function(x, **{parameter: axis}))


def _key() -> Any:
    return jax.random.key(1)


def _positive(x: Any) -> Any:
    return jnp.abs(x) + 0.1


def _bytes(x: Any) -> Any:
    return (x * 100).astype(jnp.int32).astype(jnp.uint8)


def _with_gaps(x: Any) -> Any:
    return jnp.where(x > 0.5, jnp.nan, x)


_QUANTILES = jnp.array([0.25, 0.5])

CALLS: dict[str, Call] = {
    "lax.approx_max_k": lambda f, x, axis: f(x, 2, reduction_dimension=axis),
    "lax.approx_min_k": lambda f, x, axis: f(x, 2, reduction_dimension=axis),
    "lax.argmax": lambda f, x, axis: f(x, axis, jnp.int32),
    "lax.argmin": lambda f, x, axis: f(x, axis, jnp.int32),
    "lax.associative_scan": lambda f, x, axis: f(jnp.multiply, x, axis=axis),
    "lax.broadcasted_iota": lambda f, x, axis: f(
        jnp.float32, x.shape if isinstance(axis, str) else (4, *x.shape), axis
    ),
    "lax.concatenate": lambda f, x, axis: f([x, 2 * x], axis),
    "lax.dynamic_index_in_dim": lambda f, x, axis: f(x, 1, axis),
    "lax.dynamic_slice_in_dim": lambda f, x, axis: f(x, 1, 2, axis),
    "lax.dynamic_update_index_in_dim": lambda f, x, axis: f(x, jnp.ones(x.shape[-2:]), 1, axis),
    "lax.dynamic_update_slice_in_dim": lambda f, x, axis: f(x, jnp.ones((1, *x.shape[-2:])), 1, axis),
    "lax.expand_dims": lambda f, x, axis: f(x, _tuple(axis)),
    "lax.index_in_dim": lambda f, x, axis: f(x, 1, axis),
    "lax.index_take": lambda f, x, axis: f(x, jnp.array([[1, 2]]), axes=(axis,)),
    "lax.reduce": lambda f, x, axis: f(x, 0.0, jax.lax.add, _tuple(axis)),
    "lax.reduce_and": lambda f, x, axis: f(x > 0, _tuple(axis)),
    "lax.reduce_max": lambda f, x, axis: f(x, _tuple(axis)),
    "lax.reduce_min": lambda f, x, axis: f(x, _tuple(axis)),
    "lax.reduce_or": lambda f, x, axis: f(x > 0, _tuple(axis)),
    "lax.reduce_prod": lambda f, x, axis: f(x, _tuple(axis)),
    "lax.reduce_sum": lambda f, x, axis: f(x, _tuple(axis)),
    "lax.reduce_xor": lambda f, x, axis: f(x > 0, _tuple(axis)),
    "lax.rev": lambda f, x, axis: f(x, _tuple(axis)),
    "lax.slice_in_dim": lambda f, x, axis: f(x, 1, 3, axis=axis),
    "lax.sort": lambda f, x, axis: f((jnp.round(x), x), dimension=axis, num_keys=2),
    "lax.sort_key_val": lambda f, x, axis: f(x, 2 * x, dimension=axis),
    "lax.split": lambda f, x, axis: f(x, (1, 3), axis=axis),
    "lax.squeeze": lambda f, x, axis: f(x, _tuple(axis)),
    "lax.stack": lambda f, x, axis: f([x, 2 * x, 3 * x, 4 * x], axis=axis),
    "lax.top_k": lambda f, x, axis: f(x, 2, axis=axis),
    "lax.transpose": lambda f, x, axis: f(x, (axis, *reversed(range(x.ndim)[-2:]))),
    "nn.one_hot": lambda f, x, axis: f((x > 0).astype(jnp.int32), 4, axis=axis),
    "numpy.all": lambda f, x, axis: f(x > -1, axis, where=x < 2),
    "numpy.any": lambda f, x, axis: f(x > 1.5, axis),
    "numpy.append": lambda f, x, axis: f(x, 2 * x, axis=axis),
    "numpy.apply_along_axis": lambda f, x, axis: f(jnp.cumsum, axis, x),
    "numpy.apply_over_axes": lambda f, x, axis: f(jnp.sum, x, _tuple(axis)),
    "numpy.argpartition": lambda f, x, axis: f(x, 1, axis=axis),
    "numpy.array_split": lambda f, x, axis: f(x, 3, axis=axis),
    "numpy.average": lambda f, x, axis: f(x, axis, weights=_positive(x), returned=True),
    "numpy.compress": lambda f, x, axis: f(jnp.array([True, False, True]), x, axis=axis, size=2),
    "numpy.concat": lambda f, x, axis: f([x, 2 * x], axis=axis),
    "numpy.concatenate": lambda f, x, axis: f([x, 2 * x], axis=axis),
    "numpy.cross": lambda f, x, axis: f(x, 2 + x**2, axis=axis),
    "numpy.cumulative_prod": lambda f, x, axis: f(x, axis=axis),
    "numpy.delete": lambda f, x, axis: f(x, 1, axis=axis),
    "numpy.diagonal": lambda f, x, axis: f(x, 1, axis1=axis, axis2=-1),
    "numpy.fft.fft2": lambda f, x, axis: f(x, axes=axis if isinstance(axis, tuple) else (axis, -1)),
    "numpy.fft.fftn": lambda f, x, axis: f(x, axes=_tuple(axis)),
    "numpy.fft.ifft2": lambda f, x, axis: f(x, axes=axis if isinstance(axis, tuple) else (axis, -1)),
    "numpy.fft.ifftn": lambda f, x, axis: f(x, axes=_tuple(axis)),
    "numpy.fft.irfft2": lambda f, x, axis: f(x, axes=axis if isinstance(axis, tuple) else (axis, -1)),
    "numpy.fft.irfftn": lambda f, x, axis: f(x, axes=_tuple(axis)),
    "numpy.fft.rfft2": lambda f, x, axis: f(x, axes=axis if isinstance(axis, tuple) else (axis, -1)),
    "numpy.fft.rfftn": lambda f, x, axis: f(x, axes=_tuple(axis)),
    "numpy.geomspace": lambda f, x, axis: f(_positive(x), 3 + _positive(x), 4, axis=axis),
    "numpy.insert": lambda f, x, axis: f(x, 1, 5.0, axis=axis),
    "numpy.lexsort": lambda f, x, axis: f((x, jnp.round(x)), axis=axis),
    "numpy.linalg.cross": lambda f, x, axis: f(x, 2 + x**2, axis=axis),
    "numpy.linalg.tensordot": lambda f, x, axis: f(x, 2 + x, axes=([axis], [axis])),
    "numpy.linalg.vecdot": lambda f, x, axis: f(x, 2 + x, axis=axis),
    "numpy.linspace": lambda f, x, axis: f(x, 3 + x, 4, axis=axis),
    "numpy.logspace": lambda f, x, axis: f(x, 3 + x, 4, axis=axis),
    "numpy.moveaxis": lambda f, x, axis: f(x, axis, -1),
    "numpy.nanargmax": lambda f, x, axis: f(_with_gaps(x), axis),
    "numpy.nanargmin": lambda f, x, axis: f(_with_gaps(x), axis),
    "numpy.nancumprod": lambda f, x, axis: f(_with_gaps(x), axis),
    "numpy.nancumsum": lambda f, x, axis: f(_with_gaps(x), axis),
    "numpy.nanmax": lambda f, x, axis: f(_with_gaps(x), axis),
    "numpy.nanmean": lambda f, x, axis: f(_with_gaps(x), axis),
    "numpy.nanmedian": lambda f, x, axis: f(_with_gaps(x), axis),
    "numpy.nanmin": lambda f, x, axis: f(_with_gaps(x), axis),
    "numpy.nanpercentile": lambda f, x, axis: f(_with_gaps(x), 100 * _QUANTILES, axis),
    "numpy.nanprod": lambda f, x, axis: f(_with_gaps(x), axis),
    "numpy.nanquantile": lambda f, x, axis: f(_with_gaps(x), 0.5, axis, keepdims=False),
    "numpy.nanstd": lambda f, x, axis: f(_with_gaps(x), axis),
    "numpy.nansum": lambda f, x, axis: f(_with_gaps(x), axis),
    "numpy.nanvar": lambda f, x, axis: f(_with_gaps(x), axis),
    "numpy.packbits": lambda f, x, axis: f(x > 0, axis=axis),
    "numpy.partition": lambda f, x, axis: f(x, 1, axis=axis),
    "numpy.percentile": lambda f, x, axis: f(x, 30.0, axis),
    "numpy.permute_dims": lambda f, x, axis: f(x, (axis, *reversed(range(x.ndim)[-2:]))),
    "numpy.prod": lambda f, x, axis: f(x, axis, where=x > 0),
    "numpy.put_along_axis": lambda f, x, axis: f(x, jnp.ones(_ones(x), int), jnp.zeros(_ones(x)), axis, inplace=False),
    "numpy.quantile": lambda f, x, axis: f(x, _QUANTILES, axis),
    "numpy.repeat": lambda f, x, axis: f(x, 2, axis=axis),
    "numpy.roll": lambda f, x, axis: f(x, 1 if not isinstance(axis, tuple) else (1, 2), axis=axis),
    "numpy.rollaxis": lambda f, x, axis: f(x, axis, 1 if axis == 0 else 0),
    "numpy.rot90": lambda f, x, axis: f(x, axes=axis if isinstance(axis, tuple) else (axis, -1)),
    "numpy.size": lambda f, x, axis: jnp.asarray(f(x, axis)),
    "numpy.split": lambda f, x, axis: f(x, [1, 3], axis=axis),
    "numpy.squeeze": lambda f, x, axis: f(x, axis=axis),
    "numpy.stack": lambda f, x, axis: f([x, 2 * x, 3 * x, 4 * x], axis=axis),
    "numpy.swapaxes": lambda f, x, axis: f(x, axis, -1),
    "numpy.take": lambda f, x, axis: f(x, jnp.array([[1, 0, 2]]), axis=axis),
    "numpy.take_along_axis": lambda f, x, axis: f(x, (x > 0).astype(int), axis),
    "numpy.tensordot": lambda f, x, axis: f(x, 2 + x, axes=([axis], [axis])),
    "numpy.transpose": lambda f, x, axis: f(x, (axis, *reversed(range(x.ndim)[-2:]))),
    "numpy.trapezoid": lambda f, x, axis: f(x, dx=0.5, axis=axis),
    "numpy.unique": lambda f, x, axis: f(jnp.round(x), axis=axis, size=3),
    "numpy.unpackbits": lambda f, x, axis: f(_bytes(x), axis=axis),
    "numpy.vecdot": lambda f, x, axis: f(x, 2 + x, axis=axis),
    "random.categorical": lambda f, x, axis: f(_key(), x, axis=axis),
    "random.choice": lambda f, x, axis: f(_key(), x, (3,), axis=axis),
    "random.permutation": lambda f, x, axis: f(_key(), x, axis=axis),
    "scipy.fft.dctn": lambda f, x, axis: f(x, axes=_tuple(axis)),
    "scipy.fft.idctn": lambda f, x, axis: f(x, axes=_tuple(axis)),
    "scipy.signal.csd": lambda f, x, axis: f(x, 2 + x, nperseg=4, axis=axis)[1],
    "scipy.signal.fftconvolve": lambda f, x, axis: f(x, x, axes=(axis,)),
    "scipy.signal.istft": lambda f, x, axis: f(x, nperseg=6, time_axis=axis)[1],
    "scipy.signal.stft": lambda f, x, axis: f(x, nperseg=4, axis=axis)[2],
    "scipy.signal.welch": lambda f, x, axis: f(x, nperseg=4, axis=axis)[1],
    "scipy.stats.mode": lambda f, x, axis: f(jnp.round(x), axis=axis),
}

EXTENTS = {
    "lax.expand_dims": 1,
    "lax.squeeze": 1,
    "numpy.cross": 3,
    "numpy.expand_dims": 1,
    "numpy.linalg.cross": 3,
    "numpy.squeeze": 1,
}
"""How many entries there have to be along an axis; four elsewhere."""

SEVERAL = frozenset(
    {
        *(f"lax.{name}" for name in "reduce reduce_and reduce_max reduce_min reduce_or reduce_prod reduce_sum".split()),
        *("lax.reduce_xor", "lax.rev", "nn.log_softmax", "nn.logmeanexp", "nn.logsumexp", "nn.softmax"),
        *("nn.standardize", "numpy.linalg.norm", "numpy.linalg.vector_norm", "scipy.special.log_softmax"),
        *("scipy.special.logsumexp", "scipy.special.softmax", "scipy.fft.dctn", "scipy.fft.idctn"),
        *(f"numpy.{name}" for name in "all amax amin any apply_over_axes average count_nonzero flip gradient".split()),
        *(f"numpy.{name}" for name in "max mean median min nanmax nanmean nanmedian nanmin nanpercentile".split()),
        *(f"numpy.{name}" for name in "nanprod nanquantile nanstd nansum nanvar percentile prod ptp quantile".split()),
        *(f"numpy.{name}" for name in "roll rot90 size std sum var".split()),
        *(f"numpy.fft.{name}" for name in "fft2 fftn fftshift ifft2 ifftn ifftshift irfft2 irfftn rfft2 rfftn".split()),
    }
)
"""Those to whom JAX lets a tuple of positions be given."""


def _tuple(axis: Any) -> Any:
    return axis if isinstance(axis, tuple) else (axis,)


def _ones(x: Any) -> tuple[int, ...]:
    return (1,) * jnp.ndim(x)
