"""Methods of ufuncs: ``jnp.add.reduce(x)``."""

from __future__ import annotations

from analyzer.expectations import check


def test_of_jax() -> None:
    check("""
def f(x: f32[(3, 4), {"b": 2}], y: f32[(5,)]):
    reveal_type(jnp.add.reduce(x))  # revealed: f32[(4,), {'b': 2}]
    reveal_type(jnp.maximum.reduce(x, axis=None))  # revealed: f32[(), {'b': 2}]
    reveal_type(jnp.logical_and.reduce(x > 0, axis=1))  # revealed: bool_[(3,), {'b': 2}]
    reveal_type(jnp.multiply.accumulate(x, axis=1))  # revealed: f32[(3, 4), {'b': 2}]
    reveal_type(jnp.subtract.outer(x, y))  # revealed: f32[(3, 4, 5), {'b': 2}]
    reveal_type(jnp.add.at(y, 0, 1.0, inplace=False))  # revealed: f32[(5,)]
    reveal_type(jnp.add.reduceat(y, jnp.array([0, 2])))  # revealed: f32[(2,)]
    jnp.add.reduce(y, axis=1)  # error: [invalid-operation]
""")


def test_of_numpy() -> None:
    check("""
reveal_type(np.add.reduce(np.ones((2, 3)), axis=1))  # revealed: f64[(2,)]
reveal_type(np.multiply.outer(np.ones(2), np.ones(3)))  # revealed: f64[(2, 3)]
""")
