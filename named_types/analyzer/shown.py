"""How a value's type is told to the user."""

from __future__ import annotations

from named_types.analyzer.numbers import is_number, kind_of
from named_types.analyzer.values import (
    CALLABLES,
    AbstractArray,
    Value,
    as_seen,
)


def shown(value: Value) -> str:
    """In the notation where it is an array, as mypy prints types where it is not, ``unknown`` otherwise."""
    if isinstance(value, AbstractArray):
        return str(as_seen(value).type)
    if value is None:
        return "None"
    if isinstance(value, tuple):
        return f"tuple[{', '.join(shown(item) for item in value) or '()'}]"
    if isinstance(value, list):
        kinds = list(dict.fromkeys(shown(item) for item in value))
        return f"list[{kinds[0] if len(kinds) == 1 else 'unknown'}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {shown(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (bool, int, float, complex, str)):
        return f"{type(value).__name__}"
    if is_number(value):
        return kind_of(value).__name__
    if isinstance(value, CALLABLES):
        return "callable"
    return "unknown"
