"""Functions of the program: extra named axes lift them, and what has no annotation has the analyzer's types."""

# ruff: noqa: E501
from __future__ import annotations

from mypy_programs import Check


def test_extra_axes_come_out_again(check: Check) -> None:
    check(
        """
        import jax.numpy as jnp
        from named_types import f32

        def total(x: f32[(5,)]) -> f32[()]:
            return jnp.sum(x)

        def named(x: f32[(5,), {'a': 2}], y: f32[(5,)]) -> f32[(5,), {'a': 2}]:
            return x + y

        def f(b: f32[(5,), {'b': 3}], a: f32[(5,), {'a': 2}], plain: f32[(5,)]) -> None:
            reveal_type(total(b))  # R: f32[(), {'b': 3}]
            reveal_type(total(a + b))  # R: f32[(), {'a': 2, 'b': 3}]
            reveal_type(named(a, b))  # R: f32[(5,), {'a': 2, 'b': 3}]
            kept: f32[()] = total(b)  # E: Incompatible types in assignment (expression has type "f32[(), {'b': 3}]", variable has type "f32[()]")  [assignment]
            named(plain, plain)  # E: Argument "x" to "named" has incompatible type "f32[(5,)]"; expected "f32[(5,), {'a': 2}]"  [arg-type]
            named(a, a)  # E: Argument "y" to "named" has incompatible type "f32[(5,), {'a': 2}]"; expected "f32[(5,)]"  [arg-type]

        def g(bad: f32[(5,), {'a': 7}], plain: f32[(5,)]) -> None:
            named(bad, plain)  # E: Argument "x" to "named" has incompatible type "f32[(5,), {'a': 7}]"; expected "f32[(5,), {'a': 2}]"  [arg-type]
        """
    )


def test_functions_without_annotations_are_followed(check: Check) -> None:
    check(
        """
        import jax
        import jax.numpy as jnp
        from named_types import f32

        def predict(w, x):
            hidden = jnp.dot(x, w)
            return jax.nn.relu(hidden)

        y = predict(jnp.zeros((784, 10)), jnp.zeros((128, 784)))
        reveal_type(y)  # R: f32[(128, 10)]
        reveal_type(jax.jit(predict)(jnp.zeros((4, 2)), jnp.zeros((3, 4))))  # R: f32[(3, 2)]
        z: f32[(128, 11)] = y  # E: Incompatible types in assignment (expression has type "f32[(128, 10)]", variable has type "f32[(128, 11)]")  [assignment]
        """
    )
