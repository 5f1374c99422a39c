"""What a library call does to types, whatever the named shapes of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from named_types.algebra import UNKNOWN_ARRAY, UNKNOWN_DIM, ArrayType, Dim, Shape, SymbolicDim
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray
from named_types.semantics.collectives import Collective
from named_types.semantics.contraction import Contraction
from named_types.semantics.transfers import Names

T = TypeVar("T")


@dataclass(frozen=True)
class Summary:
    """What a call does, whatever the named shapes of its arguments."""

    structure: Any
    outputs: tuple[tuple[Any, Names], ...]
    intermediates: tuple[tuple[ArrayType, Names], ...] = ()
    contractions: tuple[tuple[Contraction, tuple[tuple[ArrayType, Names], ...]], ...] = ()
    collectives: tuple[Collective, ...] = ()

    @property
    def names(self) -> tuple[Any, ...]:
        """The names of every value in it."""
        values = [*self.outputs, *self.intermediates, *(one for _, operands in self.contractions for one in operands)]
        return (*(names for _, names in values), *(len(operands) for _, operands in self.contractions))

    def with_dims(self, told: Callable[[Dim], Dim]) -> Summary:
        """With every size told in another way."""

        def of(value: Any) -> Any:
            if isinstance(value, AbstractArray):
                return value.with_type(of(value.type))
            if isinstance(value, ArrayType):
                return replace(value, shape=Shape(tuple(map(told, value.shape.dims)), value.shape.any_leading))
            return told(value) if isinstance(value, SymbolicDim) else value

        def pairs(values: Sequence[tuple[T, Names]]) -> tuple[tuple[T, Names], ...]:
            return tuple((of(value), names) for value, names in values)

        return replace(
            self,
            outputs=pairs(self.outputs),
            intermediates=pairs(self.intermediates),
            contractions=tuple((contraction, pairs(operands)) for contraction, operands in self.contractions),
        )


def merge(first: Summary, second: Summary) -> Summary | None:
    """What two runs at different sizes agree on."""
    if first.structure != second.structure or first.names != second.names:
        return None
    return Summary(
        first.structure,
        _common_pairs(first.outputs, second.outputs, _common_value),
        _common_pairs(first.intermediates, second.intermediates, _common_type),
        tuple(
            (contraction, _common_pairs(operands, others, _common_type))
            for (contraction, operands), (_, others) in zip(first.contractions, second.contractions, strict=True)
        ),
        first.collectives,
    )


def _common_pairs(
    ones: Sequence[tuple[T, Names]], others: Sequence[tuple[T, Names]], common: Callable[[T, T], T]
) -> tuple[tuple[T, Names], ...]:
    return tuple((common(one, other), names) for (one, names), (other, _) in zip(ones, others, strict=True))


def _common_value(one: Any, other: Any) -> Any:
    if isinstance(one, AbstractArray) and isinstance(other, AbstractArray):
        common = _common_type(one.type, other.type)
        return UNKNOWN if common == UNKNOWN_ARRAY else one.with_type(common)
    return one if type(one) is type(other) and one == other else UNKNOWN


def _common_type(one: ArrayType, other: ArrayType) -> ArrayType:
    """With an unknown size where two differ; unknown if the element types or ranks do."""
    if one.element_type != other.element_type or one.shape.rank != other.shape.rank:
        return UNKNOWN_ARRAY
    dims = (a if a == b else UNKNOWN_DIM for a, b in zip(one.shape.dims, other.shape.dims, strict=True))
    return replace(one, shape=Shape(tuple(dims)))
