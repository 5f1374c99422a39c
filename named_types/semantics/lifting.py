"""Calls of functions whose signature declares arrays: dimension variables are bound, named axes lift the function.

A function written without an axis name in mind acts as if vmapped over it. So an argument may have more
named axes than its parameter declares: the function is *lifted* over them. A declared axis that is missing, a
size that differs, or an extra axis that the signature itself mentions is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from named_types.algebra import NO_NAMES, ArrayType, AxisName, Dim, NamedShape, SymbolicDim
from named_types.algebra.dim import substitute, variable
from named_types.semantics.forms import Form, Mismatch, array_types


@dataclass(frozen=True)
class Signature:
    """The annotations of a function; of ``*args`` that of a sequence, of ``**kwargs`` that of a mapping."""

    parameters: Mapping[str, Form]
    result: Form

    @property
    def mentions_arrays(self) -> bool:
        """Whether there is something to check the function against by itself."""
        return any(self._array_types())

    @property
    def variables(self) -> frozenset[str]:
        """The dimension variables the signature mentions."""
        return frozenset().union(*(one.variables for one in self._array_types()))

    @property
    def axes(self) -> frozenset[AxisName]:
        """The axis names the signature mentions."""
        return frozenset().union(*(one.named_shape or NO_NAMES for one in self._array_types()))

    def _array_types(self) -> list[ArrayType]:
        return [one for form in (*self.parameters.values(), self.result) for one in array_types(form)]


@dataclass(frozen=True)
class Lifting:
    """What one call tells about a signature."""

    sizes: Mapping[str, Dim] = field(default_factory=dict)
    """What the dimension variables are bound to."""
    axes: frozenset[AxisName] = frozenset()
    """The axes that arguments have beyond what the signature declares."""

    def declared(self, form: ArrayType) -> ArrayType:
        """A declared type, for this call."""
        return form.substitute(self.sizes) if self.sizes else form

    def mismatch(self, form: ArrayType, actual: ArrayType) -> Mismatch | None:
        """Whether an array has its declared type, lifted axes aside: an annotation may mention these itself."""
        declared, seen = self.declared(form), actual
        if actual.named_shape is not None and self.axes:
            extra = self.axes - set(form.named_shape or NO_NAMES)
            seen = actual.with_named_shape(actual.named_shape.eliminate(extra))
        return None if declared.compatible(seen) else (declared, actual)


def bound_sizes(arguments: Iterable[tuple[ArrayType, ArrayType]]) -> dict[str, Dim]:
    """What declared types and those of the arguments tell of the dimension variables.

    First those that stand alone as a size, each by the first of its sizes; then those that are left alone in
    arithmetic: ``'2*n'`` of size 6 binds ``n`` to 3. Where nothing fits, as for size 7, ``n`` stays what it is.
    """
    pairs = [pair for declared, actual in arguments for pair in _sizes(declared, actual)]
    bound: dict[str, Dim] = {}
    for dim, size in pairs:
        if isinstance(dim, SymbolicDim) and len(dim.variables) == 1:
            (name,) = dim.variables
            if dim == variable(name):
                bound.setdefault(name, size)
    for dim, size in pairs:
        if isinstance(size, int) and isinstance(rest := substitute(dim, bound), SymbolicDim):
            bound.update(_solution(rest, size))
    return bound


def _sizes(declared: ArrayType, actual: ArrayType) -> Iterator[tuple[Dim, Dim]]:
    """Declared sizes, each with the size the argument has there."""
    if declared.shape.rank is not None and declared.shape.rank == actual.shape.rank:
        yield from zip(declared.shape.dims, actual.shape.dims, strict=True)
    given = actual.named_shape or NO_NAMES
    yield from ((dim, given[axis]) for axis, dim in (declared.named_shape or NO_NAMES).items() if axis in given)


def _solution(dim: SymbolicDim, size: int) -> dict[str, Dim]:
    """The variable for which ``dim`` is ``size``, if it has one, and has no other part than its multiple."""
    (monomial, coefficient), *rest = dim.terms
    if len(monomial) != 1 or not isinstance(name := monomial[0], str) or any(held for held, _ in rest):
        return {}
    value, remainder = divmod(size - sum(constant for _, constant in rest), coefficient)
    return {name: variable(name) if remainder or value < 0 else value}


def extra_axes(declared: ArrayType, actual: ArrayType, mentioned: frozenset[AxisName]) -> NamedShape:
    """The axes an argument lifts its function over; ``mentioned`` are those of the signature."""
    given, needed = actual.named_shape or NO_NAMES, declared.named_shape or NO_NAMES
    return given.eliminate({*needed, *mentioned}) if given.keys() >= needed.keys() else NO_NAMES
