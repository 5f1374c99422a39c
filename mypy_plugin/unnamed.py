"""Calls of functions that have no name: ``layers[0](x)``, ``make()(x)``, ``(f if flag else g)(x)``.

mypy asks a plugin about a call by the name of what is called. So where such a function is called at once, its type is
replaced by one that takes and gives anything and has a name, and the call is checked when mypy asks about that name.
(Of a choice it is made to ask by `choices`.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from mypy.checker import TypeChecker
from mypy.nodes import ARG_STAR, ARG_STAR2, CallExpr, Expression, TempNode
from mypy.plugin import FunctionContext, MethodContext
from mypy.typeops import make_simplified_union
from mypy.types import AnyType, CallableType, Overloaded, ProperType, Type, UnionType, get_proper_type

from named_types.diagnostics import Place
from named_types.mypy_plugin.analysis import Analyses
from named_types.mypy_plugin.encoding import Encoder, holds_arrays, unknown
from named_types.mypy_plugin.problems import place_of

UNNAMED: Final = "named_types.unnamed"
"""The name that such a function gets."""

_LOCAL: Final = "unnamed"
"""The name under which the plugin is asked about it again: that of something local to a function."""

CallContext = TypeVar("CallContext", bound=FunctionContext | MethodContext)


@dataclass(frozen=True)
class Unnamed:
    """The functions without a name that are called where they come from."""

    encoder: Encoder
    analyses: Analyses
    _called: dict[Place, ProperType] = field(default_factory=dict)

    def watched(self, hook: Callable[[CallContext], Type | None]) -> Callable[[CallContext], Type | None]:
        """A hook for what may give such a function."""

        def named(ctx: CallContext) -> Type | None:
            answer = hook(ctx)
            place = place_of(ctx.api.path, ctx.context)
            if not self.analyses.is_called(place):
                return answer
            function = get_proper_type(ctx.default_return_type if answer is None else answer)
            if not _is_worth_asking(function):
                return answer
            self._called[place] = function
            return self._any_function()

        return named

    def chosen(self, ctx: FunctionContext) -> Type | None:
        """What is chosen."""
        return ctx.arg_types[0][0]

    def called(self, ctx: FunctionContext) -> Type | None:
        """The result of the call, which is checked by the function's own type."""
        assert isinstance(ctx.api, TypeChecker)
        call = ctx.context
        function = self._called.get(place_of(ctx.api.path, call.callee)) if isinstance(call, CallExpr) else None
        if function is None or not isinstance(call, CallExpr):
            return None
        args = [_checked(arg, ctx.api) for arg in call.args]
        options = function.relevant_items() if isinstance(function, UnionType) else [function]
        results = [self._result(get_proper_type(one), call, args, ctx.api) for one in options]
        return results[0] if len(results) == 1 else make_simplified_union(results)

    def _result(self, function: ProperType, call: CallExpr, args: list[Expression], api: TypeChecker) -> Type:
        checker = api.expr_checker
        if isinstance(function, AnyType):
            function = self._any_function().copy_modified(name=None)
        callee = checker.transform_callee_type(_LOCAL, function, args, call.arg_kinds, call, call.arg_names, None)
        result, _ = checker.check_call(
            callee, args, call.arg_kinds, call, call.arg_names, callable_node=call.callee, callable_name=_LOCAL
        )
        return result

    def _any_function(self) -> CallableType:
        fallback = self.encoder.instance("builtins.function")
        kinds = [ARG_STAR, ARG_STAR2]
        return CallableType([unknown(), unknown()], kinds, [None, None], unknown(), fallback, name=UNNAMED)


def _is_worth_asking(function: ProperType) -> bool:
    """Whether the arrays in a call may tell something about it."""
    if isinstance(function, CallableType):
        gives_anything = isinstance(get_proper_type(function.ret_type), AnyType)
        return not function.is_type_obj() and (gives_anything or holds_arrays(function))
    if isinstance(function, UnionType):
        return any(_is_worth_asking(get_proper_type(one)) for one in function.relevant_items())
    return isinstance(function, (AnyType, Overloaded))


def _checked(argument: Expression, api: TypeChecker) -> Expression:
    """An argument that mypy need not check again: calls in calls would take exponential time."""
    return TempNode(api.lookup_type(argument), context=argument) if isinstance(argument, CallExpr) else argument
