"""Dimension variables are type variables: mypy infers them, and inside the function they are rigid."""

# ruff: noqa: E501
from __future__ import annotations

from mypy_programs import Check


def test_variables_are_inferred_at_a_call(check: Check) -> None:
    check(
        """
        from collections.abc import Callable
        from named_types import f32

        def f(x: f32[('n', 3)], y: f32[('n', 'm')]) -> f32[('m', 'n')]: raise NotImplementedError
        def grow(x: f32[('n',)]) -> f32[('n+1', '2*n'), {'b': 'n'}]: raise NotImplementedError
        def pair(x: f32[('n',)]) -> tuple[f32[('n',)], list[f32[('n', 'n')]]]: raise NotImplementedError

        g: Callable[[f32[('k',)]], f32[('k', 1)]]

        def use(a: f32[(2, 3)], b: f32[(2, 8)], c: f32[(5,)]) -> None:
            reveal_type(f(a, b))  # R: f32[(8, 2)]
            reveal_type(f(y=b, x=a))  # R: f32[(8, 2)]
            reveal_type(grow(c))  # R: f32[(6, 10), {'b': 5}]
            reveal_type(pair(c))  # R: tuple[f32[(5,)], list[f32[(5, 5)]]]
            reveal_type(g(c))  # R: f32[(5, 1)]
            f(a, c)  # E: Argument "y" to "f" has incompatible type "f32[(5,)]"; expected "f32[(2, '_')]"  [arg-type]

        reveal_type(f)  # R: def [n, m] (x: f32[('n', 3)], y: f32[('n', 'm')]) -> f32[('m', 'n')]
        """
    )


def test_variables_are_rigid_in_the_body(check: Check) -> None:
    check(
        """
        import jax.numpy as jnp
        from named_types import f32

        class Model:
            def __call__(self, x: f32[('n', 'm')], y: f32[('m',)]) -> f32[('n',)]:
                z: f32[('n', 'm')] = x + y
                reveal_type(jnp.concatenate([x, x]))  # R: f32[('2*n', 'm')]
                reveal_type(x @ y)  # R: f32[('n',)]
                return y  # E: Incompatible return value type (got "f32[('m',)]", expected "f32[('n',)]")  [return-value]

        reveal_type(Model()(jnp.zeros((2, 3)), jnp.zeros(3)))  # R: f32[(2,)]
        """
    )
