"""Named shapes: unordered, and joined by name."""

from __future__ import annotations

import enum
import pickle
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import axis_envs, axis_names, dims, fixed_sizes, named_shapes

from named_types.algebra import (
    NO_NAMES,
    UNKNOWN_DIM,
    AxisName,
    Dim,
    NamedShape,
    parse_dim,
    size_conflicts,
    union,
)


class Axis(enum.Enum):
    BATCH = "batch"
    SEQ = "seq"


@st.composite
def shapes_of_one_env(draw: st.DrawFn, number: int) -> list[NamedShape]:
    axis_env = draw(axis_envs())
    return [draw(named_shapes(axis_env)) for _ in range(number)]


@given(shapes_of_one_env(3))
def test_union_commutes_and_associates(shapes: list[NamedShape]) -> None:
    a, b, c = shapes
    assert union([a, b]) == union([b, a])
    assert union([union([a, b]), c]) == union([a, union([b, c])]) == union([a, b, c])


@given(named_shapes())
def test_union_has_a_unit_and_is_idempotent(shape: NamedShape) -> None:
    assert union([shape, NO_NAMES]) == shape
    assert union([shape, shape]) == shape
    assert union([shape]) == shape
    assert union([]) == NO_NAMES


@given(st.dictionaries(axis_names, fixed_sizes, max_size=4), st.data())
def test_broadcasting_by_name_is_numpys_after_a_fixed_ordering_of_names(
    sizes: dict[AxisName, int], data: st.DataObject
) -> None:
    """Lay every named axis out as a leading positional one, absent names as size 1, and let NumPy broadcast."""
    order = list(sizes)
    left, right = ({name: sizes[name] for name in order if data.draw(st.booleans())} for _ in range(2))

    positional = np.broadcast_shapes(*(tuple(shape.get(name, 1) for name in order) for shape in (left, right)))

    joined = union([NamedShape(left), NamedShape(right)])
    assert tuple(joined.get(name, 1) for name in order) == positional


@given(shapes_of_one_env(2))
def test_shapes_of_one_scope_have_no_conflicting_sizes(shapes: list[NamedShape]) -> None:
    assert size_conflicts(shapes) == {}


def test_conflicting_sizes_are_told_and_unknown_in_the_union() -> None:
    shapes = [NamedShape({"a": 2, "b": 3}), NamedShape({"a": UNKNOWN_DIM}), NamedShape({"a": 4, "b": 3})]
    assert size_conflicts(shapes) == {"a": (2, 4)}
    assert union(shapes) == NamedShape({"b": 3}).introduce("a", UNKNOWN_DIM)


def test_sizes_that_may_be_one_are_no_conflict() -> None:
    first, second = parse_dim("(n+1)//(n+1)"), parse_dim("(m+1)//(m+1)")
    assert first is not None
    assert second is not None
    assert size_conflicts([NamedShape({"a": first}), NamedShape({"a": second})]) == {}


@given(named_shapes(), axis_names, dims())
def test_eliminate_undoes_introduce(shape: NamedShape, name: AxisName, size: Dim) -> None:
    shape = shape.eliminate([name])
    assert shape.introduce(name, size).eliminate([name]) == shape
    assert shape.introduce(name, size)[name] == size


@given(named_shapes(), st.sets(axis_names))
def test_restrict_and_eliminate_part_a_named_shape_in_two(shape: NamedShape, names: set[AxisName]) -> None:
    kept, gone = shape.restrict(names), shape.eliminate(names)
    assert kept.keys() == shape.keys() & names
    assert gone.keys() == shape.keys() - names
    assert union([kept, gone]) == shape


@given(named_shapes(), st.randoms())
def test_the_order_of_names_has_no_meaning(shape: NamedShape, random: Random) -> None:
    items = list(shape.items())
    random.shuffle(items)
    shuffled = NamedShape(items)
    assert shuffled == shape
    assert hash(shuffled) == hash(shape)
    assert str(shuffled) == str(shape)


def test_a_named_shape_is_equal_to_a_dict_of_the_same_items() -> None:
    assert NamedShape({"batch": 20, "seq": 30}) == {"seq": 30, "batch": 20}
    assert NamedShape({"batch": 20}) != {"batch": 21}
    assert NamedShape({"batch": 20}) != [("batch", 20)]


@given(named_shapes())
def test_named_shapes_are_values(shape: NamedShape) -> None:
    hash(shape)
    copy = pickle.loads(pickle.dumps(shape))
    assert copy == shape
    assert hash(copy) == hash(shape)
    assert len({shape, copy}) == 1


@given(named_shapes(), named_shapes())
def test_compatibility_is_symmetric_and_reflexive(left: NamedShape, right: NamedShape) -> None:
    assert left.compatible(right) == right.compatible(left)
    assert left.compatible(left)


@given(axis_envs(fixed_sizes), axis_envs(fixed_sizes))
def test_known_named_shapes_are_compatible_only_when_equal(left: NamedShape, right: NamedShape) -> None:
    assert left.compatible(right) == (left == right)


def test_any_hashable_is_an_axis_name() -> None:
    shape = NamedShape({Axis.BATCH: 20, 0: 3, "seq": 30, ("layer", 1): 2})
    assert shape == NamedShape({("layer", 1): 2, "seq": 30, 0: 3, Axis.BATCH: 20})
    assert union([shape, NamedShape({Axis.SEQ: 5})]).keys() == {Axis.BATCH, Axis.SEQ, 0, "seq", ("layer", 1)}
    assert pickle.loads(pickle.dumps(shape)) == shape
    assert str(shape) == "{<Axis.BATCH: 'batch'>: 20, 0: 3, 'seq': 30, ('layer', 1): 2}"


def test_sizes_are_substituted() -> None:
    shape = NamedShape({"batch": parse_dim("2*n") or 0, "seq": 7})
    assert shape.substitute({"n": 4}) == {"batch": 8, "seq": 7}


@pytest.mark.parametrize("number", [1, 2, 5])
def test_introducing_gives_a_new_named_shape(number: int) -> None:
    shape = NamedShape({index: index for index in range(number)})
    larger = shape.introduce("x", 9)
    assert len(shape) == number
    assert len(larger) == number + 1
