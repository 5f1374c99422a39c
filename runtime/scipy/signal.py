"""`jax.scipy.signal`, whose signals may be along names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jax.scipy import signal as signal_of_jax

from named_types.runtime.behind import falling_through
from named_types.runtime.named_functions import Does, along

csd = along(signal_of_jax.csd, Does.REMOVES, "x", "y")
detrend = along(signal_of_jax.detrend, Does.KEEPS, "data")
fftconvolve = along(signal_of_jax.fftconvolve, Does.REMOVES, "in1", "in2", axes="axes", several=True)
istft = along(signal_of_jax.istft, Does.REMOVES, "Zxx", axes="time_axis freq_axis")
stft = along(signal_of_jax.stft, Does.REMOVES, "x")
welch = along(signal_of_jax.welch, Does.REMOVES, "x")


if TYPE_CHECKING:
    from jax.scipy.signal import *  # noqa: F403
else:
    __getattr__, __dir__ = falling_through(globals(), signal_of_jax)
