"""The answer to ``reveal_type(x)``: the one thing the checker says that is not a problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from named_types.problems.problem import Severity


@dataclass(frozen=True)
class RevealedType:
    """What ``reveal_type`` was asked about. It stands in a `Diagnostic` where a problem would."""

    code: ClassVar[str] = "revealed-type"
    severity: ClassVar[Severity] = "note"
    help: ClassVar[str | None] = None
    note: ClassVar[str | None] = None

    type: str
    """The type as the notation prints it."""

    @property
    def message(self) -> str:
        return f'revealed type is "{self.type}"'
