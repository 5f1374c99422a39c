"""Resources in scope: the mesh whose axis names axis_resources may mention.

A mesh comes into scope by `mesh`, by ``with Mesh(...)`` or by ``jax.set_mesh``. Each of them is part of the
key under which jax.jit remembers a traced function, so a mapped function is traced anew in another scope.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh

from named_types.runtime.internals import context_meshes

_scoped_mesh = jax.make_user_context(default_value=None)


@contextmanager
def mesh(devices: np.ndarray[Any, Any] | Sequence[Any], axis_names: Sequence[str] | str) -> Iterator[Mesh]:
    """Bring a mesh's axis names into scope as resources.

    ``devices`` is an array of devices with as many axes as there are ``axis_names``::

        with mesh(np.array(jax.devices()).reshape((4, 2)), ("x", "y")):
            mapped(x)
    """
    names = (axis_names,) if isinstance(axis_names, str) else tuple(axis_names)
    made = Mesh(np.asarray(devices), names)
    with _scoped_mesh(made):
        yield made


def current_mesh() -> Mesh | None:
    """The mesh in scope: that of `mesh`, else that of ``with Mesh(...)``, else that of ``jax.set_mesh``."""
    candidates = (_scoped_mesh.value, *context_meshes())
    return next((found for found in candidates if found is not None and not found.empty), None)
