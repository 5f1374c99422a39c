"""Hypothesis strategies for the values of `named_types.algebra`, shared by every room of the tests."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from named_types.algebra import (
    ELEMENT_TYPES,
    UNKNOWN_DIM,
    ArrayType,
    AxisMapping,
    AxisName,
    AxisResources,
    Dim,
    ElementType,
    NamedShape,
    Shape,
)
from named_types.algebra.dim import add, floor_divide, modulo, multiply, variable

VARIABLES = ("n", "m", "h", "batch_size")
AXIS_NAMES: tuple[AxisName, ...] = ("batch", "seq", "x", "it's", 0, 7, ("layer", 1))

fixed_sizes: SearchStrategy[int] = st.integers(0, 40)
element_types: SearchStrategy[ElementType] = st.sampled_from(list(ELEMENT_TYPES.values()))
axis_names: SearchStrategy[AxisName] = st.sampled_from(AXIS_NAMES)


def known_dims() -> SearchStrategy[Dim]:
    """Fixed and symbolic sizes: sums, products, quotients and remainders over a few variables."""
    atoms = st.one_of(st.integers(-9, 40), st.sampled_from(VARIABLES).map(variable))
    arithmetic = st.recursive(
        atoms,
        lambda operand: st.builds(
            lambda operation, left, right: operation(left, right),
            st.sampled_from([add, multiply, floor_divide, modulo]),
            operand,
            operand,
        ),
        max_leaves=4,
    )
    return arithmetic.filter(lambda dim: dim is not UNKNOWN_DIM and not (isinstance(dim, int) and dim < 0))


def dims() -> SearchStrategy[Dim]:
    """Sizes of every kind."""
    return st.one_of(fixed_sizes, known_dims(), st.just(UNKNOWN_DIM))


def shapes() -> SearchStrategy[Shape]:
    return st.builds(Shape, st.lists(dims(), max_size=4).map(tuple), st.booleans())


def fixed_shapes() -> SearchStrategy[Shape]:
    """Shapes of a known rank and known sizes."""
    return st.lists(fixed_sizes, max_size=4).map(lambda sizes: Shape(tuple(sizes)))


def axis_envs(sizes: SearchStrategy[Dim] | None = None) -> SearchStrategy[NamedShape]:
    """Axis names in scope, each with its size."""
    return st.dictionaries(axis_names, dims() if sizes is None else sizes, max_size=4).map(NamedShape)


@st.composite
def named_shapes(draw: st.DrawFn, axis_env: Mapping[AxisName, Dim] | None = None) -> NamedShape:
    """A named shape, in an axis env if one is given: some of its axes, of its sizes or of unknown ones."""
    if axis_env is None:
        return draw(axis_envs())
    names = draw(st.lists(st.sampled_from(list(axis_env)), unique=True)) if axis_env else []
    return NamedShape({name: draw(st.sampled_from([axis_env[name], UNKNOWN_DIM])) for name in names})


def array_types() -> SearchStrategy[ArrayType]:
    return st.builds(ArrayType, element_types, shapes(), st.none() | named_shapes())


@st.composite
def axis_mappings(draw: st.DrawFn, rank: int, number: int | None = None) -> AxisMapping:
    """An axis mapping that fits an array of ``rank`` axes: some positions from either end, as dict or as list.

    With ``number``, that many positions are named.
    """
    number = draw(st.integers(0, rank)) if number is None else number
    positions = draw(st.permutations(range(rank)))[:number]
    named = list(zip(positions, draw(st.permutations(AXIS_NAMES)), strict=False))
    if draw(st.booleans()):
        return AxisMapping(tuple(sorted(named)), rank)
    spelled = [(draw(st.sampled_from([position, position - rank])), name) for position, name in named]
    return AxisMapping(tuple(sorted(spelled)))


def axis_resources() -> SearchStrategy[AxisResources]:
    resources = st.lists(st.sampled_from(["data", "model", "stage"]), unique=True, max_size=3).map(tuple)
    return st.dictionaries(axis_names, resources).map(AxisResources)
