"""Whether JAX keeps 64-bit types: all that it tells of dtypes depends on this setting (``jax_enable_x64``)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_X64: ContextVar[bool | None] = ContextVar("_X64", default=None)


@contextmanager
def enable_x64(is_enabled: bool) -> Iterator[None]:
    """`jax.enable_x64`, of a program that is not run: JAX itself is told when it is asked."""
    token = _X64.set(is_enabled)
    try:
        yield
    finally:
        _X64.reset(token)


def x64_is_enabled() -> bool:
    """Whether 64-bit types are kept: as the checked program has it, else as JAX itself where it is imported."""
    is_enabled = _X64.get()
    if is_enabled is not None:
        return is_enabled
    jax = sys.modules.get("jax")
    return jax is not None and bool(jax.config.jax_enable_x64)
