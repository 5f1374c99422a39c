"""How control leaves a block."""

from __future__ import annotations

import enum


class Flow(enum.Enum):
    """How a block was left."""

    NEXT = enum.auto()
    RETURN = enum.auto()
    RAISE = enum.auto()
    BREAK = enum.auto()
    CONTINUE = enum.auto()

    @property
    def ends_call(self) -> bool:
        """Whether nothing after the block runs in this call."""
        return self in (Flow.RETURN, Flow.RAISE)
