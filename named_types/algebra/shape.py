"""Shapes: the positional, ordered part of an array type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from named_types.algebra.dim import UNKNOWN_DIM, Dim, SymbolicDim, dims_equal, substitute


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes by position. With ``any_leading``, any number of axes may stand before ``dims``.

    ``Shape((5, 7))`` is ``(5, 7)``; ``Shape((5,), any_leading=True)`` is ``(..., 5)``; ``ANY_SHAPE`` is ``...``.
    """

    dims: tuple[Dim, ...] = ()
    any_leading: bool = False

    @property
    def rank(self) -> int | None:
        """The number of positional axes, None if it is not known."""
        return None if self.any_leading else len(self.dims)

    @property
    def variables(self) -> frozenset[str]:
        """The dimension variables it mentions."""
        return frozenset().union(*(dim.variables for dim in self.dims if isinstance(dim, SymbolicDim)))

    def compatible(self, other: Shape) -> bool:
        """Whether one array may have both shapes."""
        if not self.any_leading and len(self.dims) < len(other.dims):
            return False
        if not other.any_leading and len(other.dims) < len(self.dims):
            return False
        pairs = zip(reversed(self.dims), reversed(other.dims), strict=False)
        return all(dims_equal(left, right) is not False for left, right in pairs)

    def substitute(self, sizes: Mapping[str, Dim]) -> Shape:
        return Shape(tuple(substitute(dim, sizes) for dim in self.dims), self.any_leading)

    def __str__(self) -> str:
        if self == ANY_SHAPE:
            return "..."
        parts = ["..."] * self.any_leading + [print_dim(dim) for dim in self.dims]
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


ANY_SHAPE = Shape((), any_leading=True)
"""Any number of axes of any sizes."""


def print_dim(dim: Dim) -> str:
    """A dim as it stands in the notation: a number bare, everything else quoted."""
    return str(dim) if isinstance(dim, int) else repr(str(dim))


def broadcast(left: Shape, right: Shape) -> Shape | None:
    """NumPy's broadcasting of two shapes; None if they do not fit.

    Source: https://numpy.org/doc/stable/user/basics.broadcasting.html
    """
    longer, shorter = (left, right) if len(left.dims) >= len(right.dims) else (right, left)
    missing: Dim = UNKNOWN_DIM if shorter.any_leading else 1
    padding = (missing,) * (len(longer.dims) - len(shorter.dims))
    dims = []
    for one, other in zip(longer.dims, padding + shorter.dims, strict=True):
        dim = _broadcast_dim(one, other)
        if dim is None:
            return None
        dims.append(dim)
    return Shape(tuple(dims), left.any_leading or right.any_leading)


def _broadcast_dim(left: Dim, right: Dim) -> Dim | None:
    if left == 1 or right == 1:
        return right if left == 1 else left
    if dims_equal(left, right) is False:
        return None
    if left is UNKNOWN_DIM or right is UNKNOWN_DIM:
        return right if left is UNKNOWN_DIM else left
    return left if left == right else UNKNOWN_DIM
