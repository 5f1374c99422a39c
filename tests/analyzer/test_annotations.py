"""Annotations of every spelling, held against what is assigned, passed and returned."""

from __future__ import annotations

import pytest
from analyzer.expectations import check

TYPING = "from typing import Annotated, Any, Callable, Final, List, Optional, Sequence, Tuple, Union\n"


@pytest.mark.parametrize(
    "annotation",
    [
        "f32[(2,)]",
        "'f32[(2,)]'",
        "'f32' '[(2,)]'",
        "f32[2]",
        "f32[2,]",
        "f32",
        "floating[(2,)]",
        "f32[('_',)]",
        "f32[...]",
        "f32[(..., 2)]",
        "f32[(2,), {}]",
        "f32[(2,), ...]",
        "f32[(2,)] | None",
        "Optional[f32[(2,)]]",
        "Union[f32[(2,)], f32[(3,)]]",
        "Final[f32[(2,)]]",
        "Annotated[f32[(2,)], 'a vector']",
        "W",
        "'W'",
        "Any",
        "somewhere.Array",
        "jax.Array",
        "int",
    ],
)
def test_fits(annotation: str) -> None:
    check(TYPING + f"import somewhere\nW = f32[(2,)]\nx: {annotation} = jnp.ones(2)")


@pytest.mark.parametrize(
    "annotation",
    [
        "f32[(3,)]",
        "'f32[(3,)]'",
        "f32[3]",
        "i32",
        "i32[...]",
        "f32[(..., 3)]",
        "f32[(2,), {'batch': 20}]",
        "f32[(3,)] | None",
        "Optional['f32[(3,)]']",
        "Final[f32[(3,)]]",
        "Annotated[f32[(3,)], 'a vector']",
        "W",
        "'W'",
    ],
)
def test_does_not_fit(annotation: str) -> None:
    check(TYPING + f"W = f32[(3,)]\nx: {annotation} = jnp.ones(2)  # error: [incompatible-assignment]")


def test_containers() -> None:
    check(
        TYPING
        + """\
a: tuple[f32[(2,)], f32[(3,)]] = jnp.ones(2), jnp.ones(3)
b: tuple[f32[(2,)], f32[(3,)]] = jnp.ones(2), jnp.ones(4)  # error: [incompatible-assignment]
c: tuple[f32[(2,)], ...] = jnp.ones(2), jnp.ones(2), jnp.ones(3)  # error: [incompatible-assignment]
d: list[f32[(2,)]] = [jnp.ones(2)]
e: List[f32[(2,)]] = [jnp.ones(2), jnp.ones(3)]  # error: [incompatible-assignment]
f: Sequence[Tuple[f32[(2,)], int]] = [(jnp.ones(3), 1)]  # error: [incompatible-assignment]
g: dict[str, f32[(2,)]] = {"w": jnp.ones(3)}  # error: [incompatible-assignment]
"""
    )


def test_callables() -> None:
    check(
        TYPING
        + """\
norm: Callable[[f32[(3,)]], f32[()]] = jnp.sum
rows: Callable[[f32[(3, 2)]], f32[()]] = lambda x: jnp.sum(x, axis=0)  # error: [incompatible-assignment]
anything: Callable[..., f32[()]] = jnp.ones
"""
    )


def test_an_annotation_tells_what_is_not_known() -> None:
    check(
        """
        import somewhere
        x: f32[(2, 3)] = somewhere.load()
        reveal_type(x)  # revealed: f32[(2, 3)]
        a, b = somewhere.load(), 1
        y: tuple[f32[(2,)], f32[(3,)]] = (somewhere.load(), somewhere.load())
        reveal_type(y)  # revealed: tuple[f32[(2,)], f32[(3,)]]
        """
    )


def test_an_annotated_variable_keeps_its_annotation() -> None:
    check(
        """
        x: f32[(2,)]
        x = jnp.ones(2)
        x = jnp.ones(3)  # error: [incompatible-assignment]
        x += jnp.ones((4, 1))  # error: [incompatible-assignment]
        """
    )


def test_returns() -> None:
    check(
        """
        import somewhere
        def f(x: f32[(2,)]) -> f32[(2,)]:
            if somewhere.flag:
                return x[None]  # error: [incompatible-return] "f32[(1, 2)]"
            return x
        def g(x: f32[(2,)]) -> tuple[f32[(2,)], f32[()]]:
            return x, x  # error: [incompatible-return]
        """
    )


def test_notation_that_is_wrong() -> None:
    check(
        """
        a: f32[(2, -1)] = jnp.ones(2)  # error: [invalid-annotation]
        b: f32["x y"] = jnp.ones(2)  # error: [invalid-annotation]
        c: "f32[(2, 1.5)]" = jnp.ones(2)  # error: [invalid-annotation]
        d: f32[(2,), {"batch": 2, "batch": 3}]  # error: [duplicate-axis-name]
        def f(x: f32[(-1,)]) -> f32["?"]:  # error: [invalid-annotation]
            return x
        e: "f32[" = jnp.ones(2)
        """
    )


def test_sizes_from_variables() -> None:
    check(
        """
        import somewhere
        n, m = 2, somewhere.m
        x: f32[(n, m)] = jnp.ones((2, 5))
        y: f32[(n + 1, m)] = jnp.ones((2, 5))  # error: [incompatible-assignment]
        """
    )


def test_an_extra_axis_lifts_a_function_and_passes_through_it() -> None:
    check(
        """
        def norm(x: f32[(3,)]) -> f32[()]:
            y: f32[()] = jnp.sum(x)
            return jnp.sqrt(y)
        def outer(x):
            reveal_type(norm(x))  # revealed: f32[(), {'b': 2}]
            return norm(x)
        xmap(outer, in_axes=["b", ...], out_axes=["b"])(jnp.ones((2, 3)))
        """
    )


@pytest.mark.parametrize(
    ("parameter", "why"),
    [
        ("f32[(3,), {'b': 2, 'c': 5}]", "missing"),
        ("f32[(3,), {'b': 4}]", "of another size"),
        ("f32[(4,), {'b': 2}]", "of another shape"),
        ("i32[(3,), {'b': 2}]", "of another element type"),
    ],
)
def test_arguments_that_do_not_fit(parameter: str, why: str) -> None:
    check(
        f"""
        def inner(x: {parameter}):
            return x
        def outer(x):
            inner(x)  # error: [incompatible-argument] "argument "
            return x
        xmap(outer, in_axes=["b", ...], out_axes=["b", ...])(jnp.ones((2, 3)))
        """
    )


def test_an_extra_axis_that_the_signature_mentions() -> None:
    check(
        """
        def inner(x: f32[(3,)], y: f32[(), {"b": 2}]):
            return x + y
        def outer(x):
            return inner(x, jnp.sum(x))  # error: [incompatible-argument] "argument "
        xmap(outer, in_axes=["b", ...], out_axes=["b", ...])(jnp.ones((2, 3)))
        """
    )


def test_dimension_variables_are_bound_across_arguments() -> None:
    check(
        """
        def matmul(x: f32[("n", "k")], y: f32[("k", "m")]) -> f32[("n", "m")]:
            return x @ y
        reveal_type(matmul(jnp.ones((2, 3)), jnp.ones((3, 5))))  # revealed: f32[(2, 5)]
        matmul(jnp.ones((2, 3)), jnp.ones((4, 5)))  # error: [incompatible-argument] "f32[(4, 5)]"
        """
    )


def test_and_are_rigid_in_the_body() -> None:
    check(
        """
        def f(x: f32[("n",)], y: f32[("m",)]) -> f32[("n",)]:
            reveal_type(jnp.concatenate([x, y]))  # revealed: f32[('m+n',)]
            z: f32[("m",)] = x  # error: [incompatible-assignment]
            return y  # error: [incompatible-return]
        """
    )
