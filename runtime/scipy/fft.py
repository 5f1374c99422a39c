"""`jax.scipy.fft`, whose transforms go along names as along positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jax.scipy import fft as fft_of_jax

from named_types.runtime.behind import falling_through
from named_types.runtime.named_functions import Does, along

dct = along(fft_of_jax.dct, Does.KEEPS, "x")
dctn = along(fft_of_jax.dctn, Does.KEEPS, "x", axes="axes", several=True)
idct = along(fft_of_jax.idct, Does.KEEPS, "x")
idctn = along(fft_of_jax.idctn, Does.KEEPS, "x", axes="axes", several=True)


if TYPE_CHECKING:
    from jax.scipy.fft import *  # noqa: F403
else:
    __getattr__, __dir__ = falling_through(globals(), fft_of_jax)
