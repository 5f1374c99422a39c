"""JAX's settings, which a program that runs among tests may change for itself alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import jax


@contextmanager
def settings_left_alone() -> Iterator[None]:
    """While a program runs: afterwards JAX's settings are as they were."""
    settings = dict(jax.config.values)
    try:
        yield
    finally:
        for name, value in settings.items():
            if jax.config.values.get(name) != value:
                jax.config.update(name, value)
