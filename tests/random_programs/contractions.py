"""pdot with positional contraction and batching, and einsum with named axes in braces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from math import prod
from typing import Any

import jax.numpy as jnp
from hypothesis import strategies as st
from random_programs.drafts import Draft, Unfit
from random_programs.steps import Evaluation, Step, Typing
from random_programs.values import NAMED, Array, Type, dim, lift


def pdot(draft: Draft) -> Step:
    left, right = draft.real(), draft.real()
    x, y = draft.types[left].shape, draft.types[right].shape
    axes = draft.axes()
    pairs = [(i, j) for i, size in enumerate(x) for j, other in enumerate(y) if size == other]
    contract, batch = _disjoint(draft, pairs)
    letters = _letters(x, y, [*contract, *batch])
    kept = [letters[0][i] for i, _ in batch]
    summed = [letters[0][i] for i, _ in contract]
    rest = [letter for term in letters for letter in term if letter not in (*kept, *summed)]
    count = prod([*(draft.sizes[axis] for axis in axes), *(x[i] for i, _ in contract)])
    options = "".join(
        f", {option}={tuple(zip(*entries, strict=True))}"
        for option, entries in (("pos_contract", contract), ("pos_batch", batch))
        if entries
    )
    product = _Product([left, right], letters, [*kept, *rest], axes)
    return Step(
        f"lax.pdot(v{left}, v{right}, {draft.spelled(axes)}{options}) / {count}",
        lambda typing: product.infer(typing, axes),
        lambda arrays: product.evaluate(arrays) / count,
    )


def einsum(draft: Draft) -> Step:
    """One to three operands. A name that is mentioned is so for all operands that have it."""
    if not draft.fixed:
        raise Unfit
    sure = [index for index, one in enumerate(draft.types) if one.names == one.perhaps and index >= draft.visible]
    sure = [index for index in sure if draft.types[index].dtype == "float32"]
    if not sure:
        raise Unfit
    operands = draft.draw(st.lists(st.sampled_from(sure[::-1]), min_size=1, max_size=3))
    types = [draft.types[operand] for operand in operands]
    ellipsis = all(one.rank for one in types) and len({one.shape[:1] for one in types}) == 1 and draft.flip()
    terms = _assign_letters(draft, [one.shape[ellipsis:] for one in types])
    present = sorted(frozenset().union(*(one.names for one in types)) & {*draft.names})
    present = [axis for axis in present if draft.spelling[axis].startswith("'")]
    mentioned = draft.draw(st.lists(st.sampled_from(present), unique=True)) if present else []
    result_axes = [axis for axis in mentioned if draft.flip()]
    contracted = [axis for axis in mentioned if axis not in result_axes]
    if not mentioned:
        raise Unfit
    used = sorted({letter for term in terms for letter in term})
    result = draft.draw(st.permutations([letter for letter in used if draft.flip()]))
    sizes = _letter_sizes(terms, [one.shape[ellipsis:] for one in types])
    count = prod(draft.sizes[axis] for axis in contracted)
    count *= prod(sizes[letter] for letter in used if letter not in result)
    dots = "..." if ellipsis else ""

    def written(letters: Sequence[str], axes: Sequence[str]) -> str:
        names = ",".join(sorted(axes)) if axes else ""
        return f"{dots}{''.join(letters)}" + (f"{{{names}}}" if names else "")

    specification = ",".join(
        written(term, [axis for axis in mentioned if axis in one.names]) for term, one in zip(terms, types, strict=True)
    )
    function = draft.choose(["numpy.einsum", "lax.xeinsum"])
    lead = ["."] if ellipsis else []
    product = _Product(operands, [[*lead, *term] for term in terms], [*lead, *result], contracted)
    spelled = f"{specification}->{written(result, result_axes)}"
    for axis in mentioned:
        spelled = _respell(spelled, axis, draft.spelling[axis].strip("'\""))
    values = ", ".join(f"v{operand}" for operand in operands)
    return Step(
        f"{function}({spelled!r}, {values}) / {count}",
        lambda typing: product.infer(typing, contracted),
        lambda arrays: product.evaluate(arrays) / count,
    )


class _Product:
    """A product of operands with lettered dimensions, summed over those that the result lacks."""

    def __init__(
        self, operands: Sequence[int], letters: Sequence[Sequence[str]], result: Sequence[str], axes: Sequence[str]
    ) -> None:
        self._operands, self._letters, self._result, self._axes = operands, letters, list(result), axes

    def infer(self, typing: Typing, axes: Sequence[str]) -> Type:
        typing.record.collectives.update(axes)
        types = [typing[operand] for operand in self._operands]
        sizes = _letter_sizes(self._letters, [one.shape for one in types])
        return Type(tuple(sizes[letter] for letter in self._result), "float32").joined(*types).without(axes)

    def evaluate(self, arrays: Evaluation) -> Array:
        summed = [letter for letter in dict.fromkeys(chain(*self._letters)) if letter not in self._result]
        order = [*self._result, *summed]
        product: Any = 1.0
        for operand, term in zip(self._operands, self._letters, strict=True):
            array, left = arrays[operand], list(term)
            for letter in {letter for letter in term if term.count(letter) > 1}:
                array, left = _diagonal(array, left, letter)
            product = product * _arranged(array, left, order)
        whole = lift(product, self._axes, arrays.sizes)
        total = whole.sum(tuple(range(NAMED + len(self._result), whole.ndim)))
        return total.sum(tuple(map(dim, self._axes)), keepdims=True)


def _letter_sizes(terms: Sequence[Sequence[str]], shapes: Sequence[Sequence[int]]) -> dict[str, int]:
    return {
        letter: size
        for term, shape in zip(terms, shapes, strict=True)
        for letter, size in zip(term, shape, strict=True)
    }


def _diagonal(array: Array, letters: list[str], letter: str) -> tuple[Array, list[str]]:
    first, second = [position for position, other in enumerate(letters) if other == letter][:2]
    rest = [other for position, other in enumerate(letters) if position not in (first, second)]
    return jnp.diagonal(array, axis1=NAMED + first, axis2=NAMED + second), [*rest, letter]


def _arranged(array: Array, letters: Sequence[str], order: Sequence[str]) -> Array:
    """The dimensions in this order, of size 1 where there is none."""
    present = [letters.index(letter) for letter in order if letter in letters]
    array = jnp.transpose(array, (*range(NAMED), *(NAMED + position for position in present)))
    return jnp.expand_dims(array, tuple(NAMED + i for i, letter in enumerate(order) if letter not in letters))


def _disjoint(draft: Draft, pairs: Sequence[tuple[int, int]]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Some pairs of dimensions to contract and some to batch, each dimension at most once."""
    chosen: list[tuple[int, int]] = []
    for pair in draft.draw(st.permutations(pairs)):
        if all(pair[0] != i and pair[1] != j for i, j in chosen) and draft.flip():
            chosen.append(pair)
    parts: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    for pair in chosen:
        parts[draft.flip()].append(pair)
    return parts


def _letters(x: Sequence[int], y: Sequence[int], paired: Sequence[tuple[int, int]]) -> list[list[str]]:
    left = [f"x{i}" for i in range(len(x))]
    right = [f"y{j}" for j in range(len(y))]
    for i, j in paired:
        right[j] = left[i]
    return [left, right]


def _assign_letters(draft: Draft, shapes: Sequence[Sequence[int]]) -> list[list[str]]:
    """A letter for each dimension; equal letters only for equal sizes, at most twice in one operand."""
    sizes: dict[str, int] = {}
    terms: list[list[str]] = []
    for shape in shapes:
        term: list[str] = []
        for size in shape:
            fitting = [letter for letter in sizes if sizes[letter] == size and term.count(letter) < 2]
            letter = draft.choose(["", *fitting]) or "ijmnopqrstuvwxyzdefgh"[len(sizes)]
            sizes[letter] = size
            term.append(letter)
        terms.append(term)
    return terms


def _respell(specification: str, axis: str, name: str) -> str:
    """The axis inside the braces as the program calls it."""
    parts = specification.split("{")
    for index, part in enumerate(parts[1:], 1):
        inside, after = part.split("}", 1)
        inside = ",".join(name if one == axis else one for one in inside.split(","))
        parts[index] = f"{inside}}}{after}"
    return "{".join(parts)


CONTRACTIONS = [pdot, einsum]
