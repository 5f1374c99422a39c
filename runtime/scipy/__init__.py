"""`jax.scipy`, in whose modules every axis may be a named one.

What is not defined here is JAX's own object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax.scipy as scipy_of_jax

from named_types.runtime.behind import falling_through
from named_types.runtime.scipy import fft, integrate, signal, special, stats

__all__ = ["fft", "integrate", "signal", "special", "stats"]

if TYPE_CHECKING:
    from jax.scipy import *  # type: ignore[no-redef]  # noqa: F403
else:
    __getattr__, __dir__ = falling_through(globals(), scipy_of_jax)
