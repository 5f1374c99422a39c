"""`jax.random`, which chooses and permutes along names as along positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jax import random as random_of_jax

from named_types.runtime.behind import falling_through
from named_types.runtime.named_functions import Does, along

categorical = along(random_of_jax.categorical, Does.REDUCES, "logits")
choice = along(random_of_jax.choice, Does.REMOVES, "a", vectors="p")
permutation = along(random_of_jax.permutation, Does.KEEPS, "x")


if TYPE_CHECKING:
    from jax.random import *  # noqa: F403
else:
    __getattr__, __dir__ = falling_through(globals(), random_of_jax)
