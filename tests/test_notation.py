"""The notation: ``f32[(5, 7), {'batch': 20}]`` evaluated, read from text, and printed."""

from __future__ import annotations

import enum
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from strategies import array_types

import named_types
from named_types import ArrayType, NotationError, bf16, bool_, f32, floating, key, parse
from named_types.algebra import ANY_SHAPE, ELEMENT_TYPES, UNKNOWN_ARRAY, UNKNOWN_DIM, NamedShape, Shape
from named_types.notation import NOTATION


@given(array_types())
def test_parse_undoes_str(array_type: ArrayType) -> None:
    assert parse(str(array_type)) == array_type


@pytest.mark.parametrize(
    ("array_type", "printed"),
    [
        (f32[(5, 7), {"batch": 20}], "f32[(5, 7), {'batch': 20}]"),
        (f32[(5, 7)], "f32[(5, 7)]"),
        (f32[5], "f32[(5,)]"),
        (f32[5, {"batch": 20}], "f32[(5,), {'batch': 20}]"),
        (f32[2, 3, {"batch": 20}], "f32[(2, 3), {'batch': 20}]"),
        (f32[()], "f32[()]"),
        (f32[(), {}], "f32[()]"),
        (f32[...], "f32[...]"),
        (f32[(..., 5)], "f32[(..., 5)]"),
        (f32[(...,)], "f32[...]"),
        (f32[(5,), ...], "f32[(5,), ...]"),
        (f32[..., ...], "f32[..., ...]"),
        (f32[(..., 5), ...], "f32[(..., 5), ...]"),
        (f32[("n", "2*n+1", "_")], "f32[('n', '2*n+1', '_')]"),
        (f32["n"], "f32[('n',)]"),
        (f32["3"], "f32[(3,)]"),
        (f32["n", "n-n"], "f32[('n', 0)]"),
        (f32[(), {"seq": "t", "batch": 20}], "f32[(), {'batch': 20, 'seq': 't'}]"),
        (f32[(), {"it's": 2, 0: 3}], """f32[(), {0: 3, "it's": 2}]"""),
        (f32[np.int64(5), np.array(3)], "f32[(5, 3)]"),
        (bf16[5], "bf16[(5,)]"),
        (bool_[()], "bool_[()]"),
        (key[()], "key[()]"),
        (floating[...], "floating[...]"),
        (UNKNOWN_ARRAY, "shaped[..., ...]"),
    ],
)
def test_what_is_read_is_printed_one_way(array_type: ArrayType, printed: str) -> None:
    assert str(array_type) == repr(array_type) == printed
    assert parse(printed) == array_type


def test_the_parts_of_an_array_type() -> None:
    array_type = f32[("n", "_"), {"batch": 20, "seq": 30}]
    assert array_type.element_type == ELEMENT_TYPES["f32"]
    assert array_type.shape.rank == 2
    assert array_type.shape.dims[1] is UNKNOWN_DIM
    assert array_type.named_shape == {"seq": 30, "batch": 20}
    assert array_type.variables == {"n"}


def test_left_out_the_named_shape_is_empty_and_the_ellipsis_is_unknown() -> None:
    assert f32[(5,)].named_shape == NamedShape()
    assert f32[(5,), ...].named_shape is None
    assert f32[...] == ArrayType(ELEMENT_TYPES["f32"], ANY_SHAPE, NamedShape())
    assert f32[..., 5].shape == Shape((5,), any_leading=True)


def test_the_order_of_names_has_no_meaning() -> None:
    one, other = f32[(5,), {"batch": 20, "seq": 30}], f32[(5,), {"seq": 30, "batch": 20}]
    assert one == other
    assert hash(one) == hash(other)
    assert str(one) == str(other)


class Axis(enum.Enum):
    BATCH = enum.auto()
    SEQ = enum.auto()


def test_axis_names_may_be_ints_enum_members_and_tuples() -> None:
    array_type = f32[(5,), {Axis.BATCH: 20, Axis.SEQ: 30, 0: 2, ("layer", 1): 3}]
    assert array_type == f32[(5,), {("layer", 1): 3, 0: 2, Axis.SEQ: 30, Axis.BATCH: 20}]
    assert pickle.loads(pickle.dumps(array_type)) == array_type
    assert str(f32[(), {Axis.SEQ: 3}]) == "f32[(), {<Axis.SEQ: 2>: 3}]"


class Size(enum.IntEnum):
    HIDDEN = 512


def test_a_size_is_a_plain_int_whatever_integer_it_was() -> None:
    assert type(f32[Size.HIDDEN].shape.dims[0]) is int
    assert str(f32[Size.HIDDEN, np.uint8(3)]) == "f32[(512, 3)]"


NOT_A_SIZE = "is not a size: it must be an int or a string"
NOT_ARITHMETIC = "is not a size: it must be integer arithmetic over names, or '_'"


@pytest.mark.parametrize(
    ("item", "wrong"),
    [
        ((2, -1), "a size cannot be negative: -1"),
        ("-3", "a size cannot be negative: -3"),
        (((), {"a": -1}), "a size cannot be negative: -1"),
        (2**63, "a size cannot be larger than 9223372036854775807"),
        (-(10**5000), "a size cannot be larger than 9223372036854775807"),
        (2.5, f"2.5 {NOT_A_SIZE}"),
        (True, f"True {NOT_A_SIZE}"),
        (np.True_, f"np.True_ {NOT_A_SIZE}"),
        (None, f"None {NOT_A_SIZE}"),
        (int, f"<class 'int'> {NOT_A_SIZE}"),
        ([2, 3], f"[2, 3] {NOT_A_SIZE}"),
        ([10**5000], f"a value of type list {NOT_A_SIZE}"),
        (b"n", f"b'n' {NOT_A_SIZE}"),
        (slice(2, 3), f"slice(2, 3, None) {NOT_A_SIZE}"),
        (((2, 3), 4, 5), f"(2, 3) {NOT_A_SIZE}"),
        (((), {"a": ...}), f"`...` {NOT_A_SIZE}"),
        (((), {"a": None}), f"None {NOT_A_SIZE}"),
        (np.zeros((2, 2)), f"array([[0., 0.], [0., 0.]]) {NOT_A_SIZE}"),
        ("x y", f"'x y' {NOT_ARITHMETIC}"),
        ("", f"'' {NOT_ARITHMETIC}"),
        ("n/2", f"'n/2' {NOT_ARITHMETIC}"),
        ("n//0", f"'n//0' {NOT_ARITHMETIC}"),
        ("_+1", f"'_+1' {NOT_ARITHMETIC}"),
        (((), {"a": "x y"}), f"'x y' {NOT_ARITHMETIC}"),
        ((5, ...), "`...` may only stand at the beginning of a shape"),
        ((..., ..., 5), "`...` may only stand at the beginning of a shape"),
        ((2, ..., {}), "`...` may only stand at the beginning of a shape"),
        (((), {None: 3}), "None is not an axis name"),
        (((), {...: 3}), "`...` is not an axis name"),
        ({"a": 3}, "the shape is missing: without positional axes it is `()`"),
        (({"a": 3},), "the shape is missing: without positional axes it is `()`"),
        (((2, 3), (4,)), "(4,) is not a named shape: it must be a dict or `...`"),
        (((2, 3), "batch"), "'batch' is not a named shape: it must be a dict or `...`"),
    ],
    ids=lambda value: None if isinstance(value, str) else type(value).__name__,
)
def test_nonsense_is_told_whole(item: Any, wrong: str) -> None:
    with pytest.raises(NotationError) as caught:
        f32[item]
    assert str(caught.value) == wrong


@pytest.mark.parametrize(
    "text", ["", "f32", "f32[", "f32[n]", "f64x[3]", "x.f32[3]", "f32[1:2]", "f32[(), {[]: 3}]", "f32[(), {**x}]", "3"]
)
def test_text_that_is_no_array_type(text: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse(text)
    assert str(caught.value) == f"{text!r} is not an array type"


@pytest.mark.parametrize("depth", [100, 5000, 200_000])
@pytest.mark.parametrize("bracket", ["(", "[", "-", "{0:", "not "])
def test_deep_nesting_is_no_array_type(bracket: str, depth: int) -> None:
    with pytest.raises(NotationError, match=r"is not an array type|is not a size"):
        parse(f"f32[{bracket * depth}]")


def test_one_axis_name_twice_is_told() -> None:
    with pytest.raises(NotationError) as caught:
        parse("f32[(), {'a': 2, 'b': 3, 'a': 4}]")
    assert str(caught.value) == "axis 'a' appears twice in the named shape"


def test_every_element_type_has_its_name_in_the_notation() -> None:
    assert NOTATION.keys() == ELEMENT_TYPES.keys()
    assert {repr(notation) for notation in NOTATION.values()} == ELEMENT_TYPES.keys()
    assert ELEMENT_TYPES.keys() <= set(named_types.__all__)
    assert all(hasattr(named_types, name) for name in named_types.__all__)
