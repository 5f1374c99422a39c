"""Shapes: NumPy's broadcasting, and which shapes one array may have."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import fixed_shapes, fixed_sizes, shapes

from named_types import parse
from named_types.algebra import ANY_SHAPE, UNKNOWN_DIM, Shape, broadcast

fixed_dims = st.lists(fixed_sizes, max_size=4).map(tuple)


@given(fixed_dims, fixed_dims)
def test_broadcasting_is_numpys(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    try:
        expected = Shape(np.broadcast_shapes(left, right))
    except ValueError:
        expected = None
    assert broadcast(Shape(left), Shape(right)) == expected


@given(shapes(), shapes())
def test_broadcasting_commutes(left: Shape, right: Shape) -> None:
    assert broadcast(left, right) == broadcast(right, left)


@given(shapes())
def test_a_shape_broadcasts_with_itself_and_with_rank_zero(shape: Shape) -> None:
    assert broadcast(shape, shape) == shape
    assert broadcast(shape, Shape()) == shape


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [
        ("(2, 3)", "(3,)", "(2, 3)"),
        ("(7, 1, 5)", "(2, 5)", "(7, 2, 5)"),
        ("('n', 1)", "(1, 'm')", "('n', 'm')"),
        ("('n',)", "('m',)", None),
        ("('n',)", "(3,)", None),
        ("('_',)", "(3,)", "(3,)"),
        ("('_',)", "(1,)", "('_',)"),
        ("('_',)", "('_',)", "('_',)"),
        ("('(n+1)//(n+1)',)", "('(m+1)//(m+1)',)", "('_',)"),
        ("...", "(2, 3)", "(..., 2, 3)"),
        ("(..., 5)", "(3, 5)", "(..., 3, 5)"),
        ("(..., 5)", "(1, 5)", "(..., '_', 5)"),
        ("(..., 5)", "(3, 4)", None),
    ],
)
def test_broadcasting_of_sizes_that_are_not_fixed(left: str, right: str, result: str | None) -> None:
    shape = broadcast(parse(f"f32[{left}]").shape, parse(f"f32[{right}]").shape)
    assert (None if shape is None else str(shape)) == result


@given(shapes(), shapes())
def test_compatibility_is_symmetric_and_reflexive(left: Shape, right: Shape) -> None:
    assert left.compatible(right) == right.compatible(left)
    assert left.compatible(left)


@given(shapes())
def test_any_shape_is_compatible_with_every_shape(shape: Shape) -> None:
    assert shape.compatible(ANY_SHAPE)


@given(fixed_shapes(), fixed_shapes())
def test_known_shapes_are_compatible_only_when_equal(left: Shape, right: Shape) -> None:
    assert left.compatible(right) == (left == right)


@given(fixed_shapes())
def test_forgetting_keeps_shapes_compatible(shape: Shape) -> None:
    forgotten_sizes = Shape((UNKNOWN_DIM,) * len(shape.dims))
    forgotten_prefix = Shape(shape.dims[1:], any_leading=True)
    assert shape.compatible(forgotten_sizes)
    assert shape.compatible(forgotten_prefix)
    assert forgotten_sizes.compatible(forgotten_prefix)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("(2, 3)", "(3, 2)"),
        ("(2, 3)", "(2,)"),
        ("(..., 5)", "(2, 4)"),
        ("(..., 5)", "()"),
        ("(..., 3, 5)", "(..., 4)"),
        ("('n',)", "('m',)"),
        ("('n',)", "(3,)"),
    ],
)
def test_shapes_that_no_array_has_both_of(left: str, right: str) -> None:
    assert not parse(f"f32[{left}]").shape.compatible(parse(f"f32[{right}]").shape)


def test_the_rank_is_known_unless_any_axes_may_lead() -> None:
    assert Shape((2, 3)).rank == 2
    assert Shape().rank == 0
    assert Shape((5,), any_leading=True).rank is None


@given(shapes())
def test_shapes_are_values(shape: Shape) -> None:
    copy = pickle.loads(pickle.dumps(shape))
    assert copy == shape
    assert hash(copy) == hash(shape)
