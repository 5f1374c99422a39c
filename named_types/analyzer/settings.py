"""What a program tells JAX once and for all, and what follows from it for every module that runs afterwards."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True)
class Settings:
    """The settings that bear on types and sizes, as far as the program sets them with literals."""

    enable_x64: bool = False
    """Whether 64-bit types are kept."""
    device_count: int | None = None
    """How many devices there are, None where that is the machine's business."""

    def changed_like(self, before: Settings, after: Settings) -> Settings:
        """These settings with the changes that lead from ``before`` to ``after``."""
        changes: dict[str, Any] = {
            one.name: getattr(after, one.name)
            for one in fields(self)
            if getattr(after, one.name) != getattr(before, one.name)
        }
        return replace(self, **changes)


NAMES_OF_SETTINGS = ("jax_enable_x64", "jax_num_cpu_devices", "XLA_FLAGS", "set_mesh")
"""What a module that changes a setting, or sets the mesh, mentions."""
