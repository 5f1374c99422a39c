"""Element types: JAX's dtypes under the names that jaxprs print."""

from __future__ import annotations

import pickle

import jax
import numpy as np
import pytest
from hypothesis import given
from strategies import element_types

from named_types.algebra import ELEMENT_TYPES, SHAPED, ElementType, element_type_of

PROPER = [element for element in ELEMENT_TYPES.values() if not element.is_family and element.name != "key"]


@pytest.mark.parametrize("element", PROPER, ids=str)
def test_jaxprs_print_the_same_name(element: ElementType) -> None:
    aval = jax.core.ShapedArray((), jax.numpy.dtype(element.dtype_name))
    assert aval.str_short(short_dtypes=True) == f"{element.name.removesuffix('_')}[]"
    assert element_type_of(str(aval.dtype)) == element


def test_typed_random_keys_have_the_element_type_key() -> None:
    key = jax.eval_shape(lambda: jax.random.key(0))
    assert element_type_of(str(key.dtype)) == ELEMENT_TYPES["key"]


def test_a_dtype_without_a_name_is_any_of_them() -> None:
    assert element_type_of("datetime64[ns]") == SHAPED


@pytest.mark.parametrize(
    ("family", "abstract"),
    [
        ("floating", jax.numpy.floating),
        ("integer", jax.numpy.integer),
        ("inexact", jax.numpy.inexact),
        ("num", jax.numpy.number),
        ("shaped", jax.numpy.generic),
    ],
)
def test_families_are_numpys_hierarchy(family: str, abstract: type) -> None:
    names = [element.dtype_name for element in PROPER if element.dtype_name is not None]
    members = {name for name in names if jax.numpy.issubdtype(name, abstract)}
    assert ELEMENT_TYPES[family].members - {"key"} == members


@given(element_types, element_types)
def test_compatibility_is_symmetric_and_reflexive(left: ElementType, right: ElementType) -> None:
    assert left.compatible(right) == right.compatible(left)
    assert left.compatible(left)
    assert left.compatible(SHAPED)


def test_families_are_gradual_in_both_directions() -> None:
    f32, i32, floating = (ELEMENT_TYPES[name] for name in ("f32", "i32", "floating"))
    assert f32.compatible(floating)
    assert floating.compatible(f32)
    assert not i32.compatible(floating)
    assert not f32.compatible(i32)


@given(element_types)
def test_element_types_are_values(element: ElementType) -> None:
    copy = pickle.loads(pickle.dumps(element))
    assert copy == element
    assert hash(copy) == hash(element)


def test_numpy_knows_the_common_names() -> None:
    assert np.dtype(ELEMENT_TYPES["f32"].dtype_name or "") == np.float32
    assert ELEMENT_TYPES["floating"].dtype_name is None
