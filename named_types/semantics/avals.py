"""Between array types and JAX's own abstract values."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache, lru_cache
from math import prod
from typing import Any, ClassVar

import jax
import jax.export
import jax.numpy as jnp

from named_types.algebra import (
    NO_NAMES,
    UNKNOWN_DIM,
    ArrayType,
    Dim,
    ElementType,
    NamedShape,
    Shape,
    SymbolicDim,
    element_type_of,
    parse_dim,
)
from named_types.algebra.dim import Atom
from named_types.semantics.abstract_array import AbstractArray, ScalarType
from named_types.semantics.library_call import with_size


@lru_cache(maxsize=4096)
def array_of_aval(aval: Any, named_shape: NamedShape | None = NO_NAMES) -> AbstractArray:
    """The abstract array of JAX's abstract value."""
    shape = Shape(tuple(dim_of(size) for size in aval.shape))
    element_type = element_type_of(str(aval.dtype))
    return AbstractArray(ArrayType(element_type, shape, named_shape), bool(getattr(aval, "weak_type", False)))


def dtype_of(element_type: ElementType) -> Any:
    """The dtype of an element type, None for a family."""
    name = element_type.dtype_name
    if name == "key":
        return _key_dtype()
    return None if name is None else jnp.dtype(name)


def as_given(leaf: Any) -> Any:
    """A plain value among the arguments of a call, as JAX is given it."""
    return getattr(jnp, leaf.name) if isinstance(leaf, ScalarType) else with_size(leaf, size_of)


def shape_dtype_structs(arrays: Sequence[AbstractArray]) -> list[jax.ShapeDtypeStruct]:
    """What `jax.make_jaxpr` takes for these arrays; their dimension variables become symbolic dims of JAX."""
    return [
        jax.ShapeDtypeStruct(
            tuple(size_of(dim) for dim in array.type.shape.dims),
            _canonical(dtype_of(array.type.element_type)),
            weak_type=array.weak_type,
        )
        for array in arrays
    ]


_SYMBOLS = jax.export.SymbolicScope()
"""One scope for all: a variable is the same one in a trace and in the traces inside it."""


@cache
def _symbol(name: str) -> Any:
    (symbol,) = jax.export.symbolic_shape(name, scope=_SYMBOLS)
    return symbol


def _canonical(dtype: Any) -> Any:
    """The dtype JAX gives an array of this one: 64-bit types become 32-bit ones unless JAX is told to keep them."""
    return dtype if jnp.issubdtype(dtype, jax.dtypes.extended) else jax.dtypes.canonicalize_dtype(dtype)


def size_of(dim: Dim) -> Any:
    """A size as JAX's shapes hold it: an int, or its own symbolic arithmetic."""
    if not isinstance(dim, SymbolicDim):
        return dim
    return sum(coefficient * prod(_size_of_atom(atom) for atom in monomial) for monomial, coefficient in dim.terms)


def _size_of_atom(atom: Atom) -> Any:
    if isinstance(atom, str):
        return _symbol(atom)
    numerator, denominator = size_of(atom.numerator), size_of(atom.denominator)
    return numerator // denominator if atom.operator == "//" else numerator % denominator


def dim_of(size: Any) -> Dim:
    """The dim of an entry of a JAX shape, which may be symbolic (``jax.export.symbolic_shape``)."""
    if isinstance(size, int):
        return size
    try:
        text = ast.unparse(_DivisionsAsOperators().visit(ast.parse(str(size), mode="eval")))
    except SyntaxError:
        return UNKNOWN_DIM
    parsed = parse_dim(text)
    return UNKNOWN_DIM if parsed is None else parsed


class _DivisionsAsOperators(ast.NodeTransformer):
    """JAX prints ``n // 2`` as ``floordiv(n, 2)``, which the notation does not."""

    _OPERATORS: ClassVar[dict[str, type[ast.operator]]] = {"floordiv": ast.FloorDiv, "mod": ast.Mod}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        operator = self._OPERATORS.get(node.func.id) if isinstance(node.func, ast.Name) else None
        return node if operator is None else ast.BinOp(node.args[0], operator(), node.args[1])


@cache
def _key_dtype() -> Any:
    return jax.eval_shape(jax.random.key, 0).dtype
