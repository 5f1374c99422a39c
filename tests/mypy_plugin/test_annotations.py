"""The notation in annotations: every form of it is a type, and what is no form of it is an error there."""

# ruff: noqa: E501
from __future__ import annotations

import pytest
from mypy_programs import STRICT, Check

from named_types.mypy_plugin.compatibility import FITS_ANY_LENGTH


def test_every_form_is_a_type(check: Check) -> None:
    check(
        """
        import named_types as nt
        from named_types import bf16, bool_, f32 as single, floating, i32, key, shaped

        N = 4
        a: single[(5, 7), {'batch': 20, 'sequence': 30}]
        b: single[(), {}]
        c: single[()]
        d: single[2, 3]
        e: single[5]
        f: single[...]
        h: nt.f32[('n', '_', '2*n+1'), {'b': '_'}]
        i: "single[(5,), {'batch': 20}]"
        j: single[(N, 3)]
        k: single
        l: tuple[i32[(2,)], list[bool_[()]], bf16[(3,)] | None, key[()]]
        m: floating[(2,)]
        n: shaped[(2,)]
        reveal_type(a)  # R: f32[(5, 7), {'batch': 20, 'sequence': 30}]
        reveal_type(b)  # R: f32[()]
        reveal_type(c)  # R: f32[()]
        reveal_type(d)  # R: f32[(2, 3)]
        reveal_type(e)  # R: f32[(5,)]
        reveal_type(f)  # R: f32[...]
        reveal_type(h)  # R: f32[('_', '_', '_'), {'b': '_'}]
        reveal_type(i)  # R: f32[(5,), {'batch': 20}]
        reveal_type(j)  # R: f32[(4, 3)]
        reveal_type(k)  # R: f32[..., ...]
        reveal_type(l)  # R: tuple[i32[(2,)], list[bool_[()]], bf16[(3,)] | None, key[()]]
        reveal_type(m)  # R: floating[(2,)]
        reveal_type(n)  # R: shaped[(2,)]
        """
    )


def test_nonsense_is_an_error_at_its_place(check: Check) -> None:
    check(
        """
        from named_types import f32

        a: f32[(2, -1)]  # E: invalid array type `f32[(2, -1)]`: a size cannot be negative: -1  [invalid-annotation]
        b: f32[("x y",)]  # E: invalid array type `f32[("x y",)]`: 'x y' is not a size: it must be integer arithmetic over names, or '_'  [invalid-annotation]
        c: f32[(2.5,)]  # E: invalid array type `f32[(2.5,)]`: 2.5 is not a size: it must be an int or a string  [invalid-annotation]
        d: f32[(True,)]  # E: invalid array type `f32[(True,)]`: True is not a size: it must be an int or a string  [invalid-annotation]
        e: f32[(2,), {'a': 2, 'a': 3}]  # E: axis 'a' appears twice in f32[(2,), {'a': 2, 'a': 3}]  [duplicate-axis-name]
        """
    )


def test_assignments_are_checked_by_element_type_shape_and_named_shape(check: Check) -> None:
    check(
        """
        from named_types import f32, floating, i32, integer, num

        def f(x: f32[(2, 3), {'b': 4, 'a': 2}], y: i32[()], z: f32[...]) -> None:
            same: f32[(2, 3), {'a': 2, 'b': 4}] = x
            any_rank: f32[..., ...] = x
            any_leading: f32[(..., 3), ...] = x
            back: f32[(2, 3), {'a': 2, 'b': 4}] = any_leading
            one_unknown: f32[(2, '_'), {'a': '_', 'b': 4}] = x
            family: floating[(2, 3), {'a': 2, 'b': 4}] = x
            wider: num[(2, 3), {'a': 2, 'b': 4}] = family
            back_again: f32[(2, 3), {'a': 2, 'b': 4}] = wider
            size: f32[(2, 4), {'a': 2, 'b': 4}] = x  # E: Incompatible types in assignment (expression has type "f32[(2, 3), {'a': 2, 'b': 4}]", variable has type "f32[(2, 4), {'a': 2, 'b': 4}]")  [assignment]
            rank: f32[(2,), {'a': 2, 'b': 4}] = x  # E: Incompatible types in assignment (expression has type "f32[(2, 3), {'a': 2, 'b': 4}]", variable has type "f32[(2,), {'a': 2, 'b': 4}]")  [assignment]
            names: f32[(2, 3)] = x  # E: Incompatible types in assignment (expression has type "f32[(2, 3), {'a': 2, 'b': 4}]", variable has type "f32[(2, 3)]")  [assignment]
            element: integer[(2, 3), {'a': 2, 'b': 4}] = x  # E: Incompatible types in assignment (expression has type "f32[(2, 3), {'a': 2, 'b': 4}]", variable has type "integer[(2, 3), {'a': 2, 'b': 4}]")  [assignment]
            scalar: f32[()] = y  # E: Incompatible types in assignment (expression has type "i32[()]", variable has type "f32[()]")  [assignment]
            named: f32[(2, 3), {'a': 2}] = z  # E: Incompatible types in assignment (expression has type "f32[...]", variable has type "f32[(2, 3), {'a': 2}]")  [assignment]
        """
    )


@pytest.mark.skipif(not FITS_ANY_LENGTH, reason="such a shape is unknown to this mypy")
def test_any_leading_axes(check: Check) -> None:
    check(
        """
        from named_types import f32

        def f(x: f32[(..., 5), ...], y: f32[(2, 3)]) -> None:
            reveal_type(x)  # R: f32[(..., 5), ...]
            x = y  # E: Incompatible types in assignment (expression has type "f32[(2, 3)]", variable has type "f32[(..., 5), ...]")  [assignment]
        """
    )


def test_mypy_knows_array_types_wherever_it_knows_types(check: Check) -> None:
    check(
        """
        from collections.abc import Callable, Sequence
        from dataclasses import dataclass
        from typing import NamedTuple, Optional, Protocol, TypedDict, overload
        from named_types import f32

        @dataclass
        class Layer:
            w: f32[(2, 3)]
            history: list[f32[('k',)]]

        class Pair(NamedTuple):
            left: f32[(2,)]
            right: f32[(3,)]

        class Batch(TypedDict):
            images: f32[(128, 784)]

        class Loss(Protocol):
            def __call__(self, x: f32[(2,)], /) -> f32[()]: ...

        @overload
        def pick(x: f32[(2,)]) -> int: ...
        @overload
        def pick(x: f32[(3,)]) -> str: ...
        def pick(x: f32[(2,)] | f32[(3,)]) -> int | str:
            return 1

        def loss(x: f32[(3,)]) -> f32[()]: raise NotImplementedError

        def use(two: f32[(2,)], three: f32[(3,)], maybe: Optional[f32[(2,)]]) -> None:
            Layer(two, [two, three])  # E: Argument "w" to "Layer" has incompatible type "f32[(2,)]"; expected "f32[(2, 3)]"  [arg-type] || E: Argument "history" to "Layer" has incompatible type "f32[(3,)]"; expected "f32[(2,)]"  [arg-type]
            Pair(two, two)  # E: Argument "right" to "Pair" has incompatible type "f32[(2,)]"; expected "f32[(3,)]"  [arg-type]
            batch: Batch = {"images": two}  # E: Incompatible types in assignment (expression has type "f32[(2,)]", variable has type "f32[(128, 784)]")  [assignment]
            reveal_type(pick(two))  # R: int
            reveal_type(pick(three))  # R: str
            f: Callable[[f32[(2,)]], f32[()]] = loss  # E: Incompatible types in assignment (expression has type "Callable[[f32[(3,)]], f32[()]]", variable has type "Callable[[f32[(2,)]], f32[()]]")  [assignment]
            if maybe is not None:
                reveal_type(maybe)  # R: f32[(2,)]
            reveal_type(maybe)  # R: f32[(2,)] | None
            many: Sequence[f32[('_',)]] = [two, three]
            reveal_type([two, three])  # R: list[f32[('_',)]]
        """
    )


def test_a_bare_array_is_gradual_in_both_directions(check: Check) -> None:
    check(
        STRICT
        + """
        import jax
        import jax.numpy as jnp
        from named_types import f32

        def f(x: jax.Array, y: f32[(2, 3)], z: jnp.ndarray, n: object) -> f32[(2, 3)]:
            a: jax.Array = y
            b: f32[(4,), {'b': 3}] = x
            c: f32[(4,)] = z
            if isinstance(n, jax.Array):
                return n
            return x

        def g(x: jax.Array) -> list[jax.Array]:
            return [x]
        """
    )
