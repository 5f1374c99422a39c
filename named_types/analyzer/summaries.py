"""Results of calls remembered, so that a function is interpreted once for each kind of arguments.

A remembered result holds as long as the function, its arguments, what it closes over and what is around the
call are the same. Calls that take or give lists or dicts are not remembered: these may change.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from named_types.analyzer.context import Context, Frame
from named_types.analyzer.values import Function, Value


@dataclass(frozen=True)
class CallKey:
    """A call, its arguments checked and bound."""

    function: Function
    bindings: Mapping[str, Value]
    frame: Frame
    context: Context
    container_changes: Callable[[], int]

    def now(self) -> Hashable | None:
        """What the result depends on, as things stand now; None where that may change unseen."""
        around = tuple((id(scope), scope.version) for scope in self.function.scope.chain())
        arguments = tuple((name, type(value), value) for name, value in self.bindings.items())
        lifting = self.frame.lifting.axes, tuple(self.frame.lifting.sizes.items())
        key = (self.function, around, self.container_changes(), arguments, lifting, self.context.key)
        return key if _is_hashable(key) else None


class Summaries:
    """What calls gave, by what they were given."""

    def __init__(self) -> None:
        self._results: dict[Hashable, Value] = {}

    def remember(self, call: CallKey, interpret: Callable[[], Value]) -> Value:
        """The result of an equal call before, or of ``interpret``."""
        before = call.now()
        if before is None:
            return interpret()
        if before not in self._results:
            result = interpret()
            if call.now() != before or not _is_hashable(result):
                return result
            self._results[before] = result
        return self._results[before]


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
