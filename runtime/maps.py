"""What ``jax.experimental.maps`` had, for programs that were written for it: only their imports change::

    from jax.experimental.maps import xmap, mesh       # then
    from named_types.runtime.maps import xmap, mesh    # now

`lax.pdot` and the axis names that functions of ``jax.numpy``, ``jax.lax`` and ``jax.nn`` took are those of
`named_types.runtime.lax`, `named_types.runtime.numpy` and `named_types.runtime.nn`. Random numbers are those of
the time where ``jax_threefry_partitionable`` is off.
"""

from jax.sharding import Mesh

from named_types.algebra import SerialLoop
from named_types.runtime.mapped import xmap
from named_types.runtime.resources import mesh, serial_loop

__all__ = ["Mesh", "SerialLoop", "mesh", "serial_loop", "xmap"]
