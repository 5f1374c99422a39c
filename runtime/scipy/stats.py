"""`jax.scipy.stats`, whose statistics of samples go along names as along positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jax.scipy import stats as stats_of_jax

from named_types.runtime.behind import falling_through
from named_types.runtime.named_functions import Does, along

mode = along(stats_of_jax.mode, Does.REDUCES, "a")
rankdata = along(stats_of_jax.rankdata, Does.KEEPS, "a")
sem = along(stats_of_jax.sem, Does.REDUCES, "a")


if TYPE_CHECKING:
    from jax.scipy.stats import *  # noqa: F403
else:
    __getattr__, __dir__ = falling_through(globals(), stats_of_jax)
