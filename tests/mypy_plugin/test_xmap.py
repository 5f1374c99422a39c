"""xmap: the annotations of the mapped function give a positional type, the analyzer everything else."""

# ruff: noqa: E501
from __future__ import annotations

from mypy_programs import Check


def test_an_annotated_function_has_a_positional_type(check: Check) -> None:
    check(
        """
        import jax.numpy as jnp
        from named_types import f32
        from named_types.runtime import xmap

        def my_func(x: f32[(5,), {'batch': 20}]) -> f32[(5,), {'batch': 20}]:
            return x

        def two(x: f32[('n',), {'i': 3}], y: f32[(), {'i': 3}]) -> tuple[f32[('n',), {'i': 3}], f32[()]]:
            return x + y, jnp.zeros(())

        f = xmap(my_func, in_axes={0: 'batch'}, out_axes={1: 'batch'})
        g = xmap(two, in_axes=({0: 'i'}, ['i']), out_axes=({1: 'i'}, [...]))
        reveal_type(f)  # R: def (f32[(20, 5)]) -> f32[(5, 20)]
        reveal_type(g)  # R: def [n] (f32[(3, 'n')], f32[(3,)]) -> tuple[f32[('n', 3)], f32[()]]
        reveal_type(f(jnp.zeros((20, 5))))  # R: f32[(5, 20)]
        reveal_type(g(jnp.zeros((3, 8)), jnp.zeros(3)))  # R: tuple[f32[(8, 3)], f32[()]]
        y: f32[(20, 5)] = f(jnp.zeros((20, 5)))  # E: Incompatible types in assignment (expression has type "f32[(5, 20)]", variable has type "f32[(20, 5)]")  [assignment]
        """
    )


def test_a_function_without_annotations_has_the_types_of_its_calls(check: Check) -> None:
    check(
        """
        import jax.numpy as jnp
        from named_types.runtime import xmap

        outer = xmap(lambda x, y: x * y, in_axes=(['i', ...], ['j', ...]), out_axes=['i', 'j', ...])
        inner = xmap(lambda x, y: x * y, in_axes=(['i', ...], ['i', ...]), out_axes=['i', ...])
        reveal_type(outer(jnp.arange(5), jnp.arange(7)))  # R: i32[(5, 7)]
        inner(jnp.arange(5), jnp.arange(7))  # E: axis 'i' has size 5 in argument 0 and size 7 in argument 1  [axis-size-conflict] || N: help: one axis name has one size in the whole mapped function
        """
    )


def test_arithmetic_in_a_parameter_fits_the_size_that_it_is_called_with(check: Check) -> None:
    check(
        """
        import jax.numpy as jnp
        from named_types import f32
        from named_types.runtime import xmap

        def differences(x: f32[('n+1',), {'i': 3}]) -> f32[('n',), {'i': 3}]:
            return x[1:] - x[:-1]

        def joined(x: f32[('2*n',)], y: f32[('n', 'm+1')]) -> f32[('m+1',)]:
            return y[0]

        xmap(differences, ['i', ...], ['i', ...])(jnp.ones((3, 5)))
        xmap(joined, [...], [...])(jnp.ones(4), jnp.ones((2, 3)))
        xmap(differences, ['i', ...], ['i', ...])(jnp.ones(3, jnp.int32))  # E: Argument "x" to "differences" has incompatible type "i32[(), {'i': 3}]"; expected "f32[('_',), {'i': 3}]"  [arg-type]
        """
    )
