"""The types of mapped functions: what `xmap` and `jax.vmap` make of one whose annotations tell its named axes.

The named axes of its parameters and results become positional ones, by the axis mappings that the analyzer knows.
`jax.vmap` is an xmap over a name that nobody else knows; its size is one more dimension variable. What is no tuple,
list or dict of arrays is unknown. What is wrong with axis mappings and bodies the analyzer says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from mypy.nodes import ARG_OPT, ARG_POS, ARG_STAR2, INVARIANT
from mypy.types import AnyType, CallableType, Instance, Type, TypeOfAny, TypeVarId, TypeVarType

from named_types.algebra import UNKNOWN_DIM, AxisMapping, Dim, NamedShape, SymbolicDim, eliminate, union
from named_types.algebra.dim import variable
from named_types.mypy_plugin.encoding import VARIABLE_PREFIX, Encoder, Variables, arrays_in, unknown, variable_name
from named_types.mypy_plugin.structures import rebuilt, structure_of
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray

if TYPE_CHECKING:
    from named_types.semantics.xmap_axes import XmapAxes

_SIZE_OF_VMAP: Final = "batch"


def xmapped(function: CallableType, axes: XmapAxes, wrapped: Instance, encoder: Encoder) -> CallableType | None:
    """The type of ``xmap(function, ...)``; None where it is not mapped as its annotations say."""
    mapped = _mapped(function, axes, axes.axis_sizes, NamedShape(), variables_of(function), encoder)
    return None if mapped is None else mapped.copy_modified(fallback=wrapped)


def vmapped(function: CallableType, axes: XmapAxes, encoder: Encoder) -> CallableType | None:
    """The type of ``jax.vmap(function, ...)``: axes that it does not map over stay what they are."""
    from named_types.semantics.xmap_axes import names_of_mappings

    variables = dict(variables_of(function))
    size = _new_variable(function, variables, encoder)
    names = names_of_mappings((axes.in_axes, axes.out_axes))
    any_size = variable(size.name.removeprefix(VARIABLE_PREFIX))
    sizes = NamedShape({name: axes.axis_sizes.get(name, any_size) for name in names})
    kept = union(array.type.named_shape or NamedShape() for type in function.arg_types for array in arrays_in(type))
    mapped = _mapped(function, axes, sizes, kept.eliminate(names), variables, encoder)
    if mapped is None:
        return None
    mapped = mapped.copy_modified(variables=[*function.variables, size])
    if isinstance(axes.in_axes, AxisMapping) and all(position == 0 for position, _ in axes.in_axes.positions):
        return mapped.copy_modified(arg_names=function.arg_names)
    return mapped.copy_modified(
        arg_types=[*mapped.arg_types, unknown()],
        arg_kinds=[*mapped.arg_kinds, ARG_STAR2],
        arg_names=[*mapped.arg_names, None],
    )


def _mapped(
    function: CallableType, axes: XmapAxes, sizes: NamedShape, outer: NamedShape, variables: Variables, encoder: Encoder
) -> CallableType | None:
    """The function as it is called from outside, by position; ``sizes`` are those of axes that no annotation has."""
    import jax  # here, for most programs are checked without it

    from named_types.problems import AxisMappingStructure
    from named_types.semantics.mapping import enter, leave, match_arguments

    types = _parameters(function, axes)
    inner = None if types is None else tuple(map(structure_of, types))
    mappings = None if inner is None else match_arguments(axes, inner)
    if types is None or mappings is None or isinstance(mappings, AxisMappingStructure):
        return None

    def outside(mapping: object, array: object) -> object:
        if isinstance(mapping, AxisMapping) and isinstance(array, AbstractArray):
            return array.with_type(eliminate(mapping, array.type, sizes))
        return UNKNOWN

    parameters = jax.tree_util.tree_map(outside, mappings, inner)
    entered = enter(axes, parameters, outer)
    left = leave(axes, structure_of(function.ret_type), entered.axis_env, outer)
    if entered.problems or left.problems:
        return None
    formals = jax.tree_util.tree_map(_without_arithmetic, parameters)
    return function.copy_modified(
        arg_types=[
            rebuilt(type, formal, encoder, variables, by_items=True)
            for type, formal in zip(types, formals, strict=True)
        ],
        arg_kinds=[ARG_OPT if kind is ARG_OPT else ARG_POS for kind in function.arg_kinds[: len(types)]],
        arg_names=[None] * len(types),
        ret_type=rebuilt(function.ret_type, left.results, encoder, variables),
        name=None,
        definition=None,
    )


def _parameters(function: CallableType, axes: XmapAxes) -> list[Type] | None:
    """The parameters that are mapped: those that in_axes has entries for; None if the function does not take them."""
    count = len(axes.in_axes) if isinstance(axes.in_axes, tuple) else len(function.arg_types)
    if any(not kind.is_positional() for kind in function.arg_kinds):
        return None
    left_out = function.arg_kinds[count:]
    return function.arg_types[:count] if count <= len(function.arg_types) and set(left_out) <= {ARG_OPT} else None


def _without_arithmetic(formal: object) -> object:
    """A parameter with unknown sizes for ``n + 1``: mypy cannot tell that 5 is one.

    Where a function has no name, it asks no plugin about a call. What is wrong with the sizes, the analyzer says.
    """
    if not isinstance(formal, AbstractArray):
        return formal
    shape, named_shape = formal.type.shape, formal.type.named_shape
    sizes = tuple(map(_lone, shape.dims))
    names = None if named_shape is None else NamedShape({axis: _lone(size) for axis, size in named_shape.items()})
    return formal.with_type(replace(formal.type, shape=replace(shape, dims=sizes), named_shape=names))


def _lone(dim: Dim) -> Dim:
    return UNKNOWN_DIM if isinstance(dim, SymbolicDim) and dim != variable(min(dim.variables)) else dim


def variables_of(function: CallableType) -> Variables:
    """The dimension variables that a function binds."""
    bound = [(variable_name(variable), variable) for variable in function.variables]
    return {name: variable for name, variable in bound if name is not None}


def _new_variable(function: CallableType, variables: dict[str, Type], encoder: Encoder) -> TypeVarType:
    """One more dimension variable, which is added to ``variables`` under a name that the function does not have."""
    name = _SIZE_OF_VMAP
    while name in variables:
        name += "_"
    raw_ids = [one.id.raw_id for one in function.variables]
    new = TypeVarType(
        VARIABLE_PREFIX + name,
        VARIABLE_PREFIX + name,
        TypeVarId(min([0, *raw_ids]) - 1),
        [],
        encoder.instance("builtins.object"),
        AnyType(TypeOfAny.from_omitted_generics),
        INVARIANT,
    )
    variables[name] = new
    return new
