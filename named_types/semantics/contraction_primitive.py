"""The primitive of `pdot` and the named einsum.

Its inside is opaque: as a product and a sum, a contraction would have an intermediate with the axes of all operands,
which the program never makes.
"""

from __future__ import annotations

from jax.core import ShapedArray
from jax.extend.core import Primitive

from named_types.semantics.contraction import Contraction
from named_types.semantics.propagation import CONTRACTION

contraction_p = Primitive(CONTRACTION)


@contraction_p.def_abstract_eval  # type: ignore[untyped-decorator]
def _abstract_contraction(*operands: ShapedArray, contraction: Contraction) -> ShapedArray:
    sizes: dict[str, int] = {}
    for term, aval in zip(contraction.operands, operands, strict=True):
        for letter, size in zip(term.letters, aval.shape, strict=True):
            if sizes.setdefault(letter, size) == 1:
                sizes[letter] = size
            elif size not in (1, sizes[letter]):
                raise TypeError(f"axes {letter!r} of a contraction have sizes {sizes[letter]} and {size}")
    return ShapedArray(tuple(sizes[letter] for letter in contraction.result.letters), operands[0].dtype)
