"""What mypy's types of arrays are made of. Nothing here has values; the plugin writes these types, mypy compares them.

The classes stand in a module of the core, not of the plugin, because mypy reads the sources of whatever module
the types of a checked program come from.
"""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")
Text = TypeVar("Text")
Variables = TypeVar("Variables")


class Dim(Generic[T]):
    """The size of an axis: ``T`` is a literal int, a type variable (a dimension variable) or a `DimExpression`.

    It is invariant, so that mypy, which joins what it cannot unify, finds no join of two sizes.
    """


class DimExpression(Generic[Text, Variables]):
    """Arithmetic over dimension variables: its literal text, and what the variables in it stand for, sorted by name."""


class Ordered(Generic[Variables, T]):
    """What its last argument is. An alias mentions its type variables in those before it, so that they come first."""


def chosen(function: T) -> T:
    """The function that is called, ``f if flag else g``: of a call that gives it, mypy asks the plugin."""
    return function
