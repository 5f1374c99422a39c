"""Results of calls remembered, so that a function is interpreted once for each kind of arguments.

A remembered result holds as long as the function, what its arguments hold, what it closes over and what is around
the call are the same. A call that changes a list, a dict or an instance is not remembered, nor is one that gives
something that may change.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from named_types.analyzer.content import content, is_content
from named_types.analyzer.context import Context, Frame
from named_types.analyzer.suspicions import Event
from named_types.analyzer.values import Function, Value
from named_types.semantics import ongoing


@dataclass(frozen=True)
class CallKey:
    """A call, its arguments checked and bound."""

    function: Function
    bindings: Mapping[str, Value]
    frame: Frame
    context: Context
    heap_version: Callable[[], int]
    leaves_out: bool
    """Whether the call gives a None and may not run, where it matters that both hold."""

    def now(self) -> Hashable | None:
        """What the result depends on, as things stand now; None where that is not known."""
        arguments = content(self.bindings.values())
        if arguments is None:
            return None
        around = tuple((id(scope), scope.version) for scope in self.function.scope.chain())
        lifting = self.frame.lifting.axes, tuple(self.frame.lifting.sizes.items())
        return self.function.node, around, self.heap_version(), arguments, lifting, self.context.key, self.leaves_out


class Summaries:
    """What calls gave, by what they were given."""

    def __init__(self) -> None:
        self._results: dict[Hashable, tuple[Value, Sequence[Event]]] = {}

    def remember(self, call: CallKey, interpret: Callable[[], Value]) -> Value:
        """The result of an equal call before, or of ``interpret``; always of this while JAX is to see what is done."""
        if ongoing.recording() is not None:
            return interpret()
        before = call.now()
        if before is None:
            return interpret()
        suspicions = call.context.suspicions
        if before in self._results:
            result, events = self._results[before]
            for event in events:
                suspicions.happened(event)
            return result
        moment = suspicions.moment
        result = interpret()
        if is_content(result) and call.now() == before:
            self._results[before] = result, suspicions.since(moment)
        return result
