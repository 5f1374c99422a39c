"""`jax.scipy.integrate`, which goes along names as along positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jax.scipy import integrate as integrate_of_jax

from named_types.runtime.behind import falling_through
from named_types.runtime.named_functions import Does, along

trapezoid = along(integrate_of_jax.trapezoid, Does.REDUCES, "y", "x")


if TYPE_CHECKING:
    from jax.scipy.integrate import *  # noqa: F403
else:
    __getattr__, __dir__ = falling_through(globals(), integrate_of_jax)
