"""What a face does not define itself is the library's behind it."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any


def falling_through(face: dict[str, Any], library: ModuleType) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a module, whose globals are ``face``, in front of ``library``."""

    def of_library(name: str) -> Any:
        return getattr(library, name)

    def names() -> list[str]:
        return sorted({*face, *dir(library)})

    return of_library, names
