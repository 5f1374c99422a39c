"""`jax.numpy.fft`, whose transforms go along names as along positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jax.numpy import fft as fft_of_jax

from named_types.runtime.behind import falling_through
from named_types.runtime.named_functions import Does, along

KEEPS, REMOVES = Does.KEEPS, Does.REMOVES

fft = along(fft_of_jax.fft, KEEPS, "a")
fft2 = along(fft_of_jax.fft2, KEEPS, "a", axes="axes", several=True)
fftn = along(fft_of_jax.fftn, KEEPS, "a", axes="axes", several=True)
fftshift = along(fft_of_jax.fftshift, KEEPS, "x", axes="axes", several=True)
hfft = along(fft_of_jax.hfft, REMOVES, "a")
ifft = along(fft_of_jax.ifft, KEEPS, "a")
ifft2 = along(fft_of_jax.ifft2, KEEPS, "a", axes="axes", several=True)
ifftn = along(fft_of_jax.ifftn, KEEPS, "a", axes="axes", several=True)
ifftshift = along(fft_of_jax.ifftshift, KEEPS, "x", axes="axes", several=True)
ihfft = along(fft_of_jax.ihfft, REMOVES, "a")
irfft = along(fft_of_jax.irfft, REMOVES, "a")
irfft2 = along(fft_of_jax.irfft2, REMOVES, "a", axes="axes", several=True)
irfftn = along(fft_of_jax.irfftn, REMOVES, "a", axes="axes", several=True)
rfft = along(fft_of_jax.rfft, REMOVES, "a")
rfft2 = along(fft_of_jax.rfft2, REMOVES, "a", axes="axes", several=True)
rfftn = along(fft_of_jax.rfftn, REMOVES, "a", axes="axes", several=True)


if TYPE_CHECKING:
    from jax.numpy.fft import *  # noqa: F403
else:
    __getattr__, __dir__ = falling_through(globals(), fft_of_jax)
