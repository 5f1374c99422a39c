"""Annotations in the notation become types.

mypy hands over what stands between the brackets as it parsed it: numbers and strings as raw expressions, the
named shape as an inline ``TypedDict``. It is turned into plain Python values and read by the one reader of the
notation, `read_array_type`.
"""

from __future__ import annotations

from typing import Any

from mypy.nodes import AssignmentStmt, IntExpr, NameExpr, TypeInfo, Var
from mypy.plugin import AnalyzeTypeContext
from mypy.typeanal import TypeAnalyser
from mypy.types import (
    EllipsisType,
    Instance,
    RawExpressionType,
    TupleType,
    Type,
    TypedDictType,
    TypeList,
    UnboundType,
)

from named_types.algebra import ElementType
from named_types.mypy_plugin.encoding import ARRAY, VARIABLE_PREFIX, Encoder, unknown
from named_types.mypy_plugin.problems import Reporter
from named_types.mypy_plugin.symbolic import bound_variables
from named_types.mypy_plugin.texts import text_of
from named_types.notation import NotationError, read_array_type
from named_types.problems import InvalidAnnotation

_UNKNOWN_SIZE = "_"


def analyze_array_type(
    ctx: AnalyzeTypeContext, element_type: ElementType, encoder: Encoder, reporter: Reporter
) -> Type:
    """The type that ``f32[...]`` stands for; ``Any`` where it is none, which is reported."""
    try:
        array = read_array_type(element_type, _read_item(ctx))
    except NotationError as error:
        problem = InvalidAnnotation(_show(ctx, element_type), str(error))
        reporter.report_annotation(ctx, problem)
        return unknown()
    encoded = encoder.array(array, bound_variables(ctx, array))
    encoded.set_line(ctx.context)
    return encoded


def analyze_bare_array(ctx: AnalyzeTypeContext) -> Type | None:
    """``jax.Array`` without arguments: of unknown everything, and complete in the eyes of ``--strict``."""
    assert isinstance(ctx.api, TypeAnalyser)
    symbol = ctx.api.api.lookup_fully_qualified_or_none(ARRAY)
    if ctx.type.args or symbol is None or not isinstance(symbol.node, TypeInfo) or not symbol.node.type_vars:
        return None
    parts = [unknown() for _ in symbol.node.type_vars]
    return Instance(symbol.node, parts, line=ctx.context.line, column=ctx.context.column)


def _read_item(ctx: AnalyzeTypeContext) -> Any:
    """What Python would hand to ``__getitem__``."""
    args = ctx.type.args
    if not args:
        return () if ctx.type.empty_tuple_index else (..., ...)
    first, *rest = (_read_part(ctx, arg) for arg in args)
    if rest and isinstance(args[-1], RawExpressionType) and args[-1].literal_value is None:
        rest[-1] = {} if _is_empty_dict(ctx, args[-1]) else ...
    return (first, *rest) if rest or isinstance(args[0], TupleType) else first


def _read_part(ctx: AnalyzeTypeContext, part: Type) -> Any:
    if isinstance(part, TupleType):
        return tuple(_read_part(ctx, item) for item in part.items)
    if isinstance(part, TypedDictType):
        return {name: _read_part(ctx, size) for name, size in part.items.items()} if not part.extra_items_from else ...
    if isinstance(part, EllipsisType):
        return ...
    if isinstance(part, TypeList):
        return _read_part(ctx, part.items[0]) if part.items else []
    if isinstance(part, RawExpressionType):
        return _UNKNOWN_SIZE if part.literal_value is None else part.literal_value
    if isinstance(part, UnboundType):
        return _read_name(ctx, part)
    return _UNKNOWN_SIZE


def _read_name(ctx: AnalyzeTypeContext, part: UnboundType) -> object:
    """A quoted dim, or the name of an integer."""
    if part.original_str_expr is not None:
        return part.original_str_expr
    if part.name == "None":
        return None
    assert isinstance(ctx.api, TypeAnalyser)
    symbol = ctx.api.lookup_qualified(part.name.removeprefix(VARIABLE_PREFIX), part, suppress_errors=True)
    if symbol is not None and isinstance(symbol.node, Var):
        if isinstance(symbol.node.final_value, int):
            return symbol.node.final_value
        values = [
            statement.rvalue
            for statement in ctx.api.cur_mod_node.defs
            if isinstance(statement, AssignmentStmt)
            and any(isinstance(target, NameExpr) and target.node is symbol.node for target in statement.lvalues)
        ]
        if len(values) == 1 and isinstance(values[0], IntExpr):
            return values[0].value
    return _UNKNOWN_SIZE


def _is_empty_dict(ctx: AnalyzeTypeContext, part: RawExpressionType) -> bool:
    """mypy hands over ``{}`` and what it cannot parse as the same; lengths differ, which mypy 2.3 does not tell."""
    quoted = ctx.type.original_str_expr
    if quoted is not None:
        return quoted.rstrip(" ]").endswith("{}")
    if part.end_column is not None:
        return part.end_column - part.column == len("{}")
    assert isinstance(ctx.api, TypeAnalyser)
    line = text_of(ctx.api.cur_mod_node.path, ctx.api.options).split("\n")[part.line - 1]
    return line.startswith("{}", part.column)


def _show(ctx: AnalyzeTypeContext, element_type: ElementType) -> str:
    item = _read_item(ctx)
    parts = item if isinstance(item, tuple) and len(item) > 1 else (item,)
    return f"{element_type}[{', '.join('...' if part is ... else repr(part) for part in parts)}]"
