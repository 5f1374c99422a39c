"""The functions that one of JAX's own is given, called by our rules where JAX cannot be asked to call them.

Named axes are nothing that JAX knows of. What it has against a body has to do with the positional part of what the
body gives: so JAX is asked once more, with functions that give just that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.algebra import NO_NAMES
from named_types.analyzer.class_values import Instance, Record
from named_types.analyzer.operations import to_plain
from named_types.analyzer.values import CALLABLES, UNKNOWN, AbstractArray, Args, Kwargs, Method, Value
from named_types.semantics.function_calls import evaluate_with_functions
from named_types.semantics.higher_order import resolve_higher_order
from named_types.semantics.pytrees import tree_map
from named_types.semantics.stand_in import stand_in

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


_FUNCTIONS = (*CALLABLES, Instance, Method, Record)


class Bodies:
    """Calls the functions that are given at ``node``, and keeps what each gives the first time."""

    def __init__(self, interp: Interpreter, node: cst.CSTNode) -> None:
        self.interp = interp
        self._node = node
        self._given: dict[int, tuple[Value, Value]] = {}
        """By the identity of the function, which is kept too."""

    def call(self, function: Value, args: Sequence[Value]) -> Value:
        """What the function gives for arguments that have named axes."""
        result = self.interp.call(function, args, {}, self._node)
        if isinstance(function, _FUNCTIONS):
            self._given.setdefault(id(function), (function, result))
        return result

    def report_objection(self, path: str, args: Args, kwargs: Kwargs) -> None:
        """Report what JAX has against the call with functions that give such results."""
        function = resolve_higher_order(path)
        if function is None or not self._given:
            return
        by_keyword = {name: self._without_names(arg) for name, arg in kwargs.items()}
        given = [self._without_names(arg) for arg in args], by_keyword
        problem = evaluate_with_functions(path, lambda call: function(*call[0], **call[1]), [given]).problem
        if problem is not None:
            self.interp.report(problem, self._node)

    def _without_names(self, value: Value) -> Any:
        if id(value) in self._given:
            return _giving(value, self._given[id(value)][1])
        if isinstance(value, _FUNCTIONS):
            return UNKNOWN
        if type(value) in (tuple, list):
            return type(value)(self._without_names(item) for item in value)
        return _positional(to_plain(value))


def _giving(function: Value, result: Value) -> Callable[..., Any]:
    """A function that gives values of these types, whatever it is given."""

    def give(*_: Any) -> Any:
        return tree_map(_stand_in, to_plain(result))

    give.__name__ = getattr(function, "name", "function")
    return give


def _stand_in(leaf: Any) -> Any:
    if leaf is UNKNOWN:
        raise _UnknownResultError
    return stand_in(leaf) if isinstance(leaf, AbstractArray) else leaf


class _UnknownResultError(Exception):
    """What a function gives is not known, nor then what JAX has against it."""


def _positional(tree: Any) -> Any:
    return tree_map(lambda leaf: leaf.with_named_shape(NO_NAMES) if isinstance(leaf, AbstractArray) else leaf, tree)
