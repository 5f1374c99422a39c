"""What is known of a value that may have come by two ways."""

from __future__ import annotations

import numpy as np
import pytest

from named_types import f32, i32
from named_types.analyzer.joins import Join, join, same
from named_types.analyzer.values import UNKNOWN, AbstractArray, Library, Number, Value, forget, is_forgotten

VECTOR = AbstractArray(f32[(2,)])
NAMED = AbstractArray(f32[(2,), {"batch": 20}])
INTEGERS = AbstractArray(i32[(2,)])


@pytest.mark.parametrize(
    ("left", "right", "joined"),
    [
        (VECTOR, AbstractArray(f32[(2,)]), VECTOR),
        (VECTOR, INTEGERS, UNKNOWN),
        pytest.param(VECTOR, NAMED, UNKNOWN, id="named shapes are not united"),
        (1, 1, 1),
        (1, 2, Number(int)),
        (1.0, Number(float), Number(float)),
        (1, Number(float), UNKNOWN),
        pytest.param(1, True, UNKNOWN, id="equal but not one type"),
        pytest.param(1, 1.0, UNKNOWN, id="equal but not one type either"),
        (None, VECTOR, UNKNOWN),
        (UNKNOWN, VECTOR, UNKNOWN),
        ((VECTOR, 1), (VECTOR, 2), (VECTOR, Number(int))),
        ((VECTOR,), (VECTOR, VECTOR), UNKNOWN),
        ([1, 2], [1, 3], [1, Number(int)]),
        ({"w": VECTOR, "b": 1}, {"b": 2, "w": VECTOR}, {"w": VECTOR, "b": Number(int)}),
        ({"w": VECTOR}, {"b": VECTOR}, UNKNOWN),
        (Library("jax.numpy.sum"), Library("jax.numpy.sum"), Library("jax.numpy.sum")),
    ],
)
def test_join(left: Value, right: Value, joined: Value) -> None:
    assert join(left, right) == joined
    assert join(right, left) == joined


def test_what_is_forgotten_stays_forgotten() -> None:
    items = [1, 2]
    forget(items)
    assert join(items, [1, 2]) is UNKNOWN
    assert join([1, 2], items) is UNKNOWN


def test_two_names_of_one_list_in_both_states_stay_that() -> None:
    join_states = Join()
    left, right = [1], [2]
    assert join_states(left, right) is join_states(left, right)
    assert join_states([3], [3]) == [3]


def test_of_a_list_that_has_two_names_in_one_state_only_nothing_is_known() -> None:
    join_states = Join()
    shared = [1]
    first = join_states(shared, [1])
    assert join_states(shared, [1]) is UNKNOWN
    assert is_forgotten(first)


def test_sameness_never_raises() -> None:
    assert not same(np.ones(2), np.ones(2))
    assert same((1, "a"), (1, "a"))
