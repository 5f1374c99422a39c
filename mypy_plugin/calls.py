"""Calls, operators, indexing and attributes have the types that the semantics gives them.

The arguments, as far as mypy knows them, go to the oracle. Where that is not enough, the answer is the
analyzer's, which follows values where mypy has types only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mypy.checker import TypeChecker
from mypy.expandtype import expand_type
from mypy.nodes import ARG_POS, CallExpr, Context, IndexExpr, LambdaExpr, MemberExpr
from mypy.plugin import (
    AttributeContext,
    CheckerPluginInterface,
    FunctionContext,
    FunctionSigContext,
    MethodContext,
    MethodSigContext,
)
from mypy.typeops import make_simplified_union
from mypy.types import (
    AnyType,
    CallableType,
    FunctionLike,
    Instance,
    TupleType,
    Type,
    TypeOfAny,
    TypeVarType,
    UnionType,
    get_proper_type,
)

from named_types.algebra import NO_NAMES, UNKNOWN_ARRAY, NamedShape, union
from named_types.mypy_plugin.analysis import Analyses
from named_types.mypy_plugin.attributes import leaves_sizes_open, within
from named_types.mypy_plugin.encoding import Encoder, arrays_in, is_array, unknown
from named_types.mypy_plugin.iteration import with_rows
from named_types.mypy_plugin.numpy_arrays import known_int
from named_types.mypy_plugin.problems import place_of
from named_types.mypy_plugin.results import OpenResult, compound_type, field_of, is_compound, is_open
from named_types.mypy_plugin.scopes import variables_in_scope
from named_types.mypy_plugin.values import (
    NumberOf,
    is_complete,
    is_number,
    public_path,
    type_of_value,
    value_of,
    value_of_type,
)
from named_types.problems import Problem, UnboundAxisName
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray
from named_types.semantics.library import DIVMODS, path_of_divmod

_NAMES_OF_AXES = {"axis", "axes", "axis_name"}
_ROWS = "xs"
_CARRIES = {"init", "init_val"}
_OPERATOR_NAMES = {"and": "and_", "or": "or_", "invert": "inv"}


@dataclass(frozen=True)
class Calls:
    """The hooks for calls into libraries."""

    encoder: Encoder
    analyses: Analyses

    def of_library(self, ctx: FunctionContext | MethodContext) -> Type | None:
        """A call of a library's function, or of an object that stands for one, such as a ufunc."""
        if not isinstance(ctx.context, CallExpr):
            return None
        path = public_path(ctx.context.callee, ctx.api)
        arguments = self._arguments(ctx)
        if path is None or arguments is None:
            return self._analyzed(ctx.api, ctx.context, ctx.default_return_type)
        return self._evaluate(ctx.api, ctx.context, path, *arguments, ctx.default_return_type)

    def of_method(self, ctx: MethodContext, owner: str, name: str) -> Type | None:
        """A method or operator of an array; ``owner`` is ``jax.Array`` or ``numpy.ndarray``."""
        receiver = value_of_type(ctx.type, self.encoder)
        arguments = self._arguments(ctx)
        if arguments is None:
            return self._analyzed(ctx.api, ctx.context)
        args, kwargs = arguments
        if not name.startswith("__"):
            return self._evaluate(ctx.api, ctx.context, f"{owner}.{name}", [receiver, *args], kwargs)
        operator, operands = name.strip("_"), [receiver, *args]
        if _is_reflected(operator):
            operator, operands = operator.removeprefix("r"), operands[::-1]
        return self._evaluate(ctx.api, ctx.context, _path_of_operator(operator, operands), operands, {})

    def of_iteration(self, ctx: MethodContext) -> Type | None:
        """Iterating over an array gives its rows."""
        row = self._row_of(ctx.type, ctx)
        return None if row is None else ctx.api.named_generic_type("typing.Iterator", [row])

    def of_iterator(self, ctx: FunctionContext) -> Type | None:
        """``zip(x, y)``, ``list(x)``."""
        is_kept = self.analyses.is_kept(place_of(ctx.api.path, ctx.context))
        return None if is_kept else with_rows(ctx, lambda type: self._row_of(type, ctx))

    def _row_of(self, type: Type, ctx: FunctionContext | MethodContext) -> Type | None:
        array = value_of_type(type, self.encoder)
        if not isinstance(array, AbstractArray) or not array.type.shape.rank:
            return None
        return self._evaluate(ctx.api, ctx.context, "operator.getitem", [array, 0], {})

    def of_indexed_update(self, ctx: MethodContext, name: str) -> Type | None:
        """``x.at[index].set(value)``."""
        match ctx.context:
            case CallExpr(callee=MemberExpr(expr=IndexExpr(base=MemberExpr(expr=array, name="at"), index=index))):
                arguments = self._arguments(ctx)
                if arguments is None:
                    return None
                target = [value_of(part, None, ctx.api, self.encoder) for part in (array, index)]
                args, kwargs = arguments
                return self._evaluate(ctx.api, ctx.context, f"jax.Array.at.{name}", [*target, *args], kwargs)
        return None

    def attribute(self, ctx: AttributeContext, name: str) -> Type | None:
        """``x.T``, ``x.shape``; where one of several arrays may have it, mypy asks for each and tells them all."""
        proper = get_proper_type(ctx.type)
        items = proper.relevant_items() if isinstance(proper, UnionType) else [proper]
        values = [value_of_type(item, self.encoder) for item in items]
        types = [self._attribute(ctx, value, name) for value in values if isinstance(value, AbstractArray)]
        known = [type for type in types if type is not None]
        return make_simplified_union(known) if known and len(known) == len(types) else None

    def _attribute(self, ctx: AttributeContext, array: AbstractArray, name: str) -> Type | None:
        if name == "shape" and not array.type.shape.any_leading:
            if self.analyses.is_gradual(place_of(ctx.api.path, ctx.context)):
                return None
            return self.encoder.tuple([known_int(dim, self.encoder) for dim in array.type.shape.dims])
        return self._evaluate(ctx.api, ctx.context, f"jax.Array.{name}", [array], {})

    def field(self, ctx: AttributeContext, name: str) -> Type | None:
        """A field of a library's named tuple."""
        proper = get_proper_type(ctx.type)
        return field_of(proper, name) if isinstance(proper, TupleType) else None

    def attribute_of_program(self, ctx: AttributeContext, name: str) -> Type | None:
        """An attribute of a class of the program, whose instances may have sizes, or items, of their own."""
        named, scope = get_proper_type(ctx.type), variables_in_scope(ctx.api)
        item = field_of(named, name) if isinstance(named, TupleType) else None
        declared = item or ctx.default_attr_type
        if not leaves_sizes_open(declared, scope):
            return item
        value = UNKNOWN if ctx.is_lvalue else self.analyses.value_at(ctx.api.path, ctx.context)
        return self._type_of(value, ctx.api, ctx.context) or within(declared, scope)

    def of_program(self, ctx: FunctionContext | MethodContext) -> Type | None:
        """A call of the program's own function: what the analyzer, who follows it, knows of the result."""
        result = get_proper_type(ctx.default_return_type)
        if isinstance(result, AnyType):
            return self._analyzed(ctx.api, ctx.context)
        value = self.analyses.value_at(ctx.api.path, ctx.context) if arrays_in(result) else UNKNOWN
        is_better = is_complete(value, variables_in_scope(ctx.api))
        return self._type_of(value, ctx.api, ctx.context) if is_better else None

    def _arguments(self, ctx: FunctionContext | MethodContext) -> tuple[list[Any], dict[str, Any]] | None:
        """The arguments of a call; None if some are spread from a sequence or mapping."""
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        given = zip(ctx.args, ctx.arg_types, ctx.arg_names, ctx.arg_kinds, strict=True)
        for expressions, types, names, kinds in given:
            for expression, type, name, kind in zip(expressions, types, names, kinds, strict=True):
                if kind.is_star():
                    return None
                value = value_of(expression, type, ctx.api, self.encoder)
                if name is not None and kind is not ARG_POS:
                    kwargs[name] = value
                else:
                    args.append(value)
        return args, kwargs

    def _evaluate(
        self,
        api: CheckerPluginInterface,
        context: Context,
        path: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        declared: Type | None = None,
    ) -> Type | None:
        from named_types.semantics.abstract_array import as_array  # here, for few runs ask anything
        from named_types.semantics.oracle import evaluate

        is_operator = path.startswith("operator.") or path in DIVMODS

        def prepare(value: Any) -> Any:
            if isinstance(value, NumberOf):
                return as_array(value.type(0)) if is_operator else UNKNOWN
            return type(value)(map(prepare, value)) if type(value) in (tuple, list) else value

        args = [prepare(value) for value in args]
        kwargs = {name: prepare(value) for name, value in kwargs.items()}
        with self.analyses.answers.at_hand():
            outcome = evaluate(path, args, kwargs, _axis_env([*args, *kwargs.values()]))
        known = self._type_of(outcome.value, api, context, declared)
        if known is not None and outcome.problem is None:
            return known
        analyzed = None if path in _DESCRIBING else self._analyzed(api, context, declared)
        if analyzed is None and outcome.problem is not None:
            self._report(api, context, outcome.problem)
        return analyzed

    def _analyzed(self, api: CheckerPluginInterface, context: Context, declared: Type | None = None) -> Type | None:
        """What the analyzer knows of an expression."""
        value = self.analyses.value_at(api.path, context)
        is_pytree = is_open(declared) and isinstance(value, (dict, list, tuple))
        if is_pytree and isinstance(context, CallExpr) and not self.analyses.is_gradual(place_of(api.path, context)):
            return self._type_of_open(value, api, context)
        return self._type_of(value, api, context, declared)

    def _type_of_open(self, value: Any, api: CheckerPluginInterface, call: CallExpr) -> Type | None:
        """The type of a pytree that a call of a library gives, where the stub says nothing of it."""
        assert isinstance(api, TypeChecker)
        place = place_of(api.path, call)
        if isinstance(value, list) and self.analyses.is_unpacked(place):
            value = tuple(value)
        if isinstance(value, (dict, list)) and self.analyses.is_rebound(place):
            return None
        wanted = api.expr_checker.type_context[-1] if api.expr_checker.type_context else None
        like = [api.lookup_type(arg) for arg in call.args if api.has_type(arg)]
        type_of = partial(type_of_value, encoder=self.encoder, variables=variables_in_scope(api))
        return OpenResult(type_of, self.encoder, like, self.analyses.is_kept(place)).type(value, wanted)

    def _type_of(
        self, value: Any, api: CheckerPluginInterface, context: Context, declared: Type | None = None
    ) -> Type | None:
        """The type of an expression that has this value: what stands there may ask for a certain kind of array."""
        assert isinstance(api, TypeChecker)
        wanted = api.expr_checker.type_context[-1] if api.expr_checker.type_context else None
        as_jax = wanted is not None and is_array(wanted)
        place = place_of(api.path, context)
        is_list_kept = isinstance(value, list) and self.analyses.is_kept(place)
        is_gradual = is_list_kept or (not as_jax and self.analyses.is_gradual(place))

        def type_of(value: Any) -> Type | None:
            if isinstance(value, AbstractArray) and is_gradual:
                value = value.with_type(UNKNOWN_ARRAY)
            return type_of_value(value, self.encoder, variables_in_scope(api), as_jax=as_jax)

        proper = None if declared is None else get_proper_type(declared)
        if type(value) is tuple and isinstance(proper, TupleType) and len(proper.items) == len(value):
            known = list(map(type_of, value))
            items = [type or item for type, item in zip(known, proper.items, strict=True)]
            return self.encoder.tuple(items) if any(known) else None
        if is_compound(value):
            is_unpacked = self.analyses.is_unpacked(place)
            form = AnyType(TypeOfAny.special_form) if declared is None else declared
            return compound_type(value, form, type_of, self.encoder, is_unpacked=is_unpacked)
        return type_of(value)

    def _report(self, api: CheckerPluginInterface, context: Context, problem: Problem) -> None:
        """Report a problem in code that the analyzer did not come to; of axis names in scope it alone knows."""
        assert isinstance(api, TypeChecker)
        analysis, place = self.analyses.of(api.path), place_of(api.path, context)
        is_judged = analysis is None or analysis.visited(place.line, place.column, place.end_line, place.end_column)
        if not is_judged and not isinstance(problem, UnboundAxisName):
            self.analyses.reporter.report(api.errors, problem, place)


_DESCRIBING = frozenset({"jax.eval_shape"})
"""Functions that give descriptions of arrays, which the analyzer takes for arrays: to mypy they are no such thing."""


def loosened_signature(ctx: FunctionSigContext | MethodSigContext) -> FunctionLike:
    """A library's signature that takes named axes where its stub asks for positions."""
    signature = ctx.default_signature
    types = [
        unknown() if name in _NAMES_OF_AXES else type
        for name, type in zip(signature.arg_names, signature.arg_types, strict=True)
    ]
    loosened = signature.copy_modified(arg_types=types)
    for formal, name, args in zip(signature.arg_types, signature.arg_names, ctx.args, strict=True):
        if name in _CARRIES and args and _holds_numbers(carry := ctx.api.get_expression_type(args[0])):
            loosened = _with(loosened, [formal], _without_numbers(carry))
    return _with_unknown_rows(loosened) if _hands_out_rows(ctx) else loosened


def _holds_numbers(type: Type) -> bool:
    """Whether a loop begins with Python's numbers, which its body makes arrays of."""
    type = get_proper_type(type)
    if isinstance(type, TupleType):
        return any(_holds_numbers(item) for item in type.items)
    return is_number(type)


def _without_numbers(carry: Type) -> Type:
    """What a loop carries, with nothing known of its numbers and arrays."""
    carry = get_proper_type(carry)
    if isinstance(carry, TupleType):
        return carry.copy_modified(items=[_without_numbers(item) for item in carry.items])
    if isinstance(carry, Instance) and is_array(carry):
        return carry.copy_modified(args=[unknown() for _ in carry.args])
    return unknown() if is_number(carry) else carry


def _hands_out_rows(ctx: FunctionSigContext | MethodSigContext) -> bool:
    """Whether a body gets rows of ``xs`` that its types tell from ``xs`` itself: `jax.lax.scan`."""
    if _ROWS not in ctx.default_signature.arg_names:
        return False
    body = ctx.args[0][0] if ctx.args and ctx.args[0] else None
    type = None if body is None or isinstance(body, LambdaExpr) else get_proper_type(ctx.api.get_expression_type(body))
    arrays = arrays_in(type.ret_type) if isinstance(type, CallableType) else None
    return not arrays or any(array.type.shape.rank is not None for array in arrays)


def _with_unknown_rows(signature: CallableType) -> CallableType:
    """The stub gives the rows of ``xs`` and the stacked results the type of the whole; here they are unknown."""
    whole = get_proper_type(signature.arg_types[signature.arg_names.index(_ROWS)])
    result = get_proper_type(signature.ret_type)
    stacked = result.items[1:] if isinstance(result, TupleType) else []
    return _with(signature, [*(whole.items if isinstance(whole, UnionType) else [whole]), *stacked], unknown())


def _with(signature: CallableType, types: Sequence[Type], actual: Type) -> CallableType:
    """With those of these types that are variables standing for another type."""
    variables = {one.id: actual for one in map(get_proper_type, types) if isinstance(one, TypeVarType)}
    kept = [one for one in signature.variables if one.id not in variables]
    return expand_type(signature, variables).copy_modified(variables=kept)


def _path_of_operator(operator: str, operands: Sequence[Any]) -> str:
    """What tells the types of an operator: Python's function of its name, or the libraries' own."""
    if operator == "divmod":
        return path_of_divmod(operands)
    return f"operator.{_OPERATOR_NAMES.get(operator, operator)}"


def _is_reflected(operator: str) -> bool:
    return operator.startswith("r") and operator not in ("rshift", "round", "reversed")


def _axis_env(values: Sequence[Any]) -> NamedShape:
    """The axes of the arguments are in scope."""
    shapes = [value.type.named_shape for value in values if isinstance(value, AbstractArray)]
    return union(shape or NO_NAMES for shape in shapes)
