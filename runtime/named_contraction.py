"""How the named contraction computes, batches and differentiates.

What a specification means is `named_types.semantics.contraction`, the primitive stands beside it. While it
mentions names it is opaque, and the lowering of xmap (`collectives`) or the batching rule below takes its
names away one by one; without names it is an ordinary einsum.

Differentiation inside a mapped function is that of ``vmap(grad)``: the contraction over ``'k'`` is a psum over
``'k'``, whose transpose is a psum. So the gradient is that of the sum over all instances of the function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from string import ascii_letters
from typing import Any, cast

import jax
import jax.numpy as jnp
from jax import lax
from jax.interpreters import ad, batching

from named_types.algebra import AxisName
from named_types.runtime.layouts import Laid
from named_types.runtime.staging import dot_general, transpose
from named_types.semantics.contraction import Contraction, Term
from named_types.semantics.contraction_primitive import contraction_p
from named_types.semantics.jax_names import to_jax


def contract(operands: Sequence[Any], contraction: Contraction) -> jax.Array:
    """The contraction of operands, which are promoted to one dtype."""
    dtype = jnp.result_type(*operands)
    arrays = [
        operand if isinstance(operand, jax.Array) and operand.dtype == dtype else jnp.asarray(operand, dtype)
        for operand in operands
    ]
    if any(term.names for term in contraction.operands):
        return cast(jax.Array, contraction_p.bind(*arrays, contraction=contraction))
    terms, result = [term.letters for term in contraction.operands], contraction.result.letters
    if _is_one_dot(arrays, terms, result):
        return _dot(arrays, terms, result)
    return jnp.einsum(f"{','.join(terms)}->{result}", *arrays)


def contract_instances(
    operands: Sequence[Laid],
    contraction: Contraction,
    owned: frozenset[AxisName],
    order: Sequence[AxisName],
    summed: frozenset[AxisName] = frozenset(),
) -> Laid:
    """The contraction of arrays of instances, for the names that are ``owned``; the others stay in a contraction.

    It is also the sum over the names ``summed``.
    Each name is a letter. The axes of the result stand as one dot makes them if it is one, else with the names
    first.
    """
    unused = iter(_unused_letters(contraction))
    present = {name for operand in operands for name in operand.names}
    letters = {name: next(unused) for name in order if name in present}
    names = {letter: name for name, letter in letters.items()}
    terms = [_physical(term, operand, letters) for term, operand in zip(contraction.operands, operands, strict=True)]
    kept = "".join(letter for name, letter in letters.items() if name not in contraction.contracted | summed)
    arrays = [operand.array for operand in operands]
    result = kept + contraction.result.letters

    def laid(array: jax.Array) -> Laid:
        return Laid(array, tuple(names.get(letter) for letter in result), summed & present)

    if all(term.names <= owned for term in contraction.operands) and _is_one_dot(arrays, terms, result):
        result = _natural_order(terms, result, contraction.result.letters)
        return laid(_dot(arrays, terms, result))
    outer = replace(
        contraction,
        operands=tuple(
            Term(letters, term.names - owned) for letters, term in zip(terms, contraction.operands, strict=True)
        ),
        result=Term(result, contraction.result.names - owned),
        contracted=contraction.contracted - owned,
    )
    return laid(contract(arrays, outer))


def _physical(term: Term, operand: Laid, letters: Mapping[AxisName, str]) -> str:
    own = iter(term.letters)
    return "".join(next(own) if name is None else letters[name] for name in operand.layout)


def _natural_order(terms: Sequence[str], result: str, positional: str) -> str:
    """The order in which one dot makes the axes, of either order of the operands, if it keeps the positional one."""
    made = [_made(terms, result), _made(terms[::-1], result)]
    kept = [order for order in made if "".join(letter for letter in order if letter in positional) == positional]
    return min(kept, key=lambda order: order != result, default=result)


def _made(terms: Sequence[str], result: str) -> str:
    """The axes of one dot: the shared ones, the rest of the left, the rest of the right."""
    left, right = terms
    shared = [letter for letter in result if letter in left and letter in right]
    return "".join([*shared, *(x for x in left if x not in right), *(x for x in right if x not in left)])


def _is_one_dot(arrays: Sequence[jax.Array], terms: Sequence[str], result: str) -> bool:
    """Whether a product of two arrays needs no diagonal, no sum of one operand alone and no broadcast."""
    if len(arrays) != 2 or any(len(set(term)) != len(term) for term in terms):
        return False
    left, right = (dict(zip(term, array.shape, strict=True)) for term, array in zip(terms, arrays, strict=True))
    return all(left[letter] == right[letter] for letter in left.keys() & right.keys()) and (
        left.keys() ^ right.keys() <= set(result)
    )


def _dot(arrays: Sequence[jax.Array], terms: Sequence[str], result: str) -> jax.Array:
    """One ``dot_general``, of the operands in the order that saves a transposition."""
    if _made(terms[::-1], result) == result != _made(terms, result):
        arrays, terms = arrays[::-1], terms[::-1]
    (left, right), (x, y) = arrays, terms
    summed = [letter for letter in x if letter in y and letter not in result]
    paired = [letter for letter in result if letter in x and letter in y]
    dimension_numbers = (
        (tuple(x.index(letter) for letter in summed), tuple(y.index(letter) for letter in summed)),
        (tuple(x.index(letter) for letter in paired), tuple(y.index(letter) for letter in paired)),
    )
    made = _made(terms, result)
    sizes = dict(zip(x + y, left.shape + right.shape, strict=True))
    product = dot_general(left, right, dimension_numbers, [sizes[letter] for letter in made])
    array: jax.Array = product if made == result else transpose(product, [made.index(letter) for letter in result])
    return array


def _batch(axis_data: Any, values: Sequence[Any], dims: Sequence[Any], *, contraction: Contraction) -> Any:
    """A vmapped axis becomes a letter: contracted if its name is, else kept as the first of the result."""
    letter = _unused_letters(contraction)[0]
    name = axis_data.name
    contracted = name in contraction.contracted
    operands, terms = [], []
    for value, dim, term in zip(values, dims, contraction.operands, strict=True):
        letters = term.letters if dim is None else term.letters[:dim] + letter + term.letters[dim:]
        operands.append(value)
        terms.append(Term(letters, term.names - {name}))
    kept = any(dim is not None for dim in dims) and not contracted
    result = replace(
        contraction.result,
        letters=letter * kept + contraction.result.letters,
        names=contraction.result.names - {name},
    )
    batched = replace(contraction, operands=tuple(terms), result=result, contracted=contraction.contracted - {name})
    total = contract(operands, batched)
    if contracted and all(dim is None for dim in dims):
        total = total * jnp.asarray(axis_data.size, total.dtype)
    return total, 0 if kept else None


def _jvp(primals: Sequence[Any], tangents: Sequence[Any], *, contraction: Contraction) -> tuple[Any, Any]:
    """Linear in each operand."""
    value = contract(primals, contraction)
    total: Any = ad.Zero(jax.typeof(value).to_tangent_aval())
    for position, tangent in enumerate(tangents):
        if not isinstance(tangent, ad.Zero):
            operands = [*primals[:position], ad.instantiate_zeros(tangent), *primals[position + 1 :]]
            total = ad.add_tangents(total, contract(operands, contraction))
    return value, total


def _transpose(cotangent: Any, *operands: Any, contraction: Contraction) -> list[Any]:
    """For the one operand that is linear: the cotangent, spread over what was contracted, times the others."""
    (position,) = (index for index, operand in enumerate(operands) if ad.is_undefined_primal(operand))
    if isinstance(cotangent, ad.Zero):
        return [None] * len(operands)
    if contraction.contracted:
        cotangent = lax.psum(cotangent, tuple(map(to_jax, contraction.contracted)))
    linear = contraction.operands[position].letters
    others = [index for index in range(len(operands)) if index != position]
    aval = operands[position].aval
    terms = [contraction.result.letters, *(contraction.operands[index].letters for index in others)]
    factors = [cotangent, *(operands[index] for index in others)]
    sizes = dict(zip(linear, aval.shape, strict=True))
    for letter in linear:
        if sizes[letter] == 1 or all(letter not in term for term in terms):
            terms.append(letter)
            factors.append(jnp.ones((sizes[letter],), aval.dtype))
    gradient = jnp.einsum(f"{','.join(terms)}->{linear}", *factors)
    return [gradient if index == position else None for index in range(len(operands))]


def _unused_letters(contraction: Contraction) -> list[str]:
    used = {letter for term in contraction.operands for letter in term.letters}
    return [letter for letter in ascii_letters if letter not in used]


batching.fancy_primitive_batchers[contraction_p] = _batch
ad.primitive_jvps[contraction_p] = _jvp
ad.primitive_transposes[contraction_p] = _transpose
