"""`jax.numpy.linalg`, whose norms and products go along names as along positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jax.numpy import linalg as linalg_of_jax

from named_types.runtime.behind import falling_through
from named_types.runtime.named_functions import Does, along, by_collectives, refusing
from named_types.runtime.named_movements import tensordot as tensordot
from named_types.runtime.named_reductions import norm as norm
from named_types.runtime.named_reductions import vecdot as vecdot

cross = along(linalg_of_jax.cross, Does.KEEPS, "x1", "x2")
tensorsolve = refusing(linalg_of_jax.tensorsolve, "axes", "the shapes tell which positions it solves for")
vector_norm = by_collectives(linalg_of_jax.vector_norm, Does.REDUCES)


if TYPE_CHECKING:
    from jax.numpy.linalg import *  # type: ignore[assignment]  # noqa: F403
else:
    __getattr__, __dir__ = falling_through(globals(), linalg_of_jax)
