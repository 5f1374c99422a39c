"""The type of ``xmap(f, in_axes, out_axes)`` where the annotations of ``f`` tell it.

The named axes of its parameters and results become positional ones, by the axis mappings that stand in the
call. Everything else about xmap is the analyzer's: what is wrong with the axis mappings, with the body, and
what a function without annotations gives.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from mypy.checker import TypeChecker
from mypy.nodes import ARG_POS, FuncItem
from mypy.plugin import CheckerPluginInterface, FunctionContext
from mypy.types import CallableType, Instance, Type, get_proper_type

from named_types.algebra import UNKNOWN_DIM, AxisMapping, Dim, NamedShape, SymbolicDim, eliminate
from named_types.algebra.dim import variable
from named_types.mypy_plugin.encoding import Encoder, Variables, arrays_in, variable_name
from named_types.mypy_plugin.values import type_of_value, value_of, value_of_type
from named_types.problems import AxisMappingStructure
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray

XMAP: Final = frozenset({"named_types.runtime.mapped.xmap", "named_types.runtime.xmap"})


def xmapped(ctx: FunctionContext, encoder: Encoder) -> Type | None:
    """The positional type of a function; None where it is not known."""
    given = {
        name: value_of(arguments[0], types[0], ctx.api, encoder)
        for name, arguments, types in zip(ctx.callee_arg_names, ctx.args, ctx.arg_types, strict=True)
        if name in ("in_axes", "out_axes", "axis_sizes") and len(arguments) == 1
    }
    function = get_proper_type(ctx.arg_types[0][0])
    wrapped = get_proper_type(ctx.default_return_type)
    if not isinstance(function, CallableType) or not isinstance(wrapped, Instance) or _in_mapped_function(ctx.api):
        return None
    if not {"in_axes", "out_axes"} <= given.keys():
        return None
    parameters = [value_of_type(type, encoder) for type in function.arg_types]
    result = value_of_type(function.ret_type, encoder)
    positional = _positional(given, parameters, result)
    if positional is None or any(not kind.is_positional() for kind in function.arg_kinds):
        return None
    formals = [_without_arithmetic(parameter) for parameter in positional[0]]
    types = _types_of([*formals, positional[1]], encoder, _variables(function))
    if types is None:
        return None
    *outer, outer_result = types
    return function.copy_modified(
        arg_types=outer,
        arg_kinds=[ARG_POS] * len(outer),
        arg_names=[None] * len(outer),
        ret_type=outer_result,
        fallback=wrapped,
        name=None,
        definition=None,
    )


def _positional(given: dict[str, Any], parameters: list[Any], result: Any) -> tuple[list[Any], Any] | None:
    """The parameters and the result as they are outside; None where the mapping is wrong or not known."""
    import jax  # here, for most programs are checked without it

    from named_types.semantics.mapping import enter, leave, match_arguments
    from named_types.semantics.xmap_axes import read_xmap_axes

    axes, problems = read_xmap_axes(given["in_axes"], given["out_axes"], given.get("axis_sizes"))
    mappings = match_arguments(axes, tuple(parameters))
    if problems or isinstance(mappings, AxisMappingStructure):
        return None
    outer = jax.tree_util.tree_map(_outside, mappings, tuple(parameters))
    entered = enter(axes, outer)
    left = leave(axes, result, entered.axis_env)
    return None if entered.problems or left.problems else (list(outer), left.results)


def _outside(mapping: object, inner: object) -> object:
    if isinstance(mapping, AxisMapping) and isinstance(inner, AbstractArray):
        return inner.with_type(eliminate(mapping, inner.type))
    return UNKNOWN


def _without_arithmetic(formal: object) -> object:
    """A parameter with unknown sizes for ``n + 1``: mypy cannot tell that 5 is one.

    It asks no plugin about a call of what a call gives. What is wrong with the sizes, the analyzer says.
    """
    if not isinstance(formal, AbstractArray):
        return formal
    shape, named_shape = formal.type.shape, formal.type.named_shape
    sizes = tuple(map(_lone, shape.dims))
    names = None if named_shape is None else NamedShape({axis: _lone(size) for axis, size in named_shape.items()})
    return formal.with_type(replace(formal.type, shape=replace(shape, dims=sizes), named_shape=names))


def _lone(dim: Dim) -> Dim:
    return UNKNOWN_DIM if isinstance(dim, SymbolicDim) and dim != variable(min(dim.variables)) else dim


def _variables(function: CallableType) -> Variables:
    bound = [(variable_name(variable), variable) for variable in function.variables]
    return {name: variable for name, variable in bound if name is not None}


def _types_of(values: list[Any], encoder: Encoder, variables: Variables) -> list[Type] | None:
    types = [None if value is UNKNOWN else type_of_value(value, encoder, variables) for value in values]
    known = [type for type in types if type is not None]
    return known if len(known) == len(types) else None


def _in_mapped_function(api: CheckerPluginInterface) -> bool:
    """Whether arrays around have named axes, which the arguments of a mapped function may have beyond its own."""
    assert isinstance(api, TypeChecker)
    around = [function.type for function in api.scope.stack if isinstance(function, FuncItem)]
    formals = [type for one in around if isinstance(one, CallableType) for type in one.arg_types]
    return any(array.type.named_shape for type in formals for array in arrays_in(type))
