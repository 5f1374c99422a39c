"""Sizes for dimension variables, where JAX cannot compute with the variables themselves.

JAX does not know that ``h * (d // h)`` is ``d``. A program that reshapes an axis of size ``d`` to
``(h, d // h)`` runs only where it is, so such a call is traced again with ``h * q`` for ``d``, and what comes out
is told in ``d`` again. Where that does not help either, numbers stand for the variables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from named_types.algebra import Dim, SymbolicDim
from named_types.algebra.dim import Quotient, add, floor_divide, multiply, substitute, variable

_PRIMES = (101, 103, 107, 109, 113, 127, 131, 137)
_MULTIPLES = tuple(24 * prime for prime in (211, 223, 227, 229, 233, 239, 241, 251))
UNKNOWN_SIZES = (_PRIMES[-1], _MULTIPLES[-1])
"""What stands for a size that is not known."""


def stand_in_sizes(variables: Sequence[str], dims: Iterable[Dim]) -> tuple[dict[str, int], ...]:
    """Two sets of sizes: one in which nothing divides anything, and one in which what ``dims`` divide is divisible."""
    if len(variables) >= len(_PRIMES):
        return ()
    generic, divisible = (dict(zip(variables, sizes, strict=False)) for sizes in (_PRIMES, _MULTIPLES))
    for quotient in _quotients(dims):
        divisor = substitute(quotient.denominator, divisible)
        divided = _variables(quotient.numerator) - _variables(quotient.denominator)
        if isinstance(divisor, int) and divided:
            divisible[min(divided)] *= divisor
    return generic, divisible


@dataclass(frozen=True)
class Exact:
    """The assumption that ``divided`` is ``divisor`` times ``quotient``, a variable of its own."""

    divided: str
    divisor: int | SymbolicDim
    quotient: str

    @property
    def product(self) -> Dim:
        return multiply(self.divisor, variable(self.quotient))

    def undo(self, dim: Dim) -> Dim:
        """A size in ``divided`` again: each product of divisor and quotient is it."""
        if not isinstance(dim, SymbolicDim) or self.quotient not in dim.variables:
            return dim
        total: Dim = 0
        for monomial, coefficient in dim.terms:
            term = SymbolicDim(((monomial, coefficient),))
            if self.quotient not in monomial:
                total = add(total, term if monomial else coefficient)
                continue
            times = floor_divide(term, self.product)
            is_whole = multiply(times, self.product) == term
            rest = times if is_whole else floor_divide(term, variable(self.quotient))
            unit = variable(self.divided)
            total = add(total, multiply(rest, unit if is_whole else floor_divide(unit, self.divisor)))
        return total


def exact_divisions(dims: Iterable[Dim]) -> list[Exact]:
    """For each variable that ``dims`` divide, that it is divisible."""
    found: dict[str, Exact] = {}
    for quotient in _quotients(dims):
        numerator, divisor = quotient.numerator, quotient.denominator
        names = _variables(numerator)
        if len(names) == 1 and numerator == variable(min(names)) and not names & _variables(divisor):
            found.setdefault(min(names), Exact(min(names), divisor, f"quotient_of_{min(names)}"))
    divided = found.keys()
    return [one for one in found.values() if not _variables(one.divisor) & divided]


def products(exact: Iterable[Exact]) -> Mapping[str, Dim]:
    """What stands for each divided variable."""
    return {one.divided: one.product for one in exact}


def _quotients(dims: Iterable[Dim]) -> Iterator[Quotient]:
    for dim in dims:
        for monomial, _ in dim.terms if isinstance(dim, SymbolicDim) else ():
            yield from (atom for atom in monomial if isinstance(atom, Quotient))


def _variables(dim: Dim) -> frozenset[str]:
    return dim.variables if isinstance(dim, SymbolicDim) else frozenset()
