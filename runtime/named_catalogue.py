"""The functions of the faces that take axis names: what the documentation lists, and the tests call."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from named_types.runtime.named_functions import Behaviour, behaviour_of

FACES = (
    "numpy",
    "numpy.fft",
    "numpy.linalg",
    "lax",
    "nn",
    "nn.initializers",
    "random",
    "scipy.fft",
    "scipy.integrate",
    "scipy.signal",
    "scipy.special",
    "scipy.stats",
)


@dataclass(frozen=True)
class Entry:
    """A function of a face."""

    face: str
    name: str
    function: Callable[..., Any]
    behaviour: Behaviour

    @property
    def path(self) -> str:
        return f"{self.face}.{self.name}"

    @property
    def positional(self) -> Callable[..., Any] | None:
        """The function of JAX that it stands for, if there is one."""
        function: Callable[..., Any] | None = getattr(importlib.import_module(f"jax.{self.face}"), self.name, None)
        return function


def catalogue() -> Iterator[Entry]:
    """All of them, by face and name."""
    for face in FACES:
        module = importlib.import_module(f"named_types.runtime.{face}")
        behind = importlib.import_module(f"jax.{face}")
        for name, value in sorted(vars(module).items()):
            behaviour = None if name.startswith("_") else behaviour_of(value)
            if behaviour is not None and (hasattr(behind, name) or value.__module__ == module.__name__):
                yield Entry(face, name, value, behaviour)
