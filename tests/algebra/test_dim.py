"""Dims are integer arithmetic: a ring, with Python's ``//`` and ``%``."""

from __future__ import annotations

import operator
import pickle
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st
from strategies import VARIABLES, dims, known_dims

from named_types.algebra import UNKNOWN_DIM, Dim, dims_equal, parse_dim
from named_types.algebra.dim import LARGEST_SIZE, SymbolicDim, add, floor_divide, modulo, multiply, substitute, variable

Arithmetic: TypeAlias = Callable[[Dim, Dim], Dim]

OPERATIONS: dict[Arithmetic, Callable[[int, int], int]] = {
    add: operator.add,
    multiply: operator.mul,
    floor_divide: operator.floordiv,
    modulo: operator.mod,
}

positive_sizes = st.fixed_dictionaries({name: st.integers(1, 12) for name in VARIABLES})


@given(dims(), dims(), dims())
def test_addition_and_multiplication_make_a_ring(a: Dim, b: Dim, c: Dim) -> None:
    assert add(a, b) == add(b, a)
    assert multiply(a, b) == multiply(b, a)
    assert add(add(a, b), c) == add(a, add(b, c))
    assert multiply(multiply(a, b), c) == multiply(a, multiply(b, c))
    assert multiply(a, add(b, c)) == add(multiply(a, b), multiply(a, c))
    assert add(a, 0) == a
    assert multiply(a, 1) == a


@given(known_dims())
def test_a_dim_minus_itself_is_zero(a: Dim) -> None:
    assert add(a, multiply(-1, a)) == 0
    assert multiply(a, 0) == 0


@pytest.mark.parametrize("symbolic", OPERATIONS, ids=lambda operation: operation.__name__)
@given(left=known_dims(), right=known_dims(), sizes=positive_sizes)
def test_arithmetic_then_substitution_is_substitution_then_pythons_arithmetic(
    symbolic: Arithmetic, left: Dim, right: Dim, sizes: dict[str, int]
) -> None:
    fixed_left, fixed_right = substitute(left, sizes), substitute(right, sizes)
    if not isinstance(fixed_left, int) or not isinstance(fixed_right, int):
        reject()
    assume(symbolic in (add, multiply) or fixed_right > 0)
    assert substitute(symbolic(left, right), sizes) == OPERATIONS[symbolic](fixed_left, fixed_right)


@given(known_dims(), st.sampled_from(VARIABLES))
def test_a_variable_may_be_substituted_by_itself(dim: Dim, name: str) -> None:
    assert substitute(dim, {name: variable(name)}) == dim


@given(known_dims(), known_dims(), known_dims())
def test_a_quotient_splits_off_what_the_divisor_divides(a: Dim, b: Dim, c: Dim) -> None:
    assume(not isinstance(b, SymbolicDim) or len(b.terms) == 1)
    assume(b != 0)
    assert floor_divide(multiply(a, b), b) == a
    assert modulo(multiply(a, b), b) == 0
    assert modulo(add(multiply(a, b), c), b) == modulo(c, b)


@given(dims())
def test_reading_undoes_printing(dim: Dim) -> None:
    assert parse_dim(str(dim)) == dim


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("n", "n"),
        (" n + n ", "2*n"),
        ("(4*n)//2", "2*n"),
        ("1+n*2", "2*n+1"),
        ("b*a*a", "a*a*b"),
        ("n-n+3", "3"),
        ("(n*h)//h", "n"),
        ("(n+2)//2", "n//2+1"),
        ("(n+2)%2", "n%2"),
        ("(n-1)//2+1", "(n+1)//2"),
        ("5*n//2", "2*n+n//2"),
        ("5*n//(2*n)", "n//(2*n)+2"),
        ("1-n//h", "-(n//h)+1"),
        ("-n//h", "(-n)//h"),
        ("(n+1)//2*2", "2*((n+1)//2)"),
        ("n//2//2", "(n//2)//2"),
        ("(n//2)*n", "n*(n//2)"),
        ("0//n", "0"),
        ("0x10", "16"),
        ("_", "_"),
    ],
)
def test_equal_arithmetic_is_one_dim_however_it_was_written(text: str, printed: str) -> None:
    assert str(parse_dim(text)) == printed
    assert parse_dim(printed) == parse_dim(text)


@pytest.mark.parametrize(
    "text",
    ["", " ", "x y", "2n", "n+", "n**2", "n/2", "1.5", "True", "None", "'n'", "f(n)", "n.m", "n[0]", "n if m else h",
     "n<m", "~n", "not n", "_+1", "n//0", "n%(m-m)", "n\0", "n;m", "n\nm", "(yield)", "n:=3"],
)  # fmt: skip
def test_other_text_is_no_dim(text: str) -> None:
    assert parse_dim(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "9" * 30,
        "9" * 5000,
        "0x" + "f" * 9000,
        "*".join(["9999999999"] * 1000),
        "(" * 5000 + "n" + ")" * 5000,
        "-" * 5000 + "n",
        "n//2" + "//2" * 300,
        "+".join(f"n{index}" for index in range(5000)),
        "*".join("n" * 500),
        "*".join(f"(a{index}+b{index})" for index in range(100)),
    ],
    ids=lambda text: f"{text[:8]}... of {len(text)}",
)
def test_arithmetic_too_large_to_be_a_size_is_no_dim(text: str) -> None:
    assert parse_dim(text) is None


def test_arithmetic_that_grows_too_large_becomes_unknown() -> None:
    dim: Dim = variable("n")
    for _ in range(100):
        dim = multiply(dim, add(dim, variable("m")))
    assert dim is UNKNOWN_DIM
    assert multiply(LARGEST_SIZE, 2) is UNKNOWN_DIM


@given(known_dims())
def test_division_by_zero_is_unknown(dim: Dim) -> None:
    assert floor_divide(dim, 0) is UNKNOWN_DIM
    assert modulo(dim, 0) is UNKNOWN_DIM


@given(dims(), dims())
def test_equality_of_sizes_is_symmetric_and_reflexive(a: Dim, b: Dim) -> None:
    assert dims_equal(a, b) is dims_equal(b, a)
    assert dims_equal(a, a) is (None if a is UNKNOWN_DIM else True)


@given(known_dims(), known_dims())
def test_sizes_that_are_equal_for_all_variables_are_never_told_to_differ(a: Dim, b: Dim) -> None:
    assume(b != 0)
    rebuilt = add(multiply(floor_divide(a, b), b), modulo(a, b))
    assert dims_equal(rebuilt, a) is not False


@given(known_dims(), st.integers(1, 9))
def test_a_size_differs_from_a_larger_one(dim: Dim, excess: int) -> None:
    assert dims_equal(dim, add(dim, excess)) is False


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ("3", "3", True),
        ("3", "4", False),
        ("n", "n", True),
        ("n", "m", False),
        ("n", "3", False),
        ("2*n", "n+n", True),
        ("n//2", "n", False),
        ("n//2", "n//3", False),
        ("(n+n%2)//2", "(n+1)//2", None),
        ("(n+1)//(n+1)", "1", None),
        ("_", "3", None),
        ("n", "_", None),
    ],
)
def test_sizes_are_equal_differ_or_are_not_known_to(left: str, right: str, equal: bool | None) -> None:
    first, second = parse_dim(left), parse_dim(right)
    assert first is not None
    assert second is not None
    assert dims_equal(first, second) is equal


@given(dims())
def test_dims_are_values(dim: Dim) -> None:
    copy = pickle.loads(pickle.dumps(dim))
    assert copy == dim
    assert hash(copy) == hash(dim)


def test_the_unknown_dim_stays_itself_when_pickled() -> None:
    assert pickle.loads(pickle.dumps(UNKNOWN_DIM)) is UNKNOWN_DIM
