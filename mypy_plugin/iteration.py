"""Python's own ways to iterate over an array: to mypy's stubs, an array has items of which nothing is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from mypy.plugin import FunctionContext
from mypy.types import AnyType, Instance, TupleType, Type, get_proper_type

ITERATORS: Final = frozenset(f"builtins.{name}" for name in ("enumerate", "iter", "list", "reversed", "tuple", "zip"))
"""What gives, of iterables, the items."""


def with_rows(ctx: FunctionContext, row_of: Callable[[Type], Type | None]) -> Type | None:
    """The type of ``zip(x, y)`` and its like, where ``row_of`` tells what the items of an array are."""
    rows = [row_of(type) for types in ctx.arg_types for type in types]
    result = get_proper_type(ctx.default_return_type)
    if not any(rows) or not isinstance(result, Instance) or len(result.args) != 1:
        return None
    (item,) = map(get_proper_type, result.args)
    if isinstance(item, TupleType):
        return result.copy_modified(args=[item.copy_modified(items=_filled(item.items, rows))])
    return result.copy_modified(args=_filled([item], rows))


def _filled(items: Sequence[Type], rows: Sequence[Type | None]) -> list[Type]:
    """The items, with the rows of arrays where nothing is known."""
    known = [*rows, *[None] * len(items)]
    return [
        row if row is not None and isinstance(get_proper_type(item), AnyType) else item
        for item, row in zip(items, known, strict=False)
    ]
