"""Running programs written against axis names.

`xmap` maps a function over named axes to one over positional axes, vectorised and, where ``axis_resources``
say so, partitioned over the mesh in scope or run in the steps of serial loops. Inside the function, named axes can
be used through JAX itself or through the faces ``numpy``, ``lax``, ``nn``, ``random`` and ``scipy``, whose functions
take axis names wherever they take positional axes::

    from named_types.runtime import mesh, xmap
    from named_types.runtime import lax, nn, numpy as jnp

`maps` has what ``jax.experimental.maps`` had.
"""

from jax.sharding import Mesh

from named_types.algebra import SerialLoop
from named_types.problems import NamedAxisError
from named_types.runtime.exchanges import Exchange
from named_types.runtime.explanation import Explanation, Value, explain
from named_types.runtime.introspection import named_shape
from named_types.runtime.mapped import xmap
from named_types.runtime.resources import mesh, serial_loop

__all__ = [
    "Exchange",
    "Explanation",
    "Mesh",
    "NamedAxisError",
    "SerialLoop",
    "Value",
    "explain",
    "mesh",
    "named_shape",
    "serial_loop",
    "xmap",
]
