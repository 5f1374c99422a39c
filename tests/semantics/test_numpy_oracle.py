"""NumPy's functions on abstract arrays: the types that NumPy itself gives, and nothing large is ever made."""

from __future__ import annotations

import itertools
import operator
import warnings
from typing import Any

import jax
import numpy as np
import pytest

from named_types import notation
from named_types.algebra import ArrayType, Shape, element_type_of
from named_types.semantics import library, numpy_oracle
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray
from named_types.semantics.library_table import TABLE
from named_types.semantics.numpy_oracle import evaluate_numpy

pytestmark = pytest.mark.filterwarnings("ignore")

DTYPES = ("float64", "float32", "int64", "int8", "bool", "complex128")
SHARED = sorted(name for name in TABLE["jax.numpy"].split() if callable(getattr(np, name, None)))
METHODS = sorted(name for name in TABLE["jax.Array"].split() if hasattr(np.ndarray, name))
OPERATORS = "add sub mul truediv floordiv mod pow matmul eq lt and_".split()


def abstract(value: Any) -> Any:
    """The type of a NumPy result, in the oracle's terms."""
    if isinstance(value, (np.ndarray, np.generic)):
        return AbstractArray(ArrayType(element_type_of(str(value.dtype)), Shape(value.shape)), library="numpy")
    return value


def argument_lists(dtype: str) -> list[tuple[Any, ...]]:
    """What functions may take: one, two or three arrays, a list of them, an array and a number."""
    matrix, vector = np.ones((3, 3), dtype), np.ones(3, dtype)
    return [(matrix,), (matrix, vector), (matrix, matrix), (vector, vector, vector), ([matrix, matrix],), (matrix, 1)]


def is_told_as_numpy_has_it(path: str, run: Any, args: tuple[Any, ...]) -> bool:
    """Whether the oracle knows the result, which then must be NumPy's; it may know a shape alone."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = run(*args)
    except Exception:
        return False
    told = evaluate_numpy(path, jax.tree_util.tree_map(abstract, args), {})
    if UNKNOWN in jax.tree_util.tree_leaves(told):
        return False
    assert told == jax.tree_util.tree_map(abstract, result), (path, args)
    return True


@pytest.mark.parametrize("dtype", DTYPES)
def test_functions_are_told_as_numpy_has_them(dtype: str) -> None:
    known = {
        name
        for name, args in itertools.product(SHARED, argument_lists(dtype))
        if is_told_as_numpy_has_it(f"numpy.{name}", getattr(np, name), args)
    }
    assert len(known) >= 150


@pytest.mark.parametrize("dtype", DTYPES)
def test_methods_are_told_as_numpy_has_them(dtype: str) -> None:
    known = {
        name
        for name, args in itertools.product(METHODS, argument_lists(dtype)[:2])
        if is_told_as_numpy_has_it(f"numpy.ndarray.{name}", getattr(np.ndarray, name), args)
    }
    assert len(known) >= 20


@pytest.mark.parametrize(("left", "right"), list(itertools.product(DTYPES, DTYPES)))
def test_operators_promote_as_numpy_does(left: str, right: str) -> None:
    args = (np.ones((3, 3), left), np.ones((3, 1), right))
    known = [name for name in OPERATORS if is_told_as_numpy_has_it(f"operator.{name}", getattr(operator, name), args)]
    assert {"add", "mul", "eq"} <= set(known)


@pytest.mark.parametrize("number", [2, 2.5, True, 1j])
@pytest.mark.parametrize("dtype", DTYPES)
def test_python_numbers_are_weak_for_numpy_too(dtype: str, number: complex) -> None:
    assert is_told_as_numpy_has_it("operator.mul", operator.mul, (np.ones(3, dtype), number))


def test_large_arrays_are_never_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[int, ...]] = []
    monkeypatch.setattr(numpy_oracle, "_zeros", lambda array: made.append(array.type.shape.dims))
    large = AbstractArray(notation.f32[(10**6, 10**6)], library="numpy")
    small = AbstractArray(notation.f32[3], library="numpy")
    assert str(evaluate_numpy("numpy.sum", (large,), {"axis": 0})) == "f32[(1000000,)]"
    assert str(evaluate_numpy("operator.matmul", (large, large), {})) == "f32[(1000000, 1000000)]"
    assert str(evaluate_numpy("numpy.zeros", ((10**6, 10**6),), {})) == "f64[(1000000, 1000000)]"
    assert str(evaluate_numpy("numpy.outer", (AbstractArray(notation.f32[10**5], library="numpy"),) * 2, {})) == (
        "f32[(100000, 100000)]"
    )
    assert made == []
    assert evaluate_numpy("numpy.sum", (small,), {}) is UNKNOWN
    assert made == [(3,)]


def test_the_element_type_of_a_large_result_is_told_only_where_it_is_certain() -> None:
    whole = AbstractArray(notation.i32[(10**6, 10)], library="numpy")
    real = AbstractArray(notation.f32[(10**6, 10)], library="numpy")
    assert str(evaluate_numpy("numpy.add", (whole, real), {})) == "shaped[(1000000, 10)]"
    assert str(evaluate_numpy("numpy.add", (real, real), {})) == "f32[(1000000, 10)]"


@pytest.mark.parametrize(
    ("path", "args"),
    [
        ("numpy.nonzero", (AbstractArray(notation.f32[3], library="numpy"),)),
        ("numpy.unique", (AbstractArray(notation.f32[3], library="numpy"),)),
        ("numpy.arange", (AbstractArray(notation.i64[()], library="numpy"),)),
        ("numpy.add", (AbstractArray(notation.f32[3], library="numpy"), AbstractArray(notation.f32[3]))),
        ("numpy.allclose", (AbstractArray(notation.f32[3], library="numpy"), 1.0)),
        ("numpy.array_equal", (AbstractArray(notation.f32[3], library="numpy"),) * 2),
        ("numpy.load", ("weights.npy",)),
        ("numpy.ndarray.tofile", (AbstractArray(notation.f32[3], library="numpy"), "weights.npy")),
        ("numpy.ndarray.__class__", (AbstractArray(notation.f32[3], library="numpy"),)),
        ("numpy.testing.assert_equal", (1, 2)),
        ("numpy.dot", (AbstractArray(notation.f32[(2, 3)], library="numpy"),) * 2),
    ],
)  # fmt: skip
def test_what_depends_on_values_or_is_not_listed_is_unknown(path: str, args: tuple[Any, ...]) -> None:
    assert evaluate_numpy(path, args, {}) is UNKNOWN


def test_functions_that_jax_lacks_are_not_called() -> None:
    assert library.resolve("jax.numpy.memmap") is None
    assert evaluate_numpy("numpy.memmap", ("file",), {}) is UNKNOWN
