"""The recording that is going on, if any: see `named_types.semantics.recording`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from named_types.semantics.abstract_array import RECORDING

if TYPE_CHECKING:
    from named_types.semantics.recording import Recording


def recording() -> Recording | None:
    """The recording that is going on."""
    going_on: Recording | None = RECORDING.get()
    return going_on


def at_place(place: Any) -> AbstractContextManager[None]:
    """While what stands at a place of the program is evaluated."""
    going_on = recording()
    return nullcontext() if going_on is None else going_on.at(place)


@contextmanager
def suspended() -> Iterator[None]:
    """While something is evaluated that has nothing to do with what JAX traces."""
    token = RECORDING.set(None)
    try:
        yield
    finally:
        RECORDING.reset(token)
