"""Axis mappings: what in_axes introduce, out_axes eliminate."""

from __future__ import annotations

import ast
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import axis_envs, axis_mappings, element_types, fixed_shapes, shapes

from named_types import f32, parse
from named_types.algebra import (
    UNKNOWN_ARRAY,
    ArrayType,
    AxisMapping,
    NamedShape,
    Shape,
    eliminate,
    introduce,
    is_axis_mapping,
    read_axis_mapping,
)


@st.composite
def outer_types(draw: st.DrawFn) -> tuple[AxisMapping, ArrayType]:
    """A positional array and a mapping that fits it."""
    shape = Shape(draw(shapes()).dims)
    return draw(axis_mappings(len(shape.dims))), ArrayType(draw(element_types), shape)


@st.composite
def inner_types(draw: st.DrawFn) -> tuple[AxisMapping, ArrayType]:
    """An array with named axes and a mapping that gives a position to each of them."""
    shape = Shape(draw(shapes()).dims)
    extra = draw(st.integers(0, 3))
    mapping = draw(axis_mappings(len(shape.dims) + extra, number=extra))
    sizes = draw(st.lists(st.integers(0, 9), min_size=extra, max_size=extra))
    named_shape = NamedShape(zip(mapping.names, sizes, strict=True))
    return mapping, ArrayType(draw(element_types), shape, named_shape)


@given(outer_types())
def test_eliminate_undoes_introduce(example: tuple[AxisMapping, ArrayType]) -> None:
    mapping, outer = example
    assert eliminate(mapping, introduce(mapping, outer)) == outer


@given(inner_types())
def test_introduce_undoes_eliminate(example: tuple[AxisMapping, ArrayType]) -> None:
    mapping, inner = example
    assert introduce(mapping, eliminate(mapping, inner)) == inner


@given(outer_types())
def test_introducing_keeps_the_true_rank(example: tuple[AxisMapping, ArrayType]) -> None:
    mapping, outer = example
    assert introduce(mapping, outer).true_rank == outer.true_rank


@given(fixed_shapes(), st.data())
def test_introducing_removes_the_positions_that_numpy_would(shape: Shape, data: st.DataObject) -> None:
    mapping = data.draw(axis_mappings(len(shape.dims)))
    inner = introduce(mapping, ArrayType(shape=shape))
    kept = np.delete(np.array(shape.dims, dtype=int), [position for position, _ in mapping.positions])
    assert inner.shape.dims == tuple(kept)
    assert inner.named_shape == {name: shape.dims[position] for position, name in mapping.positions}


@given(inner_types(), axis_envs(st.integers(1, 9)))
def test_an_axis_that_is_missing_is_broadcast_at_out_axes(
    example: tuple[AxisMapping, ArrayType], axis_env: NamedShape
) -> None:
    mapping, inner = example
    sizes = NamedShape({**axis_env, **(inner.named_shape or {})})
    without = ArrayType(inner.element_type, inner.shape)
    assert eliminate(mapping, without, sizes) == eliminate(mapping, inner)


@pytest.mark.parametrize(
    ("spelling", "outer", "inner"),
    [
        ({0: "batch"}, f32[(20, 5)], f32[(5,), {"batch": 20}]),
        ({1: "batch"}, f32[(5, 20)], f32[(5,), {"batch": 20}]),
        ({-1: "batch"}, f32[(5, 20)], f32[(5,), {"batch": 20}]),
        ({0: "x", 2: "y"}, f32[(2, 3, 4)], f32[(3,), {"x": 2, "y": 4}]),
        ({0: "x", -1: "y"}, f32[(2, 3, 4)], f32[(3,), {"x": 2, "y": 4}]),
        (["a", "b", ...], f32[(2, 3, 4)], f32[(4,), {"a": 2, "b": 3}]),
        ([None, "b", ...], f32[(2, 3, 4)], f32[(2, 4), {"b": 3}]),
        (["a", None], f32[(2, "n")], f32[("n",), {"a": 2}]),
        ([...], f32[(2, 3)], f32[(2, 3)]),
        ({}, f32[(2, 3)], f32[(2, 3)]),
        ([], f32[()], f32[()]),
    ],
)
def test_each_spelling(spelling: object, outer: ArrayType, inner: ArrayType) -> None:
    assert is_axis_mapping(spelling)
    mapping = read_axis_mapping(spelling)
    assert isinstance(mapping, AxisMapping)
    assert introduce(mapping, outer) == inner
    assert eliminate(mapping, inner) == outer


def test_what_is_unknown_outside_is_unknown_inside() -> None:
    mapping = AxisMapping(((0, "a"),))
    assert introduce(mapping, f32[...]) == parse("f32[..., {'a': '_'}]")
    assert introduce(mapping, UNKNOWN_ARRAY) == UNKNOWN_ARRAY
    assert eliminate(mapping, f32[..., {"a": 3, "b": 4}]) == f32[..., {"b": 4}]
    assert eliminate(mapping, UNKNOWN_ARRAY) == UNKNOWN_ARRAY


def test_the_axis_env_knows_a_size_that_the_value_does_not() -> None:
    mapping = AxisMapping(((0, "a"),))
    assert eliminate(mapping, f32[(5,), {"a": "_"}], {"a": 3}) == f32[(3, 5)]
    assert eliminate(mapping, f32[(5,), ...], {"a": 3}) == f32[(3, 5), ...]
    assert eliminate(mapping, f32[(5,)]) == f32[("_", 5)]


@pytest.mark.parametrize(
    ("spelling", "rank"),
    [({2: "a"}, 2), ({-3: "a"}, 2), ({0: "a"}, 0), ({0: "a", -2: "b"}, 2), (["a", None], 3), ([], 1)],
)
def test_a_mapping_that_does_not_fit_the_rank_has_no_axes(spelling: object, rank: int) -> None:
    assert is_axis_mapping(spelling)
    mapping = read_axis_mapping(spelling)
    assert isinstance(mapping, AxisMapping)
    assert mapping.axes(rank) is None


@pytest.mark.parametrize(
    ("spelling", "wrong"),
    [
        ({"a": 0}, "a position must be an int, not 'a'"),
        ({True: "a"}, "a position must be an int, not True"),
        ({0: "a", 1: "a"}, "axis name 'a' stands for two positions"),
        ({0: None}, "None is not an axis name"),
        ({0: ...}, "`...` is not an axis name"),
        ({0: bytearray()}, "an axis name must be hashable, bytearray(b'') is not"),
        (["a", ..., "b"], "`...` may only stand at the end"),
        ([..., ...], "`...` may only stand at the end"),
        (["a", None, "a"], "axis name 'a' stands for two positions"),
        ([bytearray(), ...], "an axis name must be hashable, bytearray(b'') is not"),
    ],
)
def test_what_is_wrong_with_a_mapping(spelling: object, wrong: str) -> None:
    assert is_axis_mapping(spelling)
    assert read_axis_mapping(spelling) == wrong


@pytest.mark.parametrize("entry", [["a", ["b"]], {0: {"x": 1}}, (["a", ...], ["b", ...]), "a", None, 3, ...])
def test_pytrees_of_mappings_and_other_things_are_no_mapping(entry: object) -> None:
    assert not is_axis_mapping(entry)


@given(st.integers(0, 5).flatmap(axis_mappings))
def test_reading_undoes_printing(mapping: AxisMapping) -> None:
    assert read_axis_mapping(ast.literal_eval(str(mapping))) == mapping


@given(st.integers(0, 5).flatmap(axis_mappings))
def test_axis_mappings_are_values(mapping: AxisMapping) -> None:
    copy = pickle.loads(pickle.dumps(mapping))
    assert copy == mapping
    assert hash(copy) == hash(mapping)


@pytest.mark.parametrize(
    ("spelling", "mapping"),
    [
        ({0: ("layer", 1)}, AxisMapping(((0, ("layer", 1)),))),
        ([("layer", 1), ...], AxisMapping(((0, ("layer", 1)),))),
        (((0,), None, ...), AxisMapping(((0, (0,)),))),
        ({0: (("a", 1), "b")}, AxisMapping(((0, (("a", 1), "b")),))),
        ([frozenset({"a"}), None], AxisMapping(((0, frozenset({"a"})),), 2)),
    ],
)
def test_a_tuple_is_a_name_where_it_can_be_nothing_else(spelling: object, mapping: AxisMapping) -> None:
    assert is_axis_mapping(spelling)
    assert read_axis_mapping(spelling) == mapping


@pytest.mark.parametrize(
    "entry", [{0: ("a", ...)}, {0: (None,)}, {0: ()}, {0: (["a"],)}, {"w": ("a", "b")}, [("a", "b")], (("a", 1), "b")]
)
def test_a_tuple_may_hold_mappings(entry: object) -> None:
    assert not is_axis_mapping(entry)
