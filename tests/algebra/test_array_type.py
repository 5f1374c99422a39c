"""Array types: element type, shape and named shape together."""

from __future__ import annotations

import pickle
from types import NoneType
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import VARIABLES, array_types

from named_types import f32, floating, i32
from named_types.algebra import UNKNOWN_ARRAY, ArrayType


@given(array_types(), array_types())
def test_compatibility_is_symmetric_and_reflexive(left: ArrayType, right: ArrayType) -> None:
    assert left.compatible(right) == right.compatible(left)
    assert left.compatible(left)


@given(array_types())
def test_the_unknown_array_is_compatible_with_every_type(array_type: ArrayType) -> None:
    assert array_type.compatible(UNKNOWN_ARRAY)


@given(array_types(), st.fixed_dictionaries({name: st.integers(1, 9) for name in VARIABLES}))
def test_substitution_leaves_no_variable(array_type: ArrayType, sizes: dict[str, int]) -> None:
    assert array_type.variables <= set(VARIABLES)
    assert array_type.substitute(sizes).variables == frozenset()
    assert array_type.substitute({}) == array_type


@given(array_types())
def test_array_types_are_values(array_type: ArrayType) -> None:
    copy = pickle.loads(pickle.dumps(array_type))
    assert copy == array_type
    assert hash(copy) == hash(array_type)
    assert str(copy) == str(array_type)


@pytest.mark.parametrize(
    ("left", "right", "compatible"),
    [
        (f32[(5,), {"batch": 20}], f32[(5,), {"batch": 20}], True),
        (f32[(5,), {"batch": 20}], f32[(5,)], False),
        (f32[(5,), {"batch": 20}], f32[(5,), {"batch": 21}], False),
        (f32[(5,), {"batch": 20}], f32[(5,), {"batch": "_"}], True),
        (f32[(5,), {"batch": 20}], f32[(5,), ...], True),
        (f32[(5,), {"batch": 20}], f32[..., {"batch": 20}], True),
        (f32[(5,), {"batch": 20}], floating[(5,), {"batch": 20}], True),
        (f32[(5,), {"batch": 20}], i32[(5,), {"batch": 20}], False),
        (f32[(), {"a": 2, "b": 3}], f32[(), {"b": 3, "a": 2}], True),
        (f32[("n",)], f32[("m",)], False),
    ],
)
def test_types_that_one_array_may_have_both_of(left: ArrayType, right: ArrayType, compatible: bool) -> None:
    assert left.compatible(right) is compatible


@pytest.mark.parametrize(
    ("array_type", "true_rank"),
    [
        (f32[(5, 7), {"batch": 20, "seq": 30}], 4),
        (f32[()], 0),
        (f32[(..., 5), {"batch": 20}], None),
        (f32[(5,), ...], None),
    ],
)
def test_the_true_rank_counts_positional_and_named_axes(array_type: ArrayType, true_rank: int | None) -> None:
    assert array_type.true_rank == true_rank


def test_an_alternative_is_written_with_a_bar() -> None:
    one, other = f32[(3,)], i32[()]
    assert get_args(one | None) == (one, NoneType)
    assert get_args(None | one) == (NoneType, one)
    assert get_args(one | other) == (one, other)
