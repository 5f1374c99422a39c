"""Dims: the size of one axis, fixed (an ``int``), symbolic (``'2*n+1'``) or unknown (``'_'``).

A symbolic dim is kept as a polynomial over variables and quotients, so that equal arithmetic is one
value however it was written: ``'n+n'``, ``'2*n'`` and ``'(4*n)//2'`` are the same dim. Divisors are taken
to be nonzero, so ``'(n*h)//h'`` is ``'n'``.

Arithmetic is total: what has no result, or one too large to be a size, is unknown.
"""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Atom: TypeAlias = "str | Quotient"
Monomial: TypeAlias = tuple[Atom, ...]
Term: TypeAlias = tuple[Monomial, int]

LARGEST_SIZE = 2**63 - 1
"""Sizes and coefficients are 64-bit integers, as in XLA."""

_LARGEST_WEIGHT = 256
"""The most terms and atoms of a symbolic dim: it can always be printed, compared and computed with quickly."""


class UnknownDim(enum.Enum):
    """The gradual size: it may be any."""

    UNKNOWN = "_"

    def __str__(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return "UNKNOWN_DIM"


UNKNOWN_DIM = UnknownDim.UNKNOWN


@dataclass(frozen=True, slots=True)
class Quotient:
    """``numerator // denominator`` (or ``%``) that does not simplify: an atom of a polynomial."""

    operator: str
    numerator: int | SymbolicDim
    denominator: int | SymbolicDim

    def __str__(self) -> str:
        return f"{_operand(self.numerator)}{self.operator}{_operand(self.denominator)}"


@dataclass(frozen=True, slots=True)
class SymbolicDim:
    """A polynomial with integer coefficients that is not a constant."""

    terms: tuple[Term, ...]

    @property
    def variables(self) -> frozenset[str]:
        """The names of the dimension variables it mentions."""
        return frozenset().union(*(_variables(atom) for monomial, _ in self.terms for atom in monomial))

    def __str__(self) -> str:
        text = ""
        for monomial, coefficient in self.terms:
            sign = "-" if coefficient < 0 else "+" if text else ""
            text += sign + _term(monomial, abs(coefficient), bracketed=sign == "-")
        return text


Dim: TypeAlias = int | SymbolicDim | UnknownDim


def variable(name: str) -> SymbolicDim:
    """The dim that is the dimension variable ``name``."""
    return SymbolicDim((((name,), 1),))


def parse_dim(text: str) -> Dim | None:
    """Read ``'n'``, ``'2*n+1'``, ``'n//h'``, ``'_'``; None if the text is not integer arithmetic over names."""
    if text.strip() == "_":
        return UNKNOWN_DIM
    try:
        dim = _evaluate(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return None if dim is UNKNOWN_DIM else dim


def dims_equal(left: Dim, right: Dim) -> bool | None:
    """Whether two sizes are one, None where that is not known.

    Dimension variables are rigid: ``'n'`` is equal to no other variable and to no number. Sizes with quotients
    differ only if they do so for some sizes of their variables: ``'(n+n%2)//2'`` and ``'(n+1)//2'`` may be one.
    """
    if left is UNKNOWN_DIM or right is UNKNOWN_DIM:
        return None
    if left == right:
        return True
    difference = add(left, multiply(-1, right))
    if not _has_quotient(difference):
        return False
    samples = (substitute(difference, sizes) for sizes in _samples(difference))
    return False if any(sample not in (0, UNKNOWN_DIM) for sample in samples) else None


def add(left: Dim, right: Dim) -> Dim:
    if isinstance(left, UnknownDim) or isinstance(right, UnknownDim):
        return UNKNOWN_DIM
    return _polynomial([*_terms(left), *_terms(right)])


def multiply(left: Dim, right: Dim) -> Dim:
    if isinstance(left, UnknownDim) or isinstance(right, UnknownDim):
        return UNKNOWN_DIM
    if len(_terms(left)) * len(_terms(right)) > _LARGEST_WEIGHT:
        return UNKNOWN_DIM
    return _polynomial((m + n, c * d) for m, c in _terms(left) for n, d in _terms(right))


def floor_divide(left: Dim, right: Dim) -> Dim:
    """``left // right``; unknown if ``right`` is zero."""
    return _divide("//", left, right)


def modulo(left: Dim, right: Dim) -> Dim:
    """``left % right``; unknown if ``right`` is zero."""
    return _divide("%", left, right)


def substitute(dim: Dim, sizes: Mapping[str, Dim]) -> Dim:
    """Replace dimension variables by sizes; those that ``sizes`` lacks stay."""
    if not isinstance(dim, SymbolicDim):
        return dim
    total: Dim = 0
    for monomial, coefficient in dim.terms:
        product: Dim = coefficient
        for atom in monomial:
            product = multiply(product, _substitute_atom(atom, sizes))
        total = add(total, product)
    return total


def _substitute_atom(atom: Atom, sizes: Mapping[str, Dim]) -> Dim:
    if isinstance(atom, str):
        return sizes.get(atom, variable(atom))
    return _divide(atom.operator, substitute(atom.numerator, sizes), substitute(atom.denominator, sizes))


def _divide(operator: str, left: Dim, right: Dim) -> Dim:
    """Whole multiples of the divisor leave the quotient: ``(5*n+1)//2`` is ``2*n+(n+1)//2``."""
    if isinstance(left, UnknownDim) or isinstance(right, UnknownDim) or right == 0:
        return UNKNOWN_DIM
    divided = [_divide_term(term, right) for term in _terms(left)]
    whole = _polynomial(quotient for quotient, _ in divided)
    rest = _polynomial(remainder for _, remainder in divided)
    if isinstance(rest, UnknownDim):
        return UNKNOWN_DIM
    if isinstance(rest, SymbolicDim) or (isinstance(right, SymbolicDim) and rest != 0):
        fraction = _polynomial([((Quotient(operator, rest, right),), 1)])
        return add(whole, fraction) if operator == "//" else fraction
    return whole if operator == "//" else rest


def _divide_term(term: Term, divisor: int | SymbolicDim) -> tuple[Term, Term]:
    """Quotient and remainder, such that ``term == quotient*divisor + remainder`` whatever the variables are."""
    monomial, coefficient = term
    divisor_monomial, divisor_coefficient = _terms(divisor)[0]
    atoms = list(monomial)
    for atom in divisor_monomial:
        if atom not in atoms or len(_terms(divisor)) > 1:
            return ((), 0), term
        atoms.remove(atom)
    quotient, remainder = divmod(coefficient, divisor_coefficient)
    return (tuple(atoms), quotient), (monomial, remainder)


def _terms(dim: int | SymbolicDim) -> tuple[Term, ...]:
    return dim.terms if isinstance(dim, SymbolicDim) else (((), dim),)


def _polynomial(terms: Iterable[Term]) -> Dim:
    """The canonical sum: equal monomials merged, zeros dropped, highest degree first."""
    coefficients: dict[Monomial, int] = {}
    for monomial, coefficient in terms:
        key = tuple(sorted(monomial, key=str))
        coefficients[key] = coefficients.get(key, 0) + coefficient
    kept = [(monomial, c) for monomial, c in coefficients.items() if c]
    kept.sort(key=lambda term: (-len(term[0]), [str(atom) for atom in term[0]]))
    if any(abs(c) > LARGEST_SIZE for _, c in kept):
        return UNKNOWN_DIM
    if all(not monomial for monomial, _ in kept):
        return sum(c for _, c in kept)
    dim = SymbolicDim(tuple(kept))
    return dim if _weight(dim) <= _LARGEST_WEIGHT else UNKNOWN_DIM


def _weight(dim: int | SymbolicDim) -> int:
    """The number of terms and atoms, those of its quotients included."""
    return sum(1 + sum(_atom_weight(atom) for atom in monomial) for monomial, _ in _terms(dim))


def _atom_weight(atom: Atom) -> int:
    return 1 if isinstance(atom, str) else 1 + _weight(atom.numerator) + _weight(atom.denominator)


def _has_quotient(dim: Dim) -> bool:
    return isinstance(dim, SymbolicDim) and any(
        isinstance(atom, Quotient) for monomial, _ in dim.terms for atom in monomial
    )


def _samples(dim: Dim) -> Iterator[dict[str, Dim]]:
    """Some sizes for the variables of ``dim``, the same at every call."""
    names = sorted(dim.variables) if isinstance(dim, SymbolicDim) else []
    for step in range(1, 30):
        yield {name: 1 + step * (6 * index + 7) % 61 for index, name in enumerate(names)}


def _variables(atom: Atom) -> frozenset[str]:
    if isinstance(atom, str):
        return frozenset({atom})
    parts = (atom.numerator, atom.denominator)
    return frozenset().union(*(part.variables for part in parts if isinstance(part, SymbolicDim)))


def _operand(dim: int | SymbolicDim) -> str:
    """As an operand of ``//`` or ``%``: bracketed unless it is one name or number."""
    text = str(dim)
    return text if text.isidentifier() or text.isdigit() else f"({text})"


def _term(monomial: Monomial, coefficient: int, bracketed: bool) -> str:
    """A term without its sign; ``bracketed`` tells that ``-`` precedes, which binds closer than ``//``."""
    if coefficient == 1 and len(monomial) == 1 and not bracketed:
        return str(monomial[0])
    factors = [str(atom) if isinstance(atom, str) else f"({atom})" for atom in monomial]
    return "*".join([str(coefficient)] * (coefficient != 1 or not factors) + factors)


def _evaluate(node: ast.expr) -> Dim | None:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return add(node.value, 0)
    if isinstance(node, ast.Name):
        return variable(node.id) if node.id != "_" else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        operand = _evaluate(node.operand)
        return None if operand is None else multiply(-1 if isinstance(node.op, ast.USub) else 1, operand)
    if not isinstance(node, ast.BinOp):
        return None
    left, right = _evaluate(node.left), _evaluate(node.right)
    if left is None or right is None:
        return None
    match node.op:
        case ast.Add():
            return add(left, right)
        case ast.Sub():
            return add(left, multiply(-1, right))
        case ast.Mult():
            return multiply(left, right)
        case ast.FloorDiv():
            return floor_divide(left, right)
        case ast.Mod():
            return modulo(left, right)
    return None
