"""Variables that may be None by their annotation, after the program has asked whether they are."""

from __future__ import annotations

import pytest
from analyzer.expectations import check

TYPING = "from typing import Optional\n"


@pytest.mark.parametrize("annotation", ["f32[(3,)] | None", "Optional[f32[(3,)]]", "None | f32[(3,)]"])
@pytest.mark.parametrize(
    "test",
    [
        "x is not None",
        "not x is None",
        "isinstance(x, jax.Array)",
        "x is not None and jnp.sum(y) > 3",
        "k is not None and x is not None",
        "not (x is None or k is None)",
    ],
)
def test_a_branch(annotation: str, test: str) -> None:
    check(f"""{TYPING}
def f(x: {annotation}, y: f32[(4,)], k: int | None = None):
    if {test}:
        reveal_type(x)  # revealed: f32[(3,)]
        return x + y  # error: [invalid-operation]
    return y
""")


@pytest.mark.parametrize(
    "before",
    [
        "if x is None: return y",
        "if x is None: raise ValueError",
        "if x is None: x = jnp.zeros(3)",
        "assert x is not None",
        "x = jnp.zeros(3) if x is None else x",
    ],
)
def test_what_follows(before: str) -> None:
    check(f"""
def f(x: f32[(3,)] | None, y: f32[(4,)]):
    {before}
    reveal_type(x)  # revealed: f32[(3,)]
    return x + y  # error: [invalid-operation]
""")


def test_inside_of_a_condition() -> None:
    check("""
def f(x: f32[(3,)] | None, y: f32[(4,)]):
    a = x is not None and x + y  # error: [invalid-operation]
    b = x is None or x + y  # error: [invalid-operation]
    reveal_type(x)  # revealed: unknown
    return jnp.sum(y if x is None else x + y)  # error: [invalid-operation]
""")


def test_other_containers_than_arrays() -> None:
    check("""
def f(x: tuple[f32[(3,)], f32[(2,)]] | None, xs: list[f32[(3,)]] | None):
    if x is not None:
        reveal_type(x)  # revealed: tuple[f32[(3,)], f32[(2,)]]
    if xs is not None:
        reveal_type(xs[0])  # revealed: f32[(3,)]
""")


def test_what_may_be_one_of_several_is_not_known() -> None:
    check("""
def f(x: f32[(3,)] | int | None, z: f32[(3,)] | f32[(4,)] | None, y: f32[(5,)]):
    if x is not None and z is not None:
        reveal_type(x)  # revealed: unknown
        reveal_type(z)  # revealed: unknown
        return x + y, z + y
""")


def test_what_a_call_hands_over_is_better_known_than_the_annotation() -> None:
    check("""
def f(x: f32[('n',)] | None, y: f32[(4,)]):
    if x is None:
        return y
    return x

reveal_type(f(None, jnp.ones(4)))  # revealed: f32[(4,)]
reveal_type(f(jnp.ones(3), jnp.ones(4)))  # revealed: f32[(3,)]
""")


def test_the_types_of_a_library_are_still_asked_for_without_certainty() -> None:
    check("""
import somewhere

def f(x: f32[(3,)] | None, y, z: f32[(4,)]):
    w = jnp.ones(5)
    if x is not None and isinstance(y, somewhere.Sized):
        return w + z
    return z
""")


def test_an_assertion_about_what_is_not_known_leaves_what_follows_certain() -> None:
    check("""
import somewhere

found = somewhere.find()
assert found is not None
assert somewhere.compute(jnp.ones(3)).shape == (2, 3)
jnp.ones(3) + jnp.ones(4)  # error: [invalid-operation]
""")


def test_after_an_assertion_about_what_is_known_the_types_may_be_others() -> None:
    check("""
import somewhere

def f(x, y):
    assert x.ndim == y.ndim
    return x + jnp.ones(4)

f(jnp.ones(3), somewhere.find())
""")
