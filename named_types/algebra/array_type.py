"""Array types: element type, shape and named shape together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Union

from named_types.algebra.dim import Dim, SymbolicDim
from named_types.algebra.element_type import SHAPED, ElementType
from named_types.algebra.named_shape import NO_NAMES, NamedShape
from named_types.algebra.shape import ANY_SHAPE, Shape


@dataclass(frozen=True, slots=True)
class ArrayType:
    """``f32[(5, 7), {'batch': 20}]``: the type of an array.

    ``named_shape`` is None where it is unknown, which the notation writes ``...``.
    """

    element_type: ElementType = SHAPED
    shape: Shape = ANY_SHAPE
    named_shape: NamedShape | None = NO_NAMES

    @property
    def true_rank(self) -> int | None:
        """The number of axes, positional and named together; None if it is not known."""
        if self.shape.rank is None or self.named_shape is None:
            return None
        return self.shape.rank + len(self.named_shape)

    @property
    def variables(self) -> frozenset[str]:
        """The dimension variables it mentions."""
        dims = [*self.shape.dims, *(self.named_shape or NO_NAMES).values()]
        return frozenset().union(*(dim.variables for dim in dims if isinstance(dim, SymbolicDim)))

    def compatible(self, other: ArrayType) -> bool:
        """Whether one array may have both types: equality, but for what is unknown in either."""
        return (
            self.element_type.compatible(other.element_type)
            and self.shape.compatible(other.shape)
            and (
                self.named_shape is None or other.named_shape is None or self.named_shape.compatible(other.named_shape)
            )
        )

    def with_named_shape(self, named_shape: NamedShape | None) -> ArrayType:
        return ArrayType(self.element_type, self.shape, named_shape)

    def substitute(self, sizes: Mapping[str, Dim]) -> ArrayType:
        """Replace dimension variables by sizes; those that ``sizes`` lacks stay."""
        named = None if self.named_shape is None else self.named_shape.substitute(sizes)
        return replace(self, shape=self.shape.substitute(sizes), named_shape=named)

    def __or__(self, other: Any) -> Any:
        """``f32[(3,)] | None``, evaluated."""
        return Union[(self, other)]  # noqa: UP007

    def __ror__(self, other: Any) -> Any:
        return Union[(other, self)]  # noqa: UP007

    def __str__(self) -> str:
        if self.named_shape is None:
            return f"{self.element_type}[{self.shape}, ...]"
        if not self.named_shape:
            return f"{self.element_type}[{self.shape}]"
        return f"{self.element_type}[{self.shape}, {self.named_shape}]"

    def __repr__(self) -> str:
        return str(self)


UNKNOWN_ARRAY = ArrayType(SHAPED, ANY_SHAPE, None)
"""An array of which nothing is known: compatible with every array type."""
